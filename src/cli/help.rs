//! The help text: the option table as a model of clap's.

use clap::{Arg, Command};

use super::args::OPTIONS;

/// The model of the command line under the name `program`.
pub(super) fn model(program: &'static str) -> Command {
    let mut command = Command::new(program)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .override_usage(format!("{program} [OPTION]... [FILE]..."))
        .about("Compress or uncompress FILEs (by default, compress FILES in-place).")
        .after_help("With no FILE, or when FILE is -, read standard input.")
        .arg(Arg::new("FILE").num_args(0..).hide(true));
    for opt in OPTIONS.iter().filter(|opt| !opt.help.is_empty()) {
        let mut arg = Arg::new(opt.help).help(opt.help);
        if let Some(short) = opt.short {
            arg = arg.short(short);
        }
        if let [first, others @ ..] = opt.long {
            arg = arg.long(*first).aliases(others.iter().copied());
        }
        arg = match opt.value {
            Some(value) => arg.value_name(value),
            None => arg.num_args(0),
        };
        command = command.arg(arg);
    }
    command
}

/// The help text under the name `program`.
pub(super) fn text(program: &'static str) -> String {
    model(program).render_help().to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_model_is_sound_and_the_text_names_every_option_it_should() {
        super::model("rigz").debug_assert();
        let text = super::text("rigz");
        for opt in super::OPTIONS.iter().filter(|opt| !opt.help.is_empty()) {
            assert!(text.contains(opt.help), "{opt:?} in\n{text}");
        }
    }
}
