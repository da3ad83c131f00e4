// A server of this folder on the loopback interface, and a headless Chromium to look at it, spoken to over pipes.

import { execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';

const ROOT = new URL('../', import.meta.url);
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };
const NAMES = ['chromium', 'google-chrome', 'chromium-browser'];

/** The package over HTTP: its URL, and how to close it. */
export async function serve(port = 0) {
  const server = createServer(async (request, response) => {
    try {
      const { pathname } = new URL(request.url, 'http://host');
      const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
      const body = await readFile(new URL(`.${path}`, ROOT));
      response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((ready) => server.listen(port, '127.0.0.1', ready));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => (server.closeAllConnections(), server.close()) };
}

/** A Chromium that is on the machine. */
function found() {
  for (const name of NAMES) {
    try {
      return execFileSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    } catch {
      // The next one.
    }
  }
  throw new Error(`none of ${NAMES.join(', ')} is here`);
}

/** A browser: `open` a page, `close` it. Commands are those of the DevTools protocol. */
export async function launch() {
  const profile = await mkdtemp(join(tmpdir(), 'rigz-browser-'));
  const child = spawn(found(), [
    '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-component-update',
    '--disable-background-networking', '--disable-sync', '--remote-debugging-pipe', `--user-data-dir=${profile}`,
  ], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const [, , , input, output] = child.stdio;
  const waiting = new Map();
  const listeners = new Set();
  let rest = '';
  let last = 0;
  output.setEncoding('utf8').on('data', (text) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop();
    for (const message of messages.map(JSON.parse)) {
      const { resolve, reject } = waiting.get(message.id) ?? {};
      waiting.delete(message.id);
      if (message.error) reject?.(new Error(message.error.message));
      else if (message.id) resolve?.(message.result);
      else listeners.forEach((listen) => listen(message));
    }
  });
  child.on('exit', () => waiting.forEach(({ reject }) => reject(new Error('the browser has ended'))));
  const send = (method, params = {}, sessionId = undefined) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      input.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
    });
  return {
    /** A page at `url`: `send` commands to it, `run` an expression in it, `requests` are all URLs it asked for. */
    async open(url, { width = 900, height = 760, dark = false } = {}) {
      const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
      const requests = [];
      listeners.add(({ method, params }) => method === 'Network.requestWillBeSent' && requests.push(params.request.url));
      const page = {
        requests,
        send: (method, params) => send(method, params, sessionId),
        async run(expression) {
          const { result, exceptionDetails } = await page.send('Runtime.evaluate', {
            expression, awaitPromise: true, returnByValue: true,
          });
          if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
          return result.value;
        },
        /** Waits until an expression is true. */
        async until(expression, seconds = 60) {
          for (const end = Date.now() + 1000 * seconds; Date.now() < end; ) {
            if (await page.run(expression)) return;
            await new Promise((wait) => setTimeout(wait, 50));
          }
          throw new Error(`after ${seconds} s not yet: ${expression}`);
        },
        async screenshot() {
          return Buffer.from((await page.send('Page.captureScreenshot', { format: 'png' })).data, 'base64');
        },
      };
      const features = [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }];
      await page.send('Network.enable');
      await page.send('DOM.enable');
      await page.send('Emulation.setEmulatedMedia', { features });
      await page.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
      await page.send('Page.navigate', { url });
      await page.until('document.readyState === "complete" && location.href !== "about:blank"');
      return page;
    },
    async close() {
      const ended = new Promise((end) => child.once('exit', end));
      await send('Browser.close').catch(() => child.kill());
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
