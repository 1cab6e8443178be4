// Why a passage was found: the score is a sum over pairs of words, and every pair can be shown.
//
// A word's colour is the sum of its pairs. Two hues: what vectors give fills the word, what exact words give is a line
// under its letters, and not through them. What speaks against the match is dotted.

import { $, el, fixed } from "./dom.js";
import { beside, learned, partnered } from "./letters.js";

const LEAST = 0.12; // of the strongest word: less is not coloured
const ROWS = 8;
const total = (pair) => pair[2] + pair[3];

// the totals of a side's words, and where they stand in its text
const sideOf = (why, side) =>
  side === "query" ? [why.query, why.query_words, why.query_totals] : [why.text, why.text_words, why.text_totals];

// the text from one code point to another as nodes: spans around words, plain text between them
export function colourWords(why, side, first = 0, last = Infinity) {
  const [text, spans, totals] = sideOf(why, side);
  const points = Array.from(text); // code points, as the service counts
  const most = Math.max(1e-12, ...totals.map(([dense, exact]) => Math.max(Math.abs(dense), exact)));
  const nodes = [];
  let end = first;
  spans.forEach(([low, high], number) => {
    if (low < first || high > last) return;
    if (low > end) nodes.push(points.slice(end, low).join(""));
    const [dense, exact] = totals[number];
    const strength = (x) => Number((Math.abs(x) / most < LEAST ? 0 : Math.sqrt(Math.abs(x) / most)).toFixed(3));
    const against = dense + exact < 0 && strength(dense + exact) > 0;
    const props = { class: against ? "w minus" : "w", "data-side": side, "data-word": number };
    // found by its letters: these are coloured, and not the word
    const whole = !why.meetings.length;
    props["--d"] = whole && dense > 0 ? strength(dense) : 0;
    props["--e"] = whole && exact > 0 ? strength(exact) : 0;
    const letters = whole || !strength(exact) ? null : partnered(why, side, number);
    nodes.push(el("span", props, ...(letters ?? [points.slice(low, high).join("")])));
    end = high;
  });
  if (end < Math.min(last, points.length)) nodes.push(points.slice(end, last).join(""));
  return nodes;
}

// how an exact match is one, where it is not simply the same word
const ALIKE = { accents: "but for accents", part: "part of a word", cognate: "cognates" };

const word = (points, span) => points.slice(span[0], span[1]).join("");

// what stands under an opened result
export function panel(hit, item, id) {
  const why = hit.why;
  const box = el("div", { class: "why", id });
  if (why.note) box.append(el("p", { class: "sum" }, `${why.note[0].toUpperCase()}${why.note.slice(1)}.`));
  if (!why.pairs.length) return box;
  const asked = el("p", { class: "asked", dir: "auto" });
  asked.append(...colourWords(why, "query"));
  box.append(el("h3", {}, "Your query, by what each word adds"), asked, el("h3", {}, "The strongest pairs of words"), table(hit, item));
  const letters = learned(why);
  if (letters) box.append(letters);
  for (const span of [...item.querySelectorAll(".w"), ...asked.children]) {
    const coloured = span.style.getPropertyValue("--d") > 0 || span.style.getPropertyValue("--e") > 0;
    if (coloured || span.querySelector(".letters")) span.tabIndex = 0;
  }
  return box;
}

function table(hit, item) {
  const why = hit.why;
  const ours = Array.from(why.query);
  const theirs = Array.from(why.text);
  const pairs = once(why, ours, theirs);
  const shown = pairs.slice(0, ROWS);
  // one that speaks against the match, where there is any
  const against = pairs.filter((pair) => total(pair) < 0).slice(0, shown.some((pair) => total(pair) < 0) ? 0 : 1);
  const listed = [...shown, ...against];
  const most = Math.max(1e-12, ...listed.map((pair) => Math.abs(total(pair))));
  const sum = (at) => pairs.reduce((all, pair) => all + (listed.includes(pair) ? 0 : pair[at]), 0);
  const rest = [sum(2) + why.rest_dense, sum(3) + why.rest_exact];
  const row = (first, second, dense, exact, bars, match = "") =>
    el("tr", {}, el("td", {}, first), el("td", {}, second, match ? el("small", {}, ` ${match}`) : null), number(dense), number(exact), el("td", {}, amount(dense, exact, most, bars)));
  const body = listed.map((pair) => {
    const [left, right] = [pair[0], pair[1]].map((numbers) => [...numbers]);
    const times = pair.places > 1 ? el("small", { class: "soft", title: `in ${pair.places} places` }, ` ×${pair.places}`) : null;
    const both = [word(ours, why.query_words[left[0]]), word(theirs, why.text_words[right[0]])];
    const [one, other] = (hit.across ? beside(...both) : both.map((text) => [text])).map((nodes) => el("bdi", {}, ...nodes));
    const made = row(one, el("span", {}, other, times), pair[2], pair[3], true, ALIKE[pair.match]);
    made.addEventListener("mouseenter", () => link(item, [left, right], made));
    made.addEventListener("mouseleave", () => unlink());
    made.addEventListener("click", () => link(item, [left, right], made));
    return made;
  });
  const others = why.query_words.length * why.text_words.length - listed.reduce((all, pair) => all + pair.places, 0);
  const of = (at) => why.query_totals.reduce((all, word) => all + word[at], 0);
  const foot = [];
  if (others > 0) foot.push(row(`${others.toLocaleString("en")} other pairs`, "", ...rest, false));
  foot.push(row("text around the passage", "", why.around_dense, why.around_exact, false));
  foot.push(row("score", "", of(0) + why.around_dense, of(1) + why.around_exact, false));
  return el(
    "table",
    { class: hit.across ? "pairs across" : "pairs" },
    el("thead", {}, el("tr", {}, ...["query", "passage", "meaning", "words", hit.across ? "letters" : "together"].map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, ...body),
    el("tfoot", {}, ...foot),
  );
}

// pairs of the same two words once, however often these stand there: [places in the query, in the text, dense, exact]
function once(why, ours, theirs) {
  const sums = new Map();
  for (const [left, right, dense, exact, match] of why.pairs) {
    const name = JSON.stringify([word(ours, why.query_words[left]).toLowerCase(), word(theirs, why.text_words[right]).toLowerCase(), match]);
    const own = sums.get(name) ?? Object.assign([new Set(), new Set(), 0, 0], { places: 0, match });
    own[0].add(left);
    own[1].add(right);
    own[2] += dense;
    own[3] += exact;
    own.places += 1;
    sums.set(name, own);
  }
  return [...sums.values()].sort((one, other) => Math.abs(total(other)) - Math.abs(total(one)));
}

const number = (x) => el("td", { class: x < 0 ? "negative" : "" }, Math.abs(x) < 5e-5 ? "·" : fixed(x, 4));

function amount(dense, exact, most, bars) {
  const share = (x) => Math.max(0, x) / most;
  const sum = dense + exact;
  return el(
    "span",
    { class: "amount" },
    bars ? el("span", { class: "split", "aria-hidden": "true" }, el("i", { class: "dense", "--share": share(dense) }), el("i", { class: "exact", "--share": share(exact) })) : null,
    el("b", { class: sum < 0 ? "negative" : "" }, fixed(sum, 4)),
  );
}

function unlink() {
  for (const marked of document.querySelectorAll(".w.on, .w.partner, tr.on")) marked.classList.remove("on", "partner");
}

function link(item, [ours, theirs], row) {
  unlink();
  row?.classList.add("on");
  for (const [side, numbers] of [["query", ours], ["text", theirs]])
    for (const n of numbers) item.querySelector(`.w[data-side=${side}][data-word="${n}"]`)?.classList.add("partner");
}

export function closeTip() {
  $("tip").hidden = true;
  unlink();
}

// a word and its partners: by pointer, by focus, by tap
function showTip(span) {
  const item = span.closest(".hit");
  const why = hitOf(item)?.why;
  if (!why) return;
  const side = span.dataset.side;
  const mine = side === "query" ? 0 : 1;
  const own = Number(span.dataset.word);
  const [ours, theirs] = [why.query, why.text].map((text) => Array.from(text));
  const pairs = once({ ...why, pairs: why.pairs.filter((pair) => pair[mine] === own) }, ours, theirs).filter((pair) => Math.abs(total(pair)) > 5e-5);
  if (!pairs.length) {
    closeTip();
    return;
  }
  const top = pairs.slice(0, 6);
  const partners = top.filter((pair) => total(pair) > 0.2 * total(top[0])).flatMap((pair) => [...pair[1 - mine]]);
  link(item, mine ? [partners, []] : [[], partners]);
  span.classList.add("on");
  const [text, spans] = sideOf(why, mine ? "query" : "text");
  const other = Array.from(text);
  const head = el("tr", {}, el("th", {}, mine ? "with the query’s" : "with the passage’s"), el("th", {}, "meaning"), el("th", {}, why.meetings.length ? "letters" : "words"));
  const rows = top.map((pair) => el("tr", {}, el("td", {}, el("bdi", {}, word(other, spans[[...pair[1 - mine]][0]]))), number(pair[2]), number(pair[3])));
  $("tip").replaceChildren(el("p", {}, el("bdi", {}, span.textContent)), el("table", {}, head, ...rows));
  place(span);
}

function place(span) {
  const tip = $("tip");
  tip.hidden = false;
  const at = span.getBoundingClientRect();
  const size = tip.getBoundingClientRect();
  const wide = document.documentElement.clientWidth;
  const below = at.bottom + size.height + 12 < innerHeight || at.top < size.height + 12;
  tip.style.left = `${scrollX + Math.max(8, Math.min(at.left, wide - size.width - 8))}px`;
  tip.style.top = `${scrollY + (below ? at.bottom + 8 : at.top - size.height - 8)}px`;
}

let hitOf = () => null;
export function listen(find) {
  hitOf = find;
  const on = (event) => {
    const span = event.target.closest?.(".w");
    if (span) showTip(span);
    else if (event.type !== "focusin") closeTip();
  };
  for (const name of ["mouseover", "focusin", "click"]) $("results").addEventListener(name, on);
  $("results").addEventListener("mouseleave", closeTip);
  $("results").addEventListener("focusout", (event) => event.target.matches(".w") && closeTip());
}
