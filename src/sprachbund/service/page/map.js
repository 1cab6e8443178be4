// The map of the vectors: drawn on a canvas, moved by pointer, fingers and keys.

import { Refused, get } from "./api.js";
import { go, languageName, languages } from "./app.js";
import { colour, dark, shape } from "./colours.js";
import { $, el } from "./dom.js";
import { state } from "./state.js";

const canvas = $("map");
const pen = canvas.getContext("2d");
const NEAR = 12; // pixels to a point that counts as under the pointer
const MOST = 200; // times
let points = null;
let asked = false;
let hits = [];
let view = { x: 0, y: 0, zoom: 1 };
let under = -1;
let waiting = 0;

export async function open() {
  draw();
  if (asked) return;
  asked = true;
  try {
    points = await get("/map");
    points.numbers = points.languages.map((code) => languages.get(code)?.number ?? 7);
    draw();
  } catch (error) {
    asked = false;
    const none = error instanceof Refused && error.status === 404;
    $("map-frame").hidden = none;
    const text = none ? "This index was built without a map." : error.message;
    $("map-status").replaceChildren(el("span", { class: "error" }, text));
  }
}

export function highlight(found) {
  hits = found.filter((hit) => hit.place);
  draw();
}

// one drawing a frame, however many events ask for it
export function draw() {
  if (!waiting) waiting = requestAnimationFrame(() => ((waiting = 0), paint()));
}

const size = () => [canvas.clientWidth, canvas.clientHeight];
const unit = () => (Math.min(...size()) / 2.12) * view.zoom;
const across = (x) => size()[0] / 2 + (x - view.x) * unit();
const down = (y) => size()[1] / 2 - (y - view.y) * unit();

function paint() {
  const [wide, high] = size();
  if (!wide || state.view !== "map") return;
  const ratio = devicePixelRatio || 1;
  if (canvas.width !== Math.round(wide * ratio) || canvas.height !== Math.round(high * ratio)) {
    canvas.width = Math.round(wide * ratio);
    canvas.height = Math.round(high * ratio);
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, wide, high);
  if (!points) return;
  const dim = hits.length > 0;
  const scale = unit();
  const left = wide / 2 - view.x * scale;
  const top = high / 2 + view.y * scale;
  const grown = Math.min(2.2, Math.sqrt(view.zoom));
  const words = $("map-words").checked;
  const passages = points.kind.reduce((sum, kind) => sum + (kind === 0), 0);
  const base = passages > 8000 ? 1.5 : passages > 2000 ? 2.1 : 3;
  points.languages.forEach((code, own) => {
    if (!on(code)) return;
    for (const kind of words ? [1, 0] : [0]) {
      const radius = (kind ? base * 0.45 : base) * grown;
      pen.globalAlpha = (kind ? 0.45 : 0.85) * (dim ? 0.42 : 1);
      pen.fillStyle = colour(points.numbers[own]);
      pen.beginPath();
      for (let n = 0; n < points.x.length; n++) {
        if (points.language[n] !== own || points.kind[n] !== kind) continue;
        const x = left + points.x[n] * scale;
        const y = top - points.y[n] * scale;
        if (x > -9 && y > -9 && x < wide + 9 && y < high + 9) trace(x, y, radius, shape(points.numbers[own]));
      }
      pen.fill();
    }
  });
  pen.globalAlpha = 1;
  const taken = [];
  labelHits(taken, wide, high);
  if (words) labelWords(taken, wide, high, dim);
}

function trace(x, y, r, form) {
  if (form === 0) {
    pen.moveTo(x + r, y);
    pen.arc(x, y, r, 0, 7);
  } else if (form === 1) pen.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
  else if (form === 2) polygon([x, y - r * 1.2], [x + r * 1.1, y + r * 0.9], [x - r * 1.1, y + r * 0.9]);
  else polygon([x, y - r * 1.3], [x + r * 1.3, y], [x, y + r * 1.3], [x - r * 1.3, y]);
}

function polygon(...corners) {
  corners.forEach(([x, y], n) => (n ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath();
}

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function labelHits(taken, wide, high) {
  // the first is drawn last, so that it lies on top
  for (const hit of [...hits].reverse()) {
    if (!on(hit.language)) continue;
    const [x, y] = [across(hit.place[0]), down(hit.place[1])];
    pen.beginPath();
    pen.arc(x, y, 9, 0, 7);
    pen.fillStyle = colour(languages.get(hit.language)?.number ?? 7);
    pen.fill();
    pen.lineWidth = 2;
    pen.strokeStyle = css("--raised");
    pen.stroke();
    pen.fillStyle = dark() ? "#10161c" : "#ffffff";
    pen.font = "700 11px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(hit.rank, x, y + 0.5);
    taken.push([x - 11, y - 11, x + 11, y + 11]);
  }
  for (const hit of hits)
    if (on(hit.language)) label(hit.title || hit.document, across(hit.place[0]), down(hit.place[1]), 13, "600 13px", taken, wide, high);
}

function labelWords(taken, wide, high, dim) {
  if (view.zoom < 2.4) return;
  let room = 120;
  pen.globalAlpha = dim ? 0.6 : 0.9;
  for (let n = 0; n < points.x.length && room; n++) {
    if (points.kind[n] !== 1 || !on(points.languages[points.language[n]])) continue;
    const [x, y] = [across(points.x[n]), down(points.y[n])];
    if (x < 0 || y < 0 || x > wide || y > high) continue;
    if (label(points.label[n], x, y, 5, "12px", taken, wide, high)) room--;
  }
  pen.globalAlpha = 1;
}

// text beside a point where nothing stands yet; whether there was room
function label(text, x, y, gap, font, taken, wide, high) {
  const shown = text.length > 34 ? `${text.slice(0, 33)}…` : text;
  pen.font = `${font} system-ui, sans-serif`;
  const length = pen.measureText(shown).width;
  const start = x + gap + length > wide ? x - gap - length : x + gap;
  const box = [start - 2, y - 9, start + length + 2, y + 9];
  if (x < 0 || y < 0 || x > wide || y > high || taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) return false;
  taken.push(box);
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  pen.lineWidth = 3.5;
  pen.lineJoin = "round";
  pen.strokeStyle = css("--raised");
  pen.strokeText(shown, start, y);
  pen.fillStyle = css("--text");
  pen.fillText(shown, start, y);
  return true;
}

const on = (code) => !state.languages.length || state.languages.includes(code);

// moving
function zoom(by, x = size()[0] / 2, y = size()[1] / 2) {
  const [wide, high] = size();
  const next = Math.min(MOST, Math.max(0.6, view.zoom * by));
  const held = [view.x + (x - wide / 2) / unit(), view.y - (y - high / 2) / unit()];
  view.zoom = next;
  view.x = held[0] - (x - wide / 2) / unit();
  view.y = held[1] + (y - high / 2) / unit();
  draw();
}

function pan(x, y) {
  view.x -= x / unit();
  view.y += y / unit();
  draw();
}

function find(x, y) {
  if (!points) return -1;
  let best = -1;
  let least = NEAR * NEAR;
  const words = $("map-words").checked;
  const own = points.languages.map(on);
  const scale = unit();
  const left = size()[0] / 2 - view.x * scale;
  const top = size()[1] / 2 + view.y * scale;
  for (let n = 0; n < points.x.length; n++) {
    if (!own[points.language[n]] || (points.kind[n] && !words)) continue;
    const far = (left + points.x[n] * scale - x) ** 2 + (top - points.y[n] * scale - y) ** 2;
    if (far < least) [best, least] = [n, far];
  }
  return best;
}

function hover(x, y) {
  under = find(x, y);
  canvas.classList.toggle("point", under >= 0);
  const note = $("map-label");
  note.hidden = under < 0;
  if (under < 0) return;
  const code = points.languages[points.language[under]];
  note.replaceChildren(el("bdi", {}, points.label[under]), el("span", { class: "soft" }, ` · ${languageName(code)}`));
  const [wide, high] = size();
  note.style.left = `${Math.max(4, Math.min(x + 14, wide - note.offsetWidth - 6))}px`;
  note.style.top = `${y + 18 + note.offsetHeight > high ? y - note.offsetHeight - 10 : y + 18}px`;
}

function choose(n) {
  $("map-label").hidden = true;
  if (points.kind[n] === 1) go({ view: "neighbours", ngram: points.label[n] });
  else go({ view: "search", q: points.label[n].replace(/…$/, "") });
}

const fingers = new Map();
let travelled = 0;
const at = (event) => [event.offsetX, event.offsetY];
canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, at(event));
  if (fingers.size === 1) travelled = 0;
});
canvas.addEventListener("pointermove", (event) => {
  const before = fingers.get(event.pointerId);
  const now = at(event);
  if (!before) return hover(...now);
  const step = [now[0] - before[0], now[1] - before[1]];
  travelled += Math.hypot(...step);
  if (travelled > 4) canvas.classList.add("drag");
  if (fingers.size === 2) {
    const other = [...fingers].find(([id]) => id !== event.pointerId)[1];
    const apart = (point) => Math.max(8, Math.hypot(point[0] - other[0], point[1] - other[1]));
    pan(step[0] / 2, step[1] / 2);
    zoom(apart(now) / apart(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
  } else pan(...step);
  fingers.set(event.pointerId, now);
  $("map-label").hidden = true;
});
for (const name of ["pointerup", "pointercancel"])
  canvas.addEventListener(name, (event) => {
    const alone = fingers.size === 1;
    fingers.delete(event.pointerId);
    canvas.classList.remove("drag");
    if (name === "pointercancel" || !alone || travelled > 4) return;
    const hit = find(...at(event));
    // a finger first shows what it touched, and opens it with a second tap
    if (event.pointerType === "touch" && hit !== under) hover(...at(event));
    else if (hit >= 0) choose(hit);
  });
canvas.addEventListener("pointerleave", () => !fingers.size && ($("map-label").hidden = true));
canvas.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0018)), ...at(event));
  },
  { passive: false },
);
const all = () => {
  view = { x: 0, y: 0, zoom: 1 };
  draw();
};
const keys = {
  ArrowLeft: () => pan(60, 0),
  ArrowRight: () => pan(-60, 0),
  ArrowUp: () => pan(0, 60),
  ArrowDown: () => pan(0, -60),
  "+": () => zoom(1.4),
  "=": () => zoom(1.4),
  "-": () => zoom(1 / 1.4),
  0: all,
};
canvas.addEventListener("keydown", (event) => {
  if (!keys[event.key] || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  keys[event.key]();
});
$("map-in").addEventListener("click", () => zoom(1.6));
$("map-out").addEventListener("click", () => zoom(1 / 1.6));
$("map-all").addEventListener("click", all);
$("map-words").addEventListener("change", draw);
new ResizeObserver(draw).observe($("map-frame"));
