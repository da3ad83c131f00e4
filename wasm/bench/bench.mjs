// node bench/bench.mjs DIR FILE...: speed in MB/s of data and size, beside the packages installed in DIR/node_modules
// (fflate, pako, @zip.js/zip.js) and the engine's own streams. Everything in turn, best of the rounds; then what holds.
//
// Of zip.js it is the streams over its WebAssembly zlib, without a zip file around them. Which of its engines runs is
// not left to its choice: its module is instantiated here, its streams are given the exports, and all bytes are counted
// as they go in and out of them.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as rigz from '../js/index.js';
import * as small from '../js/inflate.js';

const [directory, ...files] = process.argv.slice(2);
const require = createRequire(`${directory}/`);
const fflate = require('fflate');
const pako = require('pako');

const zlibWasm = join(dirname(require.resolve('@zip.js/zip.js/package.json')), 'lib/core/streams/zlib-wasm');
const zip = await import(pathToFileURL(join(zlibWasm, 'zlib-streams.js')));
const module = await WebAssembly.instantiate(readFileSync(join(zlibWasm, 'zlib-streams.wasm')));
const passed = { deflate: 0, inflate: 0 };
zip.setWasmExports({
  ...module.instance.exports,
  deflate_process(stream, input, length, ...rest) {
    passed.deflate += length;
    return module.instance.exports.deflate_process(stream, input, length, ...rest);
  },
  inflate_process(...all) {
    const result = module.instance.exports.inflate_process(...all);
    passed.inflate += result & 0xffffff;
    return result;
  },
});

/** The bytes that a stream makes of `data`, counted. */
async function through(data, { readable, writable }) {
  const writer = writable.getWriter();
  const written = writer.write(data).then(() => writer.close());
  let bytes = 0;
  for await (const chunk of readable) bytes += chunk.length;
  await written;
  return bytes;
}

/** What `work` makes, if all `bytes` passed `way` of the module of zip.js. */
async function proven(way, bytes, work) {
  passed[way] = 0;
  const size = await work();
  if (passed[way] !== bytes) throw new Error(`${passed[way]} of ${bytes} bytes passed the module of zip.js`);
  return size;
}

const peers = {
  rigz: { pack: (d, level) => rigz.gzip(d, { level }).length, unpack: (g) => rigz.gunzip(g).length },
  'rigz, small': { unpack: (g) => small.gunzip(g).length },
  'zip.js': {
    pack: (d, level) => proven('deflate', d.length, () => through(d, new zip.CompressionStreamZlib('gzip', { level }))),
    unpack: (g, bytes) => proven('inflate', bytes, () => through(g, new zip.DecompressionStreamZlib('gzip'))),
  },
  fflate: { pack: (d, level) => fflate.gzipSync(d, { level }).length, unpack: (g) => fflate.gunzipSync(g).length },
  pako: { pack: (d, level) => pako.gzip(d, { level }).length, unpack: (g) => pako.ungzip(g).length },
  native: {
    pack: (d, level) => (level === 6 ? through(d, new CompressionStream('gzip')) : undefined),
    unpack: (g) => through(g, new DecompressionStream('gzip')),
  },
};

await rigz.init();
await small.init();

const claims = [];
const claim = (holds, text) => claims.push(`${holds ? 'holds' : 'FAILS'}: ${text}`);

for (const file of files) {
  const data = readFileSync(file);
  const packed = gzipSync(data, { level: 6 });
  const rows = [['inflate', (peer) => peer.unpack?.(packed, data.length), 5]];
  for (const level of [1, 6, 9]) rows.push([`level ${level}`, (peer) => peer.pack?.(data, level), 2]);
  for (const [row, work, rounds] of rows) {
    const best = {};
    for (let round = 0; round < rounds; round++) {
      for (const [name, peer] of Object.entries(peers)) {
        const start = performance.now();
        const size = await work(peer);
        if (size === undefined) continue;
        const speed = data.length / 1e3 / (performance.now() - start);
        if (!(best[name]?.speed > speed)) best[name] = { speed, size };
      }
    }
    const where = `${file.split('/').pop()}, ${row}`;
    const cells = Object.entries(best).map(([name, { speed, size }]) => `${name} ${speed.toFixed(0)} MB/s ${size} B`);
    console.log(`${where}: ${cells.join(', ')}`);
    const { rigz, 'zip.js': other, fflate, pako } = best;
    const ratio = rigz.speed / other.speed;
    const ahead = rigz.speed > Math.max(fflate.speed, pako.speed);
    claim(ahead, `${where}: ahead of fflate ${(rigz.speed / fflate.speed).toFixed(2)}x and pako ${(rigz.speed / pako.speed).toFixed(2)}x`);
    const least = { inflate: 1.3, 'level 9': 1.5 }[row];
    const size = row === 'inflate' ? '' : `, size ${(100 * (rigz.size / other.size - 1)).toFixed(2)} %`;
    if (least) claim(ratio >= least && rigz.size <= other.size, `${where}: ${ratio.toFixed(2)}x zip.js, at least ${least}x${size}`);
    else console.log(`    ${ratio.toFixed(2)}x zip.js${size}`);
  }
}
console.log(claims.join('\n'));
process.exitCode = claims.some((text) => text.startsWith('FAILS')) ? 1 : 0;
