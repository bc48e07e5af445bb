/** Conversion: another transfer syntax, other values. */

import { addedAttributes } from "./attributes.js";
import { field, h, size } from "./dom.js";
import { checkbox, group, notes, rewriter } from "./rewriter.js";
import { api } from "./session.js";

const WITH_LOSS = [
  ["jpeg", "JPEG Baseline, 8 bits"],
  ["jpeg-extended", "JPEG Extended, 12 bits"],
  ["jpeg-ls-near", "JPEG-LS Near-Lossless"],
  ["j2k-lossy", "JPEG 2000"],
  ["htj2k-lossy", "HTJ2K"],
  ["jpeg-xl-lossy", "JPEG XL"],
];
// The short names of the API, under the standard's names (PS3.6 A), without what these have in common.
const SYNTAXES = [
  [
    "Uncompressed",
    [
      ["explicit", "Explicit VR Little Endian"],
      ["implicit", "Implicit VR Little Endian"],
      ["big-endian", "Explicit VR Big Endian (retired)"],
      ["deflated", "Deflated Explicit VR Little Endian"],
      ["encapsulated", "Encapsulated Uncompressed Explicit VR Little Endian"],
    ],
  ],
  [
    "Compressed without loss",
    [
      ["rle", "RLE Lossless"],
      ["jpeg-lossless", "JPEG Lossless"],
      ["jpeg-ls", "JPEG-LS Lossless"],
      ["j2k", "JPEG 2000 Lossless"],
      ["htj2k", "HTJ2K Lossless"],
      ["htj2k-rpcl", "HTJ2K Lossless, RPCL"],
      ["jpeg-xl", "JPEG XL Lossless"],
      ["jpeg-xl-of-jpeg", "JPEG XL Recompression of JPEG"],
      ["deflated-frames", "Deflated Image Frame"],
    ],
  ],
  ["Compressed with loss", WITH_LOSS],
];
const LOSSY = new Set(WITH_LOSS.map(([name]) => name));

const ACTIONS = [
  ["changed", "Changed"],
  ["added", "Added"],
  ["removed", "Removed"],
];

export function converter({ file, run, open }) {
  const syntax = h(
    "select",
    { name: "transfer_syntax" },
    h("option", { value: "" }, "Stays as it is"),
    SYNTAXES.map(([label, known]) =>
      h("optgroup", { label }, known.map(([value, title]) => h("option", { value }, title))),
    ),
  );
  const lossy = checkbox("lossy", "Values may change", "The new file says so, and gets a UID of its own.");
  const quality = h("input", { name: "quality", type: "number", min: 1, max: 100, value: 90 });
  const loss = h("div", { className: "stack inset", hidden: true }, lossy, field("Quality", quality, "1 to 100"));
  const allowed = lossy.querySelector("input");
  const tellLoss = () => {
    loss.hidden = !LOSSY.has(syntax.value);
    quality.disabled = !allowed.checked;
  };
  syntax.addEventListener("change", tellLoss);
  allowed.addEventListener("change", tellLoss);
  tellLoss();

  const remove = h("input", { name: "remove", placeholder: "PatientAddress, RequestAttributesSequence[0].StudyID", autocomplete: "off" });
  const uids = checkbox("uids", "New UIDs", "Study, series and instance get others, wherever the file names them.");
  const fields = h("div", { className: "stack" }, field("Transfer syntax", syntax), loss);
  const added = addedAttributes(() => fields.dispatchEvent(new Event("input", { bubbles: true })));
  fields.append(
    h("div", { className: "field" }, h("span", {}, "Set"), added.element, h("small", {}, "Keywords, or paths such as RequestAttributesSequence[0].StudyID")),
    field("Remove", remove, "Keywords or paths, with commas between them"),
    uids,
  );

  /** The options as the API's client takes them. */
  function asked() {
    const set = Object.fromEntries(added.pairs().filter(([path]) => path));
    const loses = LOSSY.has(syntax.value) && allowed.checked;
    return {
      transferSyntax: syntax.value || undefined,
      lossy: loses || undefined,
      quality: loses ? Number(quality.value) : undefined,
      set: Object.keys(set).length ? set : undefined,
      remove: remove.value.trim() || undefined,
      uids: uids.querySelector("input").checked ? "new" : undefined,
    };
  }

  return rewriter({
    file,
    run,
    open,
    operation: "convert",
    words: {
      button: "Convert",
      busy: "Converting",
      done: "converted",
      name: `${file.name.replace(/\.\w+$/, "")}-converted`,
      empty: [
        "The pixels go into another transfer syntax, without loss unless you allow it: each frame is decoded again and compared to the bit.",
        "What you neither set nor remove stays as it is, byte for byte.",
      ],
    },
    call: (options) => api.convert(file, options),
    asked,
    fields: [fields],
    told,
  });
}

function told({ from, to, bytes, frames, lossless, ratio, edits, warnings }) {
  const fact = (name, value) => [h("dt", {}, name), h("dd", {}, value)];
  const title = ({ name, uid }) => SYNTAXES.flatMap(([, known]) => known).find(([value]) => value === name)?.[1] ?? uid;
  return [
    h(
      "dl",
      {},
      fact("Transfer syntax", from.uid === to.uid ? title(to) : `${title(from)} → ${title(to)}`),
      fact("Size", size(bytes)),
      frames > 0 && fact("Frames", `${frames}`),
      fact("Pixels", lossless ? "The same, to the bit" : `Changed, ${ratio} times smaller than uncompressed`),
    ),
    warnings.length > 0 && h("section", { className: "stack findings" }, h("h3", {}, "To look at"), ...notes(warnings.map((message) => ({ message })))),
    h("div", {}, ...ACTIONS.map(([action, name]) => group(name, edits.filter((one) => one.action === action))).filter(Boolean)),
  ].filter(Boolean);
}
