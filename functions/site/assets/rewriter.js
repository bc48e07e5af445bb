/** A new DICOM file of a DICOM file: options beside what was done, which is seen before the file is saved. */

import { DIRECT_BYTES } from "./dicom-api.js";
import { form, h, save, size } from "./dom.js";
import { requestBlock, rewriteRequest } from "./requests.js";
import { unzip } from "./zip.js";

const ZIP = "application/zip"; // a result with its report, for a single file, too
const REPORT = "report.json";

/**
 * `words`: { button, busy, done, empty, name } for people. `call(options)` asks the API, and `asked()` gives the options as
 * its client takes them. `fields` are the form's. `told(report)` gives the elements that show what was done with a file.
 */
export function rewriter({ file, run, open, operation, words, call, asked, fields, told }) {
  const staged = file.size > DIRECT_BYTES;
  const archive = /\.zip$/i.test(file.name);
  const saved = `${words.name}.${archive ? "zip" : "dcm"}`;
  // It is focused when it is there, so that a screen reader begins with its heading.
  const outcome = h("div", { className: "panel outcome", tabIndex: -1 }, empty(words.empty));
  const request = requestBlock("The request that makes it");
  const changed = h("p", { className: "warning", hidden: true }, `The options have changed: press ${words.button} again.`);
  const filled = form({ button: words.button, submit }, ...fields);
  filled.addEventListener("input", tell);

  let given = null; // the options of what is shown
  const same = () => JSON.stringify(asked()) === JSON.stringify(given);

  function tell() {
    request.show(rewriteRequest({ operation, staged, fileName: file.name, options: asked(), saved }));
    changed.hidden = same();
  }

  async function submit() {
    const options = asked();
    const result = await run(words.busy, (calling) => call({ ...calling, staged, accept: ZIP, ...options }), file.name);
    if (!result) return;
    const members = await unzip(result);
    const report = JSON.parse(await (await members.get(REPORT)()).text());
    members.delete(REPORT);
    const [only] = members.values();
    const made = new File([archive ? result : await only()], saved);
    given = options;
    changed.hidden = same(); // somebody may have gone on meanwhile
    outcome.replaceChildren(changed, ...shown(made, report));
    outcome.focus({ preventScroll: true });
    if (outcome.getBoundingClientRect().top > innerHeight - 100) outcome.scrollIntoView({ block: "start", behavior: "smooth" });
  }

  function shown(made, report) {
    const { files } = report;
    const good = files.filter((one) => !one.error).length;
    const found = files.reduce((sum, one) => sum + remarks(one), 0);
    const title = archive ? `${good} of ${files.length} files are ${words.done}` : `The file is ${words.done}`;
    const details = h("div", { className: "stack" });
    const choose = (n) => {
      const one = files[n];
      details.replaceChildren(...(one.error ? [h("p", { className: "alert" }, one.error)] : told(one)));
    };
    choose(0);
    return [
      h("h2", {}, found ? `${title}, with ${things(found)} to look at` : title),
      h(
        "div",
        { className: "row wrap" },
        h("button", { type: "button", className: "primary", onclick: () => save(made, made.name) }, `Save (${size(made.size)})`),
        h("button", { type: "button", onclick: () => open(made) }, "Open it here"),
        h("button", { type: "button", onclick: () => save(json(archive ? report : files[0]), `${words.name}.json`) }, "Save report"),
      ),
      archive &&
        h(
          "select",
          { "aria-label": "File in the zip", onchange: (event) => choose(Number(event.target.value)) },
          files.map((one, n) => {
            const more = one.error ? ": none was made" : remarks(one) ? `: ${things(remarks(one))} to look at` : "";
            return h("option", { value: n }, `File ${one.member}${more}`);
          }),
        ),
      details,
    ].filter(Boolean);
  }

  tell();
  return h(
    "div",
    {},
    h(
      "section",
      { className: "window", "aria-label": words.button },
      h(
        "div",
        { className: "bar" },
        h("b", {}, file.name),
        h("span", { className: "muted" }, `${size(file.size)}${staged ? ", staged" : ""}`),
      ),
      h("div", { className: "split rewrite" }, h("div", { className: "panel" }, filled), outcome),
    ),
    request.element,
  );
}

/** How much there is to look at in the report of a file. */
const remarks = ({ findings = [], warnings = [] }) => findings.length + warnings.length;
const things = (count) => `${count} ${count === 1 ? "thing" : "things"}`;
const json = (value) => new Blob([JSON.stringify(value, null, 2)]);

function empty(lines) {
  return h("div", { className: "nothing-yet stack" }, lines.map((line) => h("p", { className: "muted" }, line)));
}

/** A folded list of attributes: `lines` are objects with `path` and perhaps `clause` and `count`. */
export function group(title, lines) {
  return (
    lines.length > 0 &&
    h(
      "details",
      { className: "element" },
      h("summary", {}, h("span", {}, title), h("span", { className: "count" }, `${lines.length}`)),
      h("div", { className: "tree", tabIndex: 0, role: "group", "aria-label": title }, lines.map(line)),
    )
  );
}

function line({ path, clause = "", count }) {
  return h(
    "div",
    { className: "element" },
    h("code", {}, path.split(/(?<=[a-z])(?=[A-Z])|(?<=\.)/).flatMap((word, n) => (n ? [h("wbr"), word] : [word]))),
    h("span", { className: "keyword" }, count > 1 ? `${clause} (${count} times)` : clause),
  );
}

/** What a person should look at, with the place of each. */
export function notes(list) {
  return list.map(({ message, path }) => h("p", { className: "warning" }, message, path && h("code", {}, ` ${path}`)));
}

export function checkbox(name, label, hint, properties = {}) {
  return h(
    "label",
    { className: "check" },
    h("input", { type: "checkbox", name, ...properties }),
    h("span", {}, label, hint && h("small", {}, hint)),
  );
}
