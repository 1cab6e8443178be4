// One document to read, at the passage that was found: text only, in parts as long as the service gives them.

import { Refused, get } from "./api.js";
import { dot, go, languageName, tag } from "./app.js";
import { $, el, plural } from "./dom.js";
import { state } from "./state.js";

const PART = 60;
const BEFORE = 15;
let shown = null; // the key and what of it is on the page
let running = null;

export async function update() {
  if (shown?.key === state.key) return;
  shown = { key: state.key, first: 0, last: 0 };
  $("document").replaceChildren();
  const number = Number(/#(\d+)$/.exec(state.key)?.[1] ?? 0);
  const found = await part(Math.max(0, number - BEFORE));
  if (!found) return;
  const first = found.passages[0]?.number ?? 0;
  Object.assign(shown, { first, last: first + found.passages.length, length: found.length, number, section: null });
  $("document").replaceChildren(head(found), el("div", { id: "before" }), el("div", { id: "text", lang: tag(found.language), dir: "auto" }), el("div", { id: "after" }));
  $("text").append(...lines(found.passages));
  ends();
  $("document-title").focus({ preventScroll: true });
  document.getElementById("found")?.scrollIntoView({ block: "center" });
}

async function part(first, count = PART) {
  running?.abort();
  running = new AbortController();
  try {
    $("document-status").textContent = "";
    return await get(`/document?${new URLSearchParams({ key: state.key, first, count })}`, running.signal);
  } catch (error) {
    if (error.name === "AbortError") return null;
    shown = null;
    const text = error instanceof Refused ? error.message : `Something went wrong in the page: ${error.message}`;
    $("document-status").replaceChildren(el("span", { class: "error" }, text));
    return null;
  }
}

function head(found) {
  return el(
    "header",
    { class: "head" },
    el("h2", { id: "document-title", tabindex: "-1", lang: tag(found.language) }, el("bdi", {}, found.title || found.id)),
    el("p", { class: "about" }, el("span", { class: "tag" }, dot(found.language), languageName(found.language)), ...about(found.meta), el("span", {}, plural(found.length, "passage"))),
  );
}

function lines(passages) {
  const made = [];
  for (const passage of passages) {
    if (passage.section !== shown.section && passage.section) made.push(el("h3", {}, el("bdi", {}, passage.section)));
    shown.section = passage.section;
    const here = passage.number === shown.number;
    made.push(el("p", { id: here ? "found" : null, class: here ? "found" : null, "aria-current": here ? "true" : null }, passage.text));
  }
  return made;
}

function ends() {
  const button = (text, act) => el("button", { type: "button", class: "chip", onclick: act }, text);
  $("before").replaceChildren(...(shown.first > 0 ? [button("Earlier passages", earlier)] : []));
  $("after").replaceChildren(...(shown.last < shown.length ? [button("Further passages", further)] : []));
}

async function earlier() {
  const first = Math.max(0, shown.first - PART);
  const found = await part(first, shown.first - first);
  if (!found) return;
  const section = shown.section;
  shown.section = null;
  $("text").prepend(...lines(found.passages.filter((passage) => passage.number < shown.first)));
  Object.assign(shown, { first, section });
  ends();
}

async function further() {
  const found = await part(shown.last);
  if (!found) return;
  $("text").append(...lines(found.passages));
  shown.last += found.passages.length;
  ends();
}

// what is known of a document: its author, its date, and where it is; only an address of the web is a link
export function about(meta) {
  const known = ["author", "date"].filter((name) => meta[name]).map((name) => el("span", {}, el("bdi", {}, meta[name])));
  const link = address(meta.url);
  if (link) known.push(el("a", { href: link.href, target: "_blank", rel: "noopener noreferrer" }, el("bdi", {}, link.host), el("span", { "aria-hidden": "true" }, " ↗"), el("span", { class: "hidden" }, " (the original, in another tab)")));
  else if (meta.url) known.push(el("span", {}, el("bdi", {}, meta.url)));
  if (meta.path) known.push(el("span", { class: "path" }, el("bdi", {}, meta.path)));
  return known;
}

function address(text) {
  try {
    const found = new URL(text ?? "");
    return ["http:", "https:"].includes(found.protocol) ? found : null;
  } catch {
    return null;
  }
}

$("document-back").addEventListener("click", () => go({ view: "search" }));
export function key(event, writing) {
  if (event.key === "Escape" && !writing) {
    event.preventDefault();
    go({ view: "search" });
  }
}
