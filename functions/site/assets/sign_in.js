/** Sign up and log in. Both lead to the workbench. */

import { field, form, h } from "./dom.js";
import { api, keep, logIn } from "./session.js";

const email = () => h("input", { name: "email", type: "email", autocomplete: "username", required: true, maxLength: 254 });
const text = (name, placeholder) => h("input", { name, required: true, maxLength: 500, placeholder });

function password(autocomplete) {
  return h("input", { name: "password", type: "password", autocomplete, required: true, minLength: 8, maxLength: 128 });
}

export function signUpView() {
  return card(
    "Create an account",
    "You can start at once: there is nothing to confirm, and an API key for the workbench is made for you.",
    form(
      {
        button: "Create account",
        async submit({ email, password, organization, purpose }) {
          await api.register(email, password);
          await logIn(email, password);
          await api.createProfile({ organization, purpose });
          // If it fails, the account is there all the same, and the workbench offers to make a key.
          await api.createKey("Portal").then((key) => keep({ key }), () => {});
          location.hash = "#/workbench";
        },
      },
      field("E-mail", email()),
      field("Password", password("new-password"), "At least 8 characters, and hard to guess."),
      field("Organization", text("organization", "St. Mary's Radiology")),
      field("What is it for?", text("purpose", "Previews in our archive")),
    ),
    h("p", { className: "muted" }, "You have an account? ", h("a", { href: "#/login" }, "Log in")),
  );
}

export function logInView() {
  return card(
    "Log in",
    "You stay logged in until you close this tab.",
    form(
      {
        button: "Log in",
        async submit({ email, password }) {
          await logIn(email, password);
          location.hash = "#/workbench";
        },
      },
      field("E-mail", email()),
      field("Password", password("current-password")),
    ),
    h("p", { className: "muted" }, "You have no account yet? ", h("a", { href: "#/signup" }, "Sign up")),
  );
}

function card(title, lead, ...content) {
  return h("section", { className: "narrow card" }, h("h1", {}, title), h("p", { className: "muted" }, lead), ...content);
}
