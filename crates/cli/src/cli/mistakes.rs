//! What a mistyped command line is told: one line, with what was perhaps meant.

use std::{ffi::OsString, str::FromStr};

use clap::error::ErrorKind;
use pollscope_lab::github::types::RepoName;

use super::command;

/// A repository; a word without `/` is taken for a command that was mistyped.
pub(super) fn repo_or_command(text: &str) -> Result<RepoName, String> {
    if text.contains('/') {
        return RepoName::from_str(text).map_err(|error| error.to_string());
    }
    if command().find_subcommand(text).is_some() {
        return Err(format!("a command comes before all options and repositories: 'pollscope {text} …'"));
    }
    Err(format!("{} A repository is written owner/name", no_command(text)))
}

/// Refuses the old name of `pollscope fake-github`, whatever arguments follow it.
pub(super) fn renamed(args: &[OsString]) -> Result<(), clap::Error> {
    if args.get(1).is_none_or(|word| word != "serve") {
        return Ok(());
    }
    let line = "'pollscope serve' is now 'pollscope fake-github'; to serve a run's trace, use --serve";
    Err(command().error(ErrorKind::InvalidSubcommand, line))
}

/// What is said of a word that is no command.
pub fn no_command(word: &str) -> String {
    let command = command();
    let nearest = nearest(word, command.get_subcommands().map(clap::Command::get_name)).unwrap_or_default();
    format!("there is no such command; did you mean '{nearest}'?")
}

/// The name that looks most like the word.
pub(super) fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |name: &str| strsim::jaro_winkler(name, word);
    names.into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}

/// The message of a command line that was not understood, in one line, with the nearest that there is.
pub fn one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let mut parts = text.split("\n\n").map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    let first = parts.next().unwrap_or_default();
    let line = first.strip_prefix("error: ").unwrap_or(&first);
    // Other tips of clap's, as to write `--` before a value, would mislead here.
    let tip =
        parts.find_map(|part| part.strip_prefix("tip: ").filter(|tip| tip.contains("similar")).map(str::to_owned));
    match tip {
        Some(tip) => format!("{line}; {tip}"),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn said_of(args: &[&str]) -> String {
        let error = command().try_get_matches_from([&["pollscope"], args].concat());
        let line = one_line(&error.map(|_| ()).unwrap_err());
        assert!(!line.contains('\n'), "{line}");
        line
    }

    #[test]
    fn what_was_meant_is_in_the_one_line() {
        assert!(said_of(&["--evry", "2s"]).ends_with("a similar argument exists: '--every'"));
        assert!(said_of(&["report", "--wait", "blockin"]).ends_with("a similar value exists: 'blocking'"));
        assert!(said_of(&["compar"]).contains("did you mean 'compare'?"));
        assert!(said_of(&["completions", "bsh"]).ends_with("a similar value exists: 'bash'"));
    }

    #[test]
    fn the_old_name_of_the_fake_github_names_the_new_one() {
        for args in [&["serve"][..], &["serve", "--seed", "7"], &["serve", "--port", "8080"]] {
            let words: Vec<OsString> = ["pollscope"].iter().chain(args).map(OsString::from).collect();
            let line = one_line(&renamed(&words).unwrap_err());
            assert!(line.starts_with("'pollscope serve' is now 'pollscope fake-github'"), "{line}");
        }
    }

    #[test]
    fn a_command_after_options_is_no_mistyped_one() {
        assert!(said_of(&["--once", "report"]).contains("'pollscope report …'"));
    }
}
