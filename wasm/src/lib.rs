//! rigz for JavaScript: whole buffers and streams. `js/` gives them their names and options.

#[cfg(feature = "compress")]
mod compress;
mod decompress;

/// A list of what is free: there are a few buffers at a time, and another allocator would be a twentieth of what is fetched.
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

use rigz::Format;
use wasm_bindgen::JsError;

/// 0 is gzip, 1 zlib, 2 raw DEFLATE.
fn format(number: u8) -> Format {
    match number {
        0 => Format::Gzip,
        1 => Format::Zlib,
        _ => Format::Raw,
    }
}

/// The rule and the byte.
fn error(error: rigz::Error) -> JsError {
    let mut text = String::from(error.kind().describe());
    text.push_str(" at byte ");
    let (mut digits, mut number) = ([0; 20], error.offset());
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    digits[at..].iter().for_each(|&digit| text.push(char::from(digit)));
    JsError::new(&text)
}
