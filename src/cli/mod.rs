//! The command: a thin layer over the library.
//!
//! ```text
//! argv[0] -> personality --.
//! environment -------------+
//! arguments -> args -> config -> job: one operand at a time
//!                                input -> codec (the library) -> output -> queue -> remove
//!                                '-------------------- report -------------------'
//! ```
//!
//! The exit status is gzip's: 0, 1 after an error, 2 after a warning.

mod args;
mod benchmark;
mod codec;
mod config;
mod environment;
mod feed;
mod help;
mod input;
mod job;
mod list;
mod operand;
mod options;
mod personality;
mod progress;
mod queue;
mod remove;
mod replace;
mod report;
mod system;

use std::ffi::OsString;
use std::fmt::Display;

use args::Grammar;
use config::{Action, Config};
use environment::Environment;
use job::Jobs;
use list::Listing;
use personality::Personality;
use queue::Queue;
use report::Report;

const LICENSE: &str =
    "Dual-licensed under the MIT licence or the Apache licence, version 2.0, as you choose.\n";

/// Runs the command with `argv`; its exit status.
pub(crate) fn run(mut argv: impl Iterator<Item = OsString>) -> u8 {
    system::set_up();
    let personality = personality::of(argv.next());
    let report = Report::new(personality.name, personality.is_gnu);
    match understand(&personality, &Environment::of_process(), argv) {
        Ok(config) => execute(&config, &report),
        Err((text, offers_help)) => {
            report.failure(text);
            if offers_help {
                report.line(format_args!("Try `{} --help' for more information.", personality.name));
            }
        }
    }
    report.exit_status()
}

/// What the caller wants, or what is wrong with it and whether a look at the help may help.
fn understand(
    personality: &Personality,
    environment: &Environment,
    argv: impl Iterator<Item = OsString>,
) -> Result<Config, (String, bool)> {
    fn with_help(error: impl Display) -> (String, bool) {
        (error.to_string(), true)
    }
    let grammar = Grammar { has_numbers: !personality.is_gnu, permutes: !environment.is_posix };
    let mut args = environment.options(personality, grammar).map_err(with_help)?;
    args.extend(args::parse(grammar, argv).map_err(with_help)?);
    let latest_time = environment.latest_time().map_err(|mistake| (mistake.to_string(), false))?;
    config::configure(personality, args, latest_time)
        .map_err(|nonsense| (nonsense.to_string(), nonsense.offers_help()))
}

fn execute(config: &Config, report: &Report) {
    match config.action {
        Action::Help => return report.answer(help::text(config.program)),
        Action::Version => {
            // Under other names the first word is theirs: scripts look at it.
            let who = if config.program == "rigz" { "" } else { " (rigz)" };
            return report.answer(format_args!("{}{who} {}\n", config.program, env!("CARGO_PKG_VERSION")));
        }
        Action::License => return report.answer(LICENSE),
        _ => {}
    }
    if config.quiet {
        report.be_quiet();
    }
    if config.has_ignored_ascii {
        report.note("option --ascii ignored on this system");
    }
    let mut jobs = Jobs { config, report, listing: Listing::default(), queue: Queue::default() };
    let result = jobs.run();
    jobs.commit_all();
    if result.is_ok() {
        jobs.listing.end(config, report);
    }
}
