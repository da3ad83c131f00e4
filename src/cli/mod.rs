//! The command: a thin layer over the library.
//!
//! ```text
//! argv[0] -> personality --.
//! arguments -> args -> config -> job: one operand at a time
//!                                input -> codec (the library) -> output -> remove
//!                                '--------------- report ----------------'
//! ```
//!
//! The exit status is gzip's: 0, 1 after an error, 2 after a warning.

mod args;
mod close;
mod codec;
mod config;
mod help;
mod input;
mod job;
mod list;
mod operand;
mod output;
mod personality;
mod place;
mod remove;
mod report;
mod signals;
mod stream;

use std::ffi::OsString;
use std::process::ExitCode;

use config::{Action, Config};
use job::Jobs;
use list::Listing;
use report::Report;

const LICENSE: &str =
    "Dual-licensed under the MIT licence or the Apache licence, version 2.0, as you choose.\n";

/// Runs the command with `argv`.
pub(crate) fn run(mut argv: impl Iterator<Item = OsString>) -> ExitCode {
    signals::set_up();
    let personality = personality::of(argv.next());
    let report = Report::new(personality.name);
    let args = match args::parse(argv) {
        Ok(args) => args,
        Err(misuse) => {
            report.failure(format_args!("{misuse}\nTry `{} --help' for more information.", personality.name));
            return report.exit_code();
        }
    };
    match config::configure(&personality, args) {
        Ok(config) => execute(&config, personality.name, &report),
        Err(nonsense) => report.failure(nonsense),
    }
    report.exit_code()
}

fn execute(config: &Config, program: &'static str, report: &Report) {
    match config.action {
        Action::Help => return report.answer(help::text(program)),
        Action::Version => return report.answer(concat!("rigz ", env!("CARGO_PKG_VERSION"), "\n")),
        Action::License => return report.answer(LICENSE),
        Action::Compress | Action::Decompress | Action::Test | Action::List => {}
    }
    if config.quiet {
        report.be_quiet();
    }
    let mut jobs = Jobs { config, report, listing: Listing::default() };
    if config.operands.is_empty() {
        let _ = jobs.standard_input();
    }
    for operand in &config.operands {
        let result = if operand == "-" { jobs.standard_input() } else { jobs.file(operand) };
        if result.is_err() {
            return;
        }
    }
    jobs.listing.end(config, report);
}
