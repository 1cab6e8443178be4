// Results: asked for while the query is typed, each with its colours, walked through by keys.

import { Refused, post } from "./api.js";
import { dot, go, languageName, tag, told } from "./app.js";
import { about } from "./document.js";
import { $, el, fixed, plural } from "./dom.js";
import * as filters from "./filters.js";
import * as map from "./map.js";
import { address, state } from "./state.js";
import { closeTip, colourWords, listen, panel } from "./why.js";

const K = 10;
let asked = ""; // what the results on the page answer
let running = null;
let answer = null;
let answered = "";
let answeredPage = 1;
let current = -1;
listen((item) => answer?.hits.find((hit) => hit.key === item.dataset.key));

export async function update() {
  const { q, languages, mode, reach, spoken, page, group, exactly, since, until } = state;
  const query = filters.narrowed(q);
  const body = { query, k: K, offset: (page - 1) * K, languages, mode, reach, query_language: spoken, group, since, until, correct: !exactly, context: 1, why: true, places: true };
  const wanted = JSON.stringify(body);
  if (wanted === asked) return;
  // the same query at another page; who types a new one stays in the box
  const question = JSON.stringify({ ...body, offset: 0 });
  const turned = question === answered && page !== answeredPage;
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
    answer = await post("/search", body, mine.signal);
    [answered, answeredPage] = [question, page];
    render();
    if (turned && answer.hits.length) {
      // a page is turned from its end: the next begins at its first result
      scrollTo(0, 0);
      $("results").firstElementChild.focus({ preventScroll: true });
    }
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
  $("legend-letters").hidden = !hits.some((hit) => hit.across);
  told(answer?.language ?? "");
  $("said").replaceChildren(...(problem || !answer ? [] : said()));
  $("pages").hidden = !hits.length || (state.page === 1 && !answer.further);
  $("page-before").hidden = state.page === 1;
  $("page-next").hidden = !answer?.further || state.page >= 100;
  $("page-now").textContent = `Page ${state.page}`;
  $("empty").replaceChildren(...empty(problem, hits));
  if (problem) say(problem, true);
  else if (!answer) say("");
  else if (!hits.length) say("Nothing found.");
  else {
    const found = new Set(hits.map((hit) => hit.language));
    const what = plural(hits.length, state.group ? "document" : "passage");
    const which = state.page > 1 ? `Page ${state.page}: the next ${what}` : `The best ${what}`;
    const asked = answer.language ? `, asked in ${languageName(answer.language)}` : "";
    say(`${which} in ${plural(found.size, "language")}${asked}, ${(answer.seconds * 1000).toFixed(1)} ms`);
  }
  map.highlight(hits);
}

// what the service says of the query: what was searched instead, what could be meant, what could not be had
function said() {
  const other = (text, changes) => el("a", { href: address(changes), onclick: (event) => follow(event, changes) }, el("bdi", {}, text));
  const made = [];
  const own = (text) => ({ q: filters.plain(text), page: 1, exactly: false });
  if (answer.searched !== answer.query) {
    made.push(el("p", {}, "Nothing here has ", el("b", {}, el("bdi", {}, state.q)), ". These are results for ", other(filters.plain(answer.searched), own(answer.searched)), "; or search for ", other(state.q, { exactly: true, page: 1 }), " as it stands."));
  }
  if (answer.suggestion) made.push(el("p", { class: "meant" }, "Did you mean ", other(filters.plain(answer.suggestion), own(answer.suggestion)), "?"));
  for (const note of answer.notes) made.push(el("p", {}, `${note[0].toUpperCase()}${note.slice(1)}.`));
  return made;
}

function follow(event, changes) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(changes);
}

function empty(problem, hits) {
  if (problem || hits.length) return [];
  if (!answer) {
    return [
      el("h2", {}, "Ask in one language, find in all"),
      el("p", {}, "Type a question, a few words or a whole paragraph. Every hit shows which words made it: those that mean something alike, those that are the same, and in languages that spell alike those whose letters stand for each other."),
    ];
  }
  const button = (text, changes) => el("p", {}, el("button", { type: "button", class: "chip", onclick: () => go({ ...changes, page: 1 }) }, text));
  return [
    el("h2", {}, state.page > 1 ? "No further results" : "No passage matches"),
    answer.notes.length ? null : el("p", {}, state.mode === "bm25" ? "By words (BM25) only the very words are found. By meaning, or by both, others that mean something alike are found too." : "The query has no word that this index could use. Try other words."),
    state.page > 1 ? button("First page", {}) : null,
    filters.count() ? button("Search without filters", filters.nothing) : null,
    state.languages.length || state.reach !== "all" ? button("Search in all languages", { languages: [], reach: "all" }) : null,
  ].filter(Boolean);
}

function result(hit, top) {
  const lang = tag(hit.language);
  const text = el("p", { class: "text", dir: "auto", lang });
  const why = hit.why?.pairs.length ? hit.why : null;
  text.append(...(why ? colourWords(why, "text", why.title) : [hit.text]));
  // the title of a first passage is searched with it
  const title = why?.title ? colourWords(why, "text", 0, why.title - 1) : [hit.title || hit.document];
  const id = `why-${hit.rank}`;
  const around = hit.before || hit.after ? el("button", { type: "button", class: "plain-button around-button", "aria-expanded": "false", onclick: () => surround(item, hit) }, "Context") : null;
  const opened = { view: "document", key: hit.key };
  const open = (...content) => el("a", { class: "open", href: address(opened), onclick: (event) => follow(event, opened) }, ...content);
  const button = el("button", { type: "button", class: "plain-button why-button", "aria-expanded": "false", "aria-controls": id, onclick: () => toggle(item) }, "Why");
  const place = el("span", { class: "tag" }, dot(hit.language), languageName(hit.language));
  const item = el(
    "li",
    { class: "hit", tabindex: "-1", "data-key": hit.key, "data-rank": hit.rank, "aria-labelledby": `title-${hit.rank}` },
    el(
      "div",
      { class: "head" },
      el("h2", { lang, id: `title-${hit.rank}` }, open(el("bdi", {}, ...title)), hit.section && hit.section !== hit.title ? el("span", { class: "section" }, el("bdi", {}, hit.section)) : null),
      place,
    ),
    facts(hit),
    text,
    more(hit),
    el("div", { class: "foot" }, score(hit, top), el("span", { class: "buttons-of-hit" }, around, hit.why ? button : null)),
  );
  item.addEventListener("focusin", () => mark([...$("results").children].indexOf(item)));
  return item;
}

function facts(hit) {
  const known = about(hit.meta);
  return known.length ? el("p", { class: "about" }, ...known) : null;
}

// the next best passages of the same document
function more(hit) {
  if (!hit.more.length) return null;
  const line = (other) => {
    const opened = { view: "document", key: other.key };
    return el("li", {}, el("a", { class: "open", href: address(opened), lang: tag(hit.language), dir: "auto", onclick: (event) => follow(event, opened) }, other.text));
  };
  return el("div", { class: "more-of" }, el("p", { class: "soft" }, "Also in this document"), el("ul", {}, ...hit.more.map(line)));
}

// what stands before and after the passage
function surround(item, hit) {
  const shown = [...item.querySelectorAll(".around")];
  item.querySelector(".around-button").setAttribute("aria-expanded", String(!shown.length));
  for (const one of shown) one.remove();
  if (shown.length) return;
  const part = (words) => el("p", { class: "around", dir: "auto", lang: tag(hit.language) }, words);
  const text = item.querySelector(".text");
  if (hit.before) text.before(part(hit.before));
  if (hit.after) text.after(part(hit.after));
}

$("page-before").addEventListener("click", () => go({ page: state.page - 1 }));
$("page-next").addEventListener("click", () => go({ page: state.page + 1 }));

const PART = { dense: "meaning", exact: "words", learned: "letters" };

function score(hit, top) {
  const parts = [["dense", hit.parts.dense ?? 0], ["exact", hit.parts.bm25 ?? 0], ["learned", hit.parts.across ?? 0]];
  const scale = hit.score > 0 ? hit.score / top / Math.max(1e-9, parts.reduce((sum, [, value]) => sum + Math.max(0, value), 0)) : 0;
  const said = parts.filter(([, value]) => value).map(([name, value]) => `${PART[name]} ${fixed(value)}`).join(state.mode === "rrf" ? ", " : " + ");
  const bar = parts.map(([name, value]) => el("i", { class: name, "--share": Math.max(0, value * scale) }));
  const high = hit.across ? `${fixed(hit.standing, 1)} standard deviations above the mean of the best in ${languageName(hit.language)}` : null;
  return el("span", { class: "score", title: high }, el("b", {}, fixed(hit.score)), el("span", { class: "split", "aria-hidden": "true" }, ...bar), el("span", {}, said));
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
  else if (event.key === "o" && !writing && item) go({ view: "document", key: item.dataset.key });
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
