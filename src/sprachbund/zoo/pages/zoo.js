'use strict';
// the address of this zoo, for the commands: a folder where it was opened as a file
const place = new URL(document.body.dataset.home || '.', location.href);
const folder = place.href.replace(/[^/]*$/, '').replace(/\/$/, '');
const address = place.protocol === 'file:' ? decodeURIComponent(new URL(folder).pathname) : folder;
const quoted = /^[\w@%+=:,./~-]+$/.test(address) ? address : `'${address.replaceAll("'", "'\\''")}'`;
for (const each of document.querySelectorAll('[data-address]')) each.textContent = quoted;

const table = document.getElementById('models');
if (table) {
  const field = name => document.getElementById(name);
  const rows = [...table.tBodies[0].rows];
  const buttons = [...table.tHead.querySelectorAll('button')];
  const names = ['text', 'language', 'kind', 'size', 'newest'];
  let sorted = {column: -1, down: false};

  const plain = text => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const texts = new Map(rows.map(row => [row, plain(`${row.textContent} ${row.dataset.languages}`)]));
  const value = name => field(name).type === 'checkbox' ? (field(name).checked ? '1' : '') : field(name).value;

  function show() {
    const words = plain(value('text')).split(/\s+/).filter(Boolean);
    const language = value('language'), kind = value('kind'), size = Number(value('size')) || Infinity;
    let count = 0;
    for (const row of rows) {
      const fits = words.every(word => texts.get(row).includes(word))
        && (!language || row.dataset.languages.split(' ').includes(language))
        && (!kind || row.dataset.kind === kind) && Number(row.dataset.size) <= size
        && (!value('newest') || 'newest' in row.dataset);
      row.hidden = !fits;
      count += fits;
    }
    const all = rows.length;
    field('count').textContent = count === all ? `${all} ${all === 1 ? 'model' : 'models'}` : `${count} of ${all} models`;
    const told = field('language').selectedOptions[0]?.dataset.told || (count ? '' : 'No model fits.');
    field('told').textContent = told;
    field('told').hidden = !told;
    remember();
  }

  function key(row, column, type) {
    const cell = row.cells[column];
    if (type === 'text') return cell.textContent.trim();
    return 'sort' in cell.dataset ? Number(cell.dataset.sort) : -Infinity;
  }

  function sort(column, down) {
    const type = buttons[column].dataset.type, sign = down ? -1 : 1;
    const compare = type === 'text' ? (a, b) => a.localeCompare(b, 'en', {numeric: true}) : (a, b) => a - b;
    const keys = new Map(rows.map(row => [row, key(row, column, type)]));
    // scores are sorted within their measure: bits and shares have no order between them
    const group = row => row.cells[column].dataset.group || '';
    rows.sort((a, b) => group(a).localeCompare(group(b)) || sign * compare(keys.get(a), keys.get(b)));
    table.tBodies[0].append(...rows);
    buttons.forEach((button, number) => {
      const head = button.closest('th');
      if (number === column) head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    });
    sorted = {column, down};
    remember();
  }

  // what is shown stands in the address, so that it can be sent to somebody
  function remember() {
    const said = new URLSearchParams(names.filter(value).map(name => [name, value(name)]));
    if (sorted.column >= 0) said.set('sort', `${sorted.down ? '-' : ''}${sorted.column}`);
    const hash = said.toString();
    if (location.hash.slice(1) !== hash) location.replace(`#${hash}`);
  }

  function recall() {
    const said = new URLSearchParams(location.hash.slice(1));
    for (const name of names) {
      if (field(name).type === 'checkbox') field(name).checked = said.has(name);
      else field(name).value = said.get(name) || '';
      if (field(name).value === '' && field(name).tagName === 'SELECT') field(name).selectedIndex = 0;
    }
    const column = Math.abs(parseInt(said.get('sort') || '', 10));
    if (column < buttons.length) sort(column, said.get('sort').startsWith('-'));
    show();
  }

  buttons.forEach((button, column) => button.addEventListener('click', () => {
    const first = button.dataset.type === 'number';
    sort(column, sorted.column === column ? !sorted.down : first);
  }));
  for (const name of names) field(name).addEventListener('input', show);
  field('choices').addEventListener('submit', event => event.preventDefault());
  field('choices').hidden = false;
  if (/^(all-models|lineage|wanted|trust)?$/.test(location.hash.slice(1))) show(); else recall();
}
