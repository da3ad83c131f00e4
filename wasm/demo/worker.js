// Compresses a file with each engine in turn, reads it back, and says how large and how long.

import * as rigz from '../js/index.js';

// Nobody would hear a message that comes while the module itself waits.
const peer = import('../node_modules/fflate/esm/browser.js').catch(() => undefined);

async function through(data, stream) {
  return new Uint8Array(await new Response(new Blob([data]).stream().pipeThrough(stream)).arrayBuffer());
}

/** Name, note for a level, and both ways. Of `CompressionStream` there is one level, and fflate has nine. */
const loaded = peer.then((fflate) => [
  {
    name: 'rigz',
    pack: (data, level) => rigz.gzip(data, { level }),
    unpack: (member) => rigz.gunzip(member),
  },
  {
    name: 'CompressionStream',
    note: () => 'has no level',
    pack: (data) => through(data, new CompressionStream('gzip')),
    unpack: (member) => through(member, new DecompressionStream('gzip')),
  },
  fflate && {
    name: 'fflate',
    note: (level) => (level > 9 ? 'at 9' : ''),
    pack: (data, level) => fflate.gzipSync(data, { level: Math.min(level, 9) }),
    unpack: (member) => fflate.gunzipSync(member),
  },
].filter(Boolean));

const isEqual = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** What `work` gives, and its best time of a few, as long as that is short. */
async function timed(work) {
  let result;
  let best = Infinity;
  for (let round = 0, begin = performance.now(); round < 1 || (round < 5 && performance.now() - begin < 150); round++) {
    const start = performance.now();
    result = await work();
    best = Math.min(best, performance.now() - start);
  }
  return [result, best];
}

/** The latest wish; an older one is given up between two engines. */
let latest;

async function measure({ run, file, level }) {
  const data = new Uint8Array(await file.arrayBuffer());
  const [engines] = await Promise.all([loaded, rigz.init()]);
  // Engines compile what they run often, so nothing that is timed runs first.
  for (const { pack, unpack } of engines) await unpack(await pack(data.subarray(0, 100_000), level));
  let own;
  for (const { name, note, pack, unpack } of engines) {
    if (latest !== run) return;
    const [member, packing] = await timed(() => pack(data, level));
    const [back, reading] = await timed(() => unpack(member));
    if (!isEqual(back, data)) throw new Error(`${name} does not give the file back`);
    own ??= member;
    postMessage({ run, result: { name, note: note?.(level), packed: member.length, packing, reading } });
  }
  postMessage({ run, member: own }, [own.buffer]);
}

let queue = Promise.resolve();
onmessage = ({ data }) => {
  latest = data.run;
  queue = queue.then(() => measure(data)).catch((error) => postMessage({ run: data.run, error: error.message }));
};
