// What narrows a search besides its words: dates, and words of the columns of metadata that the index has.

import { go } from "./app.js";
import { $, el } from "./dom.js";
import { state } from "./state.js";

const MOST = 8;
const ELSEWHERE = new Set(["date", "url", "path", "title", "language", "lang"]);
let offered = [];
let dated = false;

export function offer(columns) {
  dated = columns.includes("date");
  // a column whose name is no word can not be named in a query
  offered = columns.filter((name) => !ELSEWHERE.has(name) && /^\p{L}[\p{L}\p{N}_-]*$/u.test(name)).slice(0, MOST);
  $("filters").hidden = !dated && !offered.length;
  const field = (id, label, hint, value) =>
    el("label", { for: id }, label, el("input", { id, type: "text", dir: "auto", placeholder: hint, value, autocomplete: "off", spellcheck: "false", maxlength: 200 }));
  $("filter-fields").replaceChildren(
    ...(dated ? [field("since", "From", "2020 or 2020-05", state.since), field("until", "To", "2021", state.until)] : []),
    ...offered.map((name) => field(`in-${name}`, name, "any", state.where[name] ?? "")),
  );
  show();
}

export function show() {
  for (const name of dated ? ["since", "until"] : []) if (document.activeElement !== $(name)) $(name).value = state[name];
  for (const name of offered) if (document.activeElement !== $(`in-${name}`)) $(`in-${name}`).value = state.where[name] ?? "";
  const used = count();
  $("filters-used").textContent = used ? `(${used})` : "";
  $("filters-clear").hidden = !used;
  if (used) $("filters").open = true;
}

export const count = () => [state.since, state.until, ...Object.values(state.where)].filter(Boolean).length;
export const nothing = { since: "", until: "", where: {} };

// the query with the columns in it: words one after another, whichever the column has
export const narrowed = (query) =>
  [query, ...Object.entries(state.where).filter(([name]) => offered.includes(name)).map(([name, text]) => `${name}:"${text.replace(/\p{Quotation_Mark}/gu, " ").trim()}"`)].join(" ");

// the same without them: what was typed
export const plain = (query) => {
  const own = narrowed("");
  return own && query.endsWith(own) ? query.slice(0, -own.length) : query;
};

$("filter-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const where = Object.fromEntries(offered.map((name) => [name, $(`in-${name}`).value.trim()]).filter(([, text]) => text));
  const of = (name) => (dated ? $(name).value.trim() : "");
  go({ since: of("since"), until: of("until"), where, page: 1 });
});
$("filters-clear").addEventListener("click", () => go({ ...nothing, page: 1 }));
