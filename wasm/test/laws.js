// What holds in every engine; run by `node.test.js` and `browser.html`.

const equal = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

function assert(condition, message) {
  if (!condition) throw new Error(message);
}

function throws(work, words) {
  try {
    work();
  } catch (error) {
    assert(error.message.includes(words), `"${error.message}" does not say "${words}"`);
    return;
  }
  throw new Error(`nothing thrown, expected "${words}"`);
}

/** Text-like bytes, the same everywhere. */
export function sample(length) {
  let state = 1;
  return Uint8Array.from({ length }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return i % 7 < 3 ? 97 + (i % 19) : state >>> 28;
  });
}

async function through(data, ...streams) {
  const chunks = [];
  for (let at = 0; at < data.length; at += 70_001) chunks.push(data.subarray(at, at + 70_001));
  let readable = new ReadableStream({
    start: (controller) => (chunks.forEach((chunk) => controller.enqueue(chunk)), controller.close()),
  });
  for (const stream of streams) readable = readable.pipeThrough(stream);
  const parts = [];
  for (const reader = readable.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    parts.push(value);
  }
}

/** Tests of `rigz`, the whole package, as [name, function] pairs. */
export const laws = (rigz) => [
  ['whole buffers come back in every format, at every level', () => {
    const pairs = [[rigz.gzip, rigz.gunzip], [rigz.zlib, rigz.unzlib], [rigz.deflate, rigz.inflate]];
    for (const length of [0, 1, 1000, 300_000]) {
      const data = sample(length);
      for (const [pack, unpack] of pairs) {
        for (let level = 0; level <= 9; level++) {
          const packed = pack(data, { level });
          assert(equal(unpack(packed), data), `${length} bytes, level ${level}`);
          if (length > 0 && level > 0) assert(equal(rigz.decompress(packed), data), 'found out the format');
        }
      }
    }
  }],
  ['streams make the bytes of whole buffers, and read them', async () => {
    const data = sample(2_500_000);
    const whole = rigz.gzip(data, { level: 9 });
    assert(equal(await through(data, new rigz.GzipStream({ level: 9 })), whole), 'the same bytes');
    for (const [Pack, Unpack] of [
      [rigz.GzipStream, rigz.GunzipStream],
      [rigz.ZlibStream, rigz.UnzlibStream],
      [rigz.DeflateStream, rigz.InflateStream],
    ]) {
      assert(equal(await through(data, new Pack({ flush: true }), new Unpack()), data), Pack.name);
    }
  }],
  ['the native streams agree', async () => {
    const data = sample(400_000);
    for (const [format, Pack, Unpack] of [
      ['gzip', rigz.GzipStream, rigz.GunzipStream],
      ['deflate', rigz.ZlibStream, rigz.UnzlibStream],
      ['deflate-raw', rigz.DeflateStream, rigz.InflateStream],
    ]) {
      assert(equal(await through(data, new Pack(), new DecompressionStream(format)), data), `to ${format}`);
      assert(equal(await through(data, new CompressionStream(format), new Unpack()), data), `from ${format}`);
    }
  }],
  ['all members are read unless one is wanted, and the limit is exact', () => {
    const member = rigz.gzip(sample(5_000));
    const two = new Uint8Array(2 * member.length);
    two.set(member);
    two.set(member, member.length);
    assert(rigz.gunzip(two).length === 10_000, 'both');
    assert(rigz.gunzip(two, { multiMember: false }).length === 5_000, 'the first');
    assert(rigz.gunzip(two, { maxOutput: 10_000 }).length === 10_000, 'just enough');
    throws(() => rigz.gunzip(two, { maxOutput: 9_999 }), 'output buffer is full');
  }],
  ['errors name the rule and the byte', async () => {
    const member = rigz.gzip(sample(5_000));
    throws(() => rigz.gunzip(member.subarray(0, 100)), 'unexpected end of input at byte 100');
    member[member.length - 5] ^= 1;
    throws(() => rigz.gunzip(member), `crc-32 mismatch at byte ${member.length - 8}`);
    throws(() => rigz.gzip(member, { level: 77 }), 'no such level');
    const failed = await through(member, new rigz.GunzipStream()).then(() => '', (error) => error.message);
    assert(failed.includes('crc-32 mismatch'), failed);
    const cut = await through(member.subarray(0, 90), new rigz.GunzipStream()).then(() => '', (e) => e.message);
    assert(cut.includes('unexpected end'), cut);
  }],
  ['headers hold what was asked for', () => {
    const member = rigz.gzip(sample(10), { mtime: 1_000_000_000_000, filename: 'a.txt' });
    assert(member[3] === 8 && member[4] === 0 && member[7] === 0x3b, 'flags and time');
    assert(new TextDecoder().decode(member.subarray(10, 16)) === 'a.txt\0', 'name');
    assert(equal(rigz.gunzip(member), sample(10)), 'data');
    // Times that the field does not hold are none.
    for (const mtime of ['1969-01-01', '2200-01-01', 'no date', -1]) {
      assert(rigz.gzip(sample(10), { mtime }).subarray(4, 8).every((byte) => byte === 0), mtime);
    }
  }],
];
