/** Small helpers for pages: elements, errors, files to save, dialogs. */

/** An element. Properties that begin with "on" are listeners; `text` and children are text, never HTML. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && name !== "list" && name !== "form") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A labelled field of a form. */
export function field(label, input, hint) {
  return h("label", { className: "field" }, h("span", {}, label), input, hint && h("small", {}, hint));
}

export function alertBox() {
  const box = h("div", { className: "alert", hidden: true });
  box.setAttribute("role", "alert");
  return box;
}

/** Shows an error of the API with the reason for each field. */
export function showError(box, error) {
  const reasons = Object.entries(error.fields ?? {}).map(([name, why]) => h("li", {}, `${name}: ${why}`));
  box.replaceChildren(h("p", {}, error.message), reasons.length ? h("ul", {}, reasons) : "");
  box.hidden = false;
}

/** A form that calls `submit` with its values, is busy meanwhile, and shows what goes wrong. */
export function form({ className = "", button, submit }, ...fields) {
  const problem = alertBox();
  const send = h("button", { className: "primary", type: "submit" }, button);
  return h(
    "form",
    {
      className: `stack ${className}`,
      async onsubmit(event) {
        event.preventDefault();
        problem.hidden = true;
        send.disabled = true;
        try {
          await submit(Object.fromEntries(new FormData(event.target)), event.target);
        } catch (error) {
          showError(problem, error);
        } finally {
          send.disabled = false;
        }
      },
    },
    ...fields,
    problem,
    send,
  );
}

export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A button that copies `text()`, and says that it did. */
export function copyButton(label, text) {
  const button = h("button", { type: "button" }, label);
  button.addEventListener("click", async () => {
    await copy(text());
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = label), 1500);
  });
  return button;
}

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Plain HTTP in a local network is no secure context, which has no clipboard.
  const area = h("textarea", { value: text });
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** Asks a question; resolves to whether it was confirmed. */
export function confirmed(title, text, action) {
  const dialog = h(
    "dialog",
    { "aria-labelledby": "question" },
    h("h2", { id: "question" }, title),
    h("p", {}, text),
    h(
      "form",
      { method: "dialog", className: "row end" },
      h("button", { value: "" }, "Cancel"),
      h("button", { value: "yes", className: "danger" }, action),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

export function size(bytes) {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
