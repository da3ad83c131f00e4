//! The `rigz` command.
//!
//! On Unix, entered as a C program is, without the set-up of Rust's runtime: that costs a small file a tenth of its time,
//! and would change what the caller said of SIGPIPE. What it would do for safety, [`cli`] does itself.

#![cfg_attr(all(unix, not(test)), no_main)]
#![cfg_attr(
    all(unix, not(test)),
    expect(unsafe_code, reason = "the entry of a program and its arguments are pointers")
)]
#![cfg_attr(all(unix, test), expect(dead_code, reason = "tests have another entry"))]

#[cfg(not(any(unix, windows)))]
compile_error!("the command needs Unix or Windows; the library builds with `--no-default-features`");

mod cli;

/// The entry of the program.
#[cfg(all(unix, not(test)))]
mod entry {
    use std::ffi::{CStr, OsStr, c_char, c_int};
    use std::os::unix::ffi::OsStrExt;

    /// Called by the system's start-up code, with `argv` pointing to `argc` pointers to C strings that last as long as
    /// the process.
    // SAFETY: no other function of this program has the name.
    #[unsafe(no_mangle)]
    extern "C" fn main(argc: c_int, argv: *const *const c_char) -> c_int {
        let arguments = (0..usize::try_from(argc).unwrap_or(0)).map(|at| {
            // SAFETY: `at` is below `argc`.
            let argument = unsafe { argv.add(at) };
            // SAFETY: a pointer into the array of arguments.
            let argument = unsafe { *argument };
            // SAFETY: the system gives C strings.
            OsStr::from_bytes(unsafe { CStr::from_ptr(argument) }.to_bytes()).to_owned()
        });
        crate::cli::run(arguments).into()
    }
}

/// The entry of the program.
#[cfg(not(unix))]
fn main() -> std::process::ExitCode {
    cli::run(std::env::args_os()).into()
}
