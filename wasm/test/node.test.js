import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import zlib from 'node:zlib';
import * as rigz from '../js/index.js';
import * as small from '../js/inflate.js';
import { laws, sample } from './laws.js';

await rigz.init();
await small.init();
for (const [name, law] of laws(rigz)) test(name, law);

test('zlib reads what rigz writes, and the small part reads what zlib writes', () => {
  const data = sample(200_000);
  for (let level = 0; level <= 9; level++) {
    assert.deepEqual(new Uint8Array(zlib.gunzipSync(rigz.gzip(data, { level }))), data);
    assert.deepEqual(small.decompress(zlib.deflateSync(data, { level })), data);
  }
});

test('the modules stay small', () => {
  const packed = (name) => zlib.gzipSync(readFileSync(new URL(`../dist/${name}`, import.meta.url)), { level: 9 }).length;
  for (const [part, most] of [['full', 60_000], ['inflate', 25_000]]) {
    for (const simd of ['', '-simd']) {
      const size = packed(`${part}${simd}_bg.wasm`);
      assert.ok(size <= most, `${part}${simd}: ${size} bytes`);
    }
  }
});
