//! Decompression.

use crate::{error, format};
use rigz::inflate::{Decode, Step};
use rigz::{Decompressor, Format, gzip, inflate, zlib};
use wasm_bindgen::prelude::*;

/// Decompresses all of `input`, to at most `max_output` bytes.
#[wasm_bindgen]
pub fn decompress(
    input: &[u8],
    format_number: u8,
    max_output: usize,
    is_single: bool,
) -> Result<Vec<u8>, JsError> {
    let mut decompressor = if is_single { Decompressor::single_member() } else { Decompressor::new() };
    let mut output = Vec::new();
    decompressor.decompress_to_vec(format(format_number), input, &mut output, max_output).map_err(error)?;
    Ok(output)
}

/// Decompresses a stream piece by piece.
#[wasm_bindgen]
pub struct Inflater(Box<dyn Decode>);

#[wasm_bindgen]
impl Inflater {
    /// For one stream.
    #[wasm_bindgen(constructor)]
    pub fn new(format_number: u8, is_single: bool) -> Self {
        Self(match format(format_number) {
            Format::Gzip if is_single => Box::new(gzip::Decoder::new().single_member()),
            Format::Gzip => Box::new(gzip::Decoder::new()),
            Format::Zlib => Box::new(zlib::Decoder::new()),
            Format::Raw => Box::new(inflate::Decoder::new()),
        })
    }

    /// Takes a piece and returns what can be decompressed; with `is_last` the stream must end.
    pub fn push(&mut self, mut input: &[u8], is_last: bool) -> Result<Vec<u8>, JsError> {
        let mut output = Vec::new();
        if is_last && input.is_empty() {
            self.0.end_of_input();
        }
        loop {
            match self.0.decode(&mut input).map_err(error)? {
                Step::Output => {
                    output.extend_from_slice(self.0.output());
                    self.0.consume(self.0.output().len());
                }
                Step::NeedsInput if is_last => self.0.end_of_input(),
                Step::NeedsInput | Step::Done => return Ok(output),
            }
        }
    }
}
