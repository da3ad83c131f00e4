//! The zip container around one entry (APPNOTE 6.3): what `gzip -d` and `pigz -K` understand of it.

mod read;
mod write;

pub use read::{Decoder, MAGIC, Rest};
pub use write::{Entry, end, start};

/// The signature of a local header, and of what may follow the data of an entry.
const LOCAL: u32 = 0x0403_4b50;
const DESCRIPTOR: u32 = 0x0807_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;
const ARCHIVE_EXTRA: u32 = 0x0806_4b50;

/// General purpose flag: sizes and CRC stand in a descriptor behind the data.
const FLAG_DESCRIPTOR: u16 = 1 << 3;
/// The identifier of the extra field with sizes of 64 bits.
const EXTRA_64: u16 = 1;
/// The identifier of the extra field with times in seconds since 1970.
const EXTRA_TIME: u16 = 0x5455;

const METHOD_STORED: u16 = 0;
const METHOD_DEFLATE: u16 = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deflate;
    use crate::error::{Error, ErrorKind};
    use crate::gzip::Step;
    use crate::level::Level;
    use alloc::vec::Vec;

    type Decoded = Result<(Vec<u8>, Rest, Option<Vec<u8>>), Error>;

    fn decoded(bytes: &[u8], piece: usize) -> Decoded {
        let (mut decoder, mut out) = (Decoder::new(), Vec::new());
        let mut pieces = bytes.chunks(piece);
        let mut input: &[u8] = &[];
        loop {
            match decoder.decode(&mut input)? {
                Step::Output => {
                    out.extend_from_slice(decoder.output());
                    decoder.consume(decoder.output().len());
                }
                Step::NeedsInput => match pieces.next() {
                    Some(piece) => input = piece,
                    None => decoder.end_of_input(),
                },
                Step::Done => return Ok((out, decoder.rest(), decoder.name().map(<[u8]>::to_vec))),
            }
        }
    }

    fn zipped(data: &[u8], is_large: bool) -> Vec<u8> {
        let mut packed = Vec::new();
        deflate::compress(data, Level::DEFAULT, &mut packed);
        let entry = Entry { name: b"name".to_vec(), mtime: 1_234_567_890, may_be_large: is_large };
        let mut file = Vec::new();
        start(&entry, &mut file);
        let offset = file.len() as u64;
        assert!(offset > 0);
        file.extend_from_slice(&packed);
        end(&entry, crc32fast::hash(data), packed.len() as u64, data.len() as u64, &mut file);
        file
    }

    #[test]
    fn what_is_written_is_read_cut_anywhere() {
        let data = b"forty two ".repeat(1000);
        for is_large in [false, true] {
            let file = zipped(&data, is_large);
            for piece in [1, 2, 13, 1 << 20] {
                let expected = (data.clone(), Rest::Directory, Some(b"name".to_vec()));
                assert_eq!(decoded(&file, piece), Ok(expected), "large: {is_large}");
            }
        }
        assert_eq!(decoded(&zipped(b"", false), 5).map(|(data, ..)| data), Ok(Vec::new()));
    }

    #[test]
    fn a_stored_entry() {
        let mut file = b"PK\x03\x04\x0a\0\0\0\0\0\0\0\x21\0".to_vec();
        file.extend_from_slice(&crc32fast::hash(b"stored").to_le_bytes());
        file.extend_from_slice(b"\x06\0\0\0\x06\0\0\0\x01\0\0\0nstored");
        for piece in [1, 100] {
            assert_eq!(decoded(&file, piece), Ok((b"stored".to_vec(), Rest::Nothing, Some(b"n".to_vec()))));
        }
        let last = file.len() - 1;
        file[last] ^= 1;
        assert_eq!(decoded(&file, 3), Err(Error::new(ErrorKind::CrcMismatch, 37)));
    }

    #[test]
    fn what_follows_the_entry_is_told() {
        let file = zipped(b"one", false);
        let directory = file.windows(4).position(|bytes| bytes == CENTRAL.to_le_bytes()).expect("one");
        let followed =
            |bytes: &[u8]| decoded(&[&file[..directory], bytes].concat(), 7).map(|(_, rest, _)| rest);
        assert_eq!(followed(b""), Ok(Rest::Nothing));
        assert_eq!(followed(b"PK\x03\x04"), Ok(Rest::Entry));
        assert_eq!(followed(b"PK\x01\x02"), Ok(Rest::Directory));
        assert_eq!(followed(b"PK"), Ok(Rest::Garbage { offset: directory as u64 }));
        assert_eq!(followed(b"junk"), Ok(Rest::Garbage { offset: directory as u64 }));
    }

    #[test]
    fn every_prefix_up_to_the_end_of_the_entry_is_an_unexpected_end() {
        for is_large in [false, true] {
            let file = zipped(b"some data", is_large);
            let directory = file.windows(4).position(|bytes| bytes == CENTRAL.to_le_bytes()).expect("one");
            for len in 0..directory {
                let end = Error::new(ErrorKind::UnexpectedEnd, len as u64);
                assert_eq!(decoded(&file[..len], 9), Err(end), "{len} bytes");
            }
        }
    }

    #[test]
    fn what_breaks_a_rule_names_rule_and_byte() {
        let file = zipped(b"some data", false);
        let with = |at: usize, bit: u8| {
            let mut file = file.clone();
            file[at] ^= bit;
            decoded(&file, 100).err()
        };
        assert_eq!(with(1, 1), Some(Error::new(ErrorKind::NotZip, 0)));
        assert_eq!(with(6, 1), Some(Error::new(ErrorKind::ZipNotSupported, 6)), "encrypted");
        assert_eq!(with(8, 1), Some(Error::new(ErrorKind::UnknownMethod, 8)));
        let descriptor = file.windows(4).position(|bytes| bytes == DESCRIPTOR.to_le_bytes()).expect("one");
        let at = descriptor as u64;
        assert_eq!(with(descriptor + 4, 1), Some(Error::new(ErrorKind::CrcMismatch, at)));
        assert_eq!(with(descriptor + 8, 1), Some(Error::new(ErrorKind::SizeMismatch, at)));
        assert_eq!(with(descriptor + 12, 1), Some(Error::new(ErrorKind::SizeMismatch, at)));
    }
}
