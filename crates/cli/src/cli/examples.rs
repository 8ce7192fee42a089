//! The examples at the end of each command's help. A test parses every one.

use std::fmt::Write;

use clap::Command;

/// Command lines and what they do.
type Examples = &'static [(&'static str, &'static str)];

/// The program's own.
const PROGRAM: Examples = &[
    ("pollscope", "the dashboard, without a network"),
    ("pollscope --wait blocking --workers 2", "what blocking does to an async runtime"),
    ("GITHUB_TOKEN=… pollscope --source github tokio-rs/tokio", "a real repository"),
];

/// Those of the commands.
const COMMANDS: &[(&str, Examples)] = &[
    (
        "pipeline",
        &[
            ("pollscope pipeline --every 10s", "a round every ten seconds"),
            ("pollscope pipeline --record run.pollscope --once", "one round, kept in a file"),
        ],
    ),
    (
        "report",
        &[
            ("pollscope report", "for people"),
            ("pollscope report --from run.pollscope --format json", "of a recording, for programs"),
            ("pollscope report --attach unix:/tmp/api.sock --for 10s", "of a program that runs"),
        ],
    ),
    (
        "compare",
        &[
            ("pollscope compare --wait async,blocking", "two runs, side by side"),
            ("pollscope compare pipeline --workers 1,2,4 --format text", "without a screen"),
            ("pollscope compare --table", "which tool for what"),
        ],
    ),
    (
        "export",
        &[
            ("pollscope export run.pollscope --to perfetto", "for ui.perfetto.dev"),
            ("pollscope export run.pollscope --to csv --out tables", "a folder of tables"),
        ],
    ),
    (
        "replay",
        &[
            ("pollscope replay run.pollscope", "the same dashboard"),
            ("pollscope replay - --history 1GiB < run.pollscope", "through a pipe"),
        ],
    ),
    (
        "attach",
        &[
            ("pollscope attach unix:/tmp/api.sock", "a program that serves its trace there"),
            ("pollscope attach :7000 :7001", "two, on one clock"),
        ],
    ),
    (
        "lesson",
        &[
            ("pollscope lesson", "the list"),
            ("pollscope lesson --all --format text", "all of them, without a dashboard"),
        ],
    ),
    (
        "fake-github",
        &[
            ("pollscope fake-github --port 8080", "its address is the first line"),
            ("pollscope fake-github --latency 500ms --seed 7", "slower, with other data"),
        ],
    ),
    (
        "completions",
        &[
            ("pollscope completions bash > ~/.local/share/bash-completion/completions/pollscope", "for bash"),
            ("pollscope completions powershell >> $PROFILE", "for PowerShell"),
        ],
    ),
    (
        "config",
        &[
            ("pollscope config", "which file is read, and what is set"),
            ("pollscope config --print-default > pollscope.toml", "a file to begin with"),
        ],
    ),
    (
        "man",
        &[
            ("pollscope man > pollscope.1", "of the program"),
            ("pollscope man report > pollscope-report.1", "of a command"),
        ],
    ),
];

/// Every command with its examples.
pub(super) fn add(program: Command) -> Command {
    let settings = "Every option can be set in the environment too, as POLLSCOPE_MAX_PAGES for --max-pages, \
                    and in a file: see 'pollscope config'.";
    let program = program.after_help(format!("{}\n\n{settings}", text(PROGRAM)));
    COMMANDS.iter().fold(program, |program, (name, examples)| {
        program.mut_subcommand(name, |command| command.after_help(text(examples)))
    })
}

fn text(examples: Examples) -> String {
    let mut text = "Examples:".to_owned();
    for (line, what) in examples {
        // Writing into a string cannot fail.
        let _ = write!(text, "\n  {line}\n      {what}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::command;

    /// The words that the program gets of a shell's line.
    fn words(line: &str) -> impl Iterator<Item = &str> {
        let of_the_shell = |word: &&str| !["<", ">", ">>"].contains(word);
        line.split(' ').skip_while(|word| *word != "pollscope").take_while(of_the_shell)
    }

    #[test]
    fn every_example_is_understood() {
        let examples = COMMANDS.iter().flat_map(|(_, examples)| *examples).chain(PROGRAM);
        for (line, _) in examples {
            // A redirected standard input comes last, so nothing that is cut off would be an argument.
            let understood = command().try_get_matches_from(words(line));
            assert!(understood.is_ok(), "{line}: {}", understood.unwrap_err());
        }
    }

    #[test]
    fn every_command_has_two_or_three_examples_of_its_own() {
        for command in command().get_subcommands() {
            let name = command.get_name();
            let (_, examples) = COMMANDS.iter().find(|(of, _)| *of == name).expect(name);
            assert!((2..=3).contains(&examples.len()), "{name}");
            let own = |(line, _): &(&str, &str)| words(line).nth(1) == Some(name);
            assert!(examples.iter().all(own), "{name}");
        }
    }
}
