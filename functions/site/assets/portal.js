/** The portal: shows the view that the address's hash names. */

import { account } from "./account.js";
import { h } from "./dom.js";
import { home } from "./home.js";
import { end, loggedIn } from "./session.js";
import { logInView, signUpView } from "./sign_in.js";
import { workbench } from "./workbench.js";

const VIEWS = {
  "#/": ["DICOM API", home],
  "#/signup": ["Create an account", signUpView],
  "#/login": ["Log in", logInView],
  "#/account": ["Account", account],
  "#/workbench": ["Workbench", workbench],
};

const view = document.getElementById("view");
const nav = document.getElementById("nav");
let leave = new AbortController();

function show() {
  // What the view before has under way, and its listeners, end with it.
  leave.abort();
  leave = new AbortController();
  const hash = location.hash in VIEWS ? location.hash : "#/";
  const [title, make] = VIEWS[hash];
  document.title = title === "DICOM API" ? title : `${title} · DICOM API`;
  nav.replaceChildren(...links(hash));
  view.replaceChildren(make({ signal: leave.signal }));
  scrollTo(0, 0);
}

function links(current) {
  const link = (href, text, className = "") =>
    h("a", { href, className, "aria-current": href === current ? "page" : null }, text);
  const always = [link("#/workbench", "Workbench"), link("docs/", "Reference")];
  if (!loggedIn()) return [...always, link("#/login", "Log in"), link("#/signup", "Sign up", "button primary")];
  const logOut = h(
    "button",
    {
      type: "button",
      className: "quiet",
      onclick() {
        end();
        if (location.hash === "#/") show();
        else location.hash = "#/";
      },
    },
    "Log out",
  );
  return [...always, link("#/account", "Account"), logOut];
}

addEventListener("hashchange", () => {
  show();
  view.focus({ preventScroll: true });
});
show();
