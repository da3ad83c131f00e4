//! What depends on the processor: the instruction-set levels, their detection, and primitives per level.

mod isa;
mod lanes;
mod scalar;
mod simd;

pub(crate) use isa::{Isa, Kernel};
pub(crate) use lanes::Lanes;
pub(crate) use scalar::scalar;
pub(crate) use simd::Simd;
