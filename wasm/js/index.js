// rigz for JavaScript.

import * as glue from '../dist/full.js';
import { GZIP, RAW, ZLIB, bytes, decompression, transform } from './decompress.js';
import { loader } from './load.js';

export const init = loader(glue, 'full');
export const { gunzip, unzlib, inflate, decompress, GunzipStream, UnzlibStream, InflateStream } =
  decompression(glue);

const text = (string) => (string ? new TextEncoder().encode(string) : new Uint8Array(0));

/** Seconds since 1970, 0 for none, and for what the field does not hold. */
const seconds = (mtime) => {
  const time = mtime ? Math.floor(new Date(mtime).getTime() / 1000) : 0;
  return time > 0 && time < 2 ** 32 ? time : 0;
};

const deflater = (format, options) =>
  new glue.Deflater(
    format,
    options?.level ?? 6,
    seconds(options?.mtime),
    text(options?.filename),
    text(options?.comment),
  );

const one = (format) => (data, options) => {
  if (format !== GZIP || !(options?.mtime || options?.filename || options?.comment)) {
    return glue.compress(bytes(data), format, options?.level ?? 6);
  }
  const machine = deflater(format, options);
  try {
    return machine.push(bytes(data), 2);
  } finally {
    machine.free();
  }
};

const stream = (format) =>
  class extends TransformStream {
    constructor(options) {
      super(transform(() => deflater(format, options), { more: options?.flush ? 1 : 0, last: 2 }));
    }
  };

export const [gzip, zlib, deflate] = [GZIP, ZLIB, RAW].map(one);
export const [GzipStream, ZlibStream, DeflateStream] = [GZIP, ZLIB, RAW].map(stream);
export {
  gzip as gzipSync,
  zlib as zlibSync,
  deflate as deflateSync,
  gunzip as gunzipSync,
  unzlib as unzlibSync,
  inflate as inflateSync,
  decompress as decompressSync,
};
