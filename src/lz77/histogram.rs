//! How often each symbol occurs in a stretch of sequences.

use super::sequence::{LITERAL_RUN, Sequence};
use super::symbols::{LENGTH_EXTRA_BITS, LENGTH_SYMBOL, distance_extra_bits, distance_symbol};
use crate::huffman::{DISTANCE_SYMBOLS, END_OF_BLOCK, LITLEN_SYMBOLS};

/// Symbol counts of one or more stretches of input, without end of block.
#[derive(Clone, Debug)]
pub(crate) struct Histogram {
    pub(crate) litlen: [u32; LITLEN_SYMBOLS],
    pub(crate) distance: [u32; DISTANCE_SYMBOLS],
}

impl Histogram {
    pub(crate) const EMPTY: Self = Self { litlen: [0; LITLEN_SYMBOLS], distance: [0; DISTANCE_SYMBOLS] };

    /// Counts `sequences`, whose literals are read from `input`, and the literals after them.
    ///
    /// Most runs have no more than three literals, in no order a processor could predict, so three are counted without
    /// a branch.
    #[inline(always)]
    pub(crate) fn count(&mut self, sequences: &[Sequence], input: &[u8]) {
        let mut rest = input;
        let mut sequences = sequences;
        while let Some((&sequence, others)) = sequences.split_first() {
            if !sequence.has_match() {
                let runs = sequences.iter().take_while(|sequence| !sequence.has_match()).count();
                let (literals, tail) = rest.split_at(runs * LITERAL_RUN);
                self.count_literals(literals);
                (rest, sequences) = (tail, &sequences[runs..]);
                continue;
            }
            sequences = others;
            let literals = sequence.literals();
            let (here, tail) = rest.split_at(sequence.bytes());
            rest = tail;
            // Behind the literals stand three bytes or more, so every group of three that holds a literal is there.
            let (mut left, mut literals) = (literals, here);
            while let [a, b, c, others @ ..] = literals {
                self.litlen[usize::from(*a)] += u32::from(left > 0);
                self.litlen[usize::from(*b)] += u32::from(left > 1);
                self.litlen[usize::from(*c)] += u32::from(left > 2);
                if left <= 3 {
                    break;
                }
                (left, literals) = (left - 3, others);
            }
            self.litlen[END_OF_BLOCK + 1 + usize::from(LENGTH_SYMBOL[sequence.length_code()])] += 1;
            self.distance[distance_symbol(sequence.distance_code())] += 1;
        }
        self.count_literals(rest);
    }

    /// Counts literals in four tables, so that equal ones in a row do not wait for each other.
    fn count_literals(&mut self, literals: &[u8]) {
        let (groups, rest) = literals.as_chunks::<4>();
        if groups.len() >= 256 {
            let mut tables = [[0u32; 256]; 4];
            for group in groups {
                for (table, &literal) in tables.iter_mut().zip(group) {
                    table[usize::from(literal)] += 1;
                }
            }
            for table in &tables {
                self.litlen.iter_mut().zip(table).for_each(|(sum, &n)| *sum += n);
            }
        } else {
            groups.as_flattened().iter().for_each(|&literal| self.litlen[usize::from(literal)] += 1);
        }
        rest.iter().for_each(|&literal| self.litlen[usize::from(literal)] += 1);
    }

    /// Adds the counts of `other`.
    pub(crate) fn add(&mut self, other: &Self) {
        self.litlen.iter_mut().zip(&other.litlen).for_each(|(sum, &n)| *sum += n);
        self.distance.iter_mut().zip(&other.distance).for_each(|(sum, &n)| *sum += n);
    }

    /// Extra bits of all lengths and distances.
    pub(crate) fn extra_bits(&self) -> u64 {
        let lengths = self.litlen[END_OF_BLOCK + 1..].iter().zip(&LENGTH_EXTRA_BITS);
        let distances = self.distance.iter().enumerate();
        lengths.map(|(&n, &bits)| u64::from(n) * u64::from(bits)).sum::<u64>()
            + distances.map(|(symbol, &n)| u64::from(n) * u64::from(distance_extra_bits(symbol))).sum::<u64>()
    }
}
