//! Places in the middle of a stream where a decoder can start that knows nothing of what came before but its last
//! 32 KiB: behind the header of a block that is not the last, before its code or its length is read.
//!
//! A decoder that is given the input up to [`Joint::byte`] and no further stops at the joint if it gets there at all:
//! what comes next has 14 or 32 bits, of which at most 7 are there. So whether two decoders meet can be told from where
//! one waits and the other started. For a stored block the joint lies behind the padding, so that it is one place
//! whatever the bit its header started at.

use super::{Inflate, State};

/// A place between the header of a block that is not the last, and what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joint {
    /// The lengths of a stored block start at this byte.
    Stored(u64),
    /// The counts of codes of a dynamic block start at this bit.
    Dynamic(u64),
}

impl Joint {
    /// The first byte of which a decoder that stands here has used nothing.
    pub(crate) fn byte(self) -> u64 {
        match self {
            Self::Stored(byte) => byte,
            Self::Dynamic(bit) => bit.div_ceil(8),
        }
    }

    /// The same joint seen from an input that starts `bytes` earlier.
    pub(crate) fn shifted(self, bytes: u64) -> Self {
        match self {
            Self::Stored(byte) => Self::Stored(byte + bytes),
            Self::Dynamic(bit) => Self::Dynamic(bit + 8 * bytes),
        }
    }
}

impl Inflate {
    /// Goes to `joint`, from where input is to be given from [`Joint::byte`] on; `before` is the byte before.
    pub(crate) fn go_to(&mut self, joint: Joint, before: u8) {
        self.reset();
        self.total_in = joint.byte();
        match joint {
            Joint::Stored(_) => self.state = State::StoredHeader,
            Joint::Dynamic(bit) => {
                self.state = State::CodeCounts;
                self.bit_count = (8 * joint.byte() - bit) as u32;
                self.bits = u64::from(before) >> ((8 - self.bit_count) & 7);
            }
        }
        if self.bit_count == 0 {
            self.bits = 0;
        }
    }

    /// Where the decoder waits, if that is a joint.
    pub(crate) fn joint(&self) -> Option<Joint> {
        match self.state {
            State::StoredHeader if !self.is_final && self.bit_count == 0 => {
                Some(Joint::Stored(self.total_in))
            }
            State::CodeCounts if !self.is_final && self.bit_count < 8 => {
                Some(Joint::Dynamic(8 * self.total_in - u64::from(self.bit_count)))
            }
            _ => None,
        }
    }
}
