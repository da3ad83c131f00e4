//! Law: on any bytes, the decoders of `.Z`, `.z` and zip give the same data, verdict and place however the input is cut.
//! Naive models, which know the whole file, agree on what is valid in `.Z` and `.z`, and on the data. What is written as a
//! zip entry comes back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rigz::inflate::{Decode, Step};
use rigz::legacy::{lzw, pack};
use rigz::{Error, Level, deflate, zip};

/// More data than this is not asked for: a few bytes of `.Z` may stand for gigabytes.
const ENOUGH: usize = 1 << 20;

/// Decodes `input` in pieces of `piece` bytes: data, how it ended, and bytes used if it is valid; no end if there was
/// enough data.
fn decoded(
    mut decoder: impl Decode,
    input: &[u8],
    piece: usize,
) -> (Vec<u8>, Option<Result<(), Error>>, u64) {
    let (mut pieces, mut at_hand, mut data) = (input.chunks(piece), &[][..], Vec::new());
    while data.len() < ENOUGH {
        match decoder.decode(&mut at_hand) {
            Ok(Step::Output) => {
                data.extend_from_slice(decoder.output());
                decoder.consume(decoder.output().len());
            }
            Ok(Step::NeedsInput) => match pieces.next() {
                Some(piece) => at_hand = piece,
                None => decoder.end_of_input(),
            },
            Ok(Step::Done) => return (data, Some(Ok(())), decoder.total_in()),
            Err(error) => return (data, Some(Err(error)), 0),
        }
    }
    data.truncate(ENOUGH);
    (data, None, 0)
}

fn bit(input: &[u8], at: usize) -> usize {
    usize::from(input[at / 8] >> (at % 8) & 1)
}

/// `.Z`: each entry is its string.
fn lzw_model(input: &[u8]) -> (Vec<u8>, bool) {
    let mut data = Vec::new();
    let &[0x1f, 0x9d, flags, ref codes @ ..] = input else { return (data, false) };
    let (widest, has_clear) = (usize::from(flags & 0x1f), flags & 0x80 != 0);
    if flags & 0x60 != 0 || !(9..=16).contains(&widest) {
        return (data, false);
    }
    let fresh: Vec<Vec<u8>> = (0..256 + usize::from(has_clear)).map(|byte| vec![byte as u8]).collect();
    let (mut table, mut before) = (fresh.clone(), None::<usize>);
    // Codes come in groups of eight; what is left of a group when the width changes is passed over.
    let (mut width, mut group, mut used) = (9, 0, 0);
    while data.len() < ENOUGH {
        if table.len() >= 1 << width && width < widest.max(10) {
            (group, used, width) = (group + if used > 0 { 8 * width } else { 0 }, 0, width + 1);
        }
        let at = group + used * width;
        if at + width > 8 * codes.len() {
            break;
        }
        let code: usize = (0..width).map(|i| bit(codes, at + i) << i).sum();
        used += 1;
        if used == 8 {
            (group, used) = (group + 8 * width, 0);
        }
        if has_clear && code == 256 {
            (group, used, width) = (group + if used > 0 { 8 * width } else { 0 }, 0, 9);
            (table, before) = (fresh.clone(), None);
            continue;
        }
        let Some(last) = before else {
            if code > 255 {
                return (data, false);
            }
            data.push(code as u8);
            before = Some(code);
            continue;
        };
        if code > table.len() {
            return (data, false);
        }
        let first = table[if code == table.len() { last } else { code }][0];
        let added = [&table[last][..], &[first]].concat();
        data.extend_from_slice(if code == table.len() { &added } else { &table[code] });
        if table.len() < 1 << widest.max(10) {
            table.push(added);
        }
        before = Some(code);
    }
    data.truncate(ENOUGH);
    (data, true)
}

/// `.z`: a list of all codes, looked through for each bit.
fn pack_model(input: &[u8]) -> (Vec<u8>, bool) {
    let mut data = Vec::new();
    let &[0x1f, 0x1e, a, b, c, d, depth @ 1..=25, ref rest @ ..] = input else { return (data, false) };
    let depth = usize::from(depth);
    if rest.len() < depth {
        return (data, false);
    }
    let (counts, mut rest) = rest.split_at(depth);
    let (mut codes, mut inner) = (Vec::new(), 1_u32);
    for (i, &count) in counts.iter().enumerate() {
        let leaves = u32::from(count) + if i + 1 == depth { 2 } else { 0 };
        if leaves > 2 * inner || (leaves == 2 * inner) != (i + 1 == depth) {
            return (data, false);
        }
        inner = 2 * inner - leaves;
        codes.extend((inner..inner + leaves).map(|value| (i + 1, value)));
    }
    if codes.len() > 257 || rest.len() < codes.len() - 1 {
        return (data, false);
    }
    let leaves = &rest[..codes.len() - 1];
    rest = &rest[codes.len() - 1..];
    let (mut length, mut value) = (0, 0);
    for bit in rest.iter().flat_map(|byte| (0..8).rev().map(move |i| byte >> i & 1)) {
        (length, value) = (length + 1, value << 1 | u32::from(bit));
        match codes.iter().position(|&code| code == (length, value)).map(|at| leaves.get(at)) {
            None => continue,
            Some(Some(&byte)) => data.push(byte),
            Some(None) => {
                let is_right = data.len() as u32 == u32::from_be_bytes([a, b, c, d]);
                return (data, is_right);
            }
        }
        (length, value) = (0, 0);
    }
    (data, false)
}

fn check<D: Decode>(make: fn() -> D, input: &[u8], model: Option<(Vec<u8>, bool)>) {
    let whole = decoded(make(), input, usize::MAX);
    for piece in [1, 2 + input.len() % 5] {
        assert!(decoded(make(), input, piece) == whole, "the cut shows");
    }
    if let Some((data, is_valid)) = model {
        assert!(data == whole.0, "the model has other data");
        assert!(
            whole.1.is_none_or(|result| result.is_ok() == is_valid),
            "the model says {is_valid}: {:?}",
            whole.1
        );
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((kind, input)) = input.split_first() else { return };
    match kind % 4 {
        0 => check(lzw::Decoder::new, input, Some(lzw_model(input))),
        1 => check(pack::Decoder::new, input, Some(pack_model(input))),
        2 => check(zip::Decoder::new, input, None),
        _ => {
            let entry = zip::Entry {
                name: input.to_vec(),
                mtime: u32::from(*kind) << 23,
                may_be_large: kind & 4 != 0,
            };
            let (mut file, mut packed) = (Vec::new(), Vec::new());
            deflate::compress(input, Level::DEFAULT, &mut packed);
            zip::start(&entry, &mut file);
            file.extend_from_slice(&packed);
            let mut crc = rigz::checksum::Crc32::new();
            crc.update(input);
            zip::end(&entry, crc.value(), packed.len() as u64, input.len() as u64, &mut file);
            let (data, end, _) = decoded(zip::Decoder::new(), &file, 3 + input.len() % 9);
            assert!(data == input && end == Some(Ok(())));
        }
    }
});
