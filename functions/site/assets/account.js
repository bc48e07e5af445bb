/** The account: usage, API keys, profile, password. */

import { alertBox, confirmed, copyButton, field, form, h, showError } from "./dom.js";
import { api, end, keep, loggedIn, session } from "./session.js";
import { usageChart } from "./usage.js";

export function account({ signal }) {
  if (!loggedIn()) {
    return h(
      "section",
      { className: "narrow card" },
      h("h1", {}, "You are not logged in"),
      h("p", { className: "muted" }, "An account shows its API keys and its usage."),
      h(
        "div",
        { className: "row wrap" },
        h("a", { className: "button primary", href: "#/login" }, "Log in"),
        h("a", { className: "button", href: "#/signup" }, "Create an account"),
      ),
    );
  }
  return h(
    "div",
    { className: "account" },
    h("h1", { className: "title" }, "Account"),
    h("p", { className: "muted" }, session.email),
    loaded("Usage this month", signal, async (body) => body.append(usageChart(await api.activity({ signal })))),
    loaded("API keys", signal, (body) => keys(body, signal)),
    loaded("Profile", signal, (body) => profile(body, signal)),
    h("section", { className: "card" }, h("h2", {}, "Password"), passwordForm()),
  );
}

/** A card whose content comes from the API. */
function loaded(title, signal, fill) {
  const body = h("div");
  const problem = alertBox();
  fill(body).catch((error) => {
    if (signal.aborted) return;
    if (error.status === 401) {
      end(); // the session is over, as a refresh token lasts a day
      location.hash = "#/login";
    }
    showError(problem, error);
  });
  return h("section", { className: "card" }, h("h2", {}, title), problem, body);
}

async function keys(body, signal) {
  const list = h("div", { className: "keys" });
  const shown = h("div", { role: "status" });
  const problem = alertBox();

  async function refresh() {
    const all = await api.keys({ signal });
    list.replaceChildren(...all.map(line));
    if (!all.length) list.append(h("p", { className: "muted" }, "You have no keys yet."));
  }

  function line({ id, name, prefix, created, expires, last_used: used }) {
    const remove = async () => {
      const inUse = session.key?.id === id ? " The workbench uses it in this tab." : "";
      const question = `Programs that use it are refused from the next request on.${inUse}`;
      if (!(await confirmed(`Delete “${name}”?`, question, "Delete the key"))) return;
      try {
        await api.deleteKey(id);
        if (session.key?.id === id) keep({ key: null });
        await refresh();
      } catch (error) {
        showError(problem, error);
      }
    };
    const facts = [`created ${day(created)}`, used ? `last used ${day(used)}` : "never used", expires && `expires ${day(expires)}`];
    return h(
      "div",
      { className: "key" },
      h("div", {}, h("b", {}, name), " ", h("code", {}, `${prefix}.…`), h("small", {}, facts.filter(Boolean).join(" · "))),
      h("button", { type: "button", className: "quiet danger-text", "aria-label": `Delete ${name}`, onclick: remove }, "Delete"),
    );
  }

  const create = form(
    {
      button: "Create a key",
      className: "inline",
      async submit({ name }, element) {
        const { id, key } = await api.createKey(name);
        if (!session.key) keep({ key: { id, key } });
        element.reset();
        shown.replaceChildren(
          h(
            "div",
            { className: "secret" },
            h("p", {}, "Copy the key now: it is shown this once."),
            h("div", { className: "row wrap" }, h("code", { tabIndex: 0 }, key), copyButton("Copy", () => key)),
          ),
        );
        await refresh();
      },
    },
    field("Name of a new key", h("input", { name: "name", required: true, maxLength: 100, placeholder: "Archive" })),
  );
  body.append(list, problem, shown, create);
  await refresh();
}

const day = (time) => time.slice(0, 10);

async function profile(body, signal) {
  try {
    const { organization, purpose } = await api.profile({ signal });
    body.append(
      h("dl", {}, h("dt", {}, "Organization"), h("dd", {}, organization), h("dt", {}, "Purpose"), h("dd", {}, purpose)),
    );
  } catch (error) {
    if (![403, 404].includes(error.status)) throw error;
    const text = (name) => h("input", { name, required: true, maxLength: 500 });
    const create = form(
      {
        button: "Save",
        async submit(values) {
          await api.createProfile(values);
          body.replaceChildren();
          await profile(body, signal);
        },
      },
      field("Organization", text("organization")),
      field("What is it for?", text("purpose")),
    );
    body.append(h("p", { className: "muted" }, "API keys need a profile."), create);
  }
}

function passwordForm() {
  const input = (name, autocomplete) => h("input", { name, type: "password", autocomplete, required: true, minLength: 8, maxLength: 128 });
  const said = h("p", { role: "status" });
  const change = form(
    {
      button: "Change the password",
      async submit({ old_password, new_password }, element) {
        said.textContent = "";
        await api.password(old_password, new_password);
        element.reset();
        said.textContent = "The password is changed, and all other sessions are ended.";
      },
    },
    // Password managers find the account by it.
    h("input", { name: "username", type: "email", autocomplete: "username", value: session.email ?? "", hidden: true, readOnly: true }),
    field("Present password", input("old_password", "current-password")),
    field("New password", input("new_password", "new-password"), "At least 8 characters, and hard to guess."),
  );
  return h("div", {}, change, said);
}
