// The page: takes a file and a level, has the worker compress, and shows what it says.

const MEANINGS = {
  0: 'stored', 1: 'fastest', 2: 'fast', 6: 'as gzip has it', 9: 'small, and still fast', 10: 'smallest',
};
const at = (id) => document.getElementById(id);
const [drop, level, rows, save, state] = ['drop', 'level', 'results', 'save', 'state'].map(at);

const worker = new Worker('worker.js', { type: 'module' });
let file;
let run = 0;

const bytes = (count) => count.toLocaleString('en');
const speed = (count, ms) => `${Math.max(1, Math.round(count / 1e3 / Math.max(ms, 0.01))).toLocaleString('en')} MB/s`;

function tell() {
  at('number').textContent = level.value;
  at('meaning').textContent = MEANINGS[level.value] ?? '';
}

/** Starts anew with the present file and level; what is still under way counts no more. */
function start() {
  tell();
  if (!file) return;
  run += 1;
  at('what').textContent = file.name;
  at('hint').textContent = `${bytes(file.size)} bytes`;
  rows.tBodies[0].replaceChildren();
  save.hidden = true;
  state.textContent = 'Compressing…';
  document.body.dataset.state = 'running';
  worker.postMessage({ run, file, level: Number(level.value) });
}

function take(chosen) {
  if (!chosen) return;
  file = chosen;
  start();
}

function cell(row, text, kind = 'td') {
  const made = document.createElement(kind);
  made.textContent = text;
  row.append(made);
  return made;
}

function show({ name, note, packed, packing, reading }) {
  const row = document.createElement('tr');
  row.classList.toggle('own', name === 'rigz');
  const head = cell(row, name, 'th');
  head.scope = 'row';
  if (note) head.append(' ', Object.assign(document.createElement('small'), { textContent: note }));
  const bar = document.createElement('meter');
  const share = file.size > 0 ? packed / file.size : 1;
  bar.value = Math.min(1, share);
  const size = cell(row, '');
  size.className = 'bar';
  size.append(bar);
  cell(row, `${(100 * share).toFixed(2)} %`).title = `${bytes(packed)} bytes`;
  cell(row, speed(file.size, packing));
  cell(row, speed(file.size, reading));
  rows.tBodies[0].append(row);
}

worker.onmessage = ({ data }) => {
  if (data.run !== run) return;
  if (data.error) {
    state.textContent = data.error;
    document.body.dataset.state = 'failed';
  } else if (data.result) {
    show(data.result);
  } else {
    URL.revokeObjectURL(save.href);
    save.href = URL.createObjectURL(new Blob([data.member], { type: 'application/gzip' }));
    save.download = `${file.name}.gz`;
    save.hidden = false;
    state.textContent = 'All read back, byte for byte.';
    document.body.dataset.state = 'done';
  }
};

level.addEventListener('input', tell);
level.addEventListener('change', start);
at('file').addEventListener('change', (event) => take(event.target.files[0]));
at('sample').addEventListener('click', async (event) => {
  event.preventDefault();
  const found = await fetch('../dist/full_bg.wasm');
  take(new File([await found.blob()], 'rigz itself, as WebAssembly'));
});
for (const [kind, over] of [['dragover', true], ['dragleave', false], ['drop', false]]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.toggle('over', over);
    if (kind === 'drop') take(event.dataTransfer.files[0]);
  });
}
tell();
