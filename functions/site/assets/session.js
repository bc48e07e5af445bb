/** Who is logged in, for as long as the tab lives. */

import { DicomApi } from "./dicom-api.js";

const KEPT = "dicom-api";

export const session = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");

export const api = new DicomApi({
  url: document.baseURI,
  tokens: session.tokens,
  apiKey: session.key?.key,
  onTokens: (tokens) => keep({ tokens }),
});

export function keep(changes) {
  Object.assign(session, changes);
  api.apiKey = session.key?.key ?? null;
  sessionStorage.setItem(KEPT, JSON.stringify(session));
}

export async function logIn(email, password) {
  end();
  await api.token(email, password);
  keep({ email });
}

export function end() {
  for (const name of Object.keys(session)) delete session[name];
  api.tokens = null;
  keep({});
}

export function loggedIn() {
  return Boolean(session.tokens);
}
