//! What the environment says: options for the command, and the time that reproducible builds ask for.
//!
//! `GZIP` counts as since gzip 1.14: levels, `--rsyncable` and `--synchronous`; all else in it is ignored without a word,
//! for a variable must not make a script do something else. `PIGZ` holds options of all kinds, under our own names and
//! pigz's.

use std::ffi::{OsStr, OsString};
use std::fmt;

use super::args::{Arg, Grammar, Misuse, parse};
use super::options::Ask;
use super::personality::Personality;
use super::report::Escaped;
use super::system::os_string;

/// What was found there.
#[derive(Debug, Default)]
pub(super) struct Environment {
    pub(super) gzip: Option<OsString>,
    pub(super) pigz: Option<OsString>,
    pub(super) source_date_epoch: Option<OsString>,
    pub(super) is_posix: bool,
}

/// What is wrong there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    Pigz(Misuse),
    PigzOperand,
    Epoch(OsString),
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pigz(misuse) => write!(f, "PIGZ environment variable: {misuse}"),
            Self::PigzOperand => write!(f, "PIGZ environment variable: options only, no files"),
            Self::Epoch(value) => {
                write!(f, "SOURCE_DATE_EPOCH is no number of seconds: '{}'", Escaped(value))
            }
        }
    }
}

impl Environment {
    /// The environment of this process.
    pub(super) fn of_process() -> Self {
        let get = std::env::var_os;
        Self {
            gzip: get("GZIP"),
            pigz: get("PIGZ"),
            source_date_epoch: get("SOURCE_DATE_EPOCH").filter(|value| !value.is_empty()),
            is_posix: get("POSIXLY_CORRECT").is_some(),
        }
    }

    /// The options in it, which those of the command line may override.
    pub(super) fn options(&self, personality: &Personality, grammar: Grammar) -> Result<Vec<Arg>, Mistake> {
        let mut options = Vec::new();
        for word in words(self.gzip.as_deref()) {
            let said = parse(grammar, std::iter::once(word)).unwrap_or_default();
            options.extend(said.into_iter().filter(|arg| matches!(arg, Arg::Ask(ask) if is_harmless(*ask))));
        }
        if !personality.is_gnu {
            let said = parse(grammar, words(self.pigz.as_deref())).map_err(Mistake::Pigz)?;
            if said.iter().any(|arg| matches!(arg, Arg::Operand(_))) {
                return Err(Mistake::PigzOperand);
            }
            options.extend(said);
        }
        Ok(options)
    }

    /// The latest time that may be saved.
    pub(super) fn latest_time(&self) -> Result<Option<u64>, Mistake> {
        let Some(value) = &self.source_date_epoch else { return Ok(None) };
        let digits = value.to_str().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        match digits.and_then(|text| text.parse().ok()) {
            Some(seconds) => Ok(Some(seconds)),
            None => Err(Mistake::Epoch(value.clone())),
        }
    }
}

fn is_harmless(ask: Ask) -> bool {
    matches!(ask, Ask::Level(1..=9) | Ask::Rsyncable | Ask::Synchronous)
}

fn words(value: Option<&OsStr>) -> impl Iterator<Item = OsString> {
    let bytes = value.map(OsStr::as_encoded_bytes).unwrap_or_default();
    let words = bytes.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty());
    words.map(os_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::personality;

    const GRAMMAR: Grammar = Grammar { has_numbers: false, permutes: true };

    fn options(name: &str, gzip: &str, pigz: &str) -> Result<Vec<Arg>, Mistake> {
        let environment =
            Environment { gzip: Some(gzip.into()), pigz: Some(pigz.into()), ..Environment::default() };
        environment.options(&personality::of(Some(name.into())), GRAMMAR)
    }

    #[test]
    fn gzip_may_only_change_how_well_and_pigz_everything_but_the_files() {
        let level = |number| Arg::Ask(Ask::Level(number));
        assert_eq!(options("gzip", " -9 -cd3 --foo\t-- x -S", "-2"), Ok(vec![level(9), level(3)]));
        assert_eq!(options("pigz", "--best", "-k"), Ok(vec![level(9), Arg::Ask(Ask::Keep)]));
        assert_eq!(options("rigz", "", "-k file"), Err(Mistake::PigzOperand));
        assert_eq!(options("rigz", "", "-y"), Err(Mistake::Pigz(Misuse::Unknown('y'))));
    }

    #[test]
    fn the_epoch_is_a_number() {
        let epoch = |value: &str| {
            Environment { source_date_epoch: Some(value.into()), ..Environment::default() }.latest_time()
        };
        assert_eq!(epoch("1234"), Ok(Some(1234)));
        for value in ["x", "-1", "1.5", "+3", "99999999999999999999"] {
            assert_eq!(epoch(value), Err(Mistake::Epoch(value.into())));
        }
    }
}
