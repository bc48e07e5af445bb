/** Over a running API, with an account of its own. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { before, test } from "node:test";
import { randomUUID } from "node:crypto";

import { Conflict, DicomApi, InvalidRequest, NotAuthenticated, UploadFailed, Unavailable } from "./dicom-api.js";

const URL = process.env.DICOM_API_URL ?? "http://localhost:8080";
/** A PNG of one grey pixel. */
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==",
  "base64",
);

const api = new DicomApi({ url: URL });
const email = `${randomUUID()}@example.com`;
let file;

before(async () => {
  await api.register(email, "correct-horse-42");
  await api.token(email, "correct-horse-42");
  await api.createProfile({ purpose: "testing", organization: "Us" });
  api.apiKey = (await api.createKey("tests")).key;
  file = await api.generate(PICTURE, { fileName: "one", attributes: { PatientName: "Doe^Jane", Modality: "OT" } });
});

test("a generated file is read back", async () => {
  const scan = await api.read(file, { fileName: "one.dcm", fields: ["PatientName", "Rows"] });
  assert.equal(scan.PatientName, "Doe^Jane");
  assert.equal(scan.Rows, "1");
  assert.equal(scan.Images.length, 1);
});

test("a staged read gives the same as a direct one, and reports its progress", async () => {
  const sent = [];
  const states = [];
  const bytes = new Uint8Array(await file.arrayBuffer());
  const staged = await api.read(bytes, {
    fileName: "one.dcm",
    staged: true,
    onUpload: (part) => sent.push(part),
    onWork: ({ status }) => states.push(status),
  });
  assert.deepEqual(staged, await api.read(file, { fileName: "one.dcm" }));
  assert.deepEqual(sent, [1]);
  assert.equal(states.at(-1), "done");
});

test("a staged picture becomes a DICOM file", async () => {
  const made = await api.generate(PICTURE, { fileName: "two", attributes: { PatientID: "7" }, staged: true });
  assert.equal((await api.read(made, { fileName: "two.dcm" })).PatientID, "7");
});

test("a file is de-identified, and a key gives the same each time", async () => {
  const options = { key: "a key for the tests", replace: { PatientID: "S-1", StudyID: "a; b" }, options: ["retain-uids"] };
  const made = await api.deidentify(file, options);
  const scan = await api.read(made, { fileName: "one.dcm" });
  const sent = await api.read(file, { fileName: "one.dcm" });
  assert.equal(scan.PatientID, "S-1");
  assert.equal(scan.StudyID, "a; b");
  assert.equal(scan.SOPInstanceUID, sent.SOPInstanceUID);
  assert.notEqual(scan.PatientName, "Doe^Jane");
  const again = await api.deidentify(new Uint8Array(await file.arrayBuffer()), { ...options, staged: true });
  assert.deepEqual(await again.arrayBuffer(), await made.arrayBuffer());
});

test("a report says what a de-identification would do", async () => {
  const regions = [[0, 0, 1, 1]];
  const report = await api.deidentifyReport(file, { regions, remove: ["Modality"] });
  assert.ok(report.attributes.some(({ path, action }) => path === "Modality" && action === "removed"));
  assert.ok(report.attributes.some(({ path, action }) => path === "PixelData" && action === "cleaned"));
  assert.deepEqual(await api.deidentifyReport(file, { regions, remove: "Modality", staged: true }), report);
  await assert.rejects(api.deidentifyReport(file, { key: "short" }), (error) => Boolean(error.fields.key));
});

test("a file is converted, and a zip of it, too", async () => {
  const options = { fileName: "one.dcm", transferSyntax: "htj2k", set: { PatientID: "7", StudyID: null }, remove: "Modality" };
  const made = await api.convert(file, options);
  const scan = await api.read(made, { fileName: "one.dcm" });
  assert.equal(scan.PatientID, "7");
  assert.equal(scan.Modality, undefined);
  assert.deepEqual(scan.Images, (await api.read(file, { fileName: "one.dcm" })).Images);
  const staged = await api.convert(file, { ...options, staged: true });
  assert.deepEqual(await staged.arrayBuffer(), await made.arrayBuffer());
  const archive = await api.convert(file, { ...options, accept: "application/zip" });
  assert.equal(await archive.slice(0, 2).text(), "PK");
  await assert.rejects(api.convert(file, { fileName: "one.dcm", transferSyntax: "mpeg" }), (error) => Boolean(error.fields.transfer_syntax));
});

test("errors are classes that name the fields", async () => {
  await assert.rejects(api.read(file, { fileName: "one.dcm", window: "wide" }), (error) => {
    assert.ok(error instanceof InvalidRequest);
    assert.ok(error.fields.window);
    assert.ok(error.requestId);
    return true;
  });
  await assert.rejects(api.register(email, "correct-horse-42"), Conflict);
  await assert.rejects(new DicomApi({ url: URL, apiKey: "a.b" }).read(file, { fileName: "a.dcm" }), NotAuthenticated);
});

test("a staged file that can't be read tells why", async () => {
  const broken = api.read(new Uint8Array([1, 2, 3]), { fileName: "broken.dcm", staged: true });
  await assert.rejects(broken, UploadFailed);
});

test("an expired access token is renewed once for all who need it", async () => {
  const kept = [];
  const other = new DicomApi({ url: URL, onTokens: (tokens) => kept.push(tokens) });
  await other.token(email, "correct-horse-42");
  other.tokens = { ...other.tokens, access: "expired" };
  const [profile, keys, activity] = await Promise.all([other.profile(), other.keys(), other.activity()]);
  assert.equal(profile.organization, "Us");
  assert.equal(keys[0].name, "tests");
  assert.ok(activity.monthly_total > 0);
  assert.equal(kept.length, 2);
});

test("a key that is deleted is refused", async () => {
  const { id, key } = await api.createKey("short-lived");
  await api.deleteKey(id);
  await assert.rejects(new DicomApi({ url: URL, apiKey: key }).uploads(), NotAuthenticated);
});

test("a change of password gives new tokens", async () => {
  const before = api.tokens.access;
  await api.password("correct-horse-42", "correct-horse-43");
  assert.notEqual(api.tokens.access, before);
  assert.equal((await api.profile()).purpose, "testing");
});

test("the dictionary is filtered", async () => {
  assert.deepEqual(await api.allowedFields({ startswith: "PatientB", endswith: "Date" }), ["PatientBirthDate"]);
});

test("an aborted read rejects with the signal's reason", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(api.read(file, { fileName: "one.dcm", signal }), /enough/);
});

test("what makes something is repeated with the same Idempotency-Key", async (t) => {
  const keys = [];
  const url = await serve(t, (request, response) => {
    keys.push(request.headers["idempotency-key"]);
    if (keys.length < 3) return response.writeHead(503, { "Retry-After": "0" }).end();
    return response.writeHead(201).end('{"id": 1, "name": "k", "key": "x"}');
  });
  const made = await new DicomApi({ url, tokens: { access: "a", refresh: "r" } }).createKey("k");
  assert.equal(made.key, "x");
  assert.equal(keys.length, 3);
  assert.equal(new Set(keys).size, 1);
});

test("what is not safe to repeat is sent once", async (t) => {
  let requests = 0;
  const url = await serve(t, (request, response) => {
    requests += 1;
    response.writeHead(503, { "Retry-After": "0" }).end();
  });
  await assert.rejects(new DicomApi({ url, tokens: { access: "a", refresh: "r" } }).refresh(), Unavailable);
  assert.equal(requests, 1);
});

test("a conversion sends its options as the form has them", async (t) => {
  const forms = [];
  const url = await serve(t, async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    forms.push(await new Response(body, { headers: { "Content-Type": request.headers["content-type"] } }).formData());
    response.writeHead(200, { "Content-Type": "application/dicom" }).end("DICM");
  });
  const edits = { set: { PatientID: null, "RequestAttributesSequence[0].StudyID": "7" }, remove: ["StudyID", "(0010,1000)"] };
  const options = { fileName: "scan.dcm", transferSyntax: "j2k-lossy", lossy: true, quality: 80, uids: "new", ...edits };
  const made = await new DicomApi({ url, apiKey: "a.b" }).convert(new Uint8Array(9), options);
  assert.equal(await made.text(), "DICM");
  const { file: sent, ...fields } = Object.fromEntries(forms[0]);
  assert.equal(sent.name, "scan.dcm");
  assert.deepEqual(JSON.parse(fields.set), edits.set);
  assert.deepEqual(
    { ...fields, set: undefined },
    { transfer_syntax: "j2k-lossy", lossy: "true", quality: "80", uids: "new", remove: "StudyID,(0010,1000)", set: undefined },
  );
});

async function serve(t, answer) {
  const server = createServer(answer);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}
