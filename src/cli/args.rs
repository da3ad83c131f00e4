//! The option grammar of GNU: clusters (`-9nf`, `-cd1`), values glued on or apart (`-p4`, `-p 4`), long names with
//! `=` and abbreviations that stay unambiguous, options after operands, and `--`.
//!
//! Digits are levels. Where the personality has numbers, digits side by side are one of them: `-11` is level 11, and
//! under the names of gzip it is `-1 -1`.

use std::ffi::OsString;
use std::fmt;

use super::options::{Ask, OPTIONS, Opt};
use super::system::os_string;

/// What is not the same for all callers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grammar {
    /// `-11` is level 11.
    pub(super) has_numbers: bool,
    /// Options may follow operands; not with POSIXLY_CORRECT.
    pub(super) permutes: bool,
}

/// The highest level that can be asked for.
const MAX_LEVEL: u8 = 12;

/// One thing the caller said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Arg {
    Ask(Ask),
    Value(Ask, OsString),
    Operand(OsString),
}

/// What is wrong with the command line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Misuse {
    Unknown(char),
    Level(String),
    Unrecognized(String),
    Ambiguous(String, Vec<&'static str>),
    ShortNeedsValue(char),
    NeedsValue(&'static str),
    TakesNoValue(&'static str),
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(short) => write!(f, "invalid option -- '{}'", short.escape_debug()),
            Self::Level(number) => write!(f, "invalid level -- '{number}'"),
            Self::Unrecognized(long) => write!(f, "unrecognized option '--{}'", long.escape_debug()),
            Self::Ambiguous(long, names) => {
                write!(f, "option '--{}' is ambiguous; possibilities:", long.escape_debug())?;
                names.iter().try_for_each(|name| write!(f, " '--{name}'"))
            }
            Self::ShortNeedsValue(short) => write!(f, "option requires an argument -- '{short}'"),
            Self::NeedsValue(long) => write!(f, "option '--{long}' requires an argument"),
            Self::TakesNoValue(long) => write!(f, "option '--{long}' doesn't allow an argument"),
        }
    }
}

/// Reads the arguments that follow the program's name.
pub(super) fn parse(grammar: Grammar, mut args: impl Iterator<Item = OsString>) -> Result<Vec<Arg>, Misuse> {
    let mut out = Vec::new();
    while let Some(arg) = args.next() {
        match arg.as_encoded_bytes() {
            b"--" => {
                out.extend(args.map(Arg::Operand));
                break;
            }
            [b'-', b'-', long @ ..] => out.push(parse_long(long, &mut args)?),
            [b'-', cluster @ ..] if !cluster.is_empty() => {
                parse_cluster(grammar, cluster, &mut args, &mut out)?;
            }
            _ => {
                out.push(Arg::Operand(arg));
                if !grammar.permutes {
                    out.extend(args.map(Arg::Operand));
                    break;
                }
            }
        }
    }
    Ok(out)
}

fn parse_cluster(
    grammar: Grammar,
    mut cluster: &[u8],
    args: &mut impl Iterator<Item = OsString>,
    out: &mut Vec<Arg>,
) -> Result<(), Misuse> {
    while let [short, rest @ ..] = cluster {
        if short.is_ascii_digit() {
            let most = if grammar.has_numbers { cluster.len() } else { 1 };
            let digits = cluster[..most].iter().take_while(|byte| byte.is_ascii_digit()).count();
            let number = String::from_utf8_lossy(&cluster[..digits]);
            match number.parse() {
                Ok(level @ 0..=MAX_LEVEL) => out.push(Arg::Ask(Ask::Level(level))),
                _ => return Err(Misuse::Level(number.into_owned())),
            }
            cluster = &cluster[digits..];
            continue;
        }
        let short = char::from(*short);
        let Some(opt) = OPTIONS.iter().find(|opt| opt.short.contains(short)) else {
            return Err(Misuse::Unknown(short));
        };
        if opt.value.is_none() {
            out.push(Arg::Ask(opt.ask));
            cluster = rest;
            continue;
        }
        let glued = (!rest.is_empty()).then(|| os_string(rest));
        let value = glued.or_else(|| args.next()).ok_or(Misuse::ShortNeedsValue(short))?;
        out.push(Arg::Value(opt.ask, value));
        break;
    }
    Ok(())
}

fn parse_long(long: &[u8], args: &mut impl Iterator<Item = OsString>) -> Result<Arg, Misuse> {
    let (name, glued) = match long.iter().position(|&byte| byte == b'=') {
        Some(at) => (&long[..at], Some(os_string(&long[at + 1..]))),
        None => (long, None),
    };
    let (opt, full) = find_long(name)?;
    match (opt.value, glued) {
        (None, None) => Ok(Arg::Ask(opt.ask)),
        (None, Some(_)) => Err(Misuse::TakesNoValue(full)),
        (Some(_), glued) => {
            let value = glued.or_else(|| args.next()).ok_or(Misuse::NeedsValue(full))?;
            Ok(Arg::Value(opt.ask, value))
        }
    }
}

/// The option of that long name, or of the one option that has names starting so.
fn find_long(name: &[u8]) -> Result<(&'static Opt, &'static str), Misuse> {
    let mut found: Vec<(&'static Opt, &'static str)> = Vec::new();
    for opt in OPTIONS {
        for &long in opt.long {
            if long.as_bytes() == name {
                return Ok((opt, long));
            }
            if long.as_bytes().starts_with(name) {
                found.push((opt, long));
            }
        }
    }
    let text = || String::from_utf8_lossy(name).into_owned();
    match found.first() {
        None => Err(Misuse::Unrecognized(text())),
        Some(&first) if found.iter().all(|(opt, _)| opt.ask == first.0.ask) => Ok(first),
        Some(_) => Err(Misuse::Ambiguous(text(), found.into_iter().map(|(_, long)| long).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: Grammar = Grammar { has_numbers: true, permutes: true };

    fn parsed(line: &str) -> Result<Vec<Arg>, Misuse> {
        parse(OURS, line.split(' ').map(OsString::from))
    }

    fn operand(name: &str) -> Arg {
        Arg::Operand(name.into())
    }

    #[test]
    fn clusters_values_and_permuted_operands() {
        let expected = vec![
            Arg::Ask(Ask::Level(9)),
            Arg::Ask(Ask::NoName),
            Arg::Ask(Ask::Force),
            operand("file"),
            Arg::Ask(Ask::Stdout),
            Arg::Ask(Ask::Decompress),
            Arg::Value(Ask::Threads, "4".into()),
            Arg::Value(Ask::Suffix, ".x".into()),
            operand("-"),
            Arg::Ask(Ask::Keep),
            operand("-k"),
        ];
        assert_eq!(parsed("-9nf file -cdp4 -S .x - -k -- -k"), Ok(expected));
    }

    #[test]
    fn one_and_zero_together_are_level_ten() {
        let ten = || Arg::Ask(Ask::Level(10));
        assert_eq!(parsed("-10c"), Ok(vec![ten(), Arg::Ask(Ask::Stdout)]));
        assert_eq!(parsed("-k10"), Ok(vec![Arg::Ask(Ask::Keep), ten()]));
        assert_eq!(parsed("-1 -0"), Ok(vec![Arg::Ask(Ask::Level(1)), Arg::Ask(Ask::Level(0))]));
    }

    #[test]
    fn long_names_may_be_cut_short_while_one_option_is_left() {
        assert_eq!(parsed("--uncomp"), Ok(vec![Arg::Ask(Ask::Decompress)]));
        assert_eq!(
            parsed("--s=.x"),
            Err(Misuse::Ambiguous("s".into(), vec!["stdout", "silent", "suffix", "synchronous"]))
        );
        assert_eq!(parsed("--suf=.x"), Ok(vec![Arg::Value(Ask::Suffix, ".x".into())]));
        assert_eq!(parsed("--suffix .x"), Ok(vec![Arg::Value(Ask::Suffix, ".x".into())]));
        assert_eq!(parsed("--name"), Ok(vec![Arg::Ask(Ask::Name)]));
        assert_eq!(parsed("--keep=3"), Err(Misuse::TakesNoValue("keep")));
        assert_eq!(parsed("--suffix"), Err(Misuse::NeedsValue("suffix")));
        assert_eq!(parsed("-p"), Err(Misuse::ShortNeedsValue('p')));
        assert_eq!(parsed("-9y"), Err(Misuse::Unknown('y')));
        assert_eq!(parsed("--foo"), Err(Misuse::Unrecognized("foo".into())));
    }

    #[test]
    fn digits_are_one_number_or_many_options() {
        let level = |number| Arg::Ask(Ask::Level(number));
        assert_eq!(parsed("-11 -n9"), Ok(vec![level(11), Arg::Ask(Ask::NoName), level(9)]));
        assert_eq!(parsed("-13"), Err(Misuse::Level("13".into())));
        assert_eq!(parsed("-999999999999"), Err(Misuse::Level("999999999999".into())));
        let gnu =
            |line: &str| parse(Grammar { has_numbers: false, ..OURS }, line.split(' ').map(OsString::from));
        assert_eq!(gnu("-11n"), Ok(vec![level(1), level(1), Arg::Ask(Ask::NoName)]));
    }

    #[test]
    fn options_after_operands_are_operands_where_the_standard_is_asked_for() {
        let line = ["a", "-k"].map(OsString::from);
        let posix = Grammar { permutes: false, ..OURS };
        assert_eq!(parse(posix, line.into_iter()), Ok(vec![operand("a"), operand("-k")]));
    }
}
