import type { Bytes } from './inflate.js';
export * from './inflate.js';

export interface CompressOptions {
  /** 0 (stored) to the smallest; 6 unless given. */
  level?: number;
}

export interface GzipOptions extends CompressOptions {
  /** Time of last change, from 1970 to 2106; none unless given, so that equal data makes equal files. */
  mtime?: Date | string | number;
  filename?: string;
  comment?: string;
}

export interface StreamOptions {
  /** Whether each chunk can be decompressed as soon as it arrives, at some cost in size. */
  flush?: boolean;
}

/** Compresses to one gzip member. */
export function gzip(data: Bytes, options?: GzipOptions): Uint8Array;
/** Compresses to a zlib stream. */
export function zlib(data: Bytes, options?: CompressOptions): Uint8Array;
/** Compresses to raw DEFLATE. */
export function deflate(data: Bytes, options?: CompressOptions): Uint8Array;
export { gzip as gzipSync, zlib as zlibSync, deflate as deflateSync };

/** Compresses to one gzip member: a CompressionStream with a level. Call `init` before. */
export class GzipStream extends TransformStream<Bytes, Uint8Array> {
  constructor(options?: GzipOptions & StreamOptions);
}
/** Compresses to a zlib stream. */
export class ZlibStream extends TransformStream<Bytes, Uint8Array> {
  constructor(options?: CompressOptions & StreamOptions);
}
/** Compresses to raw DEFLATE. */
export class DeflateStream extends TransformStream<Bytes, Uint8Array> {
  constructor(options?: CompressOptions & StreamOptions);
}
