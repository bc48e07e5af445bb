/** The first page: what this is, and a sample that needs no account. */

import { copyButton, h } from "./dom.js";
import { loggedIn } from "./session.js";
import { metadata } from "./tree.js";
import { createViewer } from "./viewer.js";

// Each window's answer was given by the API, and is served as a file: functions/site/sample/make.py.
const PRESETS = [
  ["Brain", null],
  ["Soft tissue", [40, 400]],
  ["Bone", [300, 1500]],
];
const ANSWERS = ["sample-own.json", "sample-soft-tissue.json", "sample-bone.json"];

export function home({ signal }) {
  const tree = h("div", { className: "panel" });
  const viewer = createViewer({ presets: PRESETS, onWindow: show, drag: false, start: 7, signal });

  async function show(window) {
    const n = PRESETS.findIndex(([, preset]) => preset === window);
    const answer = await (await fetch(`assets/${ANSWERS[n]}`)).json();
    viewer.show(answer, window);
    if (!tree.hasChildNodes()) tree.append(metadata(answer));
  }

  show(null).catch((error) => tree.append(h("p", { role: "alert" }, `The sample can’t be loaded: ${error.message}`)));

  const url = document.baseURI.replace(/\/$/, "");
  const curl = `curl -L -H "Authorization: ApiKey $DICOM_API_KEY" \\\n     -F file=@scan.dcm \\\n     ${url}/api/dicom/read/file/`;

  return h(
    "div",
    { className: "home" },
    h(
      "section",
      { className: "hero" },
      h("h1", {}, "DICOM in, pictures and JSON out."),
      h(
        "p",
        { className: "lead" },
        "Send a DICOM file and get its metadata as plain JSON and every frame as a picture, or send pictures and get a valid DICOM file.",
      ),
      h(
        "div",
        { className: "row wrap" },
        loggedIn()
          ? h("a", { className: "button primary large", href: "#/workbench" }, "Open the workbench")
          : h("a", { className: "button primary large", href: "#/signup" }, "Create an account"),
        h("a", { className: "button large", href: "docs/" }, "Read the reference"),
      ),
    ),
    h(
      "section",
      { className: "window", "aria-label": "Sample" },
      h(
        "div",
        { className: "bar" },
        h("b", {}, "sample.dcm"),
        h("span", { className: "muted" }, "A synthetic head of nobody, and what the API answered"),
        h("a", { className: "push", href: "assets/sample.dcm", download: "sample.dcm" }, "Download"),
      ),
      h("div", { className: "split" }, viewer.element, tree),
    ),
    h(
      "section",
      { className: "code-block" },
      h("div", { className: "bar" }, h("b", {}, "The same from a terminal"), h("span", { className: "push" }, copyButton("Copy", () => curl))),
      h("pre", { tabIndex: 0 }, h("code", {}, curl)),
    ),
  );
}
