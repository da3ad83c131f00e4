//! Many small messages with one compressor and one decompressor: nothing is allocated once they have been used.

use rigz::{Compressor, Decompressor, Format, Level, compress_bound};

fn main() -> Result<(), rigz::Error> {
    let (mut compressor, mut decompressor) = (Compressor::new(Level::DEFAULT), Decompressor::new());
    let (mut packed, mut text) = ([0; compress_bound(100)], [0; 100]);
    for number in 0..1000u32 {
        let message = [number as u8; 100];
        let length = compressor.compress(Format::Zlib, &message, &mut packed)?;
        let done = decompressor.decompress(Format::Zlib, &packed[..length], &mut text)?;
        assert_eq!(text[..done.written], message);
    }
    Ok(())
}
