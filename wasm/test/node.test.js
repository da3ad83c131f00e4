import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import zlib from 'node:zlib';
import * as rigz from '../js/index.js';
import * as small from '../js/inflate.js';
import { laws, sample } from './laws.js';

/** As it stands in a gzip trailer. */
const crc32 = (data) => zlib.gzipSync(data, { level: 0 }).subarray(-8).readUInt32LE();

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

test('the bytes are those on record for all machines', () => {
  const tests = new URL('../../tests/', import.meta.url);
  const record = readFileSync(new URL('golden.txt', tests), 'utf8');
  for (const name of ['alice29.txt', 'object.bin']) {
    const data = readFileSync(new URL(`data/${name}`, tests));
    for (let level = 0; level <= 10; level++) {
      const member = rigz.gzip(data, { level });
      const crc = crc32(member).toString(16).padStart(8, '0');
      const line = `${String(level).padStart(2)} ${String(member.length).padStart(7)} ${crc} ${name}\n`;
      assert.ok(record.includes(line), `not on record: ${line}`);
    }
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
