//! What is compared, each behind one signature. Every result is checked.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use libdeflater::CompressionLvl;
use rigz::{Format, Level};
use zlib_rs::{Deflate, DeflateFlush, Inflate, InflateFlush};
use zune_inflate::{DeflateDecoder, DeflateOptions};

/// Decompresses into a slice of the right length.
type Unpack = Box<dyn FnMut(&[u8], &mut [u8])>;
/// Compresses into an emptied vector.
type Pack = Box<dyn FnMut(&[u8], &mut Vec<u8>)>;

/// A library that decompresses.
pub struct Decompressor {
    pub name: &'static str,
    pub run: Unpack,
}

/// A library that compresses.
pub struct Compressor {
    pub name: &'static str,
    pub run: Pack,
}

/// What all of them decompress: zlib-ng at level 6, with or without the container.
pub fn reference(raw: &[u8], container: bool) -> Vec<u8> {
    let mut out = Vec::new();
    zlib_ng(6, container)(raw, &mut out);
    out
}

/// The most that any of them makes of `len` bytes, with room to spare.
const fn bound(len: usize) -> usize {
    len + len / 8 + 1024
}

fn zlib_ng(level: u8, container: bool) -> impl FnMut(&[u8], &mut Vec<u8>) {
    let mut state = Compress::new(Compression::new(u32::from(level)), container);
    move |raw, out| {
        out.resize(bound(raw.len()), 0);
        state.reset();
        let status = state.compress(raw, out, FlushCompress::Finish);
        assert!(matches!(status, Ok(flate2::Status::StreamEnd)));
        out.truncate(state.total_out() as usize);
    }
}

/// Decompressors of zlib with its checksum verified, or of raw DEFLATE.
pub fn decompressors(container: bool) -> Vec<Decompressor> {
    fn named(name: &'static str, run: impl FnMut(&[u8], &mut [u8]) + 'static) -> Decompressor {
        Decompressor { name, run: Box::new(run) }
    }
    let mut rigz = rigz::Decompressor::new();
    let mut libdeflate = libdeflater::Decompressor::new();
    let mut zlib_ng = Decompress::new(container);
    let mut zlib_rs = Inflate::new(container, 15);
    let mut all = vec![
        named("rigz", move |packed, out| {
            let format = if container { Format::Zlib } else { Format::Raw };
            let written = rigz.decompress(format, packed, out).map(|done| done.written);
            assert_eq!(written, Ok(out.len()));
        }),
        named("libdeflate", move |packed, out| {
            let written = if container {
                libdeflate.zlib_decompress(packed, out)
            } else {
                libdeflate.deflate_decompress(packed, out)
            };
            assert_eq!(written, Ok(out.len()));
        }),
        named("zlib-ng", move |packed, out| {
            zlib_ng.reset(container);
            let status = zlib_ng.decompress(packed, out, FlushDecompress::Finish);
            assert!(matches!(status, Ok(flate2::Status::StreamEnd)));
        }),
        named("zlib-rs", move |packed, out| {
            zlib_rs.reset(container);
            let status = zlib_rs.decompress(packed, out, InflateFlush::Finish);
            assert!(matches!(status, Ok(zlib_rs::Status::StreamEnd)));
        }),
        named("miniz_oxide", move |packed, out| {
            let pieces = std::iter::once(packed);
            let done = miniz_oxide::inflate::decompress_slice_iter_to_slice(out, pieces, container, false);
            assert_eq!(done, Ok(out.len()));
        }),
        // It only makes vectors; the copy is small beside the rest.
        named("zune-inflate", move |packed, out| {
            let options = DeflateOptions::default().set_size_hint(out.len()).set_confirm_checksum(true);
            let mut decoder = DeflateDecoder::new_with_options(packed, options);
            let made = if container { decoder.decode_zlib() } else { decoder.decode_deflate() };
            match made {
                Ok(made) => out.copy_from_slice(&made),
                Err(error) => panic!("{error:?}"),
            }
        }),
    ];
    if container {
        all.push(named("fdeflate", |packed, out| {
            let done = fdeflate::Decompressor::new().read(packed, out, 0, true);
            assert!(matches!(done, Ok((_, written)) if written == out.len()));
        }));
    }
    all
}

/// Compressors to zlib. That of fdeflate is made for images alone, and left out.
pub fn compressors(level: u8) -> Vec<Compressor> {
    fn named(name: &'static str, run: impl FnMut(&[u8], &mut Vec<u8>) + 'static) -> Compressor {
        Compressor { name, run: Box::new(run) }
    }
    let mut rigz = rigz::Compressor::new(Level::new(level).unwrap_or_default());
    let mut libdeflate =
        libdeflater::Compressor::new(CompressionLvl::new(i32::from(level)).unwrap_or_default());
    let mut zlib_rs = Deflate::new(i32::from(level), true, 15);
    vec![
        named("rigz", move |raw, out| {
            out.clear();
            rigz.compress_to_vec(Format::Zlib, raw, out);
        }),
        named("libdeflate", move |raw, out| {
            out.resize(bound(raw.len()), 0);
            match libdeflate.zlib_compress(raw, out) {
                Ok(length) => out.truncate(length),
                Err(error) => panic!("{error:?}"),
            }
        }),
        named("zlib-ng", zlib_ng(level, true)),
        named("zlib-rs", move |raw, out| {
            out.resize(bound(raw.len()), 0);
            zlib_rs.reset();
            let status = zlib_rs.compress(raw, out, DeflateFlush::Finish);
            assert!(matches!(status, Ok(zlib_rs::Status::StreamEnd)));
            out.truncate(zlib_rs.total_out() as usize);
        }),
        named("miniz_oxide", move |raw, out| *out = miniz_oxide::deflate::compress_to_vec_zlib(raw, level)),
    ]
}
