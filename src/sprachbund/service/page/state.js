// What the address says: the view, the query and what narrows it, the page, the document that is read. The address is
// the only state there is to share.

export const NOTHING = {
  view: "search", q: "", languages: [], mode: "hybrid", reach: "all", spoken: "", ngram: "", page: 1, group: false, exactly: false, since: "", until: "", where: {}, key: "",
};
export const state = { ...NOTHING };
const MODES = ["hybrid", "dense", "bm25", "rrf"];
const REACHES = ["own", "neighbours", "all"];
const VIEWS = ["search", "map", "neighbours", "document"];
const COLUMN = "in.";

export function read() {
  const asked = new URLSearchParams(location.search);
  const view = asked.get("view");
  const mode = asked.get("mode");
  state.view = VIEWS.includes(view) ? view : "search";
  state.mode = MODES.includes(mode) ? mode : "hybrid";
  state.reach = REACHES.includes(asked.get("reach")) ? asked.get("reach") : "all";
  state.spoken = asked.get("spoken") ?? "";
  state.q = asked.get("q") ?? "";
  state.languages = (asked.get("lang") ?? "").split(",").filter(Boolean);
  state.ngram = asked.get("n") ?? "";
  state.page = Math.max(1, Math.min(100, Number.parseInt(asked.get("page") ?? "1", 10) || 1));
  state.group = asked.has("group");
  state.exactly = asked.has("exactly");
  state.since = asked.get("since") ?? "";
  state.until = asked.get("until") ?? "";
  state.key = asked.get("key") ?? "";
  state.where = Object.fromEntries([...asked].filter(([name, text]) => name.startsWith(COLUMN) && text).map(([name, text]) => [name.slice(COLUMN.length), text]));
}

export function address(changes = {}) {
  const wanted = { ...state, ...changes };
  const asked = new URLSearchParams();
  if (wanted.view !== "search") asked.set("view", wanted.view);
  if (wanted.q) asked.set("q", wanted.q);
  if (wanted.languages.length) asked.set("lang", wanted.languages.join(","));
  if (wanted.mode !== "hybrid") asked.set("mode", wanted.mode);
  if (wanted.reach !== "all") asked.set("reach", wanted.reach);
  if (wanted.spoken) asked.set("spoken", wanted.spoken);
  if (wanted.ngram) asked.set("n", wanted.ngram);
  if (wanted.group) asked.set("group", "1");
  if (wanted.exactly) asked.set("exactly", "1");
  for (const name of ["since", "until"]) if (wanted[name]) asked.set(name, wanted[name]);
  for (const [name, text] of Object.entries(wanted.where)) if (text) asked.set(COLUMN + name, text);
  if (wanted.page > 1) asked.set("page", wanted.page);
  if (wanted.view === "document") asked.set("key", wanted.key);
  const text = asked.toString();
  return text ? `/?${text}` : "/";
}

// `push` makes a step that the back button undoes
export function write(changes, push) {
  Object.assign(state, changes);
  const to = address();
  if (to !== location.pathname + location.search) history[push ? "pushState" : "replaceState"](null, "", to);
}
