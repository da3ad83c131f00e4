//! The help text, laid out as the model of the options says.

use std::fmt::Write as _;

use super::options::{Ask, OPTIONS, Opt};

/// Where the explanations start.
const COLUMN: usize = 27;

/// The help text under the name `program`.
pub(super) fn text(program: &str) -> String {
    let mut text = format!(
        "Usage: {program} [OPTION]... [FILE]...\n\
         Compress or uncompress FILEs (by default, compress FILES in-place).\n\n"
    );
    for opt in OPTIONS.iter().filter(|opt| !opt.help.is_empty()) {
        let _ = writeln!(text, "{:COLUMN$}{}", names(opt), opt.help);
    }
    text.push_str("\nWith no FILE, or when FILE is -, read standard input.\n");
    text
}

/// All names of an option and the name of its value, as the help text shows them.
pub(crate) fn names(opt: &Opt) -> String {
    let mut short: Vec<String> = opt.short.chars().map(|letter| format!("-{letter}")).collect();
    if let Ask::Level(number) = opt.ask {
        short.push(format!("-{number}"));
    }
    let mut names = if short.is_empty() { "    ".to_owned() } else { short.join(", ") };
    for (i, long) in opt.long.iter().take(1).enumerate() {
        names.push_str(if i == 0 && short.is_empty() { "" } else { ", " });
        let _ = write!(names, "--{long}");
    }
    if let Some(value) = opt.value {
        names.push(if opt.long.is_empty() { ' ' } else { '=' });
        names.push_str(value);
    }
    format!("  {names}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_text_names_every_option_it_should_within_100_columns() {
        let text = super::text("rigz");
        for opt in super::OPTIONS.iter().filter(|opt| !opt.help.is_empty()) {
            assert!(text.contains(opt.help), "{opt:?} in\n{text}");
        }
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}
