/** Files of more bytes are staged through S3 unless `staged` says otherwise. */
export declare const DIRECT_BYTES: number;

/** Options of a method as fields of the API's forms. */
export declare function formFields(options: Record<string, unknown>): Record<string, string>;

export interface Tokens {
  /** Lasts 15 minutes; renewed when it has expired. */
  access: string;
  /** Lasts a day, and is valid for one use. */
  refresh: string;
}

export interface Profile {
  purpose: string;
  organization: string;
}

export interface Key {
  id: number;
  name: string;
  prefix: string;
  created: string;
  expires?: string;
  last_used?: string;
}

export interface Activity {
  daily_activity: { day: string; count: number }[];
  monthly_total: number;
  /** From the RateLimit headers; null where the answer has none. `reset` is in seconds. */
  rateLimit: { quota: number | null; remaining: number | null; reset: number | null };
}

export interface Job {
  id: string;
  status: "waiting" | "processing" | "done" | "failed";
  frames_done?: number;
  frames_total?: number;
  elapsed_seconds?: number;
  remaining_seconds?: number;
  result_url?: string;
  error?: string;
}

export interface Upload {
  id: string;
  upload: { url: string; fields: Record<string, string> };
  expires_in: number;
  status_url: string;
}

export type Value = string | DataSet[];

/** One file's elements by keyword, then its pictures in base64, one per frame. */
export interface DataSet {
  ImageFormat?: string;
  Images?: string[];
  Warnings?: string[];
  [keyword: string]: Value | string[] | undefined;
}

/** What a zip of several files gives. */
export interface Archive {
  Files: (DataSet & { FileName: string; Error?: string })[];
}

export interface Call {
  signal?: AbortSignal;
}

export interface Transfer extends Call {
  /** Staged through S3, or sent directly. Unless given, the size decides. */
  staged?: boolean;
  /** The fraction that is sent, from 0 to 1. Node.js reports only the 1. */
  onUpload?: (part: number) => void;
  /** How far the work on a staged file is. */
  onWork?: (job: Job) => void;
}

export interface ReadOptions extends Transfer {
  /** The file's own name by default. Bytes have none, so they need one. */
  fileName?: string;
  fields?: string | string[];
  returnFormat?: "png" | "jpeg" | "gif" | "webp";
  /** Frames and ranges from 1, such as "1,4-7". */
  frames?: string | number | number[];
  /** Centre, width and perhaps the function: [40, 400], or "40,400,sigmoid". */
  window?: string | (number | string)[];
  /** Columns and rows that the picture fits inside. */
  viewport?: string | [number, number];
  quality?: number;
  overlays?: boolean;
  /** False: metadata only. */
  images?: boolean;
  animation?: boolean;
}

export interface GenerateOptions extends Transfer {
  /** The result's name, without an extension. */
  fileName: string;
  /** Values by DICOM keyword; several values are separated by a backslash. */
  attributes?: Record<string, string>;
  compression?: "none" | "jpeg" | "jpeg-ls" | "htj2k" | "rle";
}

/** An option of PS3.15 E.3. */
export type ProfileOption =
  | "retain-uids"
  | "retain-device-identity"
  | "retain-institution-identity"
  | "retain-patient-characteristics"
  | "retain-full-dates"
  | "retain-modified-dates"
  | "retain-safe-private"
  | "clean-descriptors"
  | "clean-structured-content"
  | "clean-graphics"
  | "clean-pixel-data";

export interface DeidentifyOptions extends Transfer {
  options?: ProfileOption[] | string;
  /** Keywords and tags of attributes that stay as they are. */
  keep?: string | string[];
  /** Keywords and tags of attributes that are removed as well. */
  remove?: string | string[];
  /** Values by keyword or tag: { PatientID: "S-001" }. */
  replace?: Record<string, string> | string;
  /** Rectangles that are blanked in every frame, each as x, y, width and height. */
  regions?: [number, number, number, number][] | string;
  /** Blanks all that no ultrasound region declares to be picture. */
  ultrasound?: boolean;
  /** Days by which all dates move. Unless given, the patient and the key decide. */
  dateShift?: number;
  /** A secret of 16 characters or more. The same key gives the same UIDs, codes and dates in every file. */
  key?: string;
}

export interface ConvertOptions extends Transfer {
  /** The file's own name by default. Bytes have none, so they need one. */
  fileName?: string;
  /** A UID, or a name such as "explicit", "jpeg-ls" or "htj2k". It stays as it is unless given. */
  transferSyntax?: string;
  /** Values may change. */
  lossy?: boolean;
  /** 1 to 100, of a lossy result. */
  quality?: number;
  /** How many times smaller than uncompressed a lossy result is to be. */
  ratio?: number;
  /** Values by path: { "ReferencedSeriesSequence[0].SeriesInstanceUID": "2.25.1" }. */
  set?: Record<string, string | number | (string | number)[] | null> | string;
  /** Paths of attributes to remove. */
  remove?: string | string[];
  /** "new": the file's own UIDs of study, series and instance become others. */
  uids?: "keep" | "new";
}

/** What an answer is to be: by default a DICOM file for a DICOM file, and a zip for a zip. */
export interface Accept {
  /** "application/zip": a zip with report.json for a single file, too. */
  accept?: "application/dicom" | "application/zip";
}

export interface Finding {
  kind: string;
  message: string;
  path?: string;
  count?: number;
}

/** What a de-identification does. It has no value of the file. */
export interface DeidentifyReport {
  profile: string;
  options: string[];
  attributes: {
    path: string;
    tag: string;
    keyword: string;
    action: "removed" | "emptied" | "replaced" | "cleaned" | "kept";
    clause: string;
    count?: number;
  }[];
  /** What a person should look at. */
  findings: Finding[];
  /** What is odd in the file. */
  warnings: string[];
  /** How many lines were too many. */
  left_out?: number;
}

/** Of a zip: each member by its position from 1. */
export interface DeidentifyReports {
  files: ({ member: number; file: string } & DeidentifyReport | { member: number; error: string })[];
}

export type Bytes = Blob | Uint8Array | ArrayBuffer;

/**
 * Every method rejects with a DicomApiError, or with the signal's reason once that is aborted. Reads, and what an
 * Idempotency-Key makes safe, are repeated up to four times while the API does not answer.
 */
export declare class DicomApi {
  constructor(options: {
    /** Where the API is served, with the stage's path: "http://localhost:8080". */
    url: string;
    apiKey?: string | null;
    tokens?: Tokens | null;
    /** Called with each new pair of tokens. */
    onTokens?: (tokens: Tokens) => void;
  });
  apiKey: string | null;
  tokens: Tokens | null;

  register(email: string, password: string, call?: Call): Promise<{ email: string }>;
  /** Logs in: the tokens are kept for the methods that need them. */
  token(email: string, password: string, call?: Call): Promise<Tokens>;
  refresh(): Promise<Tokens>;
  /** Changes the password, and ends all other sessions. */
  password(oldPassword: string, newPassword: string, call?: Call): Promise<Tokens>;

  profile(call?: Call): Promise<Profile>;
  createProfile(profile: Profile, call?: Call): Promise<Profile>;
  keys(call?: Call): Promise<Key[]>;
  /** `key` is shown only here. */
  createKey(name: string, options?: Call & { expires?: string }): Promise<{ id: number; name: string; key: string }>;
  deleteKey(id: number, call?: Call): Promise<void>;
  activity(call?: Call): Promise<Activity>;

  allowedFields(
    filters?: { contains?: string; startswith?: string; endswith?: string; regex?: string },
    call?: Call,
  ): Promise<string[]>;

  read(file: Bytes, options?: ReadOptions): Promise<DataSet | Archive>;
  /** Several pictures become frames. Pictures of more than 4 MB together have to be one, which is staged. */
  generate(images: Bytes | Bytes[], options: GenerateOptions): Promise<Blob>;

  /** The file without what tells who the patient is; of a zip, a zip of such files and report.json. */
  deidentify(file: Bytes, options?: DeidentifyOptions & Accept): Promise<Blob>;
  /** What `deidentify` would do, without doing it. */
  deidentifyReport(file: Bytes, options?: DeidentifyOptions): Promise<DeidentifyReport | DeidentifyReports>;
  /** The file in another transfer syntax or with other values; of a zip, a zip of such files and report.json. */
  convert(file: Bytes, options: ConvertOptions & Accept): Promise<Blob>;

  uploads(options?: Call & { limit?: number; next?: string }): Promise<{ uploads: Job[]; next?: string }>;
  createUpload(job: Record<string, unknown>, call?: Call): Promise<Upload>;
  upload(id: string, call?: Call): Promise<Job>;
  deleteUpload(id: string, call?: Call): Promise<void>;
}

export declare class DicomApiError extends Error {
  /** The HTTP status; 0 if there was no answer. */
  status: number;
  /** A reason for each field that is wrong. */
  fields: Record<string, string>;
  /** The id by which the operator finds the request in the logs. */
  requestId: string | null;
  /** Seconds. */
  retryAfter: number | null;
  body: unknown;
}
export declare class InvalidRequest extends DicomApiError {}
export declare class NotAuthenticated extends DicomApiError {}
export declare class NoProfile extends DicomApiError {}
export declare class NotFound extends DicomApiError {}
export declare class Conflict extends DicomApiError {}
export declare class TooLarge extends DicomApiError {}
export declare class UnsupportedMediaType extends DicomApiError {}
export declare class TooManyRequests extends DicomApiError {}
export declare class Unavailable extends DicomApiError {}
export declare class ConnectionFailed extends DicomApiError {}
export declare class UploadFailed extends DicomApiError {}
