//! The `rigz` command.

#[cfg(not(unix))]
compile_error!("the command needs a Unix; the library builds with `--no-default-features`");

mod cli;

fn main() -> std::process::ExitCode {
    cli::run(std::env::args_os())
}
