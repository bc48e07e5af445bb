/**
 * A client of the DICOM API for browsers and Node.js 20 or newer. It is one file and has no dependency.
 *
 * dicom-api.d.ts has the types, and says what each method does.
 */

// API Gateway hands a function 4.4 MB of a file with its form; larger files go through S3.
export const DIRECT_BYTES = 4_000_000;

// What is to be de-identified is sent without its name, which may be the patient's.
const DEIDENTIFIED = "file";
const ATTEMPTS = 5;
const LONGEST_WAIT = 30; // seconds: a quota that is renewed next month is an error, not a wait
const UNAVAILABLE = new Set([429, 502, 503, 504]);

export class DicomApiError extends Error {
  /** @param {object} [answer] What is known of the API's answer: `status`, `fields`, `requestId`, `retryAfter`, `body`. */
  constructor(message, answer = {}) {
    super(message);
    this.name = new.target.name;
    Object.assign(this, { status: 0, fields: {}, requestId: null, retryAfter: null, body: null }, answer);
  }
}

export class InvalidRequest extends DicomApiError {}
export class NotAuthenticated extends DicomApiError {}
export class NoProfile extends DicomApiError {}
export class NotFound extends DicomApiError {}
export class Conflict extends DicomApiError {}
export class TooLarge extends DicomApiError {}
export class UnsupportedMediaType extends DicomApiError {}
export class TooManyRequests extends DicomApiError {}
export class Unavailable extends DicomApiError {}
export class ConnectionFailed extends DicomApiError {}
export class UploadFailed extends DicomApiError {}

const ERRORS = {
  400: InvalidRequest,
  401: NotAuthenticated,
  403: NoProfile,
  404: NotFound,
  409: Conflict,
  413: TooLarge,
  415: UnsupportedMediaType,
  422: InvalidRequest,
  429: TooManyRequests,
  502: Unavailable,
  503: Unavailable,
  504: Unavailable,
};

export class DicomApi {
  #refreshing = null;

  constructor({ url, apiKey = null, tokens = null, onTokens = () => {} }) {
    this.url = url.endsWith("/") ? url : `${url}/`;
    this.apiKey = apiKey;
    this.tokens = tokens;
    this.onTokens = onTokens;
  }

  // Accounts and tokens.

  register(email, password, { signal } = {}) {
    return this.#json("POST", "api/register/", { body: { email, password }, makes: true, signal });
  }

  async token(email, password, { signal } = {}) {
    return this.#keep(await this.#json("POST", "api/token/", { body: { email, password }, repeatable: true, signal }));
  }

  /** A refresh token is valid for one use, so all callers that need a new pair at the same time share one request. */
  refresh() {
    this.#refreshing ??= this.#json("POST", "api/token/refresh/", { body: { refresh: this.tokens.refresh } })
      .then((tokens) => this.#keep(tokens))
      .finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  async password(oldPassword, newPassword, { signal } = {}) {
    const body = { old_password: oldPassword, new_password: newPassword };
    return this.#keep(await this.#json("POST", "api/password/", { body, as: "developer", signal }));
  }

  #keep(tokens) {
    this.tokens = tokens;
    this.onTokens(tokens);
    return tokens;
  }

  // Profile, keys and usage.

  profile({ signal } = {}) {
    return this.#json("GET", "api/developer/profiles/", { as: "developer", signal });
  }

  createProfile({ purpose, organization }, { signal } = {}) {
    const body = { purpose, organization };
    return this.#json("POST", "api/developer/profiles/", { body, as: "developer", makes: true, signal });
  }

  keys({ signal } = {}) {
    return this.#json("GET", "api-keys/", { as: "developer", signal });
  }

  createKey(name, { expires, signal } = {}) {
    const body = { name, ...(expires && { expires }) };
    return this.#json("POST", "api-keys/", { body, as: "developer", makes: true, signal });
  }

  async deleteKey(id, { signal } = {}) {
    await this.#request("DELETE", `api-keys/delete/${id}/`, { as: "developer", repeatable: true, signal });
  }

  async activity({ signal } = {}) {
    const path = "api/developer/profiles/activity-summary/";
    const answer = await this.#request("GET", path, { as: "developer", repeatable: true, signal });
    return { ...(await answer.json()), rateLimit: rateLimit(answer.headers) };
  }

  // The DICOM dictionary.

  async allowedFields(filters = {}, { signal } = {}) {
    const query = new URLSearchParams(Object.entries(filters).map(([name, value]) => [`fields__${name}`, value]));
    return (await this.#json("GET", `api/dicom-format/allowed-fields/?${query}`, { signal })).allowedFields;
  }

  // Reading and generating.

  async read(file, { fileName = file.name, staged, signal, onUpload, onWork, ...options } = {}) {
    const blob = asBlob(file);
    const chosen = formFields(options);
    if (staged ?? blob.size > DIRECT_BYTES) {
      const result = await this.#stage(blob, { file_name: fileName, ...chosen }, { signal, onUpload, onWork });
      return result.json();
    }
    const form = new FormData();
    for (const [name, value] of Object.entries(chosen)) form.append(name, value);
    form.append("file", blob, fileName);
    const path = "api/dicom/read/file/";
    const answer = await this.#request("POST", path, { form, as: "program", repeatable: true, signal, onUpload });
    return answer.json();
  }

  async generate(images, { fileName, attributes = {}, compression, staged, signal, onUpload, onWork }) {
    const pictures = [images].flat();
    const blobs = pictures.map(asBlob);
    const size = blobs.reduce((sum, blob) => sum + blob.size, 0);
    if (staged ?? (size > DIRECT_BYTES && blobs.length === 1)) {
      const extension = (await isPng(blobs[0])) ? "png" : "jpg";
      const job = { file_name: `${fileName}.${extension}`, attributes, ...(compression && { compression }) };
      return (await this.#stage(blobs[0], job, { signal, onUpload, onWork })).blob();
    }
    const form = new FormData();
    form.append("file_name", fileName);
    if (compression) form.append("compression", compression);
    for (const [keyword, value] of Object.entries(attributes)) form.append(keyword, value);
    blobs.forEach((blob, n) => form.append("image", blob, pictures[n].name ?? `${n + 1}`));
    const options = { form, as: "program", makes: true, signal, onUpload, accept: "application/dicom" };
    return (await this.#request("POST", "api/dicom/generate/", options)).blob();
  }

  // New DICOM files of DICOM files.

  async deidentify(file, options) {
    return (await this.#rewrite("deidentify", file, DEIDENTIFIED, options)).blob();
  }

  async deidentifyReport(file, options) {
    return (await this.#rewrite("deidentify", file, DEIDENTIFIED, { ...options, accept: "application/json" })).json();
  }

  async convert(file, { fileName = file.name, ...options }) {
    return (await this.#rewrite("convert", file, fileName, options)).blob();
  }

  async #rewrite(operation, file, fileName, { accept, staged, signal, onUpload, onWork, ...options } = {}) {
    const blob = asBlob(file);
    const chosen = formFields(options);
    if (staged ?? blob.size > DIRECT_BYTES) {
      const job = { file_name: fileName, operation, ...(accept && { accept }), ...chosen };
      return this.#stage(blob, job, { signal, onUpload, onWork });
    }
    const form = new FormData();
    for (const [name, value] of Object.entries(chosen)) form.append(name, value);
    form.append("file", blob, fileName);
    const path = `api/dicom/${operation}/`;
    return this.#request("POST", path, { form, as: "program", makes: true, signal, onUpload, accept: accept ?? "*/*" });
  }

  // Staged uploads.

  uploads({ limit, next, signal } = {}) {
    const query = new URLSearchParams(formFields({ limit, next }));
    return this.#json("GET", `api/dicom/uploads/?${query}`, { as: "program", signal });
  }

  createUpload(job, { signal } = {}) {
    return this.#json("POST", "api/dicom/uploads/", { body: job, as: "program", makes: true, signal });
  }

  upload(id, { signal } = {}) {
    return this.#json("GET", `api/dicom/uploads/${id}/`, { as: "program", signal });
  }

  async deleteUpload(id, { signal } = {}) {
    await this.#request("DELETE", `api/dicom/uploads/${id}/`, { as: "program", repeatable: true, signal });
  }

  /** The result of a job, as a Response. An upload that is aborted or fails is deleted. */
  async #stage(blob, job, { signal, onUpload, onWork }) {
    const { id, upload } = await this.createUpload(job, { signal });
    try {
      const form = new FormData();
      for (const [name, value] of Object.entries(upload.fields)) form.append(name, value);
      form.append("file", blob); // S3 ignores what comes after the file
      await this.#send("POST", upload.url, { body: form, repeatable: true, signal, onUpload });
      const url = await this.#finished(id, { signal, onWork });
      return await this.#send("GET", url, { repeatable: true, signal });
    } catch (error) {
      if (signal?.aborted) this.deleteUpload(id).catch(() => {}); // if this fails, it still expires within a day
      throw error;
    }
  }

  async #finished(id, { signal, onWork }) {
    for (;;) {
      const path = `api/dicom/uploads/${id}/`;
      const answer = await this.#request("GET", path, { as: "program", repeatable: true, signal });
      const job = await answer.json();
      onWork?.(job);
      if (job.status === "failed") throw new UploadFailed(job.error, { status: 400, body: job });
      if (job.status === "done") return job.result_url;
      await pause(Number(answer.headers.get("Retry-After") ?? 1), signal);
    }
  }

  // Requests.

  async #json(method, path, options) {
    const answer = await this.#request(method, path, { repeatable: method === "GET", ...options });
    return answer.json();
  }

  /**
   * `as` is "developer" (access token) or "program" (API key). `makes` says that the request creates something, so it
   * needs an Idempotency-Key to be safe to repeat.
   */
  async #request(method, path, { body, form, as, makes, repeatable, signal, onUpload, accept = "application/json" }) {
    const headers = { Accept: accept };
    if (body) headers["Content-Type"] = "application/json";
    if (makes) headers["Idempotency-Key"] = randomKey();
    const sent = {
      headers,
      body: form ?? (body && JSON.stringify(body)),
      repeatable: repeatable || makes,
      signal,
      onUpload,
    };
    const url = new URL(path, this.url).href;
    if (as === "program") headers.Authorization = `ApiKey ${this.apiKey}`;
    if (as !== "developer") return this.#send(method, url, sent);

    const { access } = this.tokens ?? {};
    headers.Authorization = `Bearer ${access}`;
    try {
      return await this.#send(method, url, sent);
    } catch (error) {
      if (!(error instanceof NotAuthenticated && this.tokens)) throw error;
      // Another request may have renewed the token in the meantime.
      if (this.tokens.access === access) await this.refresh();
      headers.Authorization = `Bearer ${this.tokens.access}`;
      return this.#send(method, url, sent);
    }
  }

  /** Repeats what is safe to repeat while the API does not answer. Gives a Response whose status is 2xx. */
  async #send(method, url, { headers = {}, body, repeatable, signal, onUpload }) {
    for (let attempt = 1; ; attempt++) {
      const error = await exchange(method, url, { headers, body, signal, onUpload }).then(
        async (answer) => (answer.ok ? answer : problem(answer)),
        (failure) => {
          signal?.throwIfAborted();
          return new ConnectionFailed("The API can't be reached: check the connection.", { cause: failure });
        },
      );
      if (!(error instanceof DicomApiError)) return error;
      const wait = error.retryAfter ?? Math.min(0.25 * 2 ** attempt, 4);
      const temporary = error instanceof ConnectionFailed || UNAVAILABLE.has(error.status);
      if (!(repeatable && temporary && attempt < ATTEMPTS && wait <= LONGEST_WAIT)) throw error;
      await pause(wait, signal);
    }
  }
}

/** From `RateLimit` and `RateLimit-Policy`: the quota, what remains of it, and the seconds until its reset. */
function rateLimit(headers) {
  const number = (header, member) => {
    const found = headers.get(header)?.match(new RegExp(`;${member}=(\\d+)`));
    return found ? Number(found[1]) : null;
  };
  return {
    quota: number("RateLimit-Policy", "q"),
    remaining: number("RateLimit", "r"),
    reset: number("RateLimit", "t"),
  };
}

async function problem(answer) {
  const text = await answer.text();
  let body = {};
  try {
    body = JSON.parse(text);
  } catch {
    // API Gateway's and S3's own errors are not the API's JSON.
  }
  const message = body.error ?? body.message ?? `The answer was ${answer.status}.`;
  const seconds = Number(answer.headers.get("Retry-After") ?? NaN);
  return new (ERRORS[answer.status] ?? DicomApiError)(message, {
    status: answer.status,
    fields: body.fields ?? {},
    requestId: answer.headers.get("X-Request-Id"),
    retryAfter: Number.isNaN(seconds) ? null : seconds,
    body,
  });
}

/** One HTTP exchange by fetch, or by XMLHttpRequest if progress is wanted, which fetch does not report. */
async function exchange(method, url, { headers, body, signal, onUpload }) {
  if (!onUpload) return fetch(url, { method, headers, body, signal });
  if (!globalThis.XMLHttpRequest) {
    const answer = await fetch(url, { method, headers, body, signal });
    onUpload(1);
    return answer;
  }
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open(method, url);
    request.responseType = "blob";
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onUpload(total ? loaded / total : 0);
    request.onload = () => resolve(asResponse(request));
    request.onerror = () => reject(new TypeError("The request failed."));
    request.onabort = () => reject(signal.reason);
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    signal?.addEventListener("abort", abort);
    request.send(body);
  });
}

function asResponse(request) {
  const lines = request.getAllResponseHeaders().trim().split(/\r?\n/).filter(Boolean);
  const headers = lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]);
  const body = request.status === 204 ? null : request.response; // a Response of a 204 can't have a body
  return new Response(body, { status: request.status, headers });
}

/** Options as fields of the API's forms. Undefined options are left out. */
export function formFields(options) {
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(given.map(([name, value]) => [FORM_NAMES[name] ?? name, (FORM_TEXTS[name] ?? asText)(value)]));
}

const FORM_NAMES = { returnFormat: "return_format", dateShift: "date_shift", transferSyntax: "transfer_syntax" };

const asText = (value) => [value].flat().join(",");

const asJson = (values) => (typeof values === "string" ? values : JSON.stringify(values));

/** How options that are neither text nor a list of texts are written. */
const FORM_TEXTS = {
  regions: (regions) => (typeof regions === "string" ? regions : regions.map(asText).join(";")),
  replace: asJson,
  set: asJson,
};

function asBlob(file) {
  return file instanceof Blob ? file : new Blob([file]);
}

async function isPng(blob) {
  const start = new Uint8Array(await blob.slice(0, 4).arrayBuffer());
  return String.fromCharCode(...start.slice(1)) === "PNG";
}

/** `crypto.randomUUID` needs a secure context, and plain HTTP in a local network is none. */
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, seconds * 1000);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
