//! From what the caller said to what is to be done. No I/O.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::num::NonZeroUsize;
use std::os::unix::ffi::OsStrExt;

use rigz::Level;

use super::args::{Arg, Ask};
use super::personality::Personality;

/// What to do with each operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Compress,
    Decompress,
    Test,
    List,
    Help,
    Version,
    License,
}

/// Everything the options decide.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) action: Action,
    pub(super) force: bool,
    pub(super) keep: bool,
    pub(super) level: Level,
    /// Save (when compressing) the name and the time; the default.
    pub(super) save_name: bool,
    /// Restore (when decompressing) the name and the time; not the default.
    pub(super) restore_name: bool,
    pub(super) operands: Vec<OsString>,
    pub(super) quiet: bool,
    pub(super) recursive: bool,
    pub(super) suffix: OsString,
    pub(super) synchronous: bool,
    /// None: as many as there are processors.
    pub(super) threads: Option<NonZeroUsize>,
    /// Files stay as they are; also with `-t` and `-l`, which write no data at all.
    pub(super) to_stdout: bool,
    pub(super) verbose: bool,
}

/// A value that makes no sense.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Nonsense {
    Suffix(OsString),
    Threads(OsString),
}

impl fmt::Display for Nonsense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, value) = match self {
            Self::Suffix(value) => ("suffix", value),
            Self::Threads(value) => ("number of threads", value),
        };
        write!(f, "invalid {what} '{}'", super::report::Escaped(value))
    }
}

/// The configuration of `args` under `personality`.
pub(super) fn configure(personality: &Personality, args: Vec<Arg>) -> Result<Config, Nonsense> {
    let mut config = Config {
        action: if personality.decompress { Action::Decompress } else { Action::Compress },
        force: false,
        keep: false,
        level: Level::DEFAULT,
        save_name: true,
        restore_name: false,
        operands: Vec::new(),
        quiet: false,
        recursive: false,
        suffix: ".gz".into(),
        synchronous: false,
        threads: None,
        to_stdout: personality.to_stdout,
        verbose: false,
    };
    for arg in args {
        match arg {
            Arg::Ask(ask) => config.apply(ask),
            Arg::Value(Ask::Suffix, value) => config.suffix = checked_suffix(value)?,
            Arg::Value(_, value) => config.threads = checked_threads(&value)?,
            Arg::Operand(operand) => config.operands.push(operand),
        }
    }
    Ok(config)
}

impl Config {
    fn apply(&mut self, ask: Ask) {
        match ask {
            Ask::Decompress => self.set_action(Action::Decompress),
            Ask::Test | Ask::List => {
                self.set_action(if ask == Ask::Test { Action::Test } else { Action::List });
                self.to_stdout = true;
            }
            Ask::License => self.set_action(Action::License),
            Ask::Version => self.set_action(Action::Version),
            Ask::Help => self.set_action(Action::Help),
            Ask::Force => self.force = true,
            Ask::Keep => self.keep = true,
            Ask::Level(number) => self.level = Level::new(number).unwrap_or_default(),
            Ask::Name => (self.save_name, self.restore_name) = (true, true),
            Ask::NoName => (self.save_name, self.restore_name) = (false, false),
            Ask::Quiet => (self.quiet, self.verbose) = (true, false),
            Ask::Verbose => (self.quiet, self.verbose) = (false, true),
            Ask::Recursive => self.recursive = true,
            Ask::Stdout => self.to_stdout = true,
            Ask::Synchronous => self.synchronous = true,
            Ask::Suffix | Ask::Threads => {}
        }
    }

    /// Actions later in the list of [`Action`] win: `-dt` tests, `-tl` lists, `-lh` helps.
    fn set_action(&mut self, action: Action) {
        if action as u8 > self.action as u8 {
            self.action = action;
        }
    }
}

/// A suffix that makes another name in the same directory.
fn checked_suffix(value: OsString) -> Result<OsString, Nonsense> {
    if value.is_empty() || value.as_bytes().contains(&b'/') {
        Err(Nonsense::Suffix(value))
    } else {
        Ok(value)
    }
}

fn checked_threads(value: &OsStr) -> Result<Option<NonZeroUsize>, Nonsense> {
    /// More than any machine has; keeps sums of sizes far from overflow.
    const MOST: usize = 1 << 12;
    match value.to_str().and_then(|text| text.parse::<usize>().ok()) {
        Some(count) => Ok(NonZeroUsize::new(count.min(MOST))),
        None => Err(Nonsense::Threads(value.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::parse;
    use crate::cli::personality;

    fn configured(line: &str) -> Result<Config, Nonsense> {
        let mut words = line.split(' ').map(OsString::from);
        let personality = personality::of(words.next());
        configure(&personality, parse(words).expect("grammar"))
    }

    #[test]
    fn the_last_of_contrary_options_wins() {
        let config = configured("rigz -1 -9 -3 -q -v -n -N").expect("sense");
        assert_eq!(config.level.number(), 3);
        assert!(config.verbose && !config.quiet && config.save_name && config.restore_name);
    }

    #[test]
    fn the_stronger_of_actions_wins_in_any_order() {
        assert_eq!(configured("rigz -d -t").map(|c| c.action), Ok(Action::Test));
        assert_eq!(configured("rigz -t -d").map(|c| c.action), Ok(Action::Test));
        assert_eq!(configured("rigz -h -l -d").map(|c| c.action), Ok(Action::Help));
    }

    #[test]
    fn names_stand_for_options() {
        let config = configured("/usr/bin/zcat -k").expect("sense");
        assert!(config.to_stdout && config.action == Action::Decompress);
        let config = configured("unpigz").expect("sense");
        assert!(!config.to_stdout && config.action == Action::Decompress);
    }

    #[test]
    fn values_that_make_no_sense_are_refused() {
        assert!(matches!(configured("rigz -S a/b"), Err(Nonsense::Suffix(_))));
        assert!(matches!(configured("rigz --suffix= x"), Err(Nonsense::Suffix(_))));
        assert!(matches!(configured("rigz -p x"), Err(Nonsense::Threads(_))));
        assert!(matches!(configured("rigz -p -1"), Err(Nonsense::Threads(_))));
        assert_eq!(configured("rigz -p 0").map(|c| c.threads), Ok(None));
    }
}
