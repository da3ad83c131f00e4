//! The careful loop: what the symbols of a block mean, one at a time, to the last bit and byte. It is the
//! specification of the fast loop, and does its work where that one has no room.
//!
//! ```text
//! loop
//!     symbol = decode(literal/length code)
//!     literal           -> write it
//!     end of block      -> stop
//!     length            -> length += extra bits
//!                          distance = decode(distance code) + extra bits
//!                          copy `length` elements from `distance` back
//! ```
//!
//! Invariants:
//! 1. A token (a literal, an end of block, or a length with its distance) is used as a whole or not at all: when its
//!    bits are not all there, or there is no room for any of it, the reader stands before it.
//! 2. Only a match that does not fit is cut: its first part is written, [`Stop::Cut`] tells the rest.
//!
//! A token has at most 48 bits, so a refilled reader holds all of one unless the input ends.

use super::tables::Tables;
use super::target::Target;
use crate::bits::reader::BitReader;
use crate::error::ErrorKind;
use crate::huffman::canonical::MAX_CODE_BITS;
use crate::huffman::decode_table::{
    EXCEPTIONAL, Exception, exception, literals, match_distance, match_length, total_bits,
};

const _: () = assert!(MAX_CODE_BITS + 5 + MAX_CODE_BITS + 13 <= 56, "a token fits a refilled reader");

/// Why a loop over the symbols of a block stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The block ended.
    EndOfBlock,
    /// The next token is not whole in the input.
    NeedsInput,
    /// There is no room for the next token.
    NeedsOutput,
    /// There was no room for all of a match: this is left of it.
    Cut {
        /// Elements still to be copied.
        length: usize,
        /// From how far back.
        distance: usize,
    },
    /// A rule is broken by the element that starts at this bit position of the reader.
    Broken(ErrorKind, i64),
}

/// Decodes the symbols of a block into `target`, until something stops it.
#[inline(always)]
pub(super) fn decode<T: Target>(reader: &mut BitReader<'_>, tables: &Tables, target: &mut T) -> Stop {
    loop {
        if let Some(stop) = token(reader, tables, target) {
            return stop;
        }
    }
}

/// Decodes one token; `None` when another can follow.
#[inline(always)]
pub(super) fn token<T: Target>(reader: &mut BitReader<'_>, tables: &Tables, target: &mut T) -> Option<Stop> {
    reader.refill();
    let symbol = litlen_symbol(tables, reader.bits);
    if symbol.bits > reader.count {
        return Some(Stop::NeedsInput);
    }
    let length = match symbol.value {
        Value::Literal(byte) => {
            if !target.has_room() {
                return Some(Stop::NeedsOutput);
            }
            target.literal(byte);
            reader.consume(symbol.bits);
            return None;
        }
        Value::End => {
            reader.consume(symbol.bits);
            return Some(Stop::EndOfBlock);
        }
        Value::Number(length) => length,
        Value::Invalid => return Some(Stop::Broken(ErrorKind::InvalidLitlenSymbol, reader.position())),
    };
    let distance = distance_symbol(tables, reader.bits >> symbol.bits);
    if symbol.bits + distance.bits > reader.count {
        return Some(Stop::NeedsInput);
    }
    let distance_position = reader.position() + i64::from(symbol.bits);
    let Value::Number(back) = distance.value else {
        return Some(Stop::Broken(ErrorKind::InvalidDistanceSymbol, distance_position));
    };
    if !target.reaches(back) {
        return Some(Stop::Broken(ErrorKind::DistanceTooFar, distance_position));
    }
    if !target.has_room() {
        return Some(Stop::NeedsOutput);
    }
    reader.consume(symbol.bits + distance.bits);
    let left = length - target.copy(back, length);
    (left > 0).then_some(Stop::Cut { length: left, distance: back })
}

/// A symbol with its extra bits.
struct Symbol {
    value: Value,
    /// All its bits, extra ones included.
    bits: u32,
}

enum Value {
    Literal(u8),
    /// A length or a distance.
    Number(usize),
    End,
    Invalid,
}

/// The literal/length symbol that `bits` start with. When they are too few, its `bits` are more than they.
#[inline(always)]
fn litlen_symbol(tables: &Tables, bits: u64) -> Symbol {
    let mut entry = tables.main[0][bits as usize & tables.width.mask()];
    while entry & EXCEPTIONAL != 0 {
        let value = match exception(entry) {
            Exception::Subtable { index, width } => {
                entry = tables.litlen.in_subtable(index, width, bits);
                continue;
            }
            Exception::End => Value::End,
            Exception::Invalid => Value::Invalid,
        };
        return Symbol { value, bits: total_bits(entry) };
    }
    match literals(entry) {
        (_, 0) => Symbol { value: Value::Number(match_length(entry, bits)), bits: total_bits(entry) },
        // Of two symbols, the first.
        ([literal, _], _) => {
            Symbol { value: Value::Literal(literal), bits: tables.litlen.code_bits(literal) }
        }
    }
}

/// The distance symbol that `bits` start with. When they are too few, its `bits` are more than they.
#[inline(always)]
fn distance_symbol(tables: &Tables, bits: u64) -> Symbol {
    let mut entry = tables.main[1][bits as usize & tables.width.mask()];
    while entry & EXCEPTIONAL != 0 {
        let Exception::Subtable { index, width } = exception(entry) else {
            return Symbol { value: Value::Invalid, bits: total_bits(entry) };
        };
        entry = tables.distance.in_subtable(index, width, bits);
    }
    Symbol { value: Value::Number(match_distance(entry, bits)), bits: total_bits(entry) }
}
