//! A file that says every default: written from the command line's own table.

use std::fmt::Write;

use clap::{Arg, Command};
use pollscope_lab::panels::key_table;
use pollscope_tui::keys::DefaultKey;

use super::{
    command,
    config::{commands, in_file, is_flag, is_of_pairs, name_of},
};

const HEAD: &str = "\
# Settings of pollscope: the names are those of the options. Above the tables, they are for every command
# that has the option; in a table such as [compare], for that command alone.
# The command line goes before the environment (POLLSCOPE_MAX_PAGES for max-pages), and that before this file.
";

/// A file of settings with every option, its help and its default; what has none is a comment.
pub fn default_file() -> String {
    let mut program = command();
    program.build();
    let mut text = HEAD.to_owned();
    let mut written: Vec<&str> = Vec::new();
    for option in commands(&program).flat_map(in_file).filter(|option| is_common(&program, option)) {
        if !written.contains(&name_of(option)) {
            written.push(name_of(option));
            if !is_of_pairs(option) {
                text += &entry(option);
            }
        }
    }
    text += &keys();
    for command in commands(&program) {
        let own: String = in_file(command).filter(|option| !is_common(&program, option)).map(entry).collect();
        if !own.is_empty() {
            // Writing into a string cannot fail.
            let _ = write!(text, "\n[{}]\n{own}", command.get_name());
        }
    }
    text
}

/// Whether several commands have the option, with one default.
fn is_common(program: &Command, option: &Arg) -> bool {
    let same_name = |other: &&Arg| name_of(other) == name_of(option);
    let all: Vec<_> = commands(program).flat_map(in_file).filter(same_name).collect();
    all.len() > 1 && all.iter().all(|other| other.get_default_values() == option.get_default_values())
}

/// What each key does, where nobody binds others.
fn keys() -> String {
    let mut text = "\n# Several keys have a space between them; none is \"\".\n[keys]\n".to_owned();
    for DefaultKey { name, chords, help } in key_table().defaults() {
        let _ = writeln!(text, "# {:<36} {help}", format!("{name} = \"{chords}\""));
    }
    text
}

fn entry(option: &Arg) -> String {
    let mut text = String::new();
    let help = option.get_help().map(ToString::to_string).unwrap_or_default();
    for line in help.lines() {
        let _ = writeln!(text, "\n# {line}");
    }
    let choices: Vec<_> = option.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if !is_flag(option) && !choices.is_empty() {
        let _ = writeln!(text, "# One of: {}", choices.join(", "));
    }
    let name = name_of(option);
    let default = option.get_default_values().first().map(|value| value.to_string_lossy());
    let _ = match default {
        _ if is_flag(option) => writeln!(text, "{name} = false"),
        Some(number) if number.parse::<u64>().is_ok() => writeln!(text, "{name} = {number}"),
        // A default has neither quotes nor backslashes.
        Some(word) => writeln!(text, "{name} = \"{word}\""),
        None => writeln!(text, "# {name} = …"),
    };
    text
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::cli::{Typed, config};

    #[test]
    fn it_has_every_option_with_its_help() {
        let text = default_file();
        let mut program = command();
        program.build();
        for option in commands(&program).flat_map(in_file) {
            let name = name_of(option);
            let is_it = |line: &str| line.starts_with(&format!("{name} = ")) || line == format!("[{name}]");
            assert!(text.lines().any(|line| is_it(line.trim_start_matches("# "))), "{name}");
        }
    }

    /// What a command line means with the file is what it means without.
    #[test]
    fn it_parses_back_and_changes_nothing() {
        let text = default_file();
        let file = config::parse(&text).unwrap_or_else(|wrong| panic!("{wrong}\n{text}"));
        assert!(file.len() > 15, "{text}");
        for line in ["", "pipeline", "report", "compare", "export run --to svg", "replay run", "lesson", "fake-github"]
        {
            let words = std::iter::once("pollscope").chain(line.split_whitespace()).map(OsString::from);
            let typed = Typed::new(words.collect()).map_err(drop).unwrap();
            let [with, without] = [&file[..], &[]].map(|file| format!("{:?}", typed.with(file, |_| None).unwrap()));
            assert_eq!(with, without, "{line}");
        }
    }
}
