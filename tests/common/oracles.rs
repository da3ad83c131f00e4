//! Decoders written by others, all given one gzip member with a plain header of ten bytes.

/// A decoder: the data, or a description of what is wrong.
pub(crate) type Oracle = fn(member: &[u8]) -> Result<Vec<u8>, String>;

/// The oracles, named. They share no code with each other.
pub(crate) const ORACLES: [(&str, Oracle); 3] =
    [("miniz_oxide", miniz_oxide), ("zlib-rs", zlib_rs), ("zune-inflate", zune_inflate)];

const HEADER_BYTES: usize = 10;
const TRAILER_BYTES: usize = 8;

/// Knows raw DEFLATE only; the trailer is left to the others.
fn miniz_oxide(member: &[u8]) -> Result<Vec<u8>, String> {
    let body = member.get(HEADER_BYTES..member.len().saturating_sub(TRAILER_BYTES)).ok_or("too short")?;
    miniz_oxide::inflate::decompress_to_vec(body).map_err(|error| error.to_string())
}

fn zlib_rs(member: &[u8]) -> Result<Vec<u8>, String> {
    let tail = member.last_chunk().ok_or("too short")?;
    let mut out = vec![0; u32::from_le_bytes(*tail) as usize];
    // Window bits of 16 and more ask for a gzip header.
    let config = zlib_rs::InflateConfig { window_bits: 16 + 15 };
    let (data, code) = zlib_rs::decompress_slice(&mut out, member, config);
    match code {
        zlib_rs::ReturnCode::Ok => Ok(data.to_vec()),
        code => Err(format!("{code:?}")),
    }
}

fn zune_inflate(member: &[u8]) -> Result<Vec<u8>, String> {
    zune_inflate::DeflateDecoder::new(member).decode_gzip().map_err(|error| format!("{error:?}"))
}
