/** The workbench: a dropped file is read, de-identified or converted, dropped pictures become a DICOM file. */

import { converter } from "./converter.js";
import { deidentifier } from "./deidentifier.js";
import { DIRECT_BYTES } from "./dicom-api.js";
import { alertBox, bytesOf, form, field, h, save, showError, size } from "./dom.js";
import { maker } from "./maker.js";
import { readRequest, requestBlock } from "./requests.js";
import { api, keep, loggedIn, session } from "./session.js";
import { generalWarnings, metadata } from "./tree.js";
import { createViewer } from "./viewer.js";
import { zip } from "./zip.js";

// What is done with a dropped file: the button's text, and that of the zone.
const READ = "read";
const MODES = {
  [READ]: ["Read", "Drop a DICOM file, a zip, or pictures", "or click to choose. Any size; PNG and JPEG become a DICOM file."],
  deidentify: ["De-identify", "Drop a DICOM file or a zip to de-identify", "or click to choose. Any size. You see what was done before you save it."],
  convert: ["Convert", "Drop a DICOM file or a zip to convert", "or click to choose. Any size."],
};
const REWRITERS = { deidentify: deidentifier, convert: converter };
const PICTURE = /\.(png|jpe?g)$/i;

export function workbench({ signal }) {
  if (!loggedIn()) return invitation();
  const page = h("div", { className: "workbench" });
  if (session.key) page.append(...bench(signal));
  else page.append(firstKey(() => page.replaceChildren(...bench(signal))));
  return page;
}

function invitation() {
  return h(
    "section",
    { className: "narrow card" },
    h("h1", {}, "The workbench needs an account"),
    h("p", { className: "muted" }, "It reads your files by the API, with an API key of yours. An account takes half a minute."),
    h(
      "div",
      { className: "row wrap" },
      h("a", { className: "button primary", href: "#/signup" }, "Create an account"),
      h("a", { className: "button", href: "#/login" }, "Log in"),
      h("a", { className: "button", href: "#/" }, "See the sample"),
    ),
  );
}

/** One click makes an API key; an account without a profile tells first what it is for. */
function firstKey(ready) {
  const card = h("section", { className: "narrow card" });

  async function createKey() {
    keep({ key: await api.createKey("Portal") });
    ready();
  }

  function askForProfile() {
    const text = (name) => h("input", { name, required: true, maxLength: 500 });
    const create = form(
      {
        button: "Save and create the key",
        async submit({ organization, purpose }) {
          await api.createProfile({ organization, purpose });
          await createKey();
        },
      },
      field("Organization", text("organization")),
      field("What is it for?", text("purpose")),
    );
    card.replaceChildren(h("h1", {}, "One more thing"), h("p", { className: "muted" }, "An API key needs a profile."), create);
  }

  card.append(
    h("h1", {}, "Create an API key"),
    h("p", { className: "muted" }, "The workbench sends it with each request, and forgets it when you close this tab. You can delete it at any time."),
    form({
      button: "Create an API key",
      submit: () =>
        createKey().catch((error) => {
          if (error.status !== 403) throw error;
          askForProfile();
        }),
    }),
  );
  return card;
}

function bench(signal) {
  const result = h("div", { className: "result" });
  const problem = alertBox();
  const progress = h("progress", { max: 1, "aria-label": "Progress" });
  const state = h("span", { role: "status" });
  let work = null;
  let mode = READ;
  let present = null; // the file that was dropped last
  let views = new Map(); // what shows it, by mode
  const stop = h("button", { type: "button", onclick: () => work?.abort(new Error("You stopped it.")) }, "Stop");
  const working = h("div", { className: "row working", hidden: true }, state, progress, stop);

  /** Runs one task at a time, with its progress shown, and its problem below the name of its file. */
  async function run(name, task, fileName = "") {
    work?.abort(new Error("Another file was chosen."));
    const mine = (work = new AbortController());
    problem.hidden = true;
    working.hidden = false;
    progress.removeAttribute("value");
    state.textContent = name;
    try {
      return await task({
        signal: AbortSignal.any([mine.signal, signal]),
        onUpload(part) {
          progress.value = part;
          state.textContent = part < 1 ? `Uploading, ${Math.round(part * 100)} %` : "The API is at work";
          if (part === 1) progress.removeAttribute("value");
        },
        onWork({ status, frames_done: done, frames_total: total }) {
          state.textContent = status === "waiting" || !total ? "The API is at work" : `${done} of ${total} frames`;
          if (total) progress.value = done / total;
        },
      });
    } catch (error) {
      if (!signal.aborted && mine === work) {
        showError(problem, error);
        if (fileName) problem.prepend(h("b", {}, fileName));
        problem.scrollIntoView({ block: "nearest" });
        if (error.status === 401) problem.append(newKey());
        if (error.status === 429) problem.append(h("p", {}, "See ", h("a", { href: "#/account" }, "your usage"), "."));
      }
      return null;
    } finally {
      if (mine === work) working.hidden = true;
    }
  }

  function newKey() {
    return h(
      "button",
      {
        type: "button",
        onclick() {
          keep({ key: null });
          dispatchEvent(new HashChangeEvent("hashchange"));
        },
      },
      "Use another key",
    );
  }

  async function open(files) {
    if (!files.length) return;
    work?.abort(new Error("Another file was chosen."));
    present = null;
    views = new Map();
    if (files.every((file) => PICTURE.test(file.name))) {
      choose(READ);
      result.replaceChildren(maker({ pictures: files, run, open: (file) => open([file]) }));
      problem.hidden = true;
    } else if (files.length > 1) {
      showError(problem, new Error("Drop one DICOM file, one zip, or pictures only. A zip takes many DICOM files."));
    } else {
      present = files[0];
      await show();
    }
  }

  /** Another thing to do with files, the present one included. */
  function choose(chosen) {
    mode = chosen;
    const [, title, hint] = MODES[mode];
    zone.replaceChildren(h("b", {}, title), h("span", { className: "muted" }, hint));
    for (const [name, button] of buttons) button.setAttribute("aria-pressed", String(name === mode));
    if (!present) return;
    work?.abort(new Error("Something else was chosen."));
    work = null;
    working.hidden = problem.hidden = true;
    show();
  }

  async function show() {
    if (!views.has(mode)) {
      if (mode === READ) return read(present);
      views.set(mode, REWRITERS[mode]({ file: present, run, open: openHere }));
      problem.hidden = true;
    }
    result.replaceChildren(views.get(mode));
  }

  function openHere(file) {
    present = null;
    choose(READ);
    open([file]);
  }

  async function read(file) {
    const staged = file.size > DIRECT_BYTES;
    const ask = (options) =>
      run(staged ? "Preparing the upload" : "Reading", (call) => api.read(file, { ...call, staged, ...options }), file.name);
    const answer = await ask({});
    if (!answer) return;
    views.set(READ, opened({ file, staged, answer, ask, signal }));
    result.replaceChildren(views.get(READ));
    result.scrollIntoView({ block: "start", behavior: "smooth" });
  }

  const zone = h("span", { className: "zone" });
  const buttons = Object.entries(MODES).map(([name, [text]]) => [
    name,
    h("button", { type: "button", className: "chip", onclick: () => choose(name) }, text),
  ]);
  const head = h(
    "div",
    { className: "row wrap head" },
    h("h1", { className: "title" }, "Workbench"),
    h("div", { className: "row", role: "group", "aria-label": "What to do with a file" }, buttons.map(([, button]) => button)),
  );

  const input = h("input", {
    type: "file",
    multiple: true,
    className: "hidden-input",
    id: "file",
    onchange() {
      open([...input.files]);
      input.value = "";
    },
  });
  const drop = h(
    "label",
    { className: "drop", for: "file" },
    input,
    zone,
  );
  // Files are taken wherever on the page they are dropped: beside the zone the browser would leave for them.
  const dropping = (handle) => (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    handle(event);
  };
  addEventListener("dragover", dropping(() => drop.classList.add("over")), { signal });
  addEventListener("dragleave", ({ relatedTarget }) => relatedTarget || drop.classList.remove("over"), { signal });
  addEventListener(
    "drop",
    dropping((event) => {
      drop.classList.remove("over");
      open([...event.dataTransfer.files]);
    }),
    { signal },
  );
  const sample = h(
    "button",
    {
      type: "button",
      className: "link",
      async onclick() {
        const blob = await (await fetch("assets/sample.dcm")).blob();
        open([new File([blob], "sample.dcm")]);
      },
    },
    "No file at hand? Open the sample",
  );
  choose(READ);
  return [head, h("div", { className: "drop-area" }, drop, sample), working, problem, result];
}

/** What was read: one data set, or the files of a zip to choose from. */
function opened({ file, staged, answer, ask, signal }) {
  let whole = answer;
  let chosen = 0;
  let asked = {}; // the options of the request that gave what is shown
  let shown = null; // its window
  const cache = new Map([["", answer]]);
  const current = () => (whole.Files ? whole.Files[chosen] : whole);

  const viewer = createViewer({ onWindow: show, drag: true, signal });
  const warnings = h("ul", { className: "warnings" });
  const panel = h("div", { className: "panel" });
  const request = requestBlock("The request that gave this");

  async function show(window) {
    const name = window?.join(",") ?? "";
    const options = window ? { window: name } : {};
    if (!cache.has(name)) {
      viewer.setBusy(true);
      const other = await ask(options);
      viewer.setBusy(false);
      if (!other) return viewer.show(current(), shown);
      // The file's own and the last window are kept: pictures of many frames fill the memory.
      for (const kept of cache.keys()) if (kept) cache.delete(kept);
      cache.set(name, other);
    }
    whole = cache.get(name);
    asked = options;
    shown = window;
    viewer.show(current(), shown);
    tell();
  }

  function draw() {
    const dataset = current();
    viewer.show(dataset, shown);
    const lines = dataset.Error ? [dataset.Error] : generalWarnings(dataset);
    warnings.replaceChildren(...lines.map((line) => h("li", { className: "warning" }, line)));
    panel.replaceChildren(metadata(dataset));
  }

  function tell() {
    request.show(readRequest({ staged, fileName: file.name, options: asked }));
  }

  const choice =
    whole.Files &&
    h(
      "select",
      {
        "aria-label": "File in the zip",
        onchange(event) {
          chosen = Number(event.target.value);
          draw();
        },
      },
      whole.Files.map(({ FileName, Error: problem }, n) => h("option", { value: n }, problem ? `${FileName} (no DICOM file)` : FileName)),
    );
  const stem = file.name.replace(/\.\w+$/, "");

  /** The pictures that there are: a frame that can't be decoded has none. */
  function pictures() {
    const { Images: all = [], ImageFormat: format = "" } = current();
    const named = all.map((base64, n) => [`${String(n + 1).padStart(4, "0")}.${format.toLowerCase()}`, base64]);
    return named.map(([name, base64]) => base64 && [name, bytesOf(base64)]);
  }

  function savePicture() {
    const picture = pictures()[viewer.frame()];
    if (picture) save(new Blob([picture[1]]), `${stem}-${picture[0]}`);
  }

  function saveAll() {
    save(zip(pictures().filter(Boolean)), `${stem}.zip`);
  }

  draw();
  tell();
  return h(
    "div",
    {},
    h(
      "section",
      { className: "window", "aria-label": "Result" },
      h(
        "div",
        { className: "bar" },
        h("b", {}, file.name),
        choice,
        h("span", { className: "muted" }, `${size(file.size)}${staged ? ", staged" : ""}`),
        h(
          "span",
          { className: "row wrap push actions" },
          h("button", { type: "button", onclick: savePicture }, "Save picture"),
          h("button", { type: "button", onclick: saveAll }, "Save all"),
          h(
            "button",
            { type: "button", onclick: () => save(new Blob([JSON.stringify(whole, null, 2)]), `${stem}.json`) },
            "Save JSON",
          ),
        ),
      ),
      warnings,
      h("div", { className: "split" }, viewer.element, panel),
    ),
    request.element,
  );
}
