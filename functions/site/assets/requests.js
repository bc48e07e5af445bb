/** A request that was sent, as something to paste. The key is left out: it is taken from DICOM_API_KEY. */

const base = document.baseURI.replace(/\/$/, "");
const shell = (text) => (/^[\w.,=/-]+$/.test(text) ? text : quote(text));
const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
const quoted = (text) => JSON.stringify(text);

/** `request`: { staged, fileName, options }; options as the form has them. */
export const LANGUAGES = {
  curl({ staged, fileName, options }) {
    if (staged) {
      const job = shell(JSON.stringify({ file_name: fileName, ...options }));
      return [
        `curl -sS -H "Authorization: ApiKey $DICOM_API_KEY" --json ${job} \\`,
        `     ${base}/api/dicom/uploads/ > upload.json`,
        `jq -r '.upload.fields | to_entries[] | "form-string = " + (.key + "=" + .value | tojson)' upload.json > upload.curl`,
        `curl -sS -K upload.curl -F file=@${shell(fileName)} "$(jq -r .upload.url upload.json)"`,
        "# Until it is done:",
        `curl -sS -H "Authorization: ApiKey $DICOM_API_KEY" "$(jq -r .status_url upload.json)"`,
      ].join("\n");
    }
    const fields = Object.entries(options).map(([name, value]) => `     -F ${shell(`${name}=${value}`)} \\`);
    return [
      'curl -sS -L -H "Authorization: ApiKey $DICOM_API_KEY" \\',
      `     -F file=@${shell(fileName)} \\`,
      ...fields,
      `     ${base}/api/dicom/read/file/`,
    ].join("\n");
  },

  Python({ staged, fileName, options }) {
    const headers = `{"Authorization": "ApiKey " + os.environ["DICOM_API_KEY"]}`;
    if (staged) {
      return `import os, time
import requests

URL, HEADERS = ${quoted(base)}, ${headers}

job = requests.post(f"{URL}/api/dicom/uploads/", headers=HEADERS, json=${JSON.stringify({ file_name: fileName, ...options })}).json()
with open(${quoted(fileName)}, "rb") as file:
    requests.post(job["upload"]["url"], data=job["upload"]["fields"], files={"file": file}).raise_for_status()
while (state := requests.get(job["status_url"], headers=HEADERS).json())["status"] not in ("done", "failed"):
    time.sleep(1)
scan = requests.get(state["result_url"]).json()`;
    }
    return `import os
import requests

with open(${quoted(fileName)}, "rb") as file:
    answer = requests.post(
        ${quoted(`${base}/api/dicom/read/file/`)},
        headers=${headers},
        files={"file": file},
        data=${JSON.stringify(options)},
    )
answer.raise_for_status()
scan = answer.json()`;
  },

  JavaScript({ staged, fileName, options }) {
    const chosen = Object.entries({ fileName, ...options, ...(staged && { staged }) });
    const list = chosen.map(([name, value]) => `  ${name}: ${JSON.stringify(value)},`).join("\n");
    return `import { readFile } from "node:fs/promises";
import { DicomApi } from "dicom-api";

const api = new DicomApi({ url: ${quoted(base)}, apiKey: process.env.DICOM_API_KEY });
const scan = await api.read(await readFile(${quoted(fileName)}), {
${list}
});`;
  },
};
