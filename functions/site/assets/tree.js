/** An answer's metadata as a tree that can be searched, with folded sequences. */

import { h } from "./dom.js";
import { NONE, readable } from "./values.js";
import { frameOf } from "./viewer.js";

const NOT_ELEMENTS = new Set(["Images", "ImageFormat", "Warnings", "FileName", "Error"]);

export function metadata(dataset) {
  const warnings = dataset.Warnings ?? [];
  const rows = h("div", { className: "tree" }, elements(dataset, warnings));
  const none = h("p", { className: "muted", hidden: true }, "Nothing matches.");
  const search = h("input", {
    type: "search",
    placeholder: "Search keywords and values",
    "aria-label": "Search metadata",
    oninput: () => (none.hidden = filter(rows, search.value.trim().toLowerCase())),
  });
  return h("div", { className: "metadata" }, search, rows, none);
}

/** Warnings that name no element and no frame: they are shown above all. */
export function generalWarnings(dataset) {
  const keywords = Object.keys(dataset);
  return (dataset.Warnings ?? []).filter(
    (warning) => !frameOf(warning) && !keywords.some((keyword) => names(warning, keyword)),
  );
}

function names(warning, keyword) {
  return warning.split(/[^\w(),]+/).includes(keyword);
}

function elements(dataset, warnings) {
  return Object.entries(dataset)
    .filter(([keyword]) => !NOT_ELEMENTS.has(keyword))
    .map(([keyword, value]) => (Array.isArray(value) ? sequence(keyword, value) : row(keyword, value, dataset, warnings)));
}

function row(keyword, value, dataset, warnings) {
  const here = warnings.filter((warning) => names(warning, keyword));
  const shown = readable(keyword, value, dataset) || NONE;
  return h(
    "div",
    { className: "element" },
    h("span", { className: "keyword" }, words(keyword)),
    h("span", { className: "value", title: [value, NONE].includes(shown) ? null : value }, shown),
    here.map((warning) => h("span", { className: "warning" }, warning)),
  );
}

/** The words of a keyword, with a place to break the line between them. */
function words(keyword) {
  return keyword.split(/(?<=[a-z])(?=[A-Z])/).flatMap((word, n) => (n ? [h("wbr"), word] : [word]));
}

function sequence(keyword, items) {
  const count = `${items.length} ${items.length === 1 ? "item" : "items"}`;
  return h(
    "details",
    { className: "element" },
    h("summary", {}, h("span", { className: "keyword" }, words(keyword)), h("span", { className: "count" }, count)),
    items.map((item, n) => h("div", { className: "item" }, h("b", {}, `Item ${n + 1}`), elements(item, []))),
  );
}

/** What is searched: the text that is shown, and the value as the API gave it. */
function textOf(element) {
  return `${element.textContent} ${element.querySelector(".value")?.title ?? ""}`;
}

/** Hides what does not match, and unfolds the sequences that something matches in. Tells whether anything matches. */
function filter(parent, text) {
  let any = false;
  for (const element of parent.children) {
    if (element.matches("b, summary")) continue;
    const isSequence = element.matches("details");
    const own = element.matches(".item") ? "" : textOf(isSequence ? element.querySelector("summary") : element);
    const matches = own.toLowerCase().includes(text);
    const inside = element.matches("details, .item") && filter(element, matches && own ? "" : text);
    element.hidden = !(text === "" || (own && matches) || inside);
    if (isSequence) element.open = text !== "" && inside && !matches;
    any ||= !element.hidden;
  }
  return any;
}
