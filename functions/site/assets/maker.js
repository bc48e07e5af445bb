/** Makes a DICOM file of pictures, with the attributes that matter, and any other. */

import { addedAttributes } from "./attributes.js";
import { DIRECT_BYTES } from "./dicom-api.js";
import { field, form, h, save, size } from "./dom.js";
import { generateRequest, requestBlock } from "./requests.js";
import { api } from "./session.js";

const MODALITIES = ["OT", "XC", "ES", "US", "DX", "CR", "CT", "MR", "OP", "DOC"];

/** `run` shows a task's progress; `open` reads the file that was made. */
export function maker({ pictures, run, open }) {
  const urls = pictures.map((picture) => URL.createObjectURL(picture));
  const staged = pictures.length === 1 && pictures[0].size > DIRECT_BYTES;
  const done = h("div", { className: "row wrap", role: "status" });
  const text = (name, placeholder) => h("input", { name, placeholder, maxLength: 64, autocomplete: "off" });
  const select = (name, values) => h("select", { name }, values.map((value) => h("option", { value }, value || "Not given")));
  const added = addedAttributes(() => tell());
  const request = requestBlock("The request that makes it");

  const filled = form(
    { button: "Make the DICOM file", submit, className: "grid" },
    field("Patient’s name", text("PatientName", "Doe^Jane")),
    field("Patient ID", text("PatientID", "12345")),
    field("Birth date", h("input", { name: "PatientBirthDate", type: "date" })),
    field("Sex", select("PatientSex", ["", "F", "M", "O"])),
    field("Modality", select("Modality", MODALITIES)),
    field("Study date", h("input", { name: "StudyDate", type: "date" })),
    field("Study description", text("StudyDescription", "Wound, left forearm")),
    field("Series description", text("SeriesDescription")),
    field("Accession number", h("input", { name: "AccessionNumber", maxLength: 16, autocomplete: "off" })),
    field("Compression", select("compression", ["none", "jpeg", "jpeg-ls", "htj2k", "rle"])),
    added.element,
    field(
      "File name",
      h("input", { name: "file_name", required: true, maxLength: 100, value: pictures[0].name.replace(/\.\w+$/, "") }),
    ),
  );
  filled.addEventListener("input", tell);

  function asked() {
    const { file_name: fileName, compression, ...named } = Object.fromEntries(new FormData(filled));
    const dicom = Object.entries(named).map(([name, value]) => [name, name.endsWith("Date") ? value.replaceAll("-", "") : value]);
    const given = [...dicom, ...added.pairs()].filter(([keyword, value]) => keyword && value);
    return { staged, fileName, compression: compression === "none" ? undefined : compression, attributes: Object.fromEntries(given) };
  }

  function tell() {
    request.show(generateRequest({ names: pictures.map(({ name }) => name), ...asked() }));
  }

  async function submit() {
    const { fileName, ...options } = asked();
    done.replaceChildren();
    const blob = await run("Making the DICOM file", (call) => api.generate(pictures, { ...call, fileName, ...options }));
    if (!blob) return;
    const made = new File([blob], `${fileName}.dcm`);
    save(made, made.name);
    done.replaceChildren(
      h("span", {}, `${made.name} (${size(made.size)}) is made.`),
      h("button", { type: "button", onclick: () => save(made, made.name) }, "Download"),
      h("button", { type: "button", onclick: () => open(made) }, "Open it here"),
    );
  }

  tell();
  return h(
    "div",
    {},
    h(
      "section",
      { className: "window", "aria-label": "Make a DICOM file" },
      h("div", { className: "bar" }, h("b", {}, pictures.length === 1 ? "A DICOM file of a picture" : `A DICOM file of ${pictures.length} pictures`)),
      h(
        "div",
        { className: "split make" },
        h(
          "div",
          { className: "thumbnails" },
          urls.map((url, n) => h("figure", {}, h("img", { src: url, alt: "" }), h("figcaption", {}, pictures[n].name))),
        ),
        h("div", { className: "panel" }, filled, done),
      ),
    ),
    request.element,
  );
}
