//! The program with files of settings: where they are looked for, what they may be, what goes before what.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

/// A home of its own for each test, so that nobody's own settings are read.
struct Home(PathBuf);

impl Home {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("pollscope-config-{}-{number}", std::process::id()));
        fs::create_dir_all(folder.join("config/pollscope")).unwrap();
        Self(folder)
    }

    /// The file in the platform's place.
    fn file(&self) -> PathBuf {
        self.0.join("config/pollscope/config.toml")
    }

    fn with(bytes: impl AsRef<[u8]>) -> Self {
        let home = Self::new();
        fs::write(home.file(), bytes).unwrap();
        home
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pollscope"));
        command.args(args).stdin(Stdio::null()).current_dir(&self.0).env_clear();
        command.env("HOME", &self.0).env("XDG_CONFIG_HOME", self.0.join("config"));
        command.env("USERPROFILE", &self.0).env("APPDATA", self.0.join("config"));
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[track_caller]
fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What a refused call says: one line, with exit code 2.
#[track_caller]
fn refusal(output: &Output) -> String {
    let line = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!((output.status.code(), line.lines().count()), (Some(2), 1), "{line}");
    line
}

/// What the table of use cases is printed as: the quickest answer to which format is in force.
fn is_json(output: &Output) -> bool {
    printed(output).starts_with('{')
}

#[test]
fn the_command_line_goes_before_the_environment_and_that_before_the_file() {
    let table: &[&str] = &["compare", "--table"];
    let home = Home::with("[compare]\nformat = \"json\"\n");
    assert!(!is_json(&Home::new().run(table)), "the default");
    assert!(is_json(&home.run(table)), "the file");
    assert!(!is_json(&home.command(table).env("POLLSCOPE_FORMAT", "text").output().unwrap()), "the environment");
    let all = &[table, &["--format", "json"]].concat();
    assert!(is_json(&home.command(all).env("POLLSCOPE_FORMAT", "text").output().unwrap()), "the command line");
}

#[test]
fn a_file_is_named_by_the_option_then_by_the_variable_then_by_its_place() {
    let home = Home::with("format = \"nonsense\"\n");
    fs::write(home.0.join("json.toml"), "format = \"json\"").unwrap();
    fs::write(home.0.join("text.toml"), "format = \"text\"").unwrap();
    let named = home.command(&["compare", "--table"]).env("POLLSCOPE_CONFIG", "json.toml").output().unwrap();
    assert!(is_json(&named));
    let args = &["compare", "--table", "--config", "json.toml"];
    assert!(is_json(&home.command(args).env("POLLSCOPE_CONFIG", "text.toml").output().unwrap()));
    let line = refusal(&home.run(&["compare", "--table"]));
    assert!(line.contains("config.toml, line 1: invalid value 'nonsense' for '--format"), "{line}");
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let home = Home::new();
    assert!(!is_json(&home.run(&["compare", "--table"])), "none in the platform's place is none");
    let line = refusal(&home.run(&["compare", "--table", "--config", "none.toml"]));
    assert!(line.contains("none.toml cannot be read"), "{line}");
    refusal(&home.command(&["compare", "--table"]).env("POLLSCOPE_CONFIG", "none.toml").output().unwrap());
}

#[test]
fn an_unknown_key_is_an_error_that_names_the_nearest() {
    let line = refusal(&Home::with("seed = 3\nconcurency = 4\n").run(&["report"]));
    assert!(line.contains("line 2: there is no setting 'concurency'; did you mean 'concurrency'?"), "{line}");
    assert!(line.contains("config.toml"), "{line}");
}

#[test]
fn a_file_that_is_no_settings_is_told_in_a_line() {
    let said = |bytes: &[u8]| refusal(&Home::with(bytes).run(&["report"]));
    assert!(said(b"seed: 3").contains("line 1: this is no TOML"));
    assert!(said(&[0xff, 0xfe, b'a']).contains("it is not UTF-8"));
    assert!(said(&vec![b'#'; (1 << 20) + 1]).contains("larger than 1 MiB"));
    let home = Home::new();
    fs::create_dir(home.file()).unwrap();
    assert!(refusal(&home.run(&["report"])).contains("cannot be read"));
    let line = said(b"token = \"ghp_s3cret\"");
    assert!(line.contains("GITHUB_TOKEN") && !line.contains("s3cret"), "{line}");
}

#[test]
fn help_and_what_has_no_settings_work_with_any_file() {
    let home = Home::with("no TOML at all");
    for args in
        [&["--help"][..], &["report", "--help"], &["man"], &["completions", "zsh"], &["config", "--print-default"]]
    {
        printed(&home.run(args));
    }
}

#[test]
fn config_says_which_file_is_read_and_what_is_set() {
    let home = Home::with("seed = 3\n[compare]\nwait = [\"async\", \"blocking\"]\n");
    let text = printed(&home.command(&["config"]).env("POLLSCOPE_ONCE", "true").output().unwrap());
    let path = home.file().display().to_string();
    let expected = format!(
        "{path}\nline 1: seed = 3\nline 3: [compare] wait = async,blocking\nenvironment: POLLSCOPE_ONCE = true\n"
    );
    assert_eq!(text, expected);
    assert!(printed(&Home::new().run(&["config"])).ends_with("config.toml (not there)\n"));
}

#[test]
fn what_config_prints_is_obeyed_by_no_terminal() {
    let home = Home::with("ca-cert = \"a\\u001B[2J\\u202Eb\"\n");
    let mut command = home.command(&["config"]);
    command.env("POLLSCOPE_API_URL", "\u{9b}31m");
    let shown = printed(&command.output().unwrap());
    assert!(!shown.contains(|letter: char| letter != '\n' && letter.is_control() || letter == '\u{202e}'), "{shown:?}");
    assert!(shown.contains("ca-cert = a·[2Jb") && shown.contains("POLLSCOPE_API_URL = ·31m"), "{shown}");
}

#[test]
fn the_printed_defaults_are_a_file_of_settings() {
    let home = Home::with(printed(&Home::new().run(&["config", "--print-default"])));
    let text = printed(&home.run(&["config"]));
    assert!(text.contains("wait = async") && text.contains("[fake-github] port = 0"), "{text}");
    assert!(!is_json(&home.run(&["compare", "--table"])));
}

#[test]
fn a_duration_that_overflows_is_refused() {
    let line = refusal(&Home::new().run(&["report", "--pause", "18446744073709551615s 1000ms"]));
    assert!(line.contains("'--pause <DURATION>': write a number of at most 9 digits"), "{line}");
}

/// The commands, and for each its options' names.
fn table() -> Vec<(String, Vec<String>)> {
    let mut program = pollscope_cli::cli::command();
    program.build();
    let long =
        |command: &clap::Command| command.get_arguments().filter_map(|arg| arg.get_long().map(str::to_owned)).collect();
    let commands = program.get_subcommands().filter(|command| command.get_name() != "help");
    commands.map(|command| (command.get_name().to_owned(), long(command))).collect()
}

#[test]
fn every_shell_completes_every_command_and_option() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = printed(&home.run(&["completions", shell]));
        for (command, options) in table() {
            assert!(script.contains(&command), "{shell}: {command}");
            for option in options {
                // Fish has `-l name` for what others write as `--name`.
                let there = script.contains(&format!("--{option}")) || script.contains(&format!("-l {option}"));
                assert!(there, "{shell}: {command} --{option}");
            }
        }
    }
}

#[test]
fn the_manual_has_a_page_for_every_command_with_every_option() {
    let home = Home::new();
    let page = |args: &[&str]| printed(&home.run(args)).replace('\\', "");
    let program = page(&["man"]);
    for (command, options) in table() {
        assert!(program.contains(&format!("pollscope-{command}(1)")), "{command}");
        let own = page(&["man", &command]);
        assert!(own.contains("Examples:"), "{own}");
        for option in options {
            assert!(own.contains(&format!("--{option}")), "{command} --{option}");
        }
    }
    assert!(refusal(&home.run(&["man", "reprot"])).contains("did you mean 'report'?"));
}
