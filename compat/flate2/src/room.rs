//! Where output goes: slices, memory that was not written before, and what a vector has room for.

use rigz::inflate::{Decode, Step};
use std::mem::MaybeUninit;

/// A place for output.
pub(crate) trait Room {
    /// Bytes that still fit.
    fn left(&self) -> usize;

    /// Writes `bytes`, which fit.
    fn put(&mut self, bytes: &[u8]);

    /// Writes what `decoder` makes of the front of `input`, which is advanced past what was used. Tells what is needed
    /// next. The end, and an error, are found even if there is no room behind them.
    fn fill(&mut self, decoder: &mut dyn Decode, input: &mut &[u8]) -> Result<Step, rigz::Error> {
        let result = loop {
            let ready = decoder.output();
            let count = ready.len().min(self.left());
            self.put(&ready[..count]);
            decoder.consume(count);
            if !decoder.output().is_empty() {
                break Ok(Step::Output);
            }
            decoder.set_limit(self.left());
            match decoder.decode(input) {
                Ok(Step::Output) if !decoder.output().is_empty() => {}
                step => break step,
            }
        };
        decoder.set_limit(usize::MAX);
        result
    }
}

/// The rest of a slice.
impl Room for &mut [u8] {
    fn left(&self) -> usize {
        self.len()
    }

    fn put(&mut self, bytes: &[u8]) {
        let (to, rest) = std::mem::take(self).split_at_mut(bytes.len());
        to.copy_from_slice(bytes);
        *self = rest;
    }

    fn fill(&mut self, decoder: &mut dyn Decode, input: &mut &[u8]) -> Result<Step, rigz::Error> {
        let (count, step) = decoder.decode_into(input, self)?;
        *self = &mut std::mem::take(self)[count..];
        // Output that stops before the end of the room is followed by an error, which comes when it is asked for again.
        if step == Step::Output && !self.is_empty() { decoder.decode(input) } else { Ok(step) }
    }
}

/// The rest of a slice that may not have been written.
impl Room for &mut [MaybeUninit<u8>] {
    fn left(&self) -> usize {
        self.len()
    }

    fn put(&mut self, bytes: &[u8]) {
        let (to, rest) = std::mem::take(self).split_at_mut(bytes.len());
        to.iter_mut().zip(bytes).for_each(|(to, &byte)| _ = to.write(byte));
        *self = rest;
    }
}

/// What a vector holds without growing.
impl Room for &mut Vec<u8> {
    fn left(&self) -> usize {
        self.capacity() - self.len()
    }

    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}
