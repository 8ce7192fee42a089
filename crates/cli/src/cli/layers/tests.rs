//! The order: command line, environment, file, default.

use std::time::Duration;

use pollscope_lab::settings::{Settings, Source, Wait};

use super::*;
use crate::cli::{self, config, mistakes::one_line};

/// What is understood of a command line, variables and a file.
fn understood(line: &str, env: &[(&str, &str)], file: &str) -> Result<Cli, String> {
    let words = std::iter::once("pollscope").chain(line.split_whitespace());
    let file = config::parse(file).map_err(|wrong| wrong.to_string())?;
    let env = |name: &str| env.iter().find(|(of, _)| *of == name).map(|(_, value)| OsString::from(value));
    Typed::new(words.map(OsString::from).collect()).and_then(|typed| typed.with(&file, env)).map_err(|refused| {
        match refused {
            Refused::Arguments(error) => one_line(&error),
            Refused::Environment(line) => line,
        }
    })
}

#[track_caller]
fn settings(line: &str, env: &[(&str, &str)], file: &str) -> Settings {
    let cli = understood(line, env, file).unwrap();
    let run = match cli.command {
        None => cli.dashboard.run,
        Some(cli::Command::Report(args)) => args.run,
        Some(other) => panic!("{other:?}"),
    };
    run.settings().unwrap()
}

#[test]
fn each_layer_speaks_where_those_before_are_silent() {
    let (env, file) = (&[("POLLSCOPE_SEED", "3")], "seed = 2\n[report]\nlatency = \"2ms\"\n");
    assert_eq!(settings("report --seed 4", env, file).seed, 4);
    assert_eq!(settings("report", env, file).seed, 3);
    assert_eq!(settings("report", &[], file).seed, 2);
    assert_eq!(settings("report", &[], "").seed, 1);
    assert_eq!(settings("report", &[], file).latency, Duration::from_millis(2));
    assert_eq!(settings("report", &[], &format!("latency = \"9ms\"\n{file}")).latency, Duration::from_millis(2));
    assert_eq!(settings("", &[], file).latency, Duration::from_millis(80), "another command's table");
    assert_eq!(settings("", &[], "[pipeline]\nwait = \"blocking\"").wait, Wait::Blocking);
}

#[test]
fn the_contrary_of_what_a_higher_layer_says_is_not_taken() {
    let every = Some(Duration::from_secs(5));
    let both = |line, env: &[(&str, &str)], file| {
        let settings = settings(line, env, file);
        (settings.once, settings.every)
    };
    assert_eq!(both("--once", &[], "every = \"5s\""), (true, None));
    assert_eq!(both("--every 5s", &[], "once = true"), (false, every));
    assert_eq!(both("", &[("POLLSCOPE_EVERY", "5s")], "once = true"), (false, every));
    assert_eq!(both("", &[("POLLSCOPE_ONCE", "false")], "once = true"), (false, None));
    assert_eq!(both("", &[("POLLSCOPE_ONCE", "false")], "every = \"5s\""), (false, every));
    let line = understood("", &[], "once = true\nevery = \"5s\"").unwrap_err();
    assert!(line.contains("cannot be used with"), "{line}");
    assert!(understood("report --from x", &[("POLLSCOPE_RECORD", "y")], "").is_ok());
}

#[test]
fn what_a_command_needs_may_come_from_elsewhere() {
    assert!(understood("export run", &[], "[export]\nto = \"svg\"").is_ok());
    assert!(understood("export run", &[("POLLSCOPE_TO", "svg")], "").is_ok());
    let line = understood("export run", &[], "").unwrap_err();
    assert!(line.contains("--to"), "{line}");
}

#[test]
fn a_variable_that_is_wrong_is_named() {
    let line = understood("", &[("POLLSCOPE_EVERY", "soon")], "").unwrap_err();
    assert!(line.starts_with("POLLSCOPE_EVERY: invalid value 'soon' for '--every <DURATION>'"), "{line}");
    let line = understood("", &[("POLLSCOPE_ONCE", "1")], "").unwrap_err();
    assert_eq!(line, "POLLSCOPE_ONCE is true or false, not '1'");
    assert!(understood("man", &[("POLLSCOPE_EVERY", "soon")], "").is_ok(), "it is no option of that command");
    assert_eq!(settings("", &[("POLLSCOPE_SOURCE", "")], "").source, Source::Embedded);
}

#[test]
fn the_file_is_named_after_the_command() {
    let typed = |line: &str| Typed::new(line.split(' ').map(OsString::from).collect()).map_err(drop).unwrap();
    for line in ["pollscope --config x", "pollscope report --config x", "pollscope config --config x"] {
        assert_eq!(typed(line).config(), Some(Path::new("x")), "{line}");
    }
    assert!(!typed("pollscope man").takes_settings());
}
