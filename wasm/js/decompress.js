// Decompression, over the glue of either part.

export const GZIP = 0, ZLIB = 1, RAW = 2;

const isGzip = (data) => data[0] === 31 && data[1] === 139;
const isZlib = (data) => (data[0] & 15) === 8 && data[0] >> 4 < 8 && ((data[0] << 8) | data[1]) % 31 === 0;

/** The largest buffer that a 32-bit module can make. */
const MOST = 0x7fffffff;

const most = (options) => Math.min(options?.maxOutput ?? MOST, MOST);

/** A TransformStream over an object with `push`; what it holds is freed at the end. */
export function transform(make, end) {
  let machine;
  const free = () => {
    machine?.free();
    machine = undefined;
  };
  const put = (work) => (chunk, controller) => {
    try {
      const out = work(chunk);
      if (out.length > 0) controller.enqueue(out);
    } catch (error) {
      free();
      throw error;
    }
  };
  return {
    start: () => {
      machine = make();
    },
    transform: put((chunk) => machine.push(bytes(chunk), end.more)),
    flush: (controller) => {
      put(() => machine.push(new Uint8Array(0), end.last))(undefined, controller);
      free();
    },
    cancel: free,
  };
}

/** Any BufferSource as bytes. */
export function bytes(data) {
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw new TypeError('not an ArrayBuffer or a view of one');
}

export function decompression(glue) {
  const isSingle = (options) => options?.multiMember === false;
  const one = (format) => (data, options) =>
    glue.decompress(bytes(data), format, most(options), isSingle(options));
  const stream = (format) =>
    class extends TransformStream {
      constructor(options) {
        super(transform(() => new glue.Inflater(format, isSingle(options)), { more: false, last: true }));
      }
    };
  const [gunzip, unzlib, inflate] = [GZIP, ZLIB, RAW].map(one);
  const [GunzipStream, UnzlibStream, InflateStream] = [GZIP, ZLIB, RAW].map(stream);
  const decompress = (data, options) =>
    (isGzip(bytes(data)) ? gunzip : isZlib(bytes(data)) ? unzlib : inflate)(data, options);
  return { gunzip, unzlib, inflate, decompress, GunzipStream, UnzlibStream, InflateStream };
}
