/** De-identification: the options of the profile under the standard's names, and the report of what was done. */

import { addedAttributes } from "./attributes.js";
import { field, h } from "./dom.js";
import { checkbox, group, notes, rewriter } from "./rewriter.js";
import { api } from "./session.js";

// The options of PS3.15 E.3.
const OPTIONS = [
  ["retain-uids", "Retain UIDs", "Otherwise each becomes another, the same one for the same key."],
  ["retain-device-identity", "Retain Device Identity", "Serial numbers and names of stations."],
  ["retain-institution-identity", "Retain Institution Identity", "Names and addresses of hospitals."],
  ["retain-patient-characteristics", "Retain Patient Characteristics", "Age, sex, size and weight."],
  ["retain-full-dates", "Retain Longitudinal Temporal Information with Full Dates", "Dates stay as they are."],
  [
    "retain-modified-dates",
    "Retain Longitudinal Temporal Information with Modified Dates",
    "All dates of a patient move by the same number of days.",
  ],
  ["retain-safe-private", "Retain Safe Private", "Private attributes that the standard lists as safe."],
  ["clean-descriptors", "Clean Descriptors", "Descriptions stay, without the names and identifiers found in them."],
  ["clean-structured-content", "Clean Structured Content", "The same for the content of structured reports."],
  ["clean-graphics", "Clean Graphics", "The same for annotations."],
  ["clean-pixel-data", "Clean Pixel Data", "Parts of the picture become blank."],
];
const CONTRADICTING = { "retain-full-dates": "retain-modified-dates", "retain-modified-dates": "retain-full-dates" };

const ACTIONS = [
  ["removed", "Removed"],
  ["emptied", "Emptied"],
  ["replaced", "Replaced"],
  ["cleaned", "Cleaned"],
  ["kept", "Kept"],
];

export function deidentifier({ file, run, open }) {
  const text = (name, placeholder) => h("input", { name, placeholder, autocomplete: "off" });
  const boxes = new Map(OPTIONS.map(([name, label, hint]) => [name, checkbox("options", label, hint, { value: name })]));
  const box = (name) => boxes.get(name).querySelector("input");
  for (const [name, other] of Object.entries(CONTRADICTING)) {
    box(name).addEventListener("change", () => box(name).checked && (box(other).checked = false));
  }

  const pixels = h(
    "div",
    { className: "stack inset", hidden: true },
    field("Regions to blank", text("regions", "0,0,640,48; 10,400,90,20"), "x, y, width and height in pixels, from the top left"),
    checkbox("ultrasound", "Keep only the ultrasound", "Blanks what the file’s ultrasound regions do not declare to be picture."),
  );
  box("clean-pixel-data").addEventListener("change", ({ target }) => (pixels.hidden = !target.checked));

  const key = h("input", { name: "key", autocomplete: "off", minLength: 16 });
  const makeKey = h(
    "button",
    {
      type: "button",
      onclick() {
        key.value = randomKey();
        key.dispatchEvent(new Event("input", { bubbles: true }));
        key.select();
      },
    },
    "Make one",
  );
  const keyField = h(
    "div",
    { className: "field" },
    h("label", { for: "deidentify-key" }, h("span", {}, "Key")),
    h("div", { className: "row" }, key, makeKey),
    h(
      "small",
      { id: "deidentify-key-hint" },
      "The same key gives the same UIDs, codes and dates in every file, today and next year. Keep it secret, and keep it: nobody can tell it to you again. Without one, a random key serves this time only.",
    ),
  );
  key.id = "deidentify-key";
  key.setAttribute("spellcheck", "false"); // some browsers send what they check
  key.setAttribute("aria-describedby", "deidentify-key-hint");

  const replaced = addedAttributes(() => fields.dispatchEvent(new Event("input", { bubbles: true })));
  const fields = h(
    "div",
    { className: "stack" },
    h("fieldset", { className: "checks" }, h("legend", {}, "Options of the profile"), ...boxes.values(), pixels),
    keyField,
    h(
      "details",
      { className: "more" },
      h("summary", {}, "Single attributes, and dates"),
      h(
        "div",
        { className: "stack" },
        field("Keep", text("keep", "StudyDescription, (0018,1030)"), "Keywords or tags, with commas between them"),
        field("Remove as well", text("remove", "SeriesDescription")),
        h("div", { className: "field" }, h("span", {}, "Replace"), replaced.element),
        field(
          "Move dates by days",
          h("input", { name: "date_shift", type: "number", step: 1, min: -36525, max: 36525 }),
          "Unless given, the patient and the key decide.",
        ),
      ),
    ),
  );

  /** The options as the API's client takes them. */
  function asked() {
    const value = (name) => fields.querySelector(`[name=${name}]`).value.trim() || undefined;
    const options = OPTIONS.map(([name]) => name).filter((name) => box(name).checked);
    const replace = Object.fromEntries(replaced.pairs().filter(([keyword]) => keyword));
    const blanks = box("clean-pixel-data").checked;
    return {
      ...(options.length && { options }),
      keep: value("keep"),
      remove: value("remove"),
      replace: Object.keys(replace).length ? replace : undefined,
      regions: blanks ? value("regions") : undefined,
      ultrasound: (blanks && fields.querySelector("[name=ultrasound]").checked) || undefined,
      dateShift: value("date_shift") && Number(value("date_shift")),
      key: value("key"),
    };
  }

  return rewriter({
    file,
    run,
    open,
    operation: "deidentify",
    words: {
      button: "De-identify",
      busy: "De-identifying",
      done: "de-identified",
      name: "deidentified",
      empty: [
        "What tells who the patient is leaves the file, by the Basic Application Level Confidentiality Profile of DICOM (PS3.15 E). Each option on the left changes that.",
        "You see what was done with each attribute before you save the file.",
      ],
    },
    call: (options) => api.deidentify(file, options),
    asked,
    fields: [fields],
    told,
  });
}

function told({ findings, warnings, attributes, left_out: more, profile }) {
  const remarks = [...findings, ...warnings.map((message) => ({ message }))];
  return [
    h("p", { className: "muted" }, profile),
    remarks.length
      ? h("section", { className: "stack findings" }, h("h3", {}, "To look at"), ...notes(remarks))
      : h("p", { className: "muted" }, "Nothing was found that a person has to look at."),
    h("div", {}, ...ACTIONS.map(([action, title]) => group(title, attributes.filter((one) => one.action === action))).filter(Boolean)),
    more && h("p", { className: "muted" }, `${more} more lines were too many to list.`),
  ].filter(Boolean);
}

function randomKey() {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24)))).replaceAll("+", "-").replaceAll("/", "_");
}
