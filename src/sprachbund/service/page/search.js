// Results: asked for while the query is typed, each with its colours, walked through by keys.

import { Refused, post } from "./api.js";
import { dot, go, languageName, tag } from "./app.js";
import { $, el, fixed, plural } from "./dom.js";
import * as map from "./map.js";
import { state } from "./state.js";
import { closeTip, colourWords, listen, panel } from "./why.js";

const K = 10;
let asked = ""; // what the results on the page answer
let running = null;
let answer = null;
let current = -1;
listen((item) => answer?.hits.find((hit) => hit.key === item.dataset.key));

export async function update() {
  const wanted = JSON.stringify([state.q, state.languages, state.mode]);
  if (wanted === asked) return;
  running?.abort();
  asked = wanted;
  if (!state.q) {
    answer = null;
    render();
    return;
  }
  const mine = (running = new AbortController());
  document.body.classList.add("busy");
  // said only where the answer is slow: else it flickers
  const slow = setTimeout(() => say("Searching …"), 400);
  try {
    const { q: query, languages, mode } = state;
    answer = await post("/search", { query, k: K, languages, mode, why: true, places: true }, mine.signal);
    render();
  } catch (error) {
    if (error.name === "AbortError") return;
    asked = "";
    answer = null;
    render(error instanceof Refused ? error.message : `Something went wrong in the page: ${error.message}`);
  } finally {
    clearTimeout(slow);
    if (running === mine) document.body.classList.remove("busy");
  }
}

export const redraw = () => answer && render();

function say(text, bad = false) {
  for (const id of ["status", "map-status"]) $(id).replaceChildren(el("span", { class: bad ? "error" : "" }, text));
}

function render(problem) {
  current = -1;
  closeTip();
  const hits = answer?.hits ?? [];
  const top = Math.max(1e-9, ...hits.map((hit) => hit.score));
  $("results").replaceChildren(...hits.map((hit) => result(hit, top)));
  $("legend").hidden = !hits.some((hit) => hit.why?.pairs.length);
  $("empty").replaceChildren(...empty(problem, hits));
  if (problem) say(problem, true);
  else if (!answer) say("");
  else if (!hits.length) say("Nothing found.");
  else {
    const found = new Set(hits.map((hit) => hit.language));
    say(`The best ${plural(hits.length, "passage")} in ${plural(found.size, "language")}, ${(answer.seconds * 1000).toFixed(1)} ms`);
  }
  map.highlight(hits);
}

function empty(problem, hits) {
  if (problem || hits.length) return [];
  if (!answer) {
    return [
      el("h2", {}, "Ask in one language, find in all"),
      el("p", {}, "Type a question, a few words or a whole paragraph. Every hit shows which words made it: those that mean something alike, and those that are the same."),
    ];
  }
  const narrowed = state.languages.length > 0;
  return [
    el("h2", {}, "No passage matches"),
    el("p", {}, state.mode === "bm25" ? "BM25 finds exact words only. Dense or hybrid also find words that mean something alike." : "The query has no word that this index could use. Try other words."),
    narrowed ? el("p", {}, el("button", { type: "button", class: "chip", onclick: () => go({ languages: [] }) }, "Search in all languages")) : null,
  ].filter(Boolean);
}

function result(hit, top) {
  const text = el("p", { class: "text", dir: "auto", lang: tag(hit.language) });
  const why = hit.why?.pairs.length ? hit.why : null;
  text.append(...(why ? colourWords(why, "text", why.title) : [hit.text]));
  // the title of a first passage is searched with it
  const title = why?.title ? colourWords(why, "text", 0, why.title - 1) : [hit.title || hit.document];
  const id = `why-${hit.rank}`;
  const button = el("button", { type: "button", class: "why-button", "aria-expanded": "false", "aria-controls": id, onclick: () => toggle(item) }, "Why");
  const place = el("span", { class: "tag" }, dot(hit.language), languageName(hit.language));
  const item = el(
    "li",
    { class: "hit", tabindex: "-1", "data-key": hit.key, "data-rank": hit.rank },
    el(
      "div",
      { class: "head" },
      el("h2", { lang: tag(hit.language) }, el("bdi", {}, ...title), hit.section && hit.section !== hit.title ? el("span", { class: "section" }, el("bdi", {}, hit.section)) : null),
      place,
    ),
    text,
    el("div", { class: "foot" }, score(hit, top), hit.why ? button : null),
  );
  item.addEventListener("focusin", () => mark([...$("results").children].indexOf(item)));
  return item;
}

function score(hit, top) {
  const parts = [["dense", hit.parts.dense ?? 0], ["exact", hit.parts.bm25 ?? 0]];
  const scale = hit.score > 0 ? hit.score / top / Math.max(1e-9, parts.reduce((sum, [, value]) => sum + Math.max(0, value), 0)) : 0;
  const said = parts.filter(([, value]) => value).map(([name, value]) => `${name === "dense" ? "meaning" : "exact"} ${fixed(value)}`).join(state.mode === "rrf" ? ", " : " + ");
  const bar = parts.map(([name, value]) => el("i", { class: name, "--share": Math.max(0, value * scale) }));
  return el("span", { class: "score" }, el("b", {}, fixed(hit.score)), el("span", { class: "split", "aria-hidden": "true" }, ...bar), el("span", {}, said));
}

function toggle(item, open) {
  const button = item.querySelector(".why-button");
  if (!button) return;
  const shown = item.querySelector(".why");
  const want = open ?? !shown;
  button.setAttribute("aria-expanded", String(want));
  closeTip();
  if (!want) shown?.remove();
  else if (!shown) {
    const hit = answer.hits.find((one) => one.key === item.dataset.key);
    item.append(panel(hit, item, `why-${hit.rank}`));
  }
}

function mark(number) {
  const items = [...$("results").children];
  items[current]?.classList.remove("current");
  current = number;
}

function move(step) {
  const items = [...$("results").children];
  const next = current + step;
  if (next < 0) {
    mark(-1);
    $("query").focus();
    return;
  }
  const item = items[Math.min(next, items.length - 1)];
  if (!item) return;
  item.focus({ preventScroll: true });
  item.classList.add("current");
  item.scrollIntoView({ block: "nearest" });
}

export function key(event, writing) {
  const item = $("results").children[current];
  const inside = event.target.closest?.(".hit");
  if (event.key === "ArrowDown" || (event.key === "j" && !writing)) move(1);
  else if ((event.key === "ArrowUp" || event.key === "k") && !writing) move(-1);
  else if (event.key === "Enter" && inside && inside === event.target) toggle(inside);
  else if (event.key === "m" && !writing && answer) go({ view: "map" });
  else if (event.key === "Escape") {
    const opened = item?.querySelector(".why") ? item : $("results").querySelector(".hit:has(.why)");
    if (!$("tip").hidden) closeTip();
    else if (opened) {
      toggle(opened, false);
      opened.focus();
    } else if (!writing) $("query").focus();
    else return;
  } else return;
  event.preventDefault();
}
