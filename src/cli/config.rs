//! From what the caller said to what is to be done. No I/O.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::num::NonZeroUsize;

use rigz::Level;

use super::args::Arg;
use super::options::Ask;
use super::personality::Personality;

/// What to do with each operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Compress,
    Decompress,
    Test,
    List,
    /// Of these levels.
    Benchmark(u8, u8),
    Help,
    Version,
    License,
}

/// What is written when compressing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Gzip,
    Zlib,
    Zip,
}

/// When data is put on the disk before it counts as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sync {
    Never,
    /// If the input is deleted.
    BeforeRemoval,
    Always,
}

/// Everything the options decide.
#[derive(Clone, Debug)]
pub(super) struct Config {
    pub(super) program: &'static str,
    pub(super) is_gnu: bool,
    pub(super) action: Action,
    pub(super) format: Format,
    pub(super) level: Level,
    /// Bytes of a block, if asked for.
    pub(super) block_bytes: Option<NonZeroUsize>,
    pub(super) independent: bool,
    pub(super) rsyncable: bool,
    pub(super) force: bool,
    /// Input files stay.
    pub(super) keep: bool,
    /// Save (when compressing) the name, the time; the default.
    pub(super) save_name: bool,
    pub(super) save_time: bool,
    /// Restore (when decompressing) the name, the time; not the default.
    pub(super) restore_name: bool,
    pub(super) restore_time: bool,
    /// The latest time to save.
    pub(super) latest_time: Option<u64>,
    pub(super) alias: Option<Vec<u8>>,
    pub(super) comment: Option<Vec<u8>>,
    pub(super) operands: Vec<OsString>,
    pub(super) output: Option<OsString>,
    pub(super) has_ignored_ascii: bool,
    pub(super) json: bool,
    pub(super) memory_bytes: Option<u64>,
    pub(super) presume_terminal: bool,
    pub(super) quiet: bool,
    pub(super) recursive: bool,
    pub(super) suffix: OsString,
    pub(super) sync: Sync,
    /// None: as many as there are processors.
    pub(super) threads: Option<NonZeroUsize>,
    /// Files stay as they are; also with `-t` and `-l`, which write no data at all.
    pub(super) to_stdout: bool,
    pub(super) verbose: bool,
}

/// A value or a combination that makes no sense.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Nonsense {
    Suffix(OsString),
    Value(&'static str, OsString),
    Together(&'static str, &'static str),
    OneInput,
}

impl fmt::Display for Nonsense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use super::report::Escaped;
        match self {
            Self::Suffix(value) => write!(f, "invalid suffix '{}'", Escaped(value)),
            Self::Value(what, value) => write!(f, "invalid {what} '{}'", Escaped(value)),
            Self::Together(one, other) => write!(f, "{one} and {other} exclude each other"),
            Self::OneInput => write!(f, "-o takes one input, no directory"),
        }
    }
}

impl Nonsense {
    /// gzip offers help for everything but suffixes.
    pub(super) fn offers_help(&self) -> bool {
        !matches!(self, Self::Suffix(_))
    }
}

/// The configuration of `args` under `personality`.
pub(super) fn configure(
    personality: &Personality,
    args: Vec<Arg>,
    latest_time: Option<u64>,
) -> Result<Config, Nonsense> {
    let mut config = Config {
        program: personality.name,
        is_gnu: personality.is_gnu,
        action: if personality.decompress { Action::Decompress } else { Action::Compress },
        format: Format::Gzip,
        level: Level::DEFAULT,
        block_bytes: None,
        independent: false,
        rsyncable: false,
        force: false,
        keep: false,
        save_name: true,
        save_time: true,
        restore_name: false,
        restore_time: false,
        latest_time,
        alias: None,
        comment: None,
        operands: Vec::new(),
        output: None,
        has_ignored_ascii: false,
        json: false,
        memory_bytes: None,
        presume_terminal: false,
        quiet: false,
        recursive: false,
        suffix: OsString::new(),
        sync: Sync::BeforeRemoval,
        threads: None,
        to_stdout: personality.to_stdout,
        verbose: false,
    };
    let mut suffix = None;
    let mut keeps = None;
    for arg in args {
        match arg {
            Arg::Ask(Ask::Keep) => keeps = Some(true),
            Arg::Ask(Ask::Remove) => keeps = Some(false),
            Arg::Ask(ask) => config.apply(ask),
            Arg::Value(Ask::Suffix, value) => suffix = Some(value),
            Arg::Value(ask, value) => config.apply_value(ask, value)?,
            Arg::Operand(operand) => config.operands.push(operand),
        }
    }
    config.suffix = match suffix {
        Some(suffix) => checked_suffix(suffix)?,
        None => config.format.suffix().into(),
    };
    config.check(keeps == Some(false))?;
    let keeps_unless_told = config.output.is_some() || config.to_stdout;
    config.keep = keeps.unwrap_or(keeps_unless_told);
    Ok(config)
}

impl Format {
    fn suffix(self) -> &'static str {
        match self {
            Self::Gzip => ".gz",
            Self::Zlib => ".zz",
            Self::Zip => ".zip",
        }
    }
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
            Ask::Ascii => self.has_ignored_ascii = true,
            Ask::Force => self.force = true,
            // Of levels that there are not, the highest below.
            Ask::Level(number) => self.level = (0..=number).rev().find_map(Level::new).unwrap_or_default(),
            Ask::Huffman => self.level = Level::HUFFMAN,
            Ask::Runs => self.level = Level::RUNS,
            Ask::Independent => self.independent = true,
            Ask::Rsyncable => self.rsyncable = true,
            Ask::Name => {
                (self.save_name, self.restore_name) = (true, true);
                (self.save_time, self.restore_time) = (true, true);
            }
            Ask::NoName => {
                (self.save_name, self.restore_name) = (false, false);
                (self.save_time, self.restore_time) = (false, false);
            }
            Ask::Time => (self.save_time, self.restore_time) = (true, true),
            Ask::NoTime => (self.save_time, self.restore_time) = (false, false),
            Ask::Json => self.json = true,
            Ask::NoSync => self.sync = Sync::Never,
            Ask::PresumeTerminal => self.presume_terminal = true,
            Ask::Quiet => (self.quiet, self.verbose) = (true, false),
            Ask::Verbose => (self.quiet, self.verbose) = (false, true),
            Ask::Recursive => self.recursive = true,
            Ask::Stdout => self.to_stdout = true,
            Ask::Synchronous => self.sync = Sync::Always,
            Ask::Zip => self.format = Format::Zip,
            Ask::Zlib => self.format = Format::Zlib,
            // With a value, or taken by the caller.
            Ask::Alias
            | Ask::Block
            | Ask::Comment
            | Ask::Memory
            | Ask::Output
            | Ask::Suffix
            | Ask::Threads => {}
            Ask::Keep | Ask::Remove => {}
        }
    }

    /// The same, at another level.
    pub(super) fn at_level(&self, level: Ask) -> Self {
        let mut config = self.clone();
        config.apply(level);
        config
    }

    fn apply_value(&mut self, ask: Ask, value: OsString) -> Result<(), Nonsense> {
        match ask {
            Ask::Alias => self.alias = Some(text_field("alias", value)?),
            Ask::Comment => self.comment = Some(text_field("comment", value)?),
            Ask::Block => self.apply_block(value)?,
            Ask::Memory => self.memory_bytes = Some(checked_memory(value)?),
            Ask::Output if value.is_empty() => return Err(Nonsense::Value("name", value)),
            Ask::Output => self.output = Some(value),
            _ => self.threads = checked_threads(value)?,
        }
        Ok(())
    }

    /// `-b`: for gzip a number of LZW bits, which matter to nothing that is written; else KiB of a block, or `1e9`.
    fn apply_block(&mut self, value: OsString) -> Result<(), Nonsense> {
        let text = value.to_str().unwrap_or_default();
        if self.is_gnu {
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            return if is_number { Ok(()) } else { Err(Nonsense::Value("number of bits", value)) };
        }
        if let Some((from, to)) = text.split_once('e') {
            let level = |text: &str| text.parse().ok().filter(|&number: &u8| number <= 12);
            return match (level(from), level(to)) {
                (Some(from), Some(to)) if from <= to => {
                    self.set_action(Action::Benchmark(from, to));
                    Ok(())
                }
                _ => Err(Nonsense::Value("range of levels", value)),
            };
        }
        match text.parse::<usize>().ok().filter(|kib| (32..1 << 22).contains(kib)) {
            Some(kib) => self.block_bytes = NonZeroUsize::new(kib << 10),
            None => return Err(Nonsense::Value("block size (32 KiB at least)", value)),
        }
        Ok(())
    }

    /// Actions later in the list of [`Action`] win: `-dt` tests, `-tl` lists, `-lh` helps.
    fn set_action(&mut self, action: Action) {
        if action.rank() > self.action.rank() {
            self.action = action;
        }
    }

    fn check(&self, removes: bool) -> Result<(), Nonsense> {
        let reports = matches!(self.action, Action::Test | Action::List);
        if self.output.is_some() && (self.operands.len() > 1 || self.recursive) {
            return Err(Nonsense::OneInput);
        }
        if self.output.is_some() && self.to_stdout {
            return Err(Nonsense::Together("-o", if reports { "-t or -l" } else { "-c" }));
        }
        if removes && self.to_stdout {
            return Err(Nonsense::Together("--rm", if reports { "-t or -l" } else { "-c" }));
        }
        if self.json && !reports && self.action.rank() < Action::Help.rank() {
            return Err(Nonsense::Together("--json", "anything but -l and -t"));
        }
        if self.rsyncable && self.block_bytes.is_some() {
            return Err(Nonsense::Together("-R", "-b"));
        }
        Ok(())
    }
}

impl Action {
    fn rank(self) -> u8 {
        match self {
            Self::Compress => 0,
            Self::Decompress => 1,
            Self::Test => 2,
            Self::List => 3,
            Self::Benchmark(..) => 4,
            Self::Help => 5,
            Self::Version => 6,
            Self::License => 7,
        }
    }
}

/// A suffix that makes another name in the same directory.
fn checked_suffix(value: OsString) -> Result<OsString, Nonsense> {
    if value.is_empty() || value.as_encoded_bytes().contains(&b'/') {
        Err(Nonsense::Suffix(value))
    } else {
        Ok(value)
    }
}

fn text_field(what: &'static str, value: OsString) -> Result<Vec<u8>, Nonsense> {
    // A zero byte cannot come in an argument.
    if value.len() > 0xffff {
        Err(Nonsense::Value(what, value))
    } else {
        Ok(value.as_encoded_bytes().to_vec())
    }
}

fn checked_threads(value: OsString) -> Result<Option<NonZeroUsize>, Nonsense> {
    /// More than any machine has; keeps sums of sizes far from overflow.
    const MOST: usize = 1 << 12;
    match value.to_str().and_then(|text| text.parse::<usize>().ok()) {
        Some(count) => Ok(NonZeroUsize::new(count.min(MOST))),
        None => Err(Nonsense::Value("number of threads", value)),
    }
}

/// A number of bytes, with a suffix for powers of 1024.
fn checked_memory(value: OsString) -> Result<u64, Nonsense> {
    /// One thread needs no more.
    const LEAST: u64 = 16 << 20;
    let bytes = |text: &OsStr| {
        let text = text.to_str()?;
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let shift = match text[digits.len()..].to_ascii_uppercase().as_str() {
            "" | "B" => 0,
            "K" | "KB" | "KIB" => 10,
            "M" | "MB" | "MIB" => 20,
            "G" | "GB" | "GIB" => 30,
            _ => return None,
        };
        digits.parse::<u64>().ok()?.checked_mul(1 << shift).filter(|&bytes| bytes >= LEAST)
    };
    bytes(&value).ok_or(Nonsense::Value("amount of memory (16M at least)", value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::{Grammar, parse};
    use crate::cli::personality;

    fn configured(line: &str) -> Result<Config, Nonsense> {
        let mut words = line.split(' ').map(OsString::from);
        let personality = personality::of(words.next());
        let grammar = Grammar { has_numbers: !personality.is_gnu, permutes: true };
        configure(&personality, parse(grammar, words).expect("grammar"), None)
    }

    #[test]
    fn the_last_of_contrary_options_wins() {
        let config = configured("rigz -1 -9 -3 -q -v -n -N --rm -k").expect("sense");
        assert_eq!(config.level.number(), 3);
        assert!(config.verbose && !config.quiet && config.save_name && config.restore_name && config.keep);
        let config = configured("rigz -N -m --no-sync -Y").expect("sense");
        assert!(config.save_name && !config.save_time && config.sync == Sync::Always);
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
        assert!(config.to_stdout && config.action == Action::Decompress && config.is_gnu);
        let config = configured("unpigz").expect("sense");
        assert!(!config.to_stdout && config.action == Action::Decompress && !config.is_gnu);
        assert_eq!(configured("gzip -11").map(|c| c.level.number()), Ok(1));
        assert!(configured("rigz -11").expect("sense").level >= Level::BEST);
    }

    #[test]
    fn formats_bring_their_suffixes() {
        assert_eq!(configured("rigz -z").map(|c| c.suffix), Ok(".zz".into()));
        assert_eq!(configured("pigz -K").map(|c| c.suffix), Ok(".zip".into()));
        assert_eq!(configured("pigz -KS .x").map(|c| c.suffix), Ok(".x".into()));
    }

    #[test]
    fn a_block_size_is_a_number_of_bits_for_gzip_and_a_range_is_a_benchmark() {
        assert_eq!(configured("pigz -b 128").map(|c| c.block_bytes), Ok(NonZeroUsize::new(128 << 10)));
        assert_eq!(configured("gzip -b 9").map(|c| c.block_bytes), Ok(None));
        assert_eq!(configured("rigz -b 1e9").map(|c| c.action), Ok(Action::Benchmark(1, 9)));
        for line in ["gzip -b x", "rigz -b 31", "rigz -b 9e1", "rigz -b 1e13", "rigz -b x"] {
            assert!(matches!(configured(line), Err(Nonsense::Value(..))), "{line}");
        }
    }

    #[test]
    fn amounts_of_memory_have_suffixes() {
        for (text, bytes) in [
            ("16777216", 16 << 20),
            ("20000k", 20_000 << 10),
            ("30M", 30 << 20),
            ("4GiB", 4 << 30),
            ("50mb", 50 << 20),
        ] {
            assert_eq!(configured(&format!("rigz --memory={text}")).map(|c| c.memory_bytes), Ok(Some(bytes)));
        }
        for text in
            ["", "0", "16777215", "15M", "M", "1.5M", "-1", "9999999999999G", "1x", "30MBB", "30MIBIB"]
        {
            assert!(configured(&format!("rigz --memory={text}")).is_err(), "{text}");
        }
    }

    #[test]
    fn values_and_combinations_that_make_no_sense_are_refused() {
        assert!(matches!(configured("rigz -S a/b"), Err(Nonsense::Suffix(_))));
        assert!(matches!(configured("rigz --suffix= x"), Err(Nonsense::Suffix(_))));
        assert!(matches!(configured("rigz -p x"), Err(Nonsense::Value(..))));
        assert!(matches!(configured("rigz -p -1"), Err(Nonsense::Value(..))));
        assert_eq!(configured("rigz -T0").map(|c| c.threads), Ok(None));
        assert_eq!(configured("rigz -o x a b").err(), Some(Nonsense::OneInput));
        assert!(matches!(configured("rigz -co x a"), Err(Nonsense::Together(..))));
        assert!(matches!(configured("rigz -c --rm a"), Err(Nonsense::Together(..))));
        assert!(matches!(configured("rigz --json a"), Err(Nonsense::Together(..))));
    }

    #[test]
    fn input_stays_where_output_goes_elsewhere() {
        for (line, keep) in
            [("rigz a", false), ("rigz -c a", true), ("rigz -o x a", true), ("rigz --rm -o x a", false)]
        {
            assert_eq!(configured(line).map(|c| c.keep), Ok(keep), "{line}");
        }
    }
}
