#!/usr/bin/env node
// Runs `browser.html` in headless Chromium, or takes a screenshot: `browser shot FILE.png PAGE`.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { readFile, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../', import.meta.url);
const types = { html: 'text/html', js: 'text/javascript', wasm: 'application/wasm' };
const server = createServer(async (request, response) => {
  try {
    const path = new URL(request.url, 'http://host').pathname.slice(1);
    const body = await readFile(new URL(path, root));
    response.writeHead(200, { 'content-type': types[path.split('.').pop()] ?? 'application/octet-stream' });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const [shot, file, page = 'test/browser.html'] = process.argv.slice(2);
const profile = await mkdtemp(join(tmpdir(), 'rigz-browser-'));
const browser = spawn('chromium', [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=60000', `--user-data-dir=${profile}`,
  ...(shot ? [`--screenshot=${file}`, '--window-size=1000,800'] : ['--dump-dom']),
  `http://127.0.0.1:${server.address().port}/${page}`,
]);
let dom = '';
browser.stdout.on('data', (data) => (dom += data));
browser.on('close', () => {
  server.close();
  const log = /<pre id="log">([^]*?)<\/pre>/.exec(dom)?.[1] ?? dom;
  if (!shot) console.log(log.trim());
  process.exitCode = shot || log.includes('all passed') ? 0 : 1;
});
