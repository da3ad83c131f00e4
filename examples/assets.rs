//! Writes the manual page and the shell completions, made from the model of the command's options:
//!
//! ```sh
//! cargo run --example assets -- assets
//! ```

#[path = "../src/cli/options.rs"]
mod options;

use std::fs;
use std::io;
use std::path::Path;

use clap::{Arg, ArgAction, Command, ValueHint};
use clap_complete::{Shell, generate_to};
use options::{Ask, OPTIONS, Opt};

const DESCRIPTION: &str = "Replaces each FILE by FILE.gz, or with -d FILE.gz by FILE, keeping mode, owner and times. \
    Without files, or for -, standard input goes to standard output. All processors work, also on decompression; the \
    output does not depend on how many there are.";

const NOTES: &str = "Called as gzip, gunzip, zcat or gzcat, it behaves as GNU gzip does: there -11 is -1 twice, -b is \
    checked and has no effect, zlib streams are not read, and no progress is shown. Called as pigz, unpigz, unrigz or \
    rigzcat it is itself; the last decompresses to standard output.\n\n\
    An input is deleted only after its output was read back and checked, is on the disk, and while the input is still \
    the file that was read. Outputs are never seen before they are complete.\n\n\
    Levels go from -0 to -12; from -10 on they are slow. -b, -i and -R work on one thread, and so do -z and -K; a -b of a MiB or more cuts nothing. Levels that do not exist \
    yet stand for the highest that does.";

const ENVIRONMENT: &str = "GZIP holds levels, --rsyncable and --synchronous; all else in it is ignored. PIGZ holds options \
    of all kinds, except under the names of gzip. SOURCE_DATE_EPOCH is the latest time that is saved. POSIXLY_CORRECT \
    ends the options at the first file.";

const STATUS: &str = "0: done. 1: something failed; its input is still there. 2: done, with a warning.";

fn main() -> io::Result<()> {
    let folder = std::env::args().nth(1).ok_or_else(|| io::Error::other("say where to write"))?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        generate_to(shell, &mut model(), "rigz", folder)?;
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(model()).render(&mut page)?;
    for (title, text) in [("ENVIRONMENT", ENVIRONMENT), ("EXIT STATUS", STATUS), ("NOTES", NOTES)] {
        page.extend_from_slice(
            format!(".SH \"{title}\"\n{}\n", text.replace('-', "\\-").replace("\n\n", "\n.PP\n")).as_bytes(),
        );
    }
    fs::write(folder.join("rigz.1"), page)
}

/// The options as clap knows them.
fn model() -> Command {
    let mut command = Command::new("rigz")
        .disable_help_flag(true)
        .disable_version_flag(true)
        .override_usage("rigz [OPTION]... [FILE]...")
        .about("compress or decompress files")
        .long_about(DESCRIPTION);
    // clap has no short options of two digits; the notes tell of them.
    let is_shown = |opt: &Opt| !opt.help.is_empty() && !matches!(opt.ask, Ask::Level(10..));
    for (number, opt) in OPTIONS.iter().enumerate().filter(|(_, opt)| is_shown(opt)) {
        command = command.arg(argument(opt).display_order(number));
    }
    for level in ["2", "3", "4", "5", "6", "7", "8"] {
        let letter = level.chars().next();
        command = command.arg(Arg::new(level).short(letter).action(ArgAction::SetTrue).hide(true));
    }
    let file = Arg::new("FILE")
        .num_args(0..)
        .value_hint(ValueHint::FilePath)
        .help("files to take; - is standard input");
    command.arg(file)
}

fn argument(opt: &'static Opt) -> Arg {
    let mut arg = Arg::new(opt.help).help(opt.help);
    let mut letters = opt.short.chars();
    if let Ask::Level(number) = opt.ask
        && number < 10
    {
        arg = arg.short(char::from(b'0' + number));
    } else if let Some(letter) = letters.next() {
        arg = arg.short(letter).visible_short_aliases(letters.collect::<Vec<_>>());
    }
    if let [first, others @ ..] = opt.long {
        arg = arg.long(*first).visible_aliases(others.iter().copied());
    }
    match opt.value {
        Some(value) => arg.value_name(value).action(ArgAction::Set),
        None => arg.action(ArgAction::SetTrue),
    }
}
