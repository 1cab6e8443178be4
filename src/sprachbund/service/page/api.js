// The service, from the page: JSON in and out, the key, one message for whatever goes wrong.

const KEY = "sprachbund-key";
let key = sessionStorage.getItem(KEY) ?? "";

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export function useKey(text) {
  key = text;
  if (text) sessionStorage.setItem(KEY, text);
  else sessionStorage.removeItem(KEY);
}

async function call(path, options = {}) {
  const headers = { ...(key && { authorization: `Bearer ${key}` }), ...options.headers };
  let answer;
  try {
    answer = await fetch(path, { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, "The service does not answer. Is it still running?");
  }
  if (answer.ok) return answer.json();
  let message = `The service answered ${answer.status}.`;
  try {
    message = (await answer.json()).error.message;
  } catch {
    // the status is all we know
  }
  if (answer.status === 401) document.dispatchEvent(new CustomEvent("key-wanted"));
  throw new Refused(answer.status, message);
}

export const send = (path, bytes, signal) =>
  call(path, { method: "POST", body: bytes, headers: { "content-type": "application/octet-stream" }, signal });
export const get = (path, signal) => call(path, { signal });
export const post = (path, body, signal) =>
  call(path, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" }, signal });
