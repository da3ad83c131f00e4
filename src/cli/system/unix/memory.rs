//! Memory of all threads from one place.
//!
//! glibc gives each thread a heap of its own, which grows by a system call for each buffer, and each call holds up the
//! first touches of pages by all threads. A few threads that take some buffers and keep them need nothing of the kind.

#![expect(unsafe_code, reason = "the allocator is told by a call without a safe form")]

/// To be called before a thread is started.
pub(super) fn set_up() {
    // SAFETY: takes two numbers; there is one thread. If it is refused, nothing changes.
    _ = unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
}
