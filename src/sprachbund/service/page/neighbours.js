// The n-grams nearest to one, across languages; each leads on to its own.

import { Refused, get } from "./api.js";
import { dot, go, languageName, tag } from "./app.js";
import { $, count, el, fixed, plural } from "./dom.js";
import { state } from "./state.js";

const K = 30;
let asked = "";
let running = null;
const trail = [];

export async function update() {
  const box = $("ngram");
  if (box.value.trim() !== state.ngram) box.value = state.ngram;
  const wanted = JSON.stringify([state.ngram, state.languages]);
  if (wanted === asked) return;
  asked = wanted;
  running?.abort();
  if (!state.ngram) {
    $("near").replaceChildren();
    $("near-status").textContent = "Type a word, or a part of one, to see what has a vector like it in each language.";
    return;
  }
  const mine = (running = new AbortController());
  const query = new URLSearchParams({ ngram: state.ngram, k: K });
  for (const code of state.languages) query.append("language", code);
  try {
    show(await get(`/neighbours?${query}`, mine.signal));
  } catch (error) {
    if (error.name === "AbortError") return;
    asked = "";
    $("near").replaceChildren();
    const text = error instanceof Refused ? error.message : `Something went wrong in the page: ${error.message}`;
    $("near-status").replaceChildren(el("span", { class: "error" }, text));
  }
}

function show(answer) {
  const found = answer.neighbours;
  const known = trail.indexOf(answer.ngram);
  if (known >= 0) trail.length = known + 1;
  else trail.push(answer.ngram);
  if (trail.length > 8) trail.shift();
  $("trail").replaceChildren(...trail.map((text) => el("button", { type: "button", onclick: () => go({ ngram: text }) }, el("bdi", {}, text))));
  const languages = new Set(found.map((one) => one.language));
  $("near-status").textContent = found.length
    ? `${plural(found.length, "neighbour")} in ${plural(languages.size, "language")}, the nearest first`
    : "Nothing is known of this text: none of its parts stands in the index.";
  $("near").replaceChildren(...found.map(row));
}

function row(one) {
  return el(
    "li",
    {},
    el(
      "button",
      { type: "button", class: "near", onclick: () => go({ ngram: one.text }) },
      el("bdi", { class: "word", lang: tag(one.language) }, one.text),
      el("span", { class: "tag" }, dot(one.language), languageName(one.language)),
      el(
        "span",
        { class: "amount" },
        el("span", { class: "split", "aria-hidden": "true" }, el("i", { class: "dense", "--share": Math.max(0, one.score) })),
        el("b", {}, fixed(one.score, 2)),
        el("small", { title: plural(one.count, "passage") + " with it" }, plural(one.count, "passage")),
      ),
    ),
  );
}

let typing;
$("ngram").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => go({ ngram: $("ngram").value.trim() }, false), 300);
});
$("near-form").addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  go({ ngram: $("ngram").value.trim() });
});
