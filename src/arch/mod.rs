//! What depends on the processor: the instruction-set levels, their detection, and primitives per level.

mod isa;
mod scalar;
mod simd;

pub(crate) use isa::{Isa, Kernel};
pub(crate) use scalar::scalar;
pub(crate) use simd::Simd;
