//! Streams that are right or wrong in one way each. Every wrong one names the rule it breaks and the byte, and zlib
//! (its Rust port) must agree on the verdict and the rule.

#[cfg(test)]
#[path = "support/streams.rs"]
#[expect(dead_code, reason = "not all that makes streams is used here")]
mod streams;

use rigz::{ErrorKind, gzip, inflate, zlib};
use streams::fields;

/// The message zlib has for a rule.
fn zlib_message(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::ReservedBlockType => "invalid block type",
        ErrorKind::StoredLengthMismatch => "invalid stored block lengths",
        ErrorKind::TooManyLitlenCodes | ErrorKind::TooManyDistanceCodes => {
            "too many length or distance symbols"
        }
        ErrorKind::CodeLengthCodeOverSubscribed | ErrorKind::CodeLengthCodeIncomplete => {
            "invalid code lengths set"
        }
        ErrorKind::RepeatWithoutLength | ErrorKind::RepeatTooLong => "invalid bit length repeat",
        ErrorKind::MissingEndOfBlock => "invalid code -- missing end-of-block",
        ErrorKind::LitlenCodeOverSubscribed | ErrorKind::LitlenCodeIncomplete => {
            "invalid literal/lengths set"
        }
        ErrorKind::DistanceCodeOverSubscribed | ErrorKind::DistanceCodeIncomplete => "invalid distances set",
        ErrorKind::InvalidLitlenSymbol => "invalid literal/length code",
        ErrorKind::InvalidDistanceSymbol => "invalid distance code",
        ErrorKind::DistanceTooFar => "invalid distance too far back",
        _ => return None,
    })
}

/// Header of a dynamic block, final, with all 19 code length codes: symbols 0 to 12 have 4 bits, the others 5. The code
/// lengths follow at bit 74, in byte 9.
const ALL_CODE_LENGTHS: &str = "1 10 | 00000 00000 1111 | 101 101 101 100 100 100 100 100 100 100 100 100 100 100 101 100 \
                                101 100 101 | ";

/// In [`ALL_CODE_LENGTHS`]: code lengths 0, 1, 2, 3, ten zeros (17), 138 zeros (18).
const L0: &str = "<0000";
const L1: &str = "<0001";
const L2: &str = "<0010";
const ZEROS_10: &str = "<11110 111";
const ZEROS_138: &str = "<11111 1111111";

/// A dynamic block with all code length codes, these code lengths, and then `rest`.
fn dynamic(lengths: &[&str], rest: &str) -> String {
    format!("{ALL_CODE_LENGTHS} {} | {rest}", lengths.join(" "))
}

/// Code lengths 0 for all literals.
fn no_literals() -> String {
    format!("{ZEROS_138} {} {}", [ZEROS_10; 11].join(" "), [L0; 8].join(" "))
}

/// The stream of these fields breaks the rule `kind` at `offset`, for zlib too, and also when it comes byte by byte.
fn broken(name: &str, text: &str, kind: ErrorKind, offset: u64) {
    let stream = fields(text);
    let mut output = [0; 1000];
    let error = inflate::inflate(&stream, &mut output).err();
    assert_eq!(error.map(|e| (e.kind(), e.offset())), Some((kind, offset)), "{name}");
    let mut oracle = zlib_rs::Inflate::new(false, 15);
    let padded = [&stream[..], &[0; 8]].concat();
    let verdict = oracle.decompress(&padded, &mut output, zlib_rs::InflateFlush::NoFlush);
    assert!(verdict.is_err(), "zlib accepts: {name}");
    assert_eq!(oracle.error_message(), zlib_message(kind), "{name}");
    let mut decoder = inflate::Inflate::new();
    let (mut at, mut status) = (0, Ok(inflate::Status::NeedsInput));
    for byte in &stream {
        let progress = decoder.decode(core::slice::from_ref(byte), &mut output, at);
        at += progress.written;
        status = progress.status;
        if status.is_err() {
            break;
        }
    }
    assert_eq!(status.err(), error, "{name}");
}

#[test]
fn wrong_headers_break_the_rule_at_the_byte() {
    broken("block type 3", "1 11", ErrorKind::ReservedBlockType, 0);
    // A fixed block "end" (10 bits), then BFINAL in bit 10, so BTYPE in bits 11 and 12.
    broken("block type 3 later", "0 01 <0000000 | 1 11 000", ErrorKind::ReservedBlockType, 1);
    broken("NLEN is not the complement", "1 00 x05 x00 xfb xff", ErrorKind::StoredLengthMismatch, 1);
    broken("NLEN equals LEN", "1 00 x00 x00 x00 x00", ErrorKind::StoredLengthMismatch, 1);
    broken("287 litlen codes", "1 10 | 11110 00000 0000", ErrorKind::TooManyLitlenCodes, 0);
    broken("288 litlen codes", "1 10 | 11111 00000 0000", ErrorKind::TooManyLitlenCodes, 0);
    broken("31 distance codes", "1 10 | 11101 11110 0000", ErrorKind::TooManyDistanceCodes, 1);
    broken("32 distance codes", "1 10 | 00000 11111 0000", ErrorKind::TooManyDistanceCodes, 1);
    // Three codes of one bit.
    broken(
        "code length code over-subscribed",
        "1 10 | 00000 00000 0000 | 001 001 001 000",
        ErrorKind::CodeLengthCodeOverSubscribed,
        2,
    );
    broken(
        "code length code incomplete",
        "1 10 | 00000 00000 0000 | 001 010 000 000",
        ErrorKind::CodeLengthCodeIncomplete,
        2,
    );
    broken(
        "code length code with a single code",
        "1 10 | 00000 00000 0000 | 000 000 001 000",
        ErrorKind::CodeLengthCodeIncomplete,
        2,
    );
}

#[test]
fn wrong_code_lengths_break_the_rule_at_the_byte() {
    let no_literals = no_literals();
    broken("repeat first", &dynamic(&["<11101 00"], ""), ErrorKind::RepeatWithoutLength, 9);
    // The second 138 zeros start at bit 74 + 12 = 86.
    broken("zeros past the last code", &dynamic(&[ZEROS_138, ZEROS_138], ""), ErrorKind::RepeatTooLong, 10);
    broken(
        "repeat past the last code",
        &dynamic(&[&no_literals, L1, "<11101 00"], ""),
        ErrorKind::RepeatTooLong,
        26,
    );
    broken(
        "no end of block",
        &dynamic(
            &[
                L1, L1, ZEROS_138, ZEROS_10, ZEROS_10, ZEROS_10, ZEROS_10, ZEROS_10, ZEROS_10, ZEROS_10,
                ZEROS_10, ZEROS_10, ZEROS_10, ZEROS_10, L0, L0, L0, L0, L0, L0, L0, L1,
            ],
            "",
        ),
        ErrorKind::MissingEndOfBlock,
        9,
    );
    broken(
        "litlen code over-subscribed",
        &dynamic(
            &[
                L1, L1, ZEROS_138, ZEROS_10, ZEROS_10, ZEROS_10, ZEROS_10, ZEROS_10, ZEROS_10, ZEROS_10,
                ZEROS_10, ZEROS_10, ZEROS_10, ZEROS_10, L0, L0, L0, L0, L0, L0, L1, L1,
            ],
            "",
        ),
        ErrorKind::LitlenCodeOverSubscribed,
        9,
    );
    broken(
        "litlen code incomplete",
        &dynamic(
            &[
                L2, L0, ZEROS_138, ZEROS_10, ZEROS_10, ZEROS_10, ZEROS_10, ZEROS_10, ZEROS_10, ZEROS_10,
                ZEROS_10, ZEROS_10, ZEROS_10, ZEROS_10, L0, L0, L0, L0, L0, L0, L1, L1,
            ],
            "",
        ),
        ErrorKind::LitlenCodeIncomplete,
        9,
    );
    // A single code of two bits is not a single code of one bit.
    broken(
        "litlen code with a single long code",
        &dynamic(&[&no_literals, L2, L1], ""),
        ErrorKind::LitlenCodeIncomplete,
        9,
    );
    broken(
        "distance code incomplete",
        &dynamic(&[&no_literals, L1, L2], ""),
        ErrorKind::DistanceCodeIncomplete,
        9,
    );
    broken(
        "distance code over-subscribed",
        &dynamic(&[&no_literals, L1, L1, L1, L1], "").replacen("00000 00000 1111", "00000 00010 1111", 1),
        ErrorKind::DistanceCodeOverSubscribed,
        9,
    );
}

#[test]
fn wrong_symbols_break_the_rule_at_the_byte() {
    let no_literals = no_literals();
    // Only the end of the block has a code, `0`; the block starts with `1`.
    broken(
        "bits no litlen code has",
        &dynamic(&[&no_literals, L1, L1], "1 0000000"),
        ErrorKind::InvalidLitlenSymbol,
        26,
    );
    // Fixed codes 11000110 (286) and 11000111 (287).
    broken("symbol 286", "1 01 <11000110 00000", ErrorKind::InvalidLitlenSymbol, 0);
    broken("symbol 287", "1 01 <11000111 00000", ErrorKind::InvalidLitlenSymbol, 0);
    // Literals `a`, `b`; length 3; distance symbols 30 and 31 in the fixed code.
    broken(
        "distance symbol 30",
        "1 01 <10010001 <10010010 <0000001 <11110 000000",
        ErrorKind::InvalidDistanceSymbol,
        3,
    );
    broken(
        "distance symbol 31",
        "1 01 <10010001 <10010010 <0000001 <11111 000000",
        ErrorKind::InvalidDistanceSymbol,
        3,
    );
    // Literal `a`, then length 3 from distance 2.
    broken(
        "distance 2 after one byte",
        "1 01 <10010001 <0000001 <00001 <0000000",
        ErrorKind::DistanceTooFar,
        2,
    );
    broken("distance 1 at the start", "1 01 <0000001 <00000 <0000000", ErrorKind::DistanceTooFar, 1);
}

#[test]
fn good_streams_at_the_edges_of_the_rules() {
    let long = [&[b'a'][..], &[b'a'; 258], &[b'a'; 258]].concat();
    let vectors: Vec<(&str, Vec<u8>, &[u8])> = vec![
        ("empty stored", fields("1 00 x00 x00 xff xff"), b""),
        ("stored after a fixed block", fields("0 01 <0000000 | 1 00 x02 x00 xfd xff x68 x69"), b"hi"),
        ("empty fixed", fields("1 01 <0000000"), b""),
        // 284 with 31 extra, and 285, both mean 258.
        (
            "length 258 twice",
            fields("1 01 <10010001 <11000100 11111 <00000 <11000101 <00000 <0000000"),
            &long,
        ),
        // Only the end of the block has a code, and no distance has one: HLIT 0, HDIST 0; 18 18 (256 zeros), 1, 0.
        (
            "no distance codes, single litlen code",
            fields(
                "1 10 | 00000 00000 1110 | 000 000 001 010 000 000 000 000 000 000 000 000 000 000 000 000 000 010 \
                    | <0 1111111 <0 1101011 <11 <10 | <0",
            ),
            b"",
        ),
    ];
    for (name, stream, expected) in vectors {
        let mut output = [0; 1000];
        let done = inflate::inflate(&stream, &mut output).expect(name);
        assert_eq!(&output[..done.written], expected, "{name}");
        assert_eq!(done.consumed, stream.len(), "{name}");
        assert_eq!(miniz_oxide::inflate::decompress_to_vec(&stream).expect(name), expected, "{name}");
        // To the last byte of an exact buffer, and not one byte less.
        let mut exact = vec![0; expected.len()];
        assert!(inflate::inflate(&stream, &mut exact).is_ok(), "{name}");
        if let Some(short) = expected.len().checked_sub(1) {
            let error = inflate::inflate(&stream, &mut exact[..short]).expect_err(name);
            assert_eq!(error.kind(), ErrorKind::OutputFull, "{name}");
        }
    }
}

/// `abcdef` in a fixed block.
const BODY: [u8; 8] = [0x4b, 0x4c, 0x4a, 0x4e, 0x49, 0x4d, 0x03, 0x00];
/// Its CRC-32 and length.
const TRAILER: [u8; 8] = [0xef, 0x39, 0x8e, 0x4b, 6, 0, 0, 0];

/// A member with these flags and this between the fixed fields and the body.
fn member(flags: u8, more: &[u8]) -> Vec<u8> {
    [&[0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 2, 3][..], more, &BODY, &TRAILER].concat()
}

/// What a wrong file is: name, bytes, data before the error, rule, offset.
type Wrong = (&'static str, Vec<u8>, &'static [u8], ErrorKind, u64);

/// Decodes in pieces of `size` bytes: the data, and how it ended.
fn gunzip(input: &[u8], size: usize) -> (Vec<u8>, Result<gzip::Decoder, rigz::Error>) {
    let (mut decoder, mut data) = (gzip::Decoder::with_input_len(0), Vec::new());
    let mut pieces = input.chunks(size);
    let mut piece: &[u8] = &[];
    loop {
        match decoder.decode(&mut piece) {
            Ok(gzip::Step::Output) => {
                data.extend_from_slice(decoder.output());
                decoder.consume(decoder.output().len());
            }
            Ok(gzip::Step::NeedsInput) => match pieces.next() {
                Some(next) => piece = next,
                None => decoder.end_of_input(),
            },
            Ok(gzip::Step::Done) => return (data, Ok(decoder)),
            Err(error) => {
                assert_eq!(decoder.decode(&mut piece), Err(error), "the error stays");
                return (data, Err(error));
            }
        }
    }
}

#[test]
fn gzip_header_fields_in_every_combination_and_split() {
    let extra = [5, 0, b'A', b'p', 1, 0, 0x7f];
    for flags in 0..32u8 {
        let mut more = Vec::new();
        if flags & 4 != 0 {
            more.extend_from_slice(&extra);
        }
        if flags & 8 != 0 {
            more.extend_from_slice(b"name.txt\0");
        }
        if flags & 16 != 0 {
            more.extend_from_slice(b"\0");
        }
        if flags & 2 != 0 {
            let mut crc = rigz::checksum::Crc32::new();
            crc.update(&member(flags, &more)[..10 + more.len()]);
            more.extend_from_slice(&(crc.value() as u16).to_le_bytes());
        }
        let file = member(flags, &more);
        for size in [1, 2, 3, 7, 100] {
            let (data, decoder) = gunzip(&file, size);
            let decoder = decoder.expect("a good member");
            assert_eq!(data, b"abcdef");
            let header = decoder.header().expect("a header");
            assert_eq!((header.mtime, header.extra_flags, header.os), (0x0403_0201, 2, 3));
            assert_eq!(header.is_text, flags & 1 != 0);
            assert_eq!(header.extra.as_deref(), (flags & 4 != 0).then_some(&extra[2..]));
            assert_eq!(header.name.as_deref(), (flags & 8 != 0).then_some(&b"name.txt"[..]));
            assert_eq!(header.comment.as_deref(), (flags & 16 != 0).then_some(&b""[..]));
            assert_eq!(
                (decoder.members(), decoder.total_in(), decoder.total_out()),
                (1, file.len() as u64, 6)
            );
        }
        let mut output = [0; 6];
        assert_eq!(gzip::decompress(&file, &mut output), Ok(6));
        if flags & 2 != 0 {
            let mut wrong = file.clone();
            wrong[10 + more.len() - 1] ^= 1;
            let error = gunzip(&wrong, 1).1.expect_err("a wrong header checksum");
            assert_eq!(
                (error.kind(), error.offset()),
                (ErrorKind::HeaderChecksum, 10 + more.len() as u64 - 2)
            );
        }
    }
}

#[test]
fn bad_gzip_files_break_the_rule_at_the_byte() {
    let good = member(0, &[]);
    let changed = |at: usize, byte: u8| {
        let mut file = good.clone();
        file[at] = byte;
        file
    };
    let vectors: Vec<Wrong> = vec![
        ("nothing", vec![], b"", ErrorKind::UnexpectedEnd, 0),
        ("half a magic number", vec![0x1f], b"", ErrorKind::UnexpectedEnd, 1),
        ("first byte", changed(0, 0x1e), b"", ErrorKind::NotGzip, 0),
        ("second byte", changed(1, 0x9e), b"", ErrorKind::NotGzip, 0),
        ("method", changed(2, 7), b"", ErrorKind::UnknownMethod, 2),
        ("flag bit 5", changed(3, 0x20), b"", ErrorKind::ReservedFlags, 3),
        ("flag bit 7", changed(3, 0x80), b"", ErrorKind::ReservedFlags, 3),
        ("checksum", changed(18, 0), b"abcdef", ErrorKind::CrcMismatch, 18),
        ("length", changed(25, 1), b"abcdef", ErrorKind::SizeMismatch, 22),
        ("block type 3", changed(10, 0x4f), b"", ErrorKind::ReservedBlockType, 10),
        (
            "second member: method",
            [&good[..], &changed(2, 9)].concat(),
            b"abcdef",
            ErrorKind::UnknownMethod,
            28,
        ),
        (
            "second member: flags",
            [&good[..], &changed(3, 0xe0)].concat(),
            b"abcdef",
            ErrorKind::ReservedFlags,
            29,
        ),
        ("second member: cut", [&good[..], &good[..15]].concat(), b"", ErrorKind::UnexpectedEnd, 41),
        (
            "second member: only magic",
            [&good[..], &good[..2]].concat(),
            b"abcdef",
            ErrorKind::UnexpectedEnd,
            28,
        ),
        ("one byte that is not zero", [&good[..], b"x"].concat(), b"abcdef", ErrorKind::UnexpectedEnd, 27),
        (
            "second member: body",
            [&good[..], &changed(10, 0x4f)].concat(),
            b"abcdef",
            ErrorKind::ReservedBlockType,
            36,
        ),
    ];
    for (name, file, data, kind, offset) in vectors {
        for size in [1, 5, 1000] {
            let (found, verdict) = gunzip(&file, size);
            let error = verdict.expect_err(name);
            assert_eq!((error.kind(), error.offset()), (kind, offset), "{name}");
            assert!(found.starts_with(data), "{name}: what was right is output");
        }
        let error = gzip::decompress(&file, &mut [0; 20]).expect_err(name);
        assert_eq!((error.kind(), error.offset()), (kind, offset), "{name}, one-shot");
    }
    for cut in 0..good.len() {
        let error = gunzip(&good[..cut], 4).1.expect_err("a prefix");
        assert_eq!((error.kind(), error.offset()), (ErrorKind::UnexpectedEnd, cut as u64));
    }
}

#[test]
fn what_may_follow_the_last_member_is_as_gnu_gzip_has_it() {
    let good = member(0, &[]);
    let end = good.len() as u64;
    for (after, trailing) in [
        (&b""[..], gzip::Trailing::None),
        (b"\0", gzip::Trailing::Zeros { offset: end }),
        (&[0; 600], gzip::Trailing::Zeros { offset: end }),
        (b"xy", gzip::Trailing::Garbage { offset: end }),
        (b"\x1f\x9e\x08\0", gzip::Trailing::Garbage { offset: end }),
        (b"\0\0x", gzip::Trailing::Garbage { offset: end }),
        (b"\0\x1f\x8b\x08\0", gzip::Trailing::Garbage { offset: end }),
    ] {
        let file = [&good[..], after].concat();
        for size in [1, 2, 27, 1000] {
            let (data, decoder) = gunzip(&file, size);
            assert_eq!((&data[..], decoder.expect("good").trailing()), (&b"abcdef"[..], trailing));
        }
        assert_eq!(gzip::decompress(&file, &mut [0; 6]), Ok(6));
    }
    let three = [member(0, &[]), member(8, b"n\0"), member(16, b"c\0")].concat();
    let (data, decoder) = gunzip(&three, 10);
    assert_eq!((&data[..], decoder.map(|d| d.members())), (&b"abcdefabcdefabcdef"[..], Ok(3)));
}

#[test]
fn matches_do_not_reach_into_the_member_before() {
    // Length 3 from distance 1 at the start of the second member.
    let second =
        [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &fields("1 01 <0000001 <00000 <0000000")].concat();
    let (data, verdict) = gunzip(&[member(0, &[]), second].concat(), 1000);
    let error = verdict.expect_err("too far");
    assert_eq!((&data[..], error.kind(), error.offset()), (&b"abcdef"[..], ErrorKind::DistanceTooFar, 37));
}

#[test]
fn long_header_fields_take_linear_time_and_bounded_memory() {
    let mut decoder = gzip::Decoder::new();
    let mut head: &[u8] = &[0x1f, 0x8b, 8, 8 | 2, 0, 0, 0, 0, 0, 3];
    assert_eq!(decoder.decode(&mut head), Ok(gzip::Step::NeedsInput));
    let name = vec![b'n'; 1 << 20];
    for _ in 0..64 {
        assert_eq!(decoder.decode(&mut &name[..]), Ok(gzip::Step::NeedsInput));
    }
    assert!(decoder.decode(&mut &[0, 0, 0][..]).is_err_and(|e| e.kind() == ErrorKind::HeaderChecksum));
}

#[test]
fn bad_zlib_streams_break_the_rule_at_the_byte() {
    let good = [&[0x78, 0x9c][..], &BODY, &[0x08, 0x1e, 0x02, 0x56]].concat();
    let mut output = [0; 6];
    assert_eq!(zlib::decompress(&good, &mut output), Ok(6));
    assert_eq!(&output, b"abcdef");
    let with = |at: usize, bytes: &[u8]| {
        let mut stream = good.clone();
        stream[at..at + bytes.len()].copy_from_slice(bytes);
        stream
    };
    for (name, stream, kind, offset) in [
        ("header checksum", with(1, &[0x9d]), ErrorKind::HeaderChecksum, 0),
        ("method 7", with(0, &[0x77, 0x85]), ErrorKind::UnknownMethod, 0),
        ("window of 64 KiB", with(0, &[0x88, 0x1c]), ErrorKind::WindowTooLarge, 0),
        ("dictionary", with(0, &[0x78, 0xbb]), ErrorKind::DictionaryMismatch, 2),
        ("block type", with(2, &[0x4f]), ErrorKind::ReservedBlockType, 2),
        ("checksum", with(13, &[0x57]), ErrorKind::AdlerMismatch, 10),
        ("cut", good[..12].to_vec(), ErrorKind::UnexpectedEnd, 12),
    ] {
        let error = zlib::decompress(&stream, &mut output).expect_err(name);
        assert_eq!((error.kind(), error.offset()), (kind, offset), "{name}");
        let mut decoder = zlib::Decoder::new();
        let mut input = &stream[..];
        let error = loop {
            match decoder.decode(&mut input) {
                Ok(gzip::Step::Output) => decoder.consume(decoder.output().len()),
                Ok(gzip::Step::NeedsInput) => decoder.end_of_input(),
                Ok(gzip::Step::Done) => panic!("{name}"),
                Err(error) => break error,
            }
        };
        assert_eq!((error.kind(), error.offset()), (kind, offset), "{name}");
    }
}

#[test]
fn preset_dictionary_is_history_and_not_output() {
    // Length 6 from distance 6, after the dictionary `abcdef`.
    let body = fields("1 01 <0000100 <00100 1 <0000000");
    let stream = [&[0x78, 0xbb, 0x08, 0x1e, 0x02, 0x56][..], &body, &[0x08, 0x1e, 0x02, 0x56]].concat();
    let mut decoder = zlib::Decoder::new();
    decoder.set_dictionary(b"abcdef");
    let mut input = &stream[..];
    assert_eq!(decoder.decode(&mut input), Ok(gzip::Step::Output));
    assert_eq!(decoder.output(), b"abcdef");
    decoder.consume(6);
    assert_eq!(decoder.decode(&mut input), Ok(gzip::Step::Done));
    let mut other = zlib::Decoder::new();
    other.set_dictionary(b"abcdeg");
    assert!(other.decode(&mut &stream[..]).is_err_and(|e| e.kind() == ErrorKind::DictionaryMismatch));
}
