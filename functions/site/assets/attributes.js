/** Attributes of any keyword, added line by line. The API's dictionary completes the keywords. */

import { h } from "./dom.js";
import { api } from "./session.js";

let keywords = null; // of the whole dictionary, once somebody adds an attribute

/** `element` for a form; `pairs()` gives the keywords and values. `changed()` is called when a line is removed. */
export function addedAttributes(changed) {
  const options = h("datalist", { id: "keywords" });
  const lines = h("div", { className: "stack" });

  function add() {
    const keyword = h("input", { list: "keywords", placeholder: "BodyPartExamined", autocomplete: "off", "aria-label": "Keyword" });
    const value = h("input", { placeholder: "ARM", autocomplete: "off", "aria-label": "Value" });
    const remove = h("button", { type: "button", className: "icon quiet", "aria-label": "Remove this attribute" }, "×");
    const line = h("div", { className: "attribute" }, keyword, value, remove);
    remove.addEventListener("click", () => {
      line.remove();
      changed();
    });
    lines.append(line);
    keyword.focus();
    complete();
  }

  async function complete() {
    keywords ??= api.allowedFields();
    try {
      options.replaceChildren(...(await keywords).map((keyword) => h("option", { value: keyword })));
    } catch {
      keywords = null; // a keyword can be typed without help, and the next line asks again
    }
  }

  return {
    element: h(
      "div",
      { className: "attributes stack" },
      options,
      lines,
      h("button", { type: "button", onclick: add }, "Add an attribute"),
    ),
    pairs: () => [...lines.children].map((line) => [...line.querySelectorAll("input")].map(({ value }) => value.trim())),
  };
}
