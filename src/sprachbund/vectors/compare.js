"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const SIDE = 900, EDGE = 30, NS = "http://www.w3.org/2000/svg";
const sides = ["left", "right"];
const input = document.getElementById("word"), near = document.getElementById("near");
let chosen = -1;

function drawn(tag, attributes, parent, text) {
  const made = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}
const x = point => EDGE + (point.x + 1) / 2 * (SIDE - 2 * EDGE);
const y = point => EDGE + (1 - point.y) / 2 * (SIDE - 2 * EDGE);

const svg = document.createElementNS(NS, "svg");
svg.setAttribute("viewBox", `0 0 ${SIDE} ${SIDE}`);
svg.setAttribute("role", "img");
svg.setAttribute("aria-label", `${data.points.length} words of ${data.names.join(" and ")} on a plane`);
document.getElementById("map").append(svg);

const taken = new Set();
function free(left, top, width) {
  // labels stand where no other label does: cells of 12 by 12
  const cells = [];
  for (let i = Math.floor(left / 12); i <= Math.floor((left + width) / 12); i++)
    for (let j = Math.floor(top / 12); j <= Math.floor((top + 14) / 12); j++) cells.push(i + ":" + j);
  if (left < 0 || left + width > SIDE || cells.some(cell => taken.has(cell))) return false;
  for (const cell of cells) taken.add(cell);
  return true;
}
function label(point, more) {
  const width = 7.2 * [...point.word].length + 4;
  // beside the point, then above and below it; the chosen word in any case
  for (const down of [0, -13, 13]) for (const before of [false, true]) {
    const at = before ? x(point) - 7 - width : x(point) + 7;
    if (!free(at, y(point) - 10 + down, width)) continue;
    drawn("text", {x: before ? x(point) - 7 : at, y: y(point) + 4 + down, "font-size": 13,
      "text-anchor": before ? "end" : "start", class: `halo ${more || ""}`}, svg, point.word);
    return;
  }
  if (more) drawn("text", {x: x(point) + 7, y: y(point) + 4, "font-size": 13, class: `halo ${more}`}, svg, point.word);
}
function mark(point, number, dim) {
  const shape = point.side ? drawn("rect", {x: x(point) - 3.5, y: y(point) - 3.5, width: 7, height: 7}, svg)
    : drawn("circle", {cx: x(point), cy: y(point), r: 4}, svg);
  shape.setAttribute("class", `pick ${sides[point.side]}${dim ? " dim" : ""}`);
  drawn("title", {}, shape, `${point.word} (${data.names[point.side]})`);
  shape.addEventListener("click", () => choose(number));
}
function draw() {
  svg.replaceChildren();
  taken.clear();
  const own = data.points[chosen];
  const linked = new Set(own ? own.near.flatMap(list => list.map(item => item[2])).filter(n => n >= 0) : []);
  data.points.forEach((point, n) => mark(point, n, own && n !== chosen && !linked.has(n)));
  if (!own) {
    // both languages in turn, so that neither takes all the room
    const parts = [0, 1].map(side => data.points.filter(point => point.side === side));
    for (let n = 0; n < Math.max(parts[0].length, parts[1].length); n++)
      for (const part of parts) if (part[n]) label(part[n]);
    return;
  }
  for (const [, , n] of own.near[1 - own.side]) if (n >= 0)
    drawn("line", {x1: x(own), y1: y(own), x2: x(data.points[n]), y2: y(data.points[n]), class: "to"}, svg);
  label(own, "chosen");
  linked.forEach(n => label(data.points[n]));
}
function cellOf(tag, text, kind) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}
function list(point) {
  near.replaceChildren();
  point.near.forEach((items, side) => {
    near.append(cellOf("h3", `nearest in ${data.names[side]}`));
    const table = document.createElement("table"), body = document.createElement("tbody");
    for (const [word, cosine] of items) {
      const row = document.createElement("tr"), head = cellOf("th", word);
      head.scope = "row";
      row.append(head, cellOf("td", cosine.toFixed(2), "number"));
      body.append(row);
    }
    table.append(body);
    near.append(table);
  });
}
function choose(number) {
  chosen = number === chosen ? -1 : number;
  if (chosen < 0) near.replaceChildren();
  else {
    input.value = data.points[chosen].word;
    list(data.points[chosen]);
  }
  draw();
}
input.addEventListener("input", () => {
  const wanted = input.value.trim().toLowerCase();
  const found = data.points.findIndex(point => point.word.toLowerCase() === wanted);
  if (found >= 0 ? found !== chosen : chosen >= 0 && !wanted) choose(found >= 0 ? found : chosen);
});
document.querySelector("form").addEventListener("submit", event => event.preventDefault());
for (const word of new Set(data.points.map(point => point.word))) {
  const option = document.createElement("option");
  option.value = word;
  document.getElementById("words").append(option);
}
draw();
if (data.first >= 0) choose(data.first);
