//! Compression.

use crate::format;
use rigz::deflate::{Deflate, Encode, Flush};
use rigz::gzip::HeaderBuilder;
use rigz::{Compressor, Format, Level, gzip, zlib};
use wasm_bindgen::prelude::*;

fn level(number: u8) -> Result<Level, JsError> {
    Level::new(number).ok_or_else(|| JsError::new("no such level"))
}

fn header(mtime: u32, name: &[u8], comment: &[u8]) -> Result<HeaderBuilder, JsError> {
    let mut header = HeaderBuilder::new().mtime(mtime);
    let zero = || JsError::new("a name or comment cannot hold a zero byte");
    if !name.is_empty() {
        header = header.name(name).ok_or_else(zero)?;
    }
    if !comment.is_empty() {
        header = header.comment(comment).ok_or_else(zero)?;
    }
    Ok(header)
}

/// Compresses all of `input`, with plain headers.
#[wasm_bindgen]
pub fn compress(input: &[u8], format_number: u8, level_number: u8) -> Result<Vec<u8>, JsError> {
    let mut output = Vec::new();
    Compressor::new(level(level_number)?).compress_to_vec(format(format_number), input, &mut output);
    Ok(output)
}

/// Compresses a stream piece by piece.
#[wasm_bindgen]
pub struct Deflater(Box<dyn Encode>);

#[wasm_bindgen]
impl Deflater {
    /// For one stream. Time, name and comment are for gzip.
    #[wasm_bindgen(constructor)]
    pub fn new(
        format_number: u8,
        level_number: u8,
        mtime: u32,
        name: &[u8],
        comment: &[u8],
    ) -> Result<Self, JsError> {
        let level = level(level_number)?;
        Ok(Self(match format(format_number) {
            Format::Gzip => Box::new(gzip::Encoder::new(level, &header(mtime, name, comment)?)),
            Format::Zlib => Box::new(zlib::Encoder::new(level)),
            Format::Raw => Box::new(Deflate::new(level)),
        }))
    }

    /// Takes a piece and returns what is ready; `flush` is 0 for no more than that, 1 for all that was pushed, 2 for
    /// the end of the stream.
    pub fn push(&mut self, input: &[u8], flush: u8) -> Vec<u8> {
        let mut output = Vec::new();
        self.0.feed_all(input, &mut output);
        let how = [Flush::None, Flush::Sync, Flush::Finish];
        self.0.flush(how[usize::from(flush.min(2))], &mut output);
        output
    }
}
