//! The same calls here and in the crate whose interface this is: the same data, the same kinds of errors.

#![expect(clippy::unwrap_used, reason = "tests")]

use flate2::{Compression, FlushCompress, FlushDecompress, Status};
use std::io::{self, BufRead, Read, Write};

/// Bytes that compress a little and repeat at long distances.
fn sample(len: usize) -> Vec<u8> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 24
    };
    let base: Vec<u8> =
        (0..len.div_ceil(3)).map(|i| if i % 7 < 3 { b'a' + (i % 19) as u8 } else { next() as u8 }).collect();
    base.iter().chain(&base).chain(&base).copied().take(len).collect()
}

/// What a reader gives, read in pieces; or the error.
fn all(mut reader: impl Read, piece: usize) -> io::Result<Vec<u8>> {
    let (mut data, mut buffer) = (Vec::new(), vec![0; piece]);
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(data),
            count => data.extend_from_slice(&buffer[..count]),
        }
    }
}

/// What a writer makes of `data`, written in pieces, or refuses.
fn written<W: Write>(
    mut writer: W,
    data: &[u8],
    piece: usize,
    finish: impl FnOnce(W) -> io::Result<Vec<u8>>,
) -> io::Result<Vec<u8>> {
    for piece in data.chunks(piece) {
        writer.write_all(piece)?;
    }
    finish(writer)
}

const LENGTHS: [usize; 6] = [0, 1, 1000, 32_768, 100_000, 700_000];
const PIECES: [usize; 4] = [1, 999, 32_768, 1 << 20];

macro_rules! round_trips {
    ($test:ident, $Encoder:ident, $Decoder:ident) => {
        #[test]
        fn $test() {
            for len in LENGTHS {
                let data = sample(len);
                let theirs = {
                    let mut encoder =
                        original::write::$Encoder::new(Vec::new(), original::Compression::new(6));
                    encoder.write_all(&data).unwrap();
                    encoder.finish().unwrap()
                };
                let level = Compression::default();
                let ours = all(flate2::bufread::$Encoder::new(&data[..], level), 4096).unwrap();
                for piece in PIECES.into_iter().filter(|piece| len / piece < 50_000) {
                    assert!(
                        all(flate2::read::$Encoder::new(&data[..], level), piece).unwrap() == ours,
                        "{len}, {piece}"
                    );
                    let encoder = flate2::write::$Encoder::new(Vec::new(), level);
                    assert!(
                        written(encoder, &data, piece, |writer| writer.finish()).unwrap() == ours,
                        "{len}, {piece}"
                    );
                    for packed in [&ours, &theirs] {
                        assert!(all(flate2::read::$Decoder::new(&packed[..]), piece).unwrap() == data);
                        assert!(all(flate2::bufread::$Decoder::new(&packed[..]), piece).unwrap() == data);
                        let decoder = flate2::write::$Decoder::new(Vec::new());
                        assert!(written(decoder, packed, piece, |writer| writer.finish()).unwrap() == data);
                    }
                }
                assert!(all(original::read::$Decoder::new(&ours[..]), 4096).unwrap() == data, "{len}");
            }
        }
    };
}

round_trips!(raw_streams_read_here_and_there, DeflateEncoder, DeflateDecoder);
round_trips!(zlib_streams_read_here_and_there, ZlibEncoder, ZlibDecoder);
round_trips!(gzip_members_read_here_and_there, GzEncoder, GzDecoder);

/// What became of an input, comparable.
fn verdict(result: io::Result<Vec<u8>>) -> Result<Vec<u8>, io::ErrorKind> {
    result.map_err(|error| error.kind())
}

/// A gzip file of two members with all fields in the first header, and broken forms of it.
fn broken_files() -> Vec<Vec<u8>> {
    let mut file = Vec::new();
    let header =
        original::GzBuilder::new().filename("name").comment("comment").extra(&b"ab\x02\0xy"[..]).mtime(5);
    header.read(&sample(300)[..], original::Compression::new(6)).read_to_end(&mut file).unwrap();
    let first = file.len();
    original::read::GzEncoder::new(&b"second"[..], original::Compression::new(6))
        .read_to_end(&mut file)
        .unwrap();
    let mut files: Vec<Vec<u8>> = (0..=file.len()).map(|len| file[..len].to_vec()).collect();
    for at in 0..file.len() {
        let mut flipped = file.clone();
        flipped[at] ^= 1 << (at % 8);
        files.push(flipped);
    }
    for tail in [&b"\0"[..], b"\0\0\0\0", b"garbage, more than a header", b"\x1f", b"\x1f\x8b"] {
        files.push([&file, tail].concat());
        files.push([&file[..first], tail].concat());
    }
    files
}

#[test]
fn what_is_broken_is_broken_in_the_same_way() {
    for (i, file) in broken_files().iter().enumerate() {
        let ours = verdict(all(flate2::read::GzDecoder::new(&file[..]), 100));
        assert_eq!(
            ours,
            verdict(all(original::read::GzDecoder::new(&file[..]), 100)),
            "one member, file {i}"
        );
        let ours = verdict(all(flate2::bufread::MultiGzDecoder::new(&file[..]), 100));
        assert_eq!(
            ours,
            verdict(all(original::bufread::MultiGzDecoder::new(&file[..]), 100)),
            "all members, file {i}"
        );
        let ours = flate2::write::MultiGzDecoder::new(Vec::new());
        let ours = written(ours, file, 7, |writer| writer.finish());
        let theirs = original::write::MultiGzDecoder::new(Vec::new());
        let theirs = written(theirs, file, 7, |writer| writer.finish());
        assert_eq!(ours.is_ok(), theirs.is_ok(), "written, file {i}: {ours:?}, {theirs:?}");
        assert_eq!(ours.ok(), theirs.ok(), "written, file {i}");
    }
}

#[test]
fn broken_streams_have_the_verdict_and_the_words_of_zlib() {
    let mut stream = Vec::new();
    original::read::ZlibEncoder::new(&sample(3000)[..], original::Compression::new(6))
        .read_to_end(&mut stream)
        .unwrap();
    let (mut state, mut named) = (7u32, 0);
    for _ in 0..3000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let mut broken = stream.clone();
        let at = (state >> 8) as usize % (8 * broken.len().min(200));
        broken[at / 8] ^= 1 << (at % 8);
        let (mut ours, mut theirs) = ([0; 8192], [0; 8192]);
        let mut decompress = flate2::Decompress::new(true);
        let mut result = decompress.decompress(&broken, &mut ours, FlushDecompress::Finish);
        if matches!(result, Ok(Status::Ok)) {
            // What was decoded before the error came first.
            let (read, made) = (decompress.total_in() as usize, decompress.total_out() as usize);
            result = decompress.decompress(&broken[read..], &mut ours[made..], FlushDecompress::Finish);
        }
        let mut original = original::Decompress::new(true);
        match (result, original.decompress(&broken, &mut theirs, original::FlushDecompress::Finish)) {
            (Ok(_), Ok(_)) => assert!(ours == theirs),
            (Err(ours), Err(theirs)) => {
                // Which is what zlib-rs says where zlib names the rule, if some output came before.
                if theirs.message() != Some("repeated call with bad state") {
                    assert_eq!(ours.message(), theirs.message(), "bit {at}");
                    assert_eq!(ours.to_string(), theirs.to_string());
                    named += 1;
                }
                assert_eq!(ours.needs_dictionary(), theirs.needs_dictionary());
            }
            (ours, theirs) => panic!("bit {at}: {ours:?}, {theirs:?}"),
        }
    }
    assert!(named > 1000, "{named} errors were compared");
}

#[test]
fn small_windows_are_kept_to() {
    let data = sample(200_000);
    for (bits, level) in (9..=15).flat_map(|bits| [(bits, 1), (bits, 6), (bits, 9)]) {
        let mut compress = flate2::Compress::new_with_window_bits(Compression::new(level), true, bits);
        let mut packed = Vec::with_capacity(300_000);
        let mut at = 0;
        for (end, flush) in
            [(70_000, FlushCompress::Full), (150_000, FlushCompress::Sync), (200_000, FlushCompress::Finish)]
        {
            compress.compress_vec(&data[at..end], &mut packed, flush).unwrap();
            at = end;
        }
        assert_eq!(compress.total_out(), packed.len() as u64);
        let mut decompress = original::Decompress::new_with_window_bits(true, bits);
        let mut back = vec![0; data.len()];
        let status = decompress.decompress(&packed, &mut back, original::FlushDecompress::Finish).unwrap();
        assert!(status == original::Status::StreamEnd && back == data, "{bits} bits, level {level}");
    }
}

#[test]
fn what_follows_a_stream_stays_in_a_buffered_reader() {
    let member = all(flate2::read::GzEncoder::new(&b"data"[..], Compression::best()), 64).unwrap();
    let stream = all(flate2::read::ZlibEncoder::new(&b"data"[..], Compression::best()), 64).unwrap();
    let files = [[&member[..], b"rest"].concat(), [&stream[..], b"rest"].concat()];
    let mut gz = flate2::bufread::GzDecoder::new(&files[0][..]);
    io::copy(&mut gz, &mut io::sink()).unwrap();
    let mut zlib = flate2::bufread::ZlibDecoder::new(&files[1][..]);
    io::copy(&mut zlib, &mut io::sink()).unwrap();
    assert_eq!((gz.into_inner(), zlib.into_inner()), (&b"rest"[..], &b"rest"[..]));
}

#[test]
fn a_reset_forgets_the_dictionary_and_keeps_the_level() {
    let mut compress = flate2::Compress::new(Compression::new(9), true);
    let mut first = Vec::with_capacity(100);
    let id = compress.set_dictionary(b"dictionary").unwrap();
    compress.compress_vec(b"dictionary", &mut first, FlushCompress::Finish).unwrap();
    compress.reset();
    let mut second = Vec::with_capacity(100);
    compress.compress_vec(b"dictionary", &mut second, FlushCompress::Finish).unwrap();
    assert_eq!(second[..2], [0x78, 0xda]);

    let mut decompress = flate2::Decompress::new(true);
    let mut back = Vec::with_capacity(100);
    let error = decompress.decompress_vec(&first, &mut back, FlushDecompress::Finish).unwrap_err();
    assert_eq!(error.needs_dictionary(), Some(id));
    assert!(decompress.set_dictionary(b"another").is_err());
    assert_eq!(decompress.set_dictionary(b"dictionary").unwrap(), id);
    let read = decompress.total_in() as usize;
    assert_eq!(
        decompress.decompress_vec(&first[read..], &mut back, FlushDecompress::Finish).unwrap(),
        Status::StreamEnd
    );
    decompress.reset(true);
    assert!(
        decompress.decompress_vec(&first, &mut back, FlushDecompress::Finish).is_err(),
        "it has to be given again"
    );
}

#[test]
fn dropping_an_encoder_ends_its_stream() {
    let mut packed = Vec::new();
    flate2::write::GzEncoder::new(&mut packed, Compression::fast()).write_all(b"dropped").unwrap();
    assert_eq!(all(original::read::GzDecoder::new(&packed[..]), 64).unwrap(), b"dropped");
}

#[test]
fn dropping_a_decoder_gives_what_it_was_given() {
    let data = sample(100_000);
    let member = all(original::read::GzEncoder::new(&data[..], original::Compression::fast()), 4096).unwrap();
    for (count, is_whole) in [(member.len(), true), (member.len() - 9, false)] {
        let (mut ours, mut theirs, mut many) = (Vec::new(), Vec::new(), Vec::new());
        flate2::write::GzDecoder::new(&mut ours).write_all(&member[..count]).unwrap();
        flate2::write::MultiGzDecoder::new(&mut many).write_all(&member[..count]).unwrap();
        original::write::GzDecoder::new(&mut theirs).write_all(&member[..count]).unwrap();
        assert!(ours == theirs && many == theirs && (ours == data || !is_whole), "{count} bytes");
    }
}

#[test]
fn long_fields_of_a_header_are_whole_and_a_header_checksum_counts() {
    let long = vec![b'x'; 60_000];
    let builder = flate2::GzBuilder::new()
        .filename(long.clone())
        .comment("c")
        .extra(vec![7; 65_535])
        .operating_system(9);
    let mut file = all(builder.mtime(77).buf_read(&b"body"[..], Compression::default()), 1000).unwrap();
    let decoder = flate2::read::GzDecoder::new(&file[..]);
    let header = decoder.header().unwrap();
    assert_eq!(header.filename(), Some(&long[..]));
    assert_eq!((header.comment(), header.extra().unwrap().len()), (Some(&b"c"[..]), 65_535));
    assert_eq!((header.operating_system(), header.mtime()), (9, 77));

    // FHCRC set, and two bytes behind the header that are not its checksum.
    file[3] |= 2;
    let error = all(flate2::read::GzDecoder::new(&file[..]), 64).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}

#[test]
fn a_reader_that_has_nothing_yet_is_asked_again() {
    /// Gives one byte, then would block, in turn.
    struct Slow<'a>(&'a [u8], bool);
    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 { Err(io::ErrorKind::WouldBlock.into()) } else { self.0.read(&mut into[..1]) }
        }
    }
    let member = all(flate2::read::GzEncoder::new(&sample(2000)[..], Compression::default()), 4096).unwrap();
    let mut decoder = flate2::read::MultiGzDecoder::new(Slow(&member, false));
    let (mut data, mut buffer) = (Vec::new(), [0; 100]);
    loop {
        match decoder.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => data.extend_from_slice(&buffer[..count]),
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
        }
    }
    assert!(data == sample(2000));
}

#[test]
fn checksums_are_those_of_what_passes() {
    let mut reader = flate2::CrcReader::new(&b"123456789"[..]);
    let first = reader.fill_buf().unwrap()[..4].len();
    reader.consume(first);
    reader.read_to_end(&mut Vec::new()).unwrap();
    assert_eq!((reader.crc().sum(), reader.crc().amount()), (0xcbf4_3926, 9));
}
