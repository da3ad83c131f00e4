//! Whole buffers, resets, flushes and adapters: the public ways in and out give the same bytes and the same data.

#[path = "common/families.rs"]
mod families;

use families::{Random, families, records, text};
use rigz::deflate::{Deflate, Encode, Flush, Sliced};
use rigz::inflate::{Decode, Step};
use rigz::{
    Compressor, Decompressor, ErrorKind, Format, Level, compress_bound, deflate, gzip, inflate, zlib,
};

const FORMATS: [Format; 3] = [Format::Gzip, Format::Zlib, Format::Raw];

fn levels() -> impl Iterator<Item = Level> {
    (0..).map_while(Level::new)
}

/// What the free functions make.
fn compress(format: Format, input: &[u8], level: Level) -> Vec<u8> {
    let mut out = Vec::new();
    match format {
        Format::Gzip => gzip::compress(input, level, &mut out),
        Format::Zlib => zlib::compress(input, level, &mut out),
        Format::Raw => deflate::compress(input, level, &mut out),
    }
    out
}

fn encoder(format: Format, level: Level) -> Box<dyn Encode> {
    match format {
        Format::Gzip => Box::new(gzip::Encoder::new(level, &gzip::HeaderBuilder::new())),
        Format::Zlib => Box::new(zlib::Encoder::new(level)),
        Format::Raw => Box::new(Deflate::new(level)),
    }
}

fn decoder(format: Format) -> Box<dyn Decode> {
    match format {
        Format::Gzip => Box::new(gzip::Decoder::new()),
        Format::Zlib => Box::new(zlib::Decoder::new()),
        Format::Raw => Box::new(inflate::Decoder::new()),
    }
}

/// All that `decoder` makes of `input` in pieces of `read` bytes, taken by `write` bytes.
fn decode(decoder: &mut dyn Decode, input: &[u8], read: usize, write: usize) -> Result<Vec<u8>, rigz::Error> {
    let (mut out, mut buffer) = (Vec::new(), vec![0; write]);
    let mut pieces = input.chunks(read);
    let mut piece: &[u8] = &[];
    loop {
        let (count, step) = decoder.decode_into(&mut piece, &mut buffer)?;
        out.extend_from_slice(&buffer[..count]);
        match step {
            Step::Output => {}
            Step::Done => return Ok(out),
            Step::NeedsInput => match pieces.next() {
                Some(next) => piece = next,
                None => decoder.end_of_input(),
            },
        }
    }
}

#[test]
fn one_object_makes_the_bytes_of_many_whatever_it_did_before() {
    let mut inputs: Vec<Vec<u8>> = families().into_iter().map(|(_, input)| input).collect();
    inputs.push(text(1_200_000));
    inputs.extend([vec![], text(1_000), records(40), b"a".to_vec()]);
    let mut decompressor = Decompressor::new();
    for level in levels() {
        let mut compressor = Compressor::new(level);
        for (i, input) in inputs.iter().enumerate() {
            let format = FORMATS[i % 3];
            let expected = compress(format, input, level);
            let mut out = b"before".to_vec();
            compressor.compress_to_vec(format, input, &mut out);
            assert!(out[6..] == expected, "{format:?}, level {}", level.number());

            let bound = compress_bound(input.len());
            assert!(expected.len() <= bound, "{} of {bound}, level {}", expected.len(), level.number());
            let mut exact = vec![0; expected.len()];
            assert_eq!(compressor.compress(format, input, &mut exact), Ok(expected.len()));
            assert!(exact == expected, "into a slice");
            let error = compressor.compress(format, input, &mut exact[1..]);
            assert_eq!(error.map_err(|e| e.kind()), Err(ErrorKind::OutputFull));

            let mut data = vec![0; input.len()];
            let done = decompressor.decompress(format, &expected, &mut data).expect("exact room");
            assert_eq!((done.consumed, done.written), (expected.len(), input.len()));
            assert!(data == *input, "{format:?}, level {}", level.number());
        }
    }
}

#[test]
fn a_limit_is_exact_and_an_error_leaves_the_vector_as_it_was() {
    let mut decompressor = Decompressor::new();
    for input in [&b""[..], b"a", &text(300_000), &[0; 500_000], &Random::new(1).bytes(70_000)] {
        for format in FORMATS {
            let mut file = compress(format, input, Level::DEFAULT);
            let len = file.len();
            file.extend_from_slice(b"\xffgarbage");
            let mut out = b"before".to_vec();
            let done =
                decompressor.decompress_to_vec(format, &file, &mut out, input.len()).expect("exact limit");
            assert_eq!((done.consumed, done.written), (len, input.len()));
            assert!(out.starts_with(b"before") && out[6..] == *input);
            if let Some(less) = input.len().checked_sub(1) {
                let result = decompressor.decompress_to_vec(format, &file, &mut out, less);
                assert_eq!(result.map_err(|e| e.kind()), Err(ErrorKind::OutputFull));
                assert_eq!(out.len(), 6 + input.len());
                assert!(
                    out.capacity() < 64 + 6 + 2 * input.len().max(16 * file.len()),
                    "the guess is bounded"
                );
                let result = decompressor.decompress(format, &file, &mut out[..less]);
                assert_eq!(result.map_err(|e| e.kind()), Err(ErrorKind::OutputFull));
            }
            let result = decompressor.decompress_to_vec(format, &file[..len - 1], &mut out, usize::MAX);
            assert_eq!(
                result.map_err(|e| (e.kind(), e.offset())),
                Err((ErrorKind::UnexpectedEnd, len as u64 - 1))
            );
        }
    }
}

#[test]
fn a_length_that_lies_is_an_error_and_costs_no_memory() {
    let mut file = compress(Format::Gzip, b"abc", Level::DEFAULT);
    let len = file.len();
    file[len - 4..].copy_from_slice(&u32::MAX.to_le_bytes());
    let mut out = Vec::new();
    let error = Decompressor::new().decompress_to_vec(Format::Gzip, &file, &mut out, usize::MAX);
    assert_eq!(error.map_err(|e| e.kind()), Err(ErrorKind::SizeMismatch));
    assert!(out.is_empty() && out.capacity() <= 16 * len);
}

#[test]
fn members_follow_each_other_unless_only_one_is_wanted() {
    let (a, b) = (text(200_000), records(3_000));
    let first = compress(Format::Gzip, &a, Level::DEFAULT);
    let file = [first.clone(), compress(Format::Gzip, &b, Level::FAST), b"\0\0".to_vec()].concat();
    let mut out = Vec::new();
    let done =
        Decompressor::new().decompress_to_vec(Format::Gzip, &file, &mut out, usize::MAX).expect("valid");
    assert_eq!(done.consumed, file.len() - 2);
    assert!(out == [a.clone(), b].concat());
    let done = Decompressor::single_member().decompress(Format::Gzip, &file, &mut out).expect("valid");
    assert_eq!((done.consumed, done.written), (first.len(), a.len()));
    for read in [1, 1000, usize::MAX] {
        let mut decoder = gzip::Decoder::new().single_member();
        assert!(decode(&mut decoder, &file, read, 5_000).expect("valid") == a);
        assert_eq!(decoder.total_in(), first.len() as u64, "not a byte more");
    }
}

#[test]
fn a_reset_forgets_everything_but_the_settings() {
    let (noise, input) = (records(1_000), text(100_000));
    for format in FORMATS {
        let expected = compress(format, &input, Level::DEFAULT);
        let mut encoder = encoder(format, Level::DEFAULT);
        let mut decoder = decoder(format);
        for how in [Flush::None, Flush::Partial, Flush::Sync, Flush::Finish] {
            let mut out = Vec::new();
            encoder.feed_all(&noise, &mut out);
            encoder.flush(how, &mut out);
            encoder.reset();
            out.clear();
            encoder.feed_all(&input, &mut out);
            encoder.flush(Flush::Finish, &mut out);
            assert!(out == expected, "{format:?} after {how:?}");
            assert_eq!((encoder.total_in(), encoder.total_out()), (input.len() as u64, out.len() as u64));

            let used = out.len() / if how == Flush::None { 2 } else { 1 };
            let mut buffer = vec![0; 10_000];
            let mut damaged = out[..used].to_vec();
            damaged[used / 2] ^= 4;
            let mut rest = &damaged[..];
            while let Ok((_, Step::Output)) = decoder.decode_into(&mut rest, &mut buffer) {}
            decoder.reset();
            assert!(decode(&mut *decoder, &out, 777, 3_333).expect("valid") == input, "{format:?}");
            assert_eq!((decoder.total_in(), decoder.total_out()), (out.len() as u64, input.len() as u64));
        }
    }
}

#[test]
fn one_byte_in_and_one_byte_out() {
    let input = text(5_000);
    for format in FORMATS {
        let file = compress(format, &input, Level::DEFAULT);
        assert!(decode(&mut *decoder(format), &file, 1, 1).expect("valid") == input, "{format:?}");
    }
}

#[test]
fn any_flush_makes_all_that_was_fed_readable_and_higher_ones_add_to_lower_ones() {
    let input = text(60_000);
    let mut random = Random::new(3);
    for level in levels() {
        let (mut encoder, mut out) = (Deflate::new(level), Vec::new());
        let mut reader = inflate::Decoder::new();
        let (mut fed, mut read) = (0, 0);
        let mut back = Vec::new();
        while fed < input.len() {
            let piece = &input[fed..input.len().min(fed + 1 + random.below(9_000))];
            encoder.feed_all(piece, &mut out);
            fed += piece.len();
            let how = [Flush::Partial, Flush::Sync, Flush::Full][random.below(3)];
            encoder.flush(how, &mut out);
            let len = out.len();
            encoder.flush(how, &mut out);
            encoder.flush(Flush::Partial, &mut out);
            assert_eq!(out.len(), len, "asked for as much before");
            if how == Flush::Partial && random.below(2) == 0 {
                encoder.flush(Flush::Sync, &mut out);
                assert!(out.ends_with(&[0, 0, 0xff, 0xff]), "asked for more");
            }
            let (mut rest, mut buffer) = (&out[read..], vec![0; 100_000]);
            let (count, step) = reader.decode_into(&mut rest, &mut buffer).expect("valid");
            assert_eq!(step, Step::NeedsInput);
            back.extend_from_slice(&buffer[..count]);
            read = out.len() - rest.len();
            assert!(back == input[..fed], "{how:?} at {fed}, level {}", level.number());
        }
        encoder.flush(Flush::Finish, &mut out);
        assert!(decode(&mut inflate::Decoder::new(), &out, 999, 999).expect("valid") == input);
        assert_eq!(encoder.total_out(), out.len() as u64);
    }
}

#[test]
fn room_that_ends_in_a_second_member_takes_no_more_of_its_input_and_the_rest_comes_later() {
    let mut random = Random::new(5);
    let data: Vec<u8> = (0..1_100).map(|_| random.below(256) as u8).collect();
    let mut file = compress(Format::Gzip, &data[..100], Level::STORED);
    let second = file.len();
    file.extend(compress(Format::Gzip, &data[100..], Level::STORED));
    for room in [0, 1, 99, 100, 101, 150, 1_099, 1_100] {
        // The header of a member, and that of a stored block.
        let needed = if room > 100 { second + 10 + 5 + room - 100 } else { second + 10 + 5 };
        let mut buffer = vec![0; room];
        let (mut decoder, mut rest) = (gzip::Decoder::new(), &file[..]);
        let (count, step) = decoder.decode_into(&mut rest, &mut buffer).expect("valid");
        assert!(count == room && buffer == data[..room]);
        let is_over = room == data.len();
        assert_eq!(step, if is_over { Step::NeedsInput } else { Step::Output });
        assert!(is_over || file.len() - rest.len() <= needed, "{room}: {} left", rest.len());
        assert_eq!(decoder.total_in(), (file.len() - rest.len()) as u64);
        assert_eq!(decoder.total_out(), room as u64);
        let mut end = Vec::new();
        while !is_over && end.len() < data.len() - room {
            let mut more = [0; 7];
            let (count, _) = decoder.decode_into(&mut rest, &mut more).expect("valid");
            end.extend_from_slice(&more[..count]);
        }
        assert!(end == data[room..]);

        let (mut decoder, mut rest) = (gzip::Decoder::new(), &file[..]);
        decoder.set_limit(room);
        while decoder.output().len() < room {
            assert_eq!(decoder.decode(&mut rest).expect("valid"), Step::Output);
        }
        assert!(decoder.output() == &data[..room] && (is_over || file.len() - rest.len() <= needed));
    }
}

#[test]
fn the_level_may_change_in_the_middle_and_keeps_the_history() {
    let input = text(40_000);
    let (mut encoder, mut out) = (gzip::Encoder::new(Level::FAST, &gzip::HeaderBuilder::new()), Vec::new());
    for level in [Level::FAST, Level::STORED, Level::BEST, Level::BEST] {
        encoder.set_level(level, &mut out);
        encoder.feed_all(&input, &mut out);
    }
    encoder.flush(Flush::Finish, &mut out);
    assert!(decode(&mut gzip::Decoder::new(), &out, 500, 500).expect("valid") == input.repeat(4));
    assert!(out.len() < 90_000, "stored once, else compressed: {} bytes", out.len());
}

#[test]
fn dictionaries_are_given_before_or_when_asked_for() {
    let (dictionary, input) = (text(50_000), &text(50_000)[20_000..30_000]);
    let mut out = Vec::new();
    let mut encoder = zlib::Encoder::with_dictionary(Level::DEFAULT, &dictionary);
    for round in 0..2 {
        out.clear();
        encoder.feed_all(input, &mut out);
        encoder.flush(Flush::Finish, &mut out);
        assert!(out.len() < 300, "round {round}: the text is in the dictionary");
        encoder.reset();
    }
    let mut late = zlib::Decoder::new();
    let mut buffer = vec![0; 20_000];
    let mut rest = &out[..];
    for wrong in [None, Some(&b"wrong"[..])] {
        wrong.into_iter().for_each(|wrong| late.set_dictionary(wrong));
        let error = late.decode_into(&mut rest, &mut buffer);
        assert_eq!(error.map_err(|e| (e.kind(), e.offset())), Err((ErrorKind::DictionaryMismatch, 2)));
    }
    late.set_dictionary(&dictionary);
    let (count, step) = late.decode_into(&mut rest, &mut buffer).expect("the right one");
    assert!(step == Step::Done && buffer[..count] == *input);
    late.reset();
    assert!(decode(&mut late, &out, 1, 1).expect("kept") == input);

    let mut raw = Vec::new();
    let mut encoder = Deflate::new(Level::DEFAULT);
    encoder.feed_all(b"unrelated", &mut raw);
    encoder.flush(Flush::Sync, &mut raw);
    let at = raw.len();
    encoder.set_dictionary(&dictionary, &mut raw);
    encoder.feed_all(input, &mut raw);
    encoder.flush(Flush::Finish, &mut raw);
    assert!(raw.len() < 300, "the text is in the dictionary");
    // The reader is given it at the same place.
    let mut decoder = rigz::inflate::Decoder::new();
    let mut rest = &raw[..at];
    assert_eq!(decoder.decode_into(&mut rest, &mut buffer).expect("valid"), (9, Step::NeedsInput));
    assert_eq!(&buffer[..9], b"unrelated");
    decoder.set_dictionary(&dictionary);
    rest = &raw[at..];
    let (count, step) = decoder.decode_into(&mut rest, &mut buffer).expect("valid");
    assert!(step == Step::Done && buffer[..count] == *input);
    assert_eq!((decoder.total_in(), decoder.total_out()), (raw.len() as u64, 9 + input.len() as u64));

    let mut encoder = Deflate::with_dictionary(Level::DEFAULT, &dictionary);
    for _ in 0..2 {
        raw.clear();
        encoder.feed_all(input, &mut raw);
        encoder.flush(Flush::Finish, &mut raw);
        assert!(raw.len() < 300, "the text is in the dictionary");
        let mut decoder = rigz::inflate::Decoder::with_dictionary(&dictionary);
        assert!(decode(&mut decoder, &raw, 7, 100).expect("valid") == input);
        encoder.reset();
    }
}

#[test]
fn sliced_encoders_start_again_after_a_reset() {
    let input = text(30_000);
    let mut sliced = Sliced::new(Deflate::new(Level::DEFAULT));
    let mut out = vec![0; 30_000];
    let cut = sliced.step(&input, &mut out[..10], Flush::Finish);
    assert!(!cut.is_done && cut.written == 10);
    sliced.reset();
    let step = sliced.step(&input, &mut out, Flush::Finish);
    assert!(step.is_done && out[..step.written] == compress(Format::Raw, &input, Level::DEFAULT));
    assert_eq!(sliced.encoder().total_out(), step.written as u64);
}

#[cfg(feature = "std")]
mod io {
    use super::*;
    use rigz::io::{CompressReader, DecompressWriter, DeflateReader, GzipReader, Writer, ZlibReader};
    use std::io::{self, BufRead, BufReader, Read, Write};

    /// A reader or writer that is interrupted, refuses, and moves a few bytes at a time.
    struct Stubborn<T>(T, Random);

    impl<T> Stubborn<T> {
        fn count(&mut self, len: usize) -> io::Result<usize> {
            match self.1.below(5) {
                0 => Err(io::ErrorKind::Interrupted.into()),
                1 => Err(io::ErrorKind::WouldBlock.into()),
                _ => Ok(len.min(1 + self.1.below(700))),
            }
        }
    }

    impl<T: Read> Read for Stubborn<T> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.count(buffer.len())?;
            self.0.read(&mut buffer[..count])
        }
    }

    impl<T: Write> Write for Stubborn<T> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = self.count(bytes.len())?;
            self.0.write(&bytes[..count])
        }

        fn flush(&mut self) -> io::Result<()> {
            self.0.flush()
        }
    }

    fn read_all(mut reader: impl BufRead) -> Vec<u8> {
        let mut out = Vec::new();
        loop {
            match reader.fill_buf() {
                Ok([]) => return out,
                Ok(bytes) => {
                    let count = bytes.len().div_ceil(2);
                    out.extend_from_slice(&bytes[..count]);
                    reader.consume(count);
                }
                Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
            }
        }
    }

    fn write_all(writer: &mut impl Write, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            match writer.write(bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(error) => {
                    assert!([io::ErrorKind::WouldBlock, io::ErrorKind::Interrupted].contains(&error.kind()))
                }
            }
        }
    }

    #[test]
    fn stubborn_readers_and_writers_change_nothing() {
        let input = [text(150_000), Random::new(4).bytes(20_000)].concat();
        let level = Level::DEFAULT;
        let stubborn = || BufReader::with_capacity(999, Stubborn(&input[..], Random::new(5)));
        let gzip = read_all(CompressReader::gzip(stubborn(), level));
        let zlib = read_all(CompressReader::zlib(stubborn(), level));
        let raw = read_all(CompressReader::deflate(stubborn(), level));
        for (format, file) in FORMATS.into_iter().zip([&gzip, &zlib, &raw]) {
            assert!(*file == compress(format, &input, level), "{format:?}");
        }
        fn through(file: &[u8]) -> BufReader<Stubborn<&[u8]>> {
            BufReader::with_capacity(77, Stubborn(file, Random::new(6)))
        }
        assert!(read_all(GzipReader::new(through(&gzip))) == input);
        assert!(read_all(ZlibReader::new(through(&zlib))) == input);
        assert!(read_all(DeflateReader::new(through(&raw))) == input);
        let mut writer = DecompressWriter::new(Stubborn(Vec::new(), Random::new(7)), gzip::Decoder::new());
        gzip.chunks(5_000).for_each(|piece| write_all(&mut writer, piece));
        while let Err(error) = writer.try_finish() {
            assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        }
        assert!(writer.get_ref().0 == input);
    }

    #[test]
    fn a_stream_that_is_not_whole_or_not_right_fails_at_the_latest_at_the_end() {
        let member = compress(Format::Gzip, &text(3_000), Level::DEFAULT);
        for end in [0, 5, 500, member.len() - 1] {
            let mut writer = DecompressWriter::new(Vec::new(), gzip::Decoder::new());
            writer.write_all(&member[..end]).expect("nothing wrong so far");
            let error = writer.finish().map_err(|error| error.kind());
            assert_eq!(error, Err(io::ErrorKind::UnexpectedEof), "{end} bytes");
        }
        let mut damaged = member.clone();
        damaged[member.len() - 6] ^= 1;
        let mut writer = DecompressWriter::new(Vec::new(), gzip::Decoder::new());
        let written = writer.write_all(&damaged);
        let error = written.and_then(|()| writer.finish()).expect_err("the CRC is wrong");
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rigz::Error>());
        assert_eq!(inner.map(|error| error.kind()), Some(ErrorKind::CrcMismatch));
    }

    #[test]
    fn what_follows_a_stream_stays_in_the_reader() {
        for format in [Format::Zlib, Format::Raw] {
            let file = [compress(format, b"abc", Level::DEFAULT), b"rest".to_vec()].concat();
            let mut left = BufReader::with_capacity(3, &file[..]);
            match format {
                Format::Zlib => assert_eq!(read_all(ZlibReader::new(&mut left)), b"abc"),
                _ => assert_eq!(read_all(DeflateReader::new(&mut left)), b"abc"),
            }
            assert_eq!(read_all(left), b"rest");
        }
        // Of a file of members one, and the others and what follows them are left.
        let member = |data| compress(Format::Gzip, data, Level::DEFAULT);
        let others = [member(b"second"), b"rest".to_vec()].concat();
        let file = [member(b"first"), others.clone()].concat();
        for capacity in [1, 3, 1000] {
            let mut left = BufReader::with_capacity(capacity, &file[..]);
            assert_eq!(read_all(GzipReader::single_member(&mut left)), b"first");
            assert_eq!(read_all(left), others);
            let decoder = gzip::Decoder::new().single_member();
            let mut writer = DecompressWriter::new(Vec::new(), decoder);
            let mut rest = &file[..];
            loop {
                match writer.write(&rest[..rest.len().min(capacity)]).expect("valid") {
                    0 => break,
                    count => rest = &rest[count..],
                }
            }
            assert_eq!((&writer.finish().expect("whole")[..], rest), (&b"first"[..], &others[..]));
        }
    }

    #[test]
    fn a_writer_that_is_not_finished_leaves_what_no_reader_takes_for_whole() {
        let mut file = Vec::new();
        let result = Writer::gzip(&mut file, Level::DEFAULT).scope(|writer| {
            writer.write_all(&text(2_000_000))?;
            Err(io::Error::other("the source failed"))
        });
        assert!(result.is_err() && !file.is_empty());
        let error = GzipReader::new(&file[..]).read_to_end(&mut Vec::new()).map_err(|error| error.kind());
        assert_eq!(error, Err(io::ErrorKind::UnexpectedEof));
    }
}
