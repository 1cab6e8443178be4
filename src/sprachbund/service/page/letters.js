// Words of the query and of a passage in a neighbour, letter by letter: which are the same, and which stand for each
// other. Which words met is the service's to say; here they are only laid side by side.

import { el } from "./dom.js";

const SHOWN = 8;
const RUN = 4; // letters of a run that is shown; shorter ones are without vowels, which nobody reads
const [OURS, THEIRS, LEARNED, SCORE] = [4, 5, 6, 7];
const bare = (letter) => letter.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

// for each letter of two words whether it has the same partner: the longest common subsequence
function aligned(one, other) {
  const [a, b] = [one, other].map((word) => word.map(bare));
  const sizes = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1) sizes[i][j] = a[i] === b[j] ? sizes[i + 1][j + 1] + 1 : Math.max(sizes[i + 1][j], sizes[i][j + 1]);
  const kinds = [a.map(() => "learned"), b.map(() => "learned")];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) [kinds[0][i++], kinds[1][j++]] = ["same", "same"];
    else if (sizes[i + 1][j] >= sizes[i][j + 1]) i += 1;
    else j += 1;
  }
  return kinds;
}

// two words as nodes, their letters coloured
export function beside(one, other) {
  const words = [Array.from(one), Array.from(other)];
  return aligned(...words).map((kinds, side) => runs(words[side], kinds));
}

// letters as nodes: those of one kind are one
function runs(letters, kinds) {
  const nodes = [];
  for (let low = 0, high; low < letters.length; low = high) {
    high = low + 1;
    while (high < letters.length && kinds[high] === kinds[low]) high += 1;
    nodes.push(el("span", { class: `letters ${kinds[low]}` }, letters.slice(low, high).join("")));
  }
  return nodes;
}

// a word of a side beside the word that it adds most with; null where there is none
export function partnered(why, side, number) {
  const mine = side === "query" ? 0 : 1;
  const best = why.pairs.filter((pair) => pair[mine] === number).sort((one, other) => other[3] - one[3])[0];
  return best ? beside(...texts(why, best))[mine] : null;
}

const cut = (text, [low, high]) => Array.from(text).slice(low, high).join("");
const texts = (why, pair) => [cut(why.query, why.query_words[pair[0]]), cut(why.text, why.text_words[pair[1]])];

// the strongest correspondences between words that differ, each once: "ción → ção, 78 of 100"
export function learned(why) {
  const owner = (words, place) => words.findIndex(([low, high]) => low <= place && place < high);
  const once = new Map();
  for (const meeting of why.meetings) {
    if (!meeting[LEARNED] || meeting[OURS] === meeting[THEIRS] || meeting[OURS].length !== RUN) continue;
    const pair = [owner(why.query_words, meeting[0]), owner(why.text_words, meeting[2])];
    if (pair.includes(-1)) continue;
    const [one, other] = texts(why, pair).map((word) => Array.from(word).map(bare).join(""));
    if (one === other) continue;
    const name = `${meeting[OURS]}>${meeting[THEIRS]}`;
    const own = once.get(name) ?? { ours: meeting[OURS], theirs: meeting[THEIRS], share: meeting[LEARNED], score: 0 };
    own.score += meeting[SCORE];
    once.set(name, own);
  }
  const edge = (letters) => letters.replace(/^ | $/g, "·");
  const rows = [...once.values()].sort((one, other) => other.score - one.score).slice(0, SHOWN);
  if (!rows.length) return null;
  const item = (row) => el("li", {}, el("b", {}, edge(row.ours)), " → ", el("b", {}, edge(row.theirs)), el("small", {}, ` ${Math.round(100 * row.share)} of 100`));
  return el("div", { class: "learned-list" }, el("h3", {}, "Letters that stand for each other, learned from the words of both languages; · is a word’s edge"), el("ul", {}, ...rows.map(item)));
}
