//! The model of all options: the grammar, the help text, the manual page and the shell completions are made from it.

/// What an option asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    Alias,
    Ascii,
    Block,
    Comment,
    Decompress,
    Force,
    Help,
    Huffman,
    Independent,
    Json,
    Keep,
    Level(u8),
    License,
    List,
    Memory,
    Name,
    NoName,
    NoSync,
    NoTime,
    Output,
    PresumeTerminal,
    Quiet,
    Recursive,
    Remove,
    Rsyncable,
    Runs,
    Stdout,
    Suffix,
    Synchronous,
    Test,
    Threads,
    Time,
    Verbose,
    Version,
    Zip,
    Zlib,
}

/// An option: its names, the name of its value if it takes one, and what it does.
#[derive(Debug)]
pub(crate) struct Opt {
    pub(crate) ask: Ask,
    /// One-letter names.
    pub(crate) short: &'static str,
    pub(crate) long: &'static [&'static str],
    pub(crate) value: Option<&'static str>,
    /// Empty for what the help text leaves out.
    pub(crate) help: &'static str,
}

const fn flag(ask: Ask, short: &'static str, long: &'static [&'static str], help: &'static str) -> Opt {
    Opt { ask, short, long, value: None, help }
}

const fn valued(
    ask: Ask,
    short: &'static str,
    long: &'static [&'static str],
    value: &'static str,
    help: &'static str,
) -> Opt {
    Opt { ask, short, long, value: Some(value), help }
}

/// The options of GNU gzip come first, then those of pigz, then our own.
pub(crate) const OPTIONS: &[Opt] = &[
    flag(Ask::Ascii, "a", &["ascii"], "ignored: lines end here as they do there"),
    flag(Ask::Stdout, "c", &["stdout", "to-stdout"], "write on standard output, keep input files"),
    flag(Ask::Decompress, "d", &["decompress", "uncompress"], "decompress"),
    flag(Ask::Force, "f", &["force"], "replace output files, read links, use a terminal"),
    flag(Ask::Help, "h", &["help"], "give this help"),
    flag(Ask::Keep, "k", &["keep"], "keep (don't delete) input files"),
    flag(Ask::List, "l", &["list"], "list sizes of compressed files"),
    flag(Ask::License, "L", &["license"], "tell the licence"),
    flag(Ask::NoName, "n", &["no-name"], "do not save or restore the name and the time"),
    flag(Ask::Name, "N", &["name"], "save or restore the name and the time"),
    flag(Ask::Quiet, "q", &["quiet", "silent"], "suppress all warnings, and progress"),
    flag(Ask::Recursive, "r", &["recursive"], "operate recursively on directories"),
    flag(Ask::Rsyncable, "R", &["rsyncable"], "cut where the content says, so that a change stays local"),
    valued(Ask::Suffix, "S", &["suffix"], "SUF", "use suffix SUF on compressed files"),
    flag(Ask::Synchronous, "Y", &["synchronous"], "put output on the disk even if the input is kept"),
    flag(Ask::Test, "t", &["test"], "test the integrity of compressed files"),
    flag(Ask::Verbose, "v", &["verbose"], "tell what was done"),
    flag(Ask::Version, "V", &["version"], "tell the version"),
    flag(Ask::Level(0), "", &[], "store, do not compress"),
    flag(Ask::Level(1), "", &["fast"], "compress faster"),
    flag(Ask::Level(9), "", &["best"], "compress better"),
    flag(Ask::Level(12), "", &[], "compress most: 10 to 12 are slow"),
    valued(Ask::Alias, "A", &["alias"], "NAME", "the name to save for standard input"),
    valued(
        Ask::Block,
        "b",
        &["blocksize"],
        "SIZE",
        "cut input into blocks of SIZE KiB; 1e9: benchmark of levels 1 to 9",
    ),
    valued(Ask::Comment, "C", &["comment"], "TEXT", "save TEXT as the comment"),
    flag(Ask::Huffman, "H", &["huffman"], "use Huffman codes alone, no matches"),
    flag(Ask::Independent, "i", &["independent"], "compress blocks without regard to those before"),
    flag(Ask::Zip, "K", &["zip"], "write zip files of one entry (.zip)"),
    flag(Ask::NoTime, "m", &["no-time"], "do not save or restore the time"),
    flag(Ask::Time, "M", &["time"], "save or restore the time"),
    valued(
        Ask::Threads,
        "pT",
        &["processes", "threads"],
        "N",
        "use up to N threads; 0, the default: one per processor",
    ),
    flag(Ask::Runs, "U", &["rle"], "look for runs of bytes alone"),
    flag(Ask::Zlib, "z", &["zlib"], "write zlib streams (.zz)"),
    flag(Ask::Json, "", &["json"], "with -l or -t: a JSON object per file"),
    valued(
        Ask::Memory,
        "",
        &["memory"],
        "SIZE",
        "use no more threads than SIZE bytes of memory (16M or more) suffice for",
    ),
    flag(Ask::NoSync, "", &["no-sync"], "let input go before output is on the disk, as gzip does"),
    valued(Ask::Output, "o", &["output"], "FILE", "write to FILE, keep input files"),
    flag(Ask::Remove, "", &["rm"], "delete input files, also with -o"),
    flag(Ask::PresumeTerminal, "", &["-presume-input-tty"], ""),
];
