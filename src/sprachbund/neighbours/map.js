'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const languages = data.languages, count = languages.length;
const place = id => document.getElementById(id);
const SVG = 'http://www.w3.org/2000/svg';
const LEVELS = 9;
let view = data.views[0], chosen = 0, cursor = null;

const make = (tag, attributes = {}, text = null) => {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== null) made.textContent = text;
  return made;
};
const html = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};
const canvas = (id, width, height, label, keys) => {
  const svg = make('svg', {viewBox: `0 0 ${width} ${height}`, role: keys ? 'application' : 'img', 'aria-label': label});
  if (keys) svg.setAttribute('tabindex', '0');
  svg.style.maxWidth = `${width * 1.4}px`;
  place(id).replaceChildren(svg);
  return svg;
};
const number = value => value === null || value === undefined ? '–'
  : Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
const value = (one, other) => one === other ? null : view.values[one][other];
const sign = () => view.nearer === 'higher' ? 1 : -1;
const order = () => [...view.leaves, ...view.without];

// cells have the colour of their place among all pairs: what is rare is seen, whatever the scale
let sorted = [];
const rank = number => {
  let low = 0, high = sorted.length;
  while (low < high) { const middle = (low + high) >> 1; if (sorted[middle] < number) low = middle + 1; else high = middle; }
  return sorted.length > 1 ? low / (sorted.length - 1) : 1;
};
const shade = share => `color-mix(in oklab, var(--better) ${Math.round(4 + 92 * Math.round(share * LEVELS) / LEVELS)}%, var(--ground))`;
const colour = number => shade(rank(number * sign()));

function heat() {
  const list = order(), edge = Math.max(6, Math.min(20, 640 / list.length)), margin = 40;
  const size = margin + edge * list.length, font = Math.min(12, edge * 0.95);
  const svg = canvas('heat', size, size, 'Heat map of all pairs; arrow keys move, Enter chooses the row', true);
  const gap = make('pattern', {id: 'gap', width: 4, height: 4, patternUnits: 'userSpaceOnUse'});
  gap.append(make('path', {d: 'M0 4L4 0', class: 'gap'}));
  svg.append(gap);
  list.forEach((one, row) => {
    const y = margin + row * edge;
    svg.append(make('text', {x: margin - 4, y: y + edge * 0.78, 'text-anchor': 'end', 'font-size': font, class: one === chosen ? 'chosen' : ''}, languages[one].code));
    svg.append(make('text', {transform: `translate(${margin + row * edge + edge * 0.78} ${margin - 4}) rotate(-90)`, 'font-size': font, class: one === chosen ? 'chosen' : ''}, languages[one].code));
    list.forEach((other, column) => {
      const found = value(one, other);
      const cell = make('rect', {x: margin + column * edge, y, width: edge - 0.5, height: edge - 0.5});
      if (one === other) cell.setAttribute('class', 'self');
      else if (found === null) cell.setAttribute('class', 'missing');
      else cell.style.fill = colour(found);
      svg.append(cell);
    });
  });
  const row = list.indexOf(chosen);
  svg.append(make('rect', {x: margin - 1, y: margin + row * edge - 1, width: edge * list.length + 1.5, height: edge + 1.5, class: 'row'}));
  const frame = make('rect', {width: edge, height: edge, class: 'frame', visibility: 'hidden'});
  svg.append(frame);
  const move = (one, other) => {
    cursor = [Math.max(0, Math.min(list.length - 1, one)), Math.max(0, Math.min(list.length - 1, other))];
    frame.setAttribute('x', margin + cursor[1] * edge - 0.25);
    frame.setAttribute('y', margin + cursor[0] * edge - 0.25);
    frame.setAttribute('visibility', 'visible');
    say(list[cursor[0]], list[cursor[1]]);
  };
  const at = event => {
    const box = svg.getBoundingClientRect(), scale = size / box.width;
    return [Math.floor(((event.clientY - box.top) * scale - margin) / edge), Math.floor(((event.clientX - box.left) * scale - margin) / edge)];
  };
  const inside = cell => cell.every(each => each >= 0 && each < list.length);
  svg.addEventListener('pointermove', event => { const cell = at(event); if (event.pointerType === 'mouse' && inside(cell)) move(...cell); });
  svg.addEventListener('click', event => { const cell = at(event); if (inside(cell)) { move(...cell); if (event.detail > 1) choose(list[cell[0]]); } });
  svg.addEventListener('keydown', event => {
    const steps = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}, step = steps[event.key];
    const [one, other] = cursor || [row, row];
    if (step) { event.preventDefault(); move(one + step[0], other + step[1]); }
    if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); choose(list[one]); place('heat').firstChild.focus(); }
  });
}

function say(one, other) {
  const pair = `${languages[one].name} – ${languages[other].name}`;
  if (one === other) { place('readout').textContent = `${languages[one].name} itself`; return; }
  const found = value(one, other);
  if (found === null) { place('readout').textContent = `${pair}: no value`; return; }
  const [low, high, coverage, floor] = view.more && view.more[one][other] || [];
  const nearer = languages.filter((_, each) => value(one, each) !== null && value(one, each) * sign() > found * sign()).length;
  let text = `${pair}: ${number(found)}${view.unit ? ` ${view.unit}` : ''}`;
  if (low !== null && low !== undefined) text += ` [${number(low)}, ${number(high)}]`;
  text += `; ${languages[other].name} is number ${nearer + 1} for ${languages[one].name}`;
  if (coverage !== null && coverage !== undefined && coverage < 0.995) text += `; on ${Math.round(coverage * 100)}% of what the measure asks for`;
  if (floor !== null && floor !== undefined) text += `; unrelated languages reach ${number(floor)}`;
  place('readout').textContent = text;
}

function legend() {
  const scale = html('span', {class: 'scale'});
  for (let level = 0; level <= LEVELS; level++) { const step = html('i'); step.style.background = shade(level / LEVELS); scale.append(step); }
  const ends = sorted.length ? [sorted[0] * sign(), sorted[sorted.length - 1] * sign()] : [null, null];
  place('legend').replaceChildren(`far ${number(ends[0])}`, scale, `near ${number(ends[1])}; by place among all pairs; hatched: no value`);
}

function tree() {
  const leaves = view.leaves, row = 17, width = 520, right = 130, left = 8;
  if (!leaves.length) { place('tree').replaceChildren(html('p', {}, 'Too few pairs have a value for a tree.')); return; }
  const svg = canvas('tree', width, leaves.length * row + 26, `Tree of ${leaves.length} languages by ${view.title}`);
  const most = Math.max(...view.merges.map(merge => merge[2])) || 1;
  const x = height => width - right - (width - right - left) * height / most;
  const nodes = leaves.map((_, leaf) => ({y: leaf * row + row / 2 + 4, height: 0}));
  for (const [one, other, height] of view.merges) {
    const a = nodes[one], b = nodes[other];
    svg.append(make('path', {d: `M${x(a.height)} ${a.y}H${x(height)}V${b.y}H${x(b.height)}`, class: 'line'}));
    nodes.push({y: (a.y + b.y) / 2, height});
  }
  leaves.forEach((one, leaf) => {
    const label = make('g', {class: 'pick'});
    label.append(make('text', {x: width - right + 6, y: nodes[leaf].y + 4, 'font-size': 12, class: one === chosen ? 'chosen' : ''}, languages[one].name));
    pick(label, one);
    svg.append(label);
  });
  const bottom = leaves.length * row + 20;
  svg.append(make('text', {x: width - right, y: bottom, 'font-size': 11, 'text-anchor': 'end', class: 'soft'}, 'joined near'));
  svg.append(make('text', {x: left, y: bottom, 'font-size': 11, class: 'soft'}, `joined at ${number(most)}`));
}

const nearest = one => languages.map((_, other) => other).filter(other => value(one, other) !== null)
  .sort((a, b) => (value(one, b) - value(one, a)) * sign() || a - b);

// the chosen language, its five nearest, and a third of all, those that are spoken next to it
function around(known, close) {
  const [latitude, longitude] = languages[chosen].place, squeeze = Math.cos(latitude * Math.PI / 180);
  const away = one => Math.hypot(languages[one].place[0] - latitude, (languages[one].place[1] - longitude) * squeeze);
  const beside = [...known].sort((a, b) => away(a) - away(b)).slice(0, Math.max(6, Math.ceil(known.length / 3)));
  return [...new Set([chosen, ...close.filter(one => languages[one].place), ...beside])];
}

function map() {
  const known = languages.map((each, one) => one).filter(one => languages[one].place);
  if (known.length < 2) { place('map').replaceChildren(html('p', {}, 'No places: they come with the extra neighbours (URIEL).')); return; }
  const close = nearest(chosen).slice(0, 5), here = languages[chosen].place;
  const shown = place('near').checked && here ? around(known, close) : known;
  const latitudes = shown.map(one => languages[one].place[0]), longitudes = shown.map(one => languages[one].place[1]);
  const bounds = (numbers, room) => [Math.min(...numbers) - room, Math.max(...numbers) + room];
  const [south, north] = bounds(latitudes, 4), [west, east] = bounds(longitudes, 6);
  // equal lengths along the middle parallel
  const squeeze = Math.cos((south + north) / 2 * Math.PI / 180), width = 640;
  const scale = width / ((east - west) * squeeze), height = Math.max(260, Math.min(900, (north - south) * scale));
  const x = longitude => (longitude - west) * squeeze * scale, y = latitude => height - (latitude - south) * height / (north - south);
  const svg = canvas('map', width, height, `Map of ${known.length} languages`);
  const inside = ([latitude, longitude]) => latitude >= south && latitude <= north && longitude >= west && longitude <= east;
  const step = [1, 2, 5, 10, 20, 30].find(each => (east - west) / each < 9) || 30;
  for (let line = Math.ceil(west / step) * step; line <= east; line += step) {
    svg.append(make('path', {d: `M${x(line)} 0V${height}`, class: 'net'}));
    svg.append(make('text', {x: x(line) + 2, y: height - 3, 'font-size': 10, class: 'soft'}, `${Math.abs(line)}°${line < 0 ? 'W' : 'E'}`));
  }
  for (let line = Math.ceil(south / step) * step; line <= north; line += step) {
    svg.append(make('path', {d: `M0 ${y(line)}H${width}`, class: 'net'}));
    svg.append(make('text', {x: 2, y: y(line) - 2, 'font-size': 10, class: 'soft'}, `${Math.abs(line)}°${line < 0 ? 'S' : 'N'}`));
  }
  if (here) close.forEach((other, place) => {
    const there = languages[other].place;
    if (there) svg.append(make('path', {d: `M${x(here[1])} ${y(here[0])}L${x(there[1])} ${y(there[0])}`, class: 'to', 'stroke-opacity': 1 - place * 0.15}));
  });
  // labels that would lie on one another move down until they do not; points stay
  const taken = [];
  const first = known.filter(one => inside(languages[one].place)).sort((a, b) => (b === chosen) - (a === chosen) || close.includes(b) - close.includes(a));
  for (const one of first) {
    const [latitude, longitude] = languages[one].place, group = make('g', {class: 'pick'});
    const marked = one === chosen ? 'here' : close.includes(one) ? 'near' : '';
    const px = x(longitude), py = y(latitude), name = marked ? languages[one].name : languages[one].code;
    const span = 6 + name.length * 6.4, side = px + span + 8 > width ? -1 : 1;
    group.append(make('circle', {cx: px, cy: py, r: marked ? 5 : 4, class: `point ${marked}`}));
    let ty = py + 4;
    const box = () => [side > 0 ? px + 6 : px - span, ty - 9, span, 11];
    const free = () => { const [a, b, c, d] = box(); return !taken.some(([e, f, g, h]) => a < e + g && e < a + c && b < f + h && f < b + d); };
    for (let tries = 0; tries < 6 && !free(); tries++) ty += tries % 2 ? -(tries + 1) * 11 : (tries + 1) * 11;
    if (free() || marked) {
      taken.push(box());
      group.append(make('text', {x: px + side * 7, y: ty, 'font-size': 11, 'text-anchor': side > 0 ? 'start' : 'end', class: `halo ${one === chosen ? 'chosen' : ''}`}, name));
    }
    group.append(make('title', {}, languages[one].name));
    pick(group, one);
    svg.append(group);
  }
}

function list() {
  const rows = nearest(chosen).map((other, rank) => {
    const [low, high, coverage, floor] = view.more && view.more[chosen][other] || [];
    const button = html('button', {type: 'button'}, languages[other].name);
    button.addEventListener('click', () => choose(other));
    return html('tr', {}, html('td', {class: 'number'}, `${rank + 1}`), html('th', {scope: 'row'}, button),
      html('td', {class: 'number'}, number(value(chosen, other))),
      html('td', {}, low === null || low === undefined ? '' : `${number(low)} to ${number(high)}`),
      html('td', {class: 'number'}, coverage === null || coverage === undefined ? '' : `${Math.round(coverage * 100)}%`),
      html('td', {class: 'number'}, floor === null || floor === undefined ? '' : number(floor)));
  });
  const wanted = [0, 1, 2, ...[3, 4, 5].filter(at => rows.some(row => row.children[at].textContent))];
  for (const row of rows) [...row.children].forEach((cell, at) => wanted.includes(at) || cell.remove());
  const heads = ['', 'language', view.name === 'fused' ? 'score' : view.unit || 'value', 'interval', 'coverage', 'unrelated'];
  const head = html('tr', {}, ...wanted.map(at => html('th', {scope: 'col', class: [2, 4, 5].includes(at) ? 'number' : ''}, heads[at])));
  const box = html('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'table, scrolls'},
    html('table', {}, html('thead', {}, head), html('tbody', {}, ...rows)));
  place('list').replaceChildren(rows.length ? box : html('p', {}, `No values of ${languages[chosen].name}.`));
  place('list-title').textContent = `Nearest to ${languages[chosen].name}`;
}

// by keyboard the same is chosen from the list above, without a stop at every name
function pick(element, one) { element.addEventListener('click', () => choose(one)); }

function choose(one) {
  chosen = one;
  cursor = null;
  place('language').value = one;
  draw();
  location.replace(`#${view.name}/${languages[chosen].code}`);
}

function draw() {
  sorted = [];
  for (let one = 0; one < count; one++) for (let other = 0; other < count; other++) {
    const found = value(one, other);
    if (found !== null) sorted.push(found * sign());
  }
  sorted.sort((a, b) => a - b);
  const ways = view.symmetric ? 'the same both ways' : 'directed: a row says how near others are for its language';
  place('about').textContent = `${view.title}${view.unit ? `, ${view.unit}` : ''}: ${view.nearer} is nearer; ${ways}` +
    `${view.source ? `; from ${view.source}` : ''}${view.without.length ? `; not in the tree, known too little: ${view.without.map(one => languages[one].code).join(', ')}` : ''}.`;
  place('readout').textContent = '';
  heat(); legend(); tree(); map(); list();
}

data.views.forEach((each, at) => place('measure').append(html('option', {value: at}, each.title)));
languages.forEach((each, at) => place('language').append(html('option', {value: at}, `${each.name} (${each.code})`)));
place('measure').addEventListener('change', event => { view = data.views[event.target.value]; cursor = null; choose(chosen); });
place('near').addEventListener('change', map);
place('language').addEventListener('change', event => choose(Number(event.target.value)));
const [measure, code] = location.hash.slice(1).split('/');
view = data.views.find(each => each.name === measure) || view;
chosen = Math.max(0, languages.findIndex(each => each.code === code));
place('measure').value = data.views.indexOf(view);
place('language').value = chosen;
draw();
