// What the address says: the view, the query, the languages, the mode. The address is the only state there is to share.

export const state = { view: "search", q: "", languages: [], mode: "hybrid", ngram: "" };
const MODES = ["hybrid", "dense", "bm25", "rrf"];
const VIEWS = ["search", "map", "neighbours"];

export function read() {
  const asked = new URLSearchParams(location.search);
  const view = asked.get("view");
  const mode = asked.get("mode");
  state.view = VIEWS.includes(view) ? view : "search";
  state.mode = MODES.includes(mode) ? mode : "hybrid";
  state.q = asked.get("q") ?? "";
  state.languages = (asked.get("lang") ?? "").split(",").filter(Boolean);
  state.ngram = asked.get("n") ?? "";
}

export function address(changes = {}) {
  const wanted = { ...state, ...changes };
  const asked = new URLSearchParams();
  if (wanted.view !== "search") asked.set("view", wanted.view);
  if (wanted.q) asked.set("q", wanted.q);
  if (wanted.languages.length) asked.set("lang", wanted.languages.join(","));
  if (wanted.mode !== "hybrid") asked.set("mode", wanted.mode);
  if (wanted.ngram) asked.set("n", wanted.ngram);
  const text = asked.toString();
  return text ? `/?${text}` : "/";
}

// `push` makes a step that the back button undoes
export function write(changes, push) {
  Object.assign(state, changes);
  const to = address();
  if (to !== location.pathname + location.search) history[push ? "pushState" : "replaceState"](null, "", to);
}
