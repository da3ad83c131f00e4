//! What was decoded, on its way to the writer: checked and counted, in order.

use std::io::Write;

use super::ahead::Speculation;
use super::decompress::{Failure, Summary};
use super::strand::{Strand, Sum};

/// Decoded data on its way to the writer.
#[derive(Default)]
pub(super) struct Piece {
    /// What the frontier decoded.
    pub(super) strand: Option<Box<Strand>>,
    /// What it skipped instead.
    pub(super) skipped: Option<Box<Speculation>>,
    /// How it ended, in the last piece.
    pub(super) end: Option<Result<Summary, Failure>>,
}

impl Piece {
    /// The data, and what is known of it.
    pub(super) fn made(&self) -> Option<&Strand> {
        self.skipped.as_ref().map(|skipped| &skipped.ahead.strand).or(self.strand.as_deref())
    }
}

/// The writer, and what the data before it came to.
pub(super) struct Sink<W> {
    pub(super) writer: W,
    /// Of the open member.
    open: Sum,
    written: u64,
    members: u64,
    /// Of the last member that ended.
    crc: u32,
    summary: Option<Summary>,
}

impl<W: Write> Sink<W> {
    pub(super) fn new(writer: W) -> Self {
        Self { writer, open: Sum::default(), written: 0, members: 0, crc: 0, summary: None }
    }

    /// Checks and writes `piece`, which is the next.
    pub(super) fn put(&mut self, piece: &mut Piece) -> Result<(), Failure> {
        if let Some(strand) = piece.made() {
            let data = strand.data();
            match strand.account(&mut self.open) {
                Ok(members) => {
                    self.members += members;
                    self.crc = strand.last_crc().unwrap_or(self.crc);
                }
                Err(error) => {
                    self.write(&data[..data.len().min(strand.head_length() as usize)])?;
                    return Err(Failure::Data(error));
                }
            }
            self.write(data)?;
        }
        match piece.end.take() {
            None => Ok(()),
            Some(Err(failure)) => Err(failure),
            Some(Ok(summary)) => {
                self.writer.flush().map_err(Failure::Write)?;
                let Self { written, members, crc, .. } = *self;
                self.summary = Some(Summary { written, members, crc, ..summary });
                Ok(())
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.writer.write_all(bytes).map_err(Failure::Write)?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// What it came to, if the end was written.
    pub(super) fn into_summary(self) -> Option<Summary> {
        self.summary
    }
}
