// node bench/bench.mjs DIR FILE...: speed in MB/s of data and size, beside the packages installed in DIR/node_modules
// (fflate, pako, @zip.js/zip.js) and the engine's own streams. Everything in turn, best of the rounds.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import * as rigz from '../js/index.js';
import * as small from '../js/inflate.js';

const [directory, ...files] = process.argv.slice(2);
const require = createRequire(`${directory}/`);
const fflate = require('fflate');
const pako = require('pako');
const zip = await import(require.resolve('@zip.js/zip.js').replace('index.cjs', 'index.js')).catch(() => null);
await rigz.init();
await small.init();
zip?.configure?.({ useWebWorkers: false, useCompressionStream: false });

const drain = async (readable) => {
  let bytes = 0;
  for await (const chunk of readable) bytes += chunk.length;
  return bytes;
};
const feed = (data) => new Blob([data]).stream();

const peers = {
  rigz: { pack: (d, level) => rigz.gzip(d, { level }).length, unpack: (g) => rigz.gunzip(g).length },
  'rigz, small': { unpack: (g) => small.gunzip(g).length },
  fflate: { pack: (d, level) => fflate.gzipSync(d, { level }).length, unpack: (g) => fflate.gunzipSync(g).length },
  pako: { pack: (d, level) => pako.gzip(d, { level }).length, unpack: (g) => pako.ungzip(g).length },
  native: {
    pack: (d, level) => (level === 6 ? drain(feed(d).pipeThrough(new CompressionStream('gzip'))) : undefined),
    unpack: (g) => drain(feed(g).pipeThrough(new DecompressionStream('gzip'))),
  },
};
if (zip) {
  peers['zip.js'] = {
    async pack(d, level) {
      const writer = new zip.ZipWriter(new zip.Uint8ArrayWriter(), { level });
      const entry = await writer.add('a', new zip.Uint8ArrayReader(d));
      await writer.close();
      return entry.compressedSize + 18;
    },
    async prepare(d) {
      const writer = new zip.ZipWriter(new zip.Uint8ArrayWriter(), { level: 6 });
      await writer.add('a', new zip.Uint8ArrayReader(d));
      return writer.close();
    },
    async unpack(_, z) {
      const reader = new zip.ZipReader(new zip.Uint8ArrayReader(z));
      const [entry] = await reader.getEntries();
      return (await entry.getData(new zip.Uint8ArrayWriter())).length;
    },
  };
}

for (const file of files) {
  const data = readFileSync(file);
  const packed = gzipSync(data, { level: 6 });
  const zipped = await peers['zip.js']?.prepare(data);
  const rows = [['inflate', (peer) => peer.unpack?.(packed, zipped), 3]];
  for (const level of [1, 6, 9]) rows.push([`level ${level}`, (peer) => peer.pack?.(data, level), 1]);
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
    const text = Object.entries(best).map(([name, { speed, size }]) => `${name} ${speed.toFixed(0)} (${size})`);
    console.log(`${file.split('/').pop()} ${row}: ${text.join(', ')}`);
  }
}
