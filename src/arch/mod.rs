//! What depends on the processor: the instruction-set levels, their detection, and primitives per level.

mod isa;
mod joined;
mod lanes;
mod scalar;
mod simd;

pub(crate) use isa::{Isa, Kernel};
pub(crate) use joined::{BASE, Entry, GROUP, MAX_JOINED_BITS, MAX_PAIR_BITS, SLOTS, Slot, Table};
pub(crate) use lanes::Lanes;
pub(crate) use scalar::{scalar, scalar16};
pub(crate) use simd::Simd;

/// Whether the program is fetched by everyone who runs it, so that its size counts more than a little speed.
pub(crate) const IS_FETCHED: bool = cfg!(target_family = "wasm");
