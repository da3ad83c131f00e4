//! Inputs of every kind that a compressor treats in its own way, the same on every machine.

/// A generator of pseudo-random numbers: splitmix64.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `0..bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }
}

/// Every family, named; each at most 128 KiB.
pub(crate) fn families() -> Vec<(String, Vec<u8>)> {
    let mut random = Random::new(1);
    let mut families: Vec<(String, Vec<u8>)> = vec![
        ("nothing".into(), Vec::new()),
        ("one byte".into(), vec![0x5a]),
        ("every byte value once".into(), (0..=255).collect()),
        ("random".into(), random.bytes(70_000)),
        ("text".into(), text(100_000)),
        ("records".into(), records(4_000)),
        ("two letters".into(), (0..40_000).map(|_| b"ab"[random.below(2)]).collect()),
        ("Fibonacci word".into(), fibonacci_word(50_000)),
        ("Fibonacci counts".into(), fibonacci_counts(&mut random)),
        ("sparse".into(), sparse(100_000, &mut random)),
        ("colliding hashes".into(), colliding_hashes(&mut random)),
        ("text and noise in turn".into(), in_turn(&mut random)),
    ];
    for period in 1..=16 {
        let unit = random.bytes(period);
        families.push((format!("period {period}"), unit.iter().copied().cycle().take(3_000).collect()));
    }
    for distance in [32_767, 32_768, 32_769] {
        let unit = random.bytes(distance);
        families
            .push((format!("repeats at {distance}"), unit.iter().copied().cycle().take(80_000).collect()));
    }
    // Long runs of literals in blocks that are not stored.
    let literals = (0..20_000).map(|_| random.below(96) as u8).collect();
    families.push(("literals, hardly a match".into(), literals));
    families
}

/// Words of a small vocabulary, the frequent ones much more often, with the letters of English.
pub(crate) fn text(len: usize) -> Vec<u8> {
    let mut random = Random::new(2);
    let letters = b"etaoinshrdlucmfwypvbgkjqxz";
    let letter = |random: &mut Random| letters[random.below(26).min(random.below(26))];
    let words: Vec<Vec<u8>> = (0..2_000)
        .map(|_| (0..2 + random.below(4) + random.below(5)).map(|_| letter(&mut random)).collect())
        .collect();
    let mut out = Vec::with_capacity(len + 16);
    while out.len() < len {
        let rank = random.below(words.len()).min(random.below(words.len())).min(random.below(words.len()));
        out.extend_from_slice(&words[rank]);
        out.extend_from_slice(if random.below(12) == 0 { b".\n" } else { b" " });
    }
    out.truncate(len);
    out
}

/// Rows of a binary table, 16 bytes each: a counter, a time that rises, a measured value, flags.
pub(crate) fn records(count: usize) -> Vec<u8> {
    let mut random = Random::new(3);
    let mut time = 1_600_000_000_u32;
    let mut value = 20_000_i32;
    let mut out = Vec::with_capacity(16 * count);
    for row in 0..count as u32 {
        time += random.below(4) as u32;
        value += random.below(65) as i32 - 32;
        let flags = if random.below(20) == 0 { 0x8001_u32 } else { 0x0001 };
        for field in [row, time, value as u32, flags] {
            out.extend_from_slice(&field.to_le_bytes());
        }
    }
    out
}

/// `abaababaabaab...`: every match can be extended in two ways, and nothing has a period.
fn fibonacci_word(len: usize) -> Vec<u8> {
    let (mut word, mut before) = (b"ab".to_vec(), b"a".to_vec());
    while word.len() < len {
        let next = [word.as_slice(), &before].concat();
        before = std::mem::replace(&mut word, next);
    }
    word.truncate(len);
    word
}

/// Symbols whose counts are Fibonacci numbers: the deepest Huffman tree there is, far beyond 15 bits.
fn fibonacci_counts(random: &mut Random) -> Vec<u8> {
    let (mut count, mut next) = (1, 1);
    let mut out = Vec::new();
    for symbol in 0..24 {
        out.resize(out.len() + count, symbol);
        (count, next) = (next, count + next);
    }
    for i in (1..out.len()).rev() {
        out.swap(i, random.below(i + 1));
    }
    out
}

/// Zeros, and another byte here and there.
fn sparse(len: usize, random: &mut Random) -> Vec<u8> {
    let mut out = vec![0; len];
    let mut at = 0;
    while at < len {
        out[at] = 1 + random.below(255) as u8;
        at += 1 + random.below(2_000);
    }
    out
}

/// Words whose product with the golden ratio has sixteen leading zeros: one bucket of a multiplicative hash table.
fn colliding_hashes(random: &mut Random) -> Vec<u8> {
    let inverse = inverse_mod_2_32(0x9e37_79b1);
    (0..12_000).flat_map(|_| inverse.wrapping_mul(random.below(1 << 16) as u32).to_le_bytes()).collect()
}

fn inverse_mod_2_32(odd: u32) -> u32 {
    // Newton's iteration: each step doubles the bits that are right, from three.
    (0..4).fold(odd, |inverse, _| inverse.wrapping_mul(2_u32.wrapping_sub(odd.wrapping_mul(inverse))))
}

/// Pieces of text and noise of uneven lengths: blocks must be split, stored and resumed.
fn in_turn(random: &mut Random) -> Vec<u8> {
    let text = text(60_000);
    let mut out = Vec::new();
    for piece in text.chunks(9_000) {
        out.extend_from_slice(piece);
        let noise = 1_000 + random.below(9_000);
        out.extend(random.bytes(noise));
    }
    out
}
