// The package and its demonstration in headless Chromium: `npm install && node --test test/browser.test.js`.
// With SHOTS=DIR it leaves pictures of the demonstration there.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { launch, serve } from './chromium.mjs';

const FILE = fileURLToPath(new URL('../../tests/data/alice29.txt', import.meta.url));
let site, browser;
before(async () => ([site, browser] = await Promise.all([serve(), launch()])));
after(() => Promise.all([site?.close(), browser?.close()]));

test('what holds in Node holds in a browser', async () => {
  const page = await browser.open(`${site.url}test/browser.html`);
  await page.until('/(all passed|[0-9]+ failed)$/.test(document.getElementById("log").textContent.trim())');
  const log = await page.run('document.getElementById("log").textContent');
  assert.match(log, /all passed\s*$/, log);
});

/** Gives the page a file as its button does. */
async function choose(page) {
  const { root } = await page.send('DOM.getDocument');
  const { nodeId } = await page.send('DOM.querySelector', { nodeId: root.nodeId, selector: '#file' });
  await page.send('DOM.setFileInputFiles', { nodeId, files: [FILE] });
}

/** Drags a file to the page and lets it fall, as the browser itself sees it from a mouse. */
async function drop(page) {
  const [x, y] = await page.run(`(({ left, top, width, height }) => [left + width / 2, top + height / 2])(
    document.getElementById('drop').getBoundingClientRect())`);
  const data = { items: [], files: [FILE], dragOperationsMask: 1 };
  const drag = (type, at = { x, y }) => page.send('Input.dispatchDragEvent', { type, ...at, data });
  const isOver = 'document.getElementById("drop").classList.contains("over")';
  await drag('dragEnter');
  await drag('dragOver');
  await page.until(isOver);
  await drag('dragOver', { x: 2, y: 2 });
  await page.until(`!${isOver}`);
  await drag('dragEnter');
  await drag('dragOver');
  await page.until(isOver);
  await drag('drop');
  await page.until(`!${isOver}`);
}

const SHOTS = [['light', choose, {}], ['dark', drop, { dark: true }], ['narrow', choose, { width: 360 }]];
for (const [shot, give, screen] of SHOTS) {
  test(`a file is compressed by all, and read back (${give.name}, ${shot})`, async () => {
    const page = await browser.open(`${site.url}demo/`, screen);
    await page.run('document.getElementById("level").value = 9');
    await give(page);
    await page.until('["done", "failed"].includes(document.body.dataset.state)');
    const rows = await page.run('[...document.querySelectorAll("tbody tr")].map((row) => row.innerText)');
    const state = await page.run('document.getElementById("state").textContent');
    assert.equal(state, 'All read back, byte for byte.');
    assert.deepEqual(rows.map((row) => row.split(/\s/)[0]), ['rigz', 'CompressionStream', 'fflate']);
    const sizes = rows.map((row) => Number(/([\d.]+) %/.exec(row)[1]));
    assert.ok(sizes[0] <= Math.min(...sizes), `rigz is the smallest at 9: ${rows}`);

    if (process.env.SHOTS) await writeFile(`${process.env.SHOTS}/demo-${shot}.png`, await page.screenshot());
    assert.ok(await page.run('document.documentElement.scrollWidth <= innerWidth'), 'nothing is beside the screen');

    const saved = await page.run(`(async () => {
      const member = await (await fetch(document.getElementById('save').href)).blob();
      return new Response(member.stream().pipeThrough(new DecompressionStream('gzip'))).text();
    })()`);
    assert.ok(saved === (await readFile(FILE, 'utf8')), 'what is saved is the file');

    assert.deepEqual(page.requests.filter((url) => !/^(data|blob):/.test(url) && !url.startsWith(site.url)), []);
  });
}
