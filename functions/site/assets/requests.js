/** A request that was sent, as something to paste. The key is left out: it is taken from DICOM_API_KEY. */

import { formFields } from "./dicom-api.js";
import { copyButton, h } from "./dom.js";

const base = document.baseURI.replace(/\/$/, "");
const shell = (text) => (/^[\w.,=/-]+$/.test(text) ? text : quote(text));
const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
// curl reads a name after @ up to a comma or a semicolon, unless it is in double quotes.
const file = (part, name) =>
  /^[\w./-]+$/.test(name) ? `${part}=@${name}` : quote(`${part}=@"${name.replace(/["\\]/g, "\\$&")}"`);
const quoted = (value) => JSON.stringify(value);
const KEY = "DEIDENTIFY_KEY"; // the environment variable
const HEADER = '-H "Authorization: ApiKey $DICOM_API_KEY"';
const HEADERS = '{"Authorization": "ApiKey " + os.environ["DICOM_API_KEY"]}';

/** A read of one file; `options` as the form has them. */
export function readRequest({ staged, fileName, options }) {
  const members = Object.entries({ fileName, ...options, ...(staged && { staged }) });
  return {
    path: "api/dicom/read/file/",
    part: "file",
    names: [fileName],
    fields: options,
    job: staged && { file_name: fileName, ...options },
    script: `const scan = await api.read(await readFile(${quoted(fileName)}), {\n${lines(members)}\n});`,
  };
}

/** A DICOM file of pictures, which is saved; `names` are the pictures' files. */
export function generateRequest({ staged, names, fileName, compression, attributes }) {
  const options = { ...(compression && { compression }) };
  const members = Object.entries({ fileName, ...options, attributes, ...(staged && { staged }) });
  const saved = `${fileName}.dcm`;
  return {
    path: "api/dicom/generate/",
    part: "image",
    names,
    fields: { file_name: fileName, ...options, ...attributes },
    job: staged && { file_name: names[0], ...options, attributes },
    saved,
    script: [
      `const pictures = await Promise.all(${quoted(names)}.map((name) => readFile(name)));`,
      `const made = await api.generate(pictures, {\n${lines(members)}\n});`,
      `await writeFile(${quoted(saved)}, Buffer.from(await made.arrayBuffer()));`,
    ].join("\n"),
  };
}

/** New DICOM files of one file, which are saved; `options` as the client has them. Their key is left out, too. */
export function rewriteRequest({ operation, staged, fileName, options: { key, ...options }, saved }) {
  const named = operation === "convert";
  const given = Object.entries({ ...(named && { fileName }), ...options, ...(staged && { staged }) }).filter(([, value]) => value !== undefined);
  const members = [...given.map(([name, value]) => `  ${name}: ${quoted(value)},`), ...(key ? [`  key: process.env.${KEY},`] : [])];
  const fields = formFields(options);
  return {
    path: `api/dicom/${operation}/`,
    part: "file",
    names: [fileName],
    fields,
    secret: Boolean(key),
    job: staged && { file_name: named ? fileName : "file", operation, ...fields },
    saved,
    script: [
      `const made = await api.${operation}(await readFile(${quoted(fileName)}), {\n${members.join("\n")}\n});`,
      `await writeFile(${quoted(saved)}, Buffer.from(await made.arrayBuffer()));`,
    ].join("\n"),
  };
}

/** An object as Python and jq have it, with the key of a de-identification if it has one. */
const withKey = (object, secret, key) => (secret ? quoted(object).replace(/(.)}$/, (_, last) => `${last === "{" ? last : `${last},`}"key":${key}}`) : quoted(object));

const lines = (members) => members.map(([name, value]) => `  ${name}: ${quoted(value)},`).join("\n");

const LANGUAGES = {
  curl({ path, part, names, fields, secret, job, saved }) {
    if (job) {
      const asked = secret ? `"$(jq -n ${shell(withKey(job, secret, `env.${KEY}`))})"` : shell(quoted(job));
      return [
        `curl -sS ${HEADER} --json ${asked} \\`,
        `     ${base}/api/dicom/uploads/ > upload.json`,
        `jq -r '.upload.fields | to_entries[] | "form-string = " + (.key + "=" + .value | tojson)' upload.json > upload.curl`,
        `curl -sS -K upload.curl -F ${file("file", names[0])} "$(jq -r .upload.url upload.json)"`,
        "# Until it is done:",
        `curl -sS ${HEADER} "$(jq -r .status_url upload.json)"`,
      ].join("\n");
    }
    return [
      `curl -sS -L ${HEADER}`,
      ...names.map((name) => `     -F ${file(part, name)}`),
      ...Object.entries(fields).map(([name, value]) => `     --form-string ${shell(`${name}=${value}`)}`),
      ...(secret ? [`     --form-string "key=$${KEY}"`] : []),
      ...(saved ? [`     -o ${shell(saved)}`] : []),
      `     ${base}/${path}`,
    ].join(" \\\n");
  },

  Python({ path, part, names, fields, secret, job, saved }) {
    const asked = withKey(job || fields, secret, `os.environ[${quoted(KEY)}]`);
    const kept = (answer) => (saved ? `Path(${quoted(saved)}).write_bytes(${answer}.content)` : `scan = ${answer}.json()`);
    if (job) {
      return `import os, time
from pathlib import Path
import requests

URL, HEADERS = ${quoted(base)}, ${HEADERS}

job = requests.post(f"{URL}/api/dicom/uploads/", headers=HEADERS, json=${asked}).json()
with open(${quoted(names[0])}, "rb") as file:
    requests.post(job["upload"]["url"], data=job["upload"]["fields"], files={"file": file}).raise_for_status()
while (state := requests.get(job["status_url"], headers=HEADERS).json())["status"] not in ("done", "failed"):
    time.sleep(1)
${kept('requests.get(state["result_url"])')}`;
    }
    const files = names.map((name) => `        (${quoted(part)}, Path(${quoted(name)}).open("rb")),`).join("\n");
    return `import os
from pathlib import Path
import requests

answer = requests.post(
    ${quoted(`${base}/${path}`)},
    headers=${HEADERS},
    files=[
${files}
    ],
    data=${asked},
)
answer.raise_for_status()
${kept("answer")}`;
  },

  JavaScript({ saved, script }) {
    return `import { readFile${saved ? ", writeFile" : ""} } from "node:fs/promises";
import { DicomApi } from "dicom-api";

const api = new DicomApi({ url: ${quoted(base)}, apiKey: process.env.DICOM_API_KEY });
${script}`;
  },
};

/** A block that shows a request in the language that is chosen: `element`, and `show(request)`. */
export function requestBlock(title) {
  const code = h("code");
  let language = "curl";
  let request = null;

  const languages = Object.keys(LANGUAGES).map((name) => {
    const choose = () => {
      language = name;
      write();
    };
    return h("button", { type: "button", className: "chip", onclick: choose }, name);
  });

  function write() {
    languages.forEach((button) => button.setAttribute("aria-pressed", String(button.textContent === language)));
    code.textContent = LANGUAGES[language](request);
  }

  const bar = h(
    "div",
    { className: "bar" },
    h("b", {}, title),
    h("span", { className: "row", role: "group", "aria-label": "Language" }, languages),
    h("span", { className: "push" }, copyButton("Copy", () => code.textContent)),
  );
  return {
    element: h("section", { className: "code-block", "aria-label": title }, bar, h("pre", { tabIndex: 0 }, code)),
    show(next) {
      request = next;
      write();
    },
  };
}
