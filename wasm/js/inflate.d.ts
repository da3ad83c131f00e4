/** Anything that holds bytes. */
export type Bytes = ArrayBuffer | ArrayBufferView;

export interface DecompressOptions {
  /** The most bytes to make; more are an error. */
  maxOutput?: number;
  /** gzip: whether members that follow the first belong to the data. On by default. */
  multiMember?: boolean;
}

/**
 * Loads the module; await it before anything else. Later calls wait for the first.
 * @param source its bytes, response or compiled module, where it is not beside this package's files
 */
export function init(source?: BufferSource | Response | WebAssembly.Module | URL): Promise<void>;

/** Decompresses all members of a gzip file. Throws an Error that names the rule that is broken and the byte. */
export function gunzip(data: Bytes, options?: DecompressOptions): Uint8Array;
/** Decompresses a zlib stream. */
export function unzlib(data: Bytes, options?: DecompressOptions): Uint8Array;
/** Decompresses raw DEFLATE. */
export function inflate(data: Bytes, options?: DecompressOptions): Uint8Array;
/** Decompresses whichever of the three it looks like. */
export function decompress(data: Bytes, options?: DecompressOptions): Uint8Array;
export {
  gunzip as gunzipSync,
  unzlib as unzlibSync,
  inflate as inflateSync,
  decompress as decompressSync,
};

/** Decompresses gzip, all members unless told otherwise. Call `init` before. */
export class GunzipStream extends TransformStream<Bytes, Uint8Array> {
  constructor(options?: Pick<DecompressOptions, 'multiMember'>);
}
/** Decompresses zlib. */
export class UnzlibStream extends TransformStream<Bytes, Uint8Array> {
  constructor();
}
/** Decompresses raw DEFLATE. */
export class InflateStream extends TransformStream<Bytes, Uint8Array> {
  constructor();
}
