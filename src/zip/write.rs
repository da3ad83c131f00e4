//! Writing a zip file of one entry, front to back: sizes and CRC follow the data, so nothing is known or written twice.
//!
//! ```text
//! local header  name  extra     DEFLATE data     descriptor     directory: one entry, end
//! ```
//!
//! An entry that may be 4 GiB or larger declares sizes of 64 bits in its local header; the descriptor then has 8 bytes
//! for each. Times stand in the header by the clock of UTC, so that the same file makes the same bytes everywhere, and
//! to the second in the extra field that all current readers prefer.

use super::{
    CENTRAL, DESCRIPTOR, END, END_64, EXTRA_64, EXTRA_TIME, FLAG_DESCRIPTOR, LOCAL, LOCATOR_64,
    METHOD_DEFLATE,
};
use alloc::vec::Vec;

/// The versions of the format that readers need: DEFLATE, and sizes of 64 bits.
const NEEDS_DEFLATE: u16 = 20;
const NEEDS_64: u16 = 45;
/// Made on Unix.
const MADE_BY: u16 = 3 << 8 | NEEDS_64;
/// A regular file that all may read and its owner may write.
const ATTRIBUTES: u32 = 0o100_644 << 16;
const ELSEWHERE: u32 = u32::MAX;

/// What is to be said of the entry.
///
/// ```
/// use rigz::{Level, checksum::Crc32, deflate, zip};
///
/// let (data, mut packed, mut file) = (b"zipped", Vec::new(), Vec::new());
/// deflate::compress(data, Level::DEFAULT, &mut packed);
/// let mut crc = Crc32::new();
/// crc.update(data);
/// let entry = zip::Entry { name: b"name".to_vec(), ..zip::Entry::default() };
/// zip::start(&entry, &mut file);
/// file.extend_from_slice(&packed);
/// zip::end(&entry, crc.value(), packed.len() as u64, data.len() as u64, &mut file);
/// assert_eq!(file[..4], zip::MAGIC);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The name; at most 65535 bytes of it are stored.
    pub name: Vec<u8>,
    /// Time of last change in seconds since 1970; 0 for none.
    pub mtime: u32,
    /// Whether data or packed data may be of 4 GiB or more.
    pub may_be_large: bool,
}

/// Appends what stands before the data; see [`Entry`].
pub fn start(entry: &Entry, out: &mut Vec<u8>) {
    long(LOCAL, out);
    common(entry, 0, [if entry.may_be_large { ELSEWHERE } else { 0 }; 2], out);
    word(20 * u16::from(entry.may_be_large) + time_bytes(entry), out);
    out.extend_from_slice(name(entry));
    if entry.may_be_large {
        large(&[0, 0], out);
    }
    time(entry, out);
}

/// Appends what stands behind the data: `packed` bytes, which are `size` bytes with the checksum
/// `crc`; see [`Entry`].
pub fn end(entry: &Entry, crc: u32, packed: u64, size: u64, out: &mut Vec<u8>) {
    let mut header = Vec::new();
    start(entry, &mut header);
    let mut tail = Vec::new();
    long(DESCRIPTOR, &mut tail);
    long(crc, &mut tail);
    for size in [packed, size] {
        if entry.may_be_large {
            tail.extend_from_slice(&size.to_le_bytes());
        } else {
            long(size as u32, &mut tail);
        }
    }
    let directory_at = header.len() as u64 + packed + tail.len() as u64;
    let mut directory = Vec::new();
    let is_large = packed.max(size).max(directory_at) >= u64::from(ELSEWHERE);
    let sizes = [packed, size].map(|size| if is_large { ELSEWHERE } else { size as u32 });
    long(CENTRAL, &mut directory);
    word(MADE_BY, &mut directory);
    common(entry, crc, sizes, &mut directory);
    word(20 * u16::from(is_large) + time_bytes(entry), &mut directory);
    // No comment, disk 0, no internal attributes.
    directory.extend_from_slice(&[0; 6]);
    long(ATTRIBUTES, &mut directory);
    // The local header stands at 0.
    long(0, &mut directory);
    directory.extend_from_slice(name(entry));
    if is_large {
        large(&[size, packed], &mut directory);
    }
    time(entry, &mut directory);
    let directory_bytes = directory.len() as u64;
    if is_large {
        let end_at = directory_at + directory_bytes;
        long(END_64, &mut directory);
        directory.extend_from_slice(&44u64.to_le_bytes());
        word(MADE_BY, &mut directory);
        word(NEEDS_64, &mut directory);
        directory.extend_from_slice(&[0; 8]);
        [1, 1, directory_bytes, directory_at].iter().for_each(|n: &u64| directory.extend(n.to_le_bytes()));
        long(LOCATOR_64, &mut directory);
        long(0, &mut directory);
        directory.extend(end_at.to_le_bytes());
        long(1, &mut directory);
    }
    long(END, &mut directory);
    directory.extend_from_slice(&[0, 0, 0, 0, 1, 0, 1, 0]);
    long(directory_bytes as u32, &mut directory);
    long(directory_at.min(ELSEWHERE.into()) as u32, &mut directory);
    word(0, &mut directory);
    out.append(&mut tail);
    out.append(&mut directory);
}

/// The fields that the local header and the directory have in common, up to the length of the name.
fn common(entry: &Entry, crc: u32, [packed, size]: [u32; 2], out: &mut Vec<u8>) {
    word(if entry.may_be_large || size == ELSEWHERE { NEEDS_64 } else { NEEDS_DEFLATE }, out);
    word(FLAG_DESCRIPTOR, out);
    word(METHOD_DEFLATE, out);
    let (date, clock) = dos_time(entry.mtime);
    word(clock, out);
    word(date, out);
    [crc, packed, size].iter().for_each(|&field| long(field, out));
    word(name(entry).len() as u16, out);
}

fn name(entry: &Entry) -> &[u8] {
    &entry.name[..entry.name.len().min(0xffff)]
}

/// Sizes of 64 bits, the size before the packed size.
fn large(sizes: &[u64; 2], out: &mut Vec<u8>) {
    word(EXTRA_64, out);
    word(16, out);
    sizes.iter().for_each(|size| out.extend_from_slice(&size.to_le_bytes()));
}

fn time_bytes(entry: &Entry) -> u16 {
    if entry.mtime == 0 { 0 } else { 9 }
}

fn time(entry: &Entry, out: &mut Vec<u8>) {
    if entry.mtime != 0 {
        word(EXTRA_TIME, out);
        word(5, out);
        out.push(1);
        long(entry.mtime, out);
    }
}

/// Date and clock of the header: `YYYYYYYMMMMDDDDD` from 1980 on, and `hhhhhmmmmmmsssss` with half the seconds. Times
/// outside the range are its start.
fn dos_time(mtime: u32) -> (u16, u16) {
    const EARLIEST: (u16, u16) = (1 << 5 | 1, 0);
    let (year, month, day) = civil(mtime / 86_400);
    let Some(years) = year.checked_sub(1980).filter(|&years| years < 128) else { return EARLIEST };
    let (hour, minute, second) = (mtime / 3600 % 24, mtime / 60 % 60, mtime % 60);
    ((years << 9 | month << 5 | day) as u16, (hour << 11 | minute << 5 | second / 2) as u16)
}

/// Year, month and day of a number of days since 1970, in the Gregorian calendar (H. Hinnant's method: years start in
/// March, so that the leap day is the last).
fn civil(days: u32) -> (u32, u32, u32) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (400 * era + year_of_era + u32::from(month <= 2), month, of_year - (153 * from_march + 2) / 5 + 1)
}

fn word(value: u16, out: &mut Vec<u8>) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn long(value: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(&value.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_calendar() {
        for (days, date) in [
            (0, (1970, 1, 1)),
            (58, (1970, 2, 28)),
            (59, (1970, 3, 1)),
            (11_016, (2000, 2, 29)),
            (11_017, (2000, 3, 1)),
            (20_454, (2026, 1, 1)),
            (49_710, (2106, 2, 7)),
        ] {
            assert_eq!(civil(days), date);
        }
        assert_eq!(dos_time(0), (0x21, 0));
        assert_eq!(dos_time(1_234_567_890), (29 << 9 | 2 << 5 | 13, 23 << 11 | 31 << 5 | 15));
    }
}
