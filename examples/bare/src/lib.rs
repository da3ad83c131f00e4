//! Decompression without an allocator, as in firmware: on a target without an operating system this is a library that
//! links only if nothing in it allocates.

#![cfg_attr(target_os = "none", no_std)]

use rigz::{Decompressor, Format};

/// The tables of a decompressor and room for one image.
pub struct Updater {
    decompressor: Decompressor,
    image: [u8; 4096],
}

impl Updater {
    /// The image in `file`, or how many bytes are right.
    ///
    /// # Errors
    ///
    /// The rule that `file` breaks, and where.
    pub fn unpack(&mut self, file: &[u8]) -> Result<&[u8], rigz::Error> {
        let done = self.decompressor.decompress(Format::Gzip, file, &mut self.image)?;
        Ok(&self.image[..done.written])
    }
}

/// Bytes of the image that stands in `file`.
// SAFETY: no other function has this name.
#[unsafe(no_mangle)]
pub extern "C" fn image_bytes(file: &[u8; 64]) -> usize {
    let mut updater = Updater { decompressor: Decompressor::new(), image: [0; 4096] };
    updater.unpack(file).map_or(0, <[u8]>::len)
}

#[cfg(target_os = "none")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
