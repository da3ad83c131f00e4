// rigz for JavaScript: decompression alone.

import * as glue from '../dist/inflate.js';
import { decompression } from './decompress.js';
import { loader } from './load.js';

export const init = loader(glue, 'inflate');
export const { gunzip, unzlib, inflate, decompress, GunzipStream, UnzlibStream, InflateStream } =
  decompression(glue);
export { gunzip as gunzipSync, unzlib as unzlibSync, inflate as inflateSync, decompress as decompressSync };
