//! The only place that deletes.

use std::io;

use super::input::Input;
use super::system::Place;

/// Deletes an input whose output is complete and on the disk. Deletes nothing and returns false if the file, or what
/// stands under its name, is no longer what was read.
pub(super) fn input(input: Input) -> io::Result<bool> {
    if !input.is_unchanged() {
        return Ok(false);
    }
    let Input { file, place, .. } = input;
    // An open file without a name would be more work for the file system.
    drop(file);
    place.unlink()?;
    Ok(true)
}

/// Deletes a temporary file of ours.
pub(super) fn temporary(place: &Place) {
    let _ = place.unlink();
}
