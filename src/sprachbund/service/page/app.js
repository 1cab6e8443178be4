// The page: what it holds, its views, its keys. Each view has a module of its own.

import { get, useKey } from "./api.js";
import { colour, shape } from "./colours.js";
import { $, count, el, plural } from "./dom.js";
import { closeTip } from "./why.js";
import * as reader from "./document.js";
import * as filters from "./filters.js";
import * as map from "./map.js";
import * as neighbours from "./neighbours.js";
import * as search from "./search.js";
import * as speech from "./speech.js";
import { NOTHING, address, read, state, write } from "./state.js";

export const languages = new Map();
const FEW = 24;
let ready = false;

export const go = (changes, push = true) => {
  write(changes, push);
  show();
};

function show() {
  for (const link of document.querySelectorAll("nav a")) {
    link.toggleAttribute("aria-current", link.dataset.view === state.view);
    if (link.dataset.view === state.view) link.setAttribute("aria-current", "page");
    link.href = address({ view: link.dataset.view });
  }
  for (const name of ["search", "map", "neighbours", "document"]) $(`view-${name}`).hidden = state.view !== name;
  $("form").hidden = state.view === "neighbours" || state.view === "document";
  if ($("form").hidden) speech.quiet();
  $("languages").hidden = state.view === "document";
  $("narrow").hidden = state.view !== "search";
  $("group").checked = state.group;
  if ($("query").value !== state.q) $("query").value = state.q;
  document.querySelector(`input[name=mode][value=${state.mode}]`).checked = true;
  document.querySelector(`input[name=reach][value=${state.reach}]`).checked = true;
  $("spoken").value = state.spoken;
  for (const chip of $("languages").children) {
    const code = chip.dataset.code;
    chip.setAttribute("aria-pressed", code ? state.languages.includes(code) : !state.languages.length);
  }
  document.title = state.q && state.view !== "neighbours" ? `${state.q.slice(0, 60)} – sprachbund` : "sprachbund";
  closeTip();
  if (!ready) return;
  filters.show();
  if (state.view === "neighbours") neighbours.update();
  else if (state.view === "document") reader.update();
  else search.update();
  if (state.view === "map") map.open();
}

function fillLanguages(all) {
  all.forEach((language, number) => languages.set(language.code, { ...language, number }));
  const chip = (code, ...content) =>
    el("button", { type: "button", class: "chip", "data-code": code, onclick: () => toggle(code) }, ...content);
  const chips = all.map((language, number) =>
    chip(language.code, dot(language.code), language.name, el("small", {}, count(language.passages))),
  );
  $("languages").replaceChildren(chip("", "All languages"), ...chips);
  if (all.length > FEW) {
    chips.slice(FEW).forEach((one) => (one.hidden = !state.languages.includes(one.dataset.code)));
    const more = el("button", { type: "button", class: "chip more" }, `${count(all.length - FEW)} more …`);
    more.addEventListener("click", () => {
      chips.forEach((one) => (one.hidden = false));
      more.remove();
    });
    $("languages").append(more);
  }
}

// neighbours are offered where the index has languages that spell alike
function offerReach(kindred) {
  const known = Object.keys(kindred).filter((code) => kindred[code].length);
  $("reach-line").hidden = !known.length;
  const all = [...languages.values()].sort((one, other) => one.name.localeCompare(other.name, "en"));
  $("spoken").append(...all.map((language) => el("option", { value: language.code }, language.name)));
}

// which language the query was taken for, where nobody said it
export function told(code) {
  $("spoken").options[0].textContent = code && !state.spoken ? `${languageName(code)}, by its words` : "any language";
}

function toggle(code) {
  const chosen = new Set(state.languages);
  if (!code) chosen.clear();
  else if (!chosen.delete(code)) chosen.add(code);
  go({ languages: [...chosen], page: 1 });
}

export function dot(code) {
  const number = languages.get(code)?.number ?? 7;
  return el("i", { class: `dot s${shape(number)}`, "--c": colour(number) });
}

export const languageName = (code) => languages.get(code)?.name ?? code;
export const tag = (code) => languages.get(code)?.bcp47 ?? code;

async function start() {
  read();
  show();
  let info;
  try {
    info = await get("/info");
  } catch (error) {
    $("status").replaceChildren(el("span", { class: "error" }, error.message));
    return;
  }
  ready = true;
  fillLanguages(info.languages);
  filters.offer(info.columns);
  offerReach(info.kindred);
  speech.offer(info.recognisers, info.limits);
  // an address from another index may name languages that this one lacks
  write({ languages: state.languages.filter((code) => languages.has(code)), spoken: languages.has(state.spoken) ? state.spoken : "" }, false);
  const total = (what) => info.languages.reduce((sum, language) => sum + language[what], 0);
  $("holds").textContent =
    `${plural(info.languages.length, "language")} · ${plural(total("documents"), "document")} · ` +
    plural(total("passages"), "passage");
  // what was typed while the page waited for the service is not taken away again
  const typed = $("query").value.trim();
  if (typed !== state.q) write({ q: typed, page: 1 }, false);
  show();
}

let typing;
$("query").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => ask(!state.q), 220);
});
$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  ask(true);
});
// another query begins with its first page; the same one stays where it is
function ask(push) {
  const q = $("query").value.trim();
  go(q === state.q ? {} : { q, page: 1, exactly: false }, push);
}
$("modes").addEventListener("change", (event) => go({ mode: event.target.value, page: 1 }));
$("reach").addEventListener("change", (event) => go({ reach: event.target.value, page: 1 }));
$("spoken").addEventListener("change", (event) => go({ spoken: event.target.value, page: 1 }));
$("group").addEventListener("change", (event) => go({ group: event.target.checked, page: 1 }));
document.addEventListener("click", (event) => {
  const link = event.target.closest("nav a, #home");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.id === "home") go({ ...NOTHING });
  else go({ view: link.dataset.view });
  if (link.id === "home") $("query").focus();
});
addEventListener("popstate", () => {
  read();
  show();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const chip of document.querySelectorAll(".chip[data-code]")) chip.querySelector(".dot")?.replaceWith(dot(chip.dataset.code));
  search.redraw();
  map.draw();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("key-dialog").open) return;
  const writing = event.target.matches("input:not([type=checkbox], [type=radio])");
  if (event.key === "/" && !writing) {
    event.preventDefault();
    if (state.view === "document") go({ view: "search" });
    const box = $(state.view === "neighbours" ? "ngram" : "query");
    box.focus();
    box.select();
  } else if (state.view === "search") search.key(event, writing);
  else if (state.view === "document") reader.key(event, writing);
  else if (event.key === "Escape" && !writing && state.view === "map") go({ view: "search" });
});

// the key of the service, where it has one
document.addEventListener("key-wanted", () => $("key-dialog").open || $("key-dialog").showModal());
$("key-open").addEventListener("click", () => $("key-dialog").showModal());
$("key-cancel").addEventListener("click", () => $("key-dialog").close());
$("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  useKey($("key").value.trim());
  $("key").value = "";
  $("key-dialog").close();
  if (ready) show();
  else start();
});

start();
