// Chooses and loads a WebAssembly module: the one with 128-bit vectors where the engine has them.

/** A module that uses one vector instruction. */
const PROBE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
);

export const hasSimd = () => WebAssembly.validate(PROBE);

/** The bytes or the response of `dist/NAME_bg.wasm`, from disk or from where this file comes from. */
async function source(name) {
  const url = new URL(`../dist/${name}_bg.wasm`, import.meta.url);
  if (url.protocol === 'file:' && typeof process === 'object') {
    return (await import('node:fs/promises')).readFile(url);
  }
  return fetch(url);
}

/**
 * What `init` of a part does: loads it once, from `given` or from `dist`.
 * @param glue the module that wasm-bindgen made
 */
export function loader(glue, part) {
  let loading;
  return (given) => {
    loading ??= Promise.resolve(given ?? source(hasSimd() ? `${part}-simd` : part))
      .then((found) => glue.default({ module_or_path: found }))
      .then(() => undefined)
      .catch((error) => {
        loading = undefined;
        throw error;
      });
    return loading;
  };
}
