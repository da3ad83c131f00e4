//! The option grammar of GNU: clusters (`-9nf`, `-cd1`), values glued on or apart (`-p4`, `-p 4`), long names with
//! `=` and abbreviations that stay unambiguous, options after operands, and `--`.
//!
//! One table is the model of all options; the help text is made from it too.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// What an option asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    Decompress,
    Force,
    Help,
    Keep,
    Level(u8),
    License,
    List,
    Name,
    NoName,
    Quiet,
    Recursive,
    Stdout,
    Suffix,
    Synchronous,
    Test,
    Threads,
    Verbose,
    Version,
}

/// An option: its names, the name of its value if it takes one, and what it does.
#[derive(Debug)]
pub(super) struct Opt {
    pub(super) ask: Ask,
    pub(super) short: Option<char>,
    pub(super) long: &'static [&'static str],
    pub(super) value: Option<&'static str>,
    /// Empty for what the help text leaves out.
    pub(super) help: &'static str,
}

const fn flag(ask: Ask, short: char, long: &'static [&'static str], help: &'static str) -> Opt {
    Opt { ask, short: Some(short), long, value: None, help }
}

const fn level(number: u8, long: &'static [&'static str], help: &'static str) -> Opt {
    flag(Ask::Level(number), (b'0' + number) as char, long, help)
}

pub(super) const OPTIONS: &[Opt] = &[
    flag(Ask::Stdout, 'c', &["stdout", "to-stdout"], "write on standard output, keep input files"),
    flag(Ask::Decompress, 'd', &["decompress", "uncompress"], "decompress"),
    flag(Ask::Force, 'f', &["force"], "replace output files, read links, use a terminal"),
    flag(Ask::Help, 'h', &["help"], "give this help"),
    flag(Ask::Keep, 'k', &["keep"], "keep (don't delete) input files"),
    flag(Ask::List, 'l', &["list"], "list sizes of compressed files"),
    flag(Ask::License, 'L', &["license"], "tell the licence"),
    flag(Ask::NoName, 'n', &["no-name"], "do not save or restore the name and the time"),
    flag(Ask::Name, 'N', &["name"], "save or restore the name and the time"),
    Opt {
        ask: Ask::Threads,
        short: Some('p'),
        long: &["processes", "threads"],
        value: Some("N"),
        help: "use up to N threads; 0, the default: one per processor",
    },
    flag(Ask::Quiet, 'q', &["quiet", "silent"], "suppress all warnings"),
    flag(Ask::Recursive, 'r', &["recursive"], "operate recursively on directories"),
    Opt {
        ask: Ask::Suffix,
        short: Some('S'),
        long: &["suffix"],
        value: Some("SUF"),
        help: "use suffix SUF on compressed files",
    },
    Opt {
        ask: Ask::Synchronous,
        short: None,
        long: &["synchronous"],
        value: None,
        help: "put output on the disk even if the input is kept",
    },
    flag(Ask::Test, 't', &["test"], "test the integrity of compressed files"),
    flag(Ask::Verbose, 'v', &["verbose"], "tell what was done"),
    flag(Ask::Version, 'V', &["version"], "tell the version"),
    level(0, &[], "store, do not compress"),
    level(1, &["fast"], "compress faster"),
    level(2, &[], ""),
    level(3, &[], ""),
    level(4, &[], ""),
    level(5, &[], ""),
    level(6, &[], ""),
    level(7, &[], ""),
    level(8, &[], ""),
    level(9, &["best"], "compress better"),
];

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
pub(super) fn parse(mut args: impl Iterator<Item = OsString>) -> Result<Vec<Arg>, Misuse> {
    let mut out = Vec::new();
    while let Some(arg) = args.next() {
        match arg.as_bytes() {
            b"--" => {
                out.extend(args.map(Arg::Operand));
                break;
            }
            [b'-', b'-', long @ ..] => out.push(parse_long(long, &mut args)?),
            [b'-', cluster @ ..] if !cluster.is_empty() => parse_cluster(cluster, &mut args, &mut out)?,
            _ => out.push(Arg::Operand(arg)),
        }
    }
    Ok(out)
}

fn parse_cluster(
    mut cluster: &[u8],
    args: &mut impl Iterator<Item = OsString>,
    out: &mut Vec<Arg>,
) -> Result<(), Misuse> {
    while let [short, rest @ ..] = cluster {
        // The one level of two digits.
        if let [b'1', b'0', rest @ ..] = cluster {
            out.push(Arg::Ask(Ask::Level(10)));
            cluster = rest;
            continue;
        }
        let short = char::from(*short);
        let Some(opt) = OPTIONS.iter().find(|opt| opt.short == Some(short)) else {
            return Err(Misuse::Unknown(short));
        };
        if opt.value.is_none() {
            out.push(Arg::Ask(opt.ask));
            cluster = rest;
            continue;
        }
        let glued = (!rest.is_empty()).then(|| OsStr::from_bytes(rest).to_owned());
        let value = glued.or_else(|| args.next()).ok_or(Misuse::ShortNeedsValue(short))?;
        out.push(Arg::Value(opt.ask, value));
        break;
    }
    Ok(())
}

fn parse_long(long: &[u8], args: &mut impl Iterator<Item = OsString>) -> Result<Arg, Misuse> {
    let (name, glued) = match long.iter().position(|&byte| byte == b'=') {
        Some(at) => (&long[..at], Some(OsString::from_vec(long[at + 1..].to_vec()))),
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

    fn parsed(line: &str) -> Result<Vec<Arg>, Misuse> {
        parse(line.split(' ').map(OsString::from))
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
}
