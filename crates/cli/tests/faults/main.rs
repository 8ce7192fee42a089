//! What becomes of a run whose server misbehaves: each repository fails by itself and with a plain reason, the
//! others finish, and every request is accounted for. And what a run keeps to itself: the token.
//!
//! No test asserts on a time: that a run ends is all that is asked, under a guard that only a program that hangs
//! reaches. Where the machine stands still for so long that an answer could not be read, the program asks once
//! more and says so: those requests are counted in.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod crowd;
mod https;
mod network;
#[cfg(unix)]
mod screen;
mod secrets;
mod server;
mod table;
#[path = "../../../../tests/tried/mod.rs"]
mod tried;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::Value;

/// Nobody waits for this long; a program that hangs does.
const GUARD: Duration = Duration::from_secs(120);

/// The program, without anything of the caller's environment that it would look at.
fn pollscope(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pollscope"));
    command.args(args).current_dir(folder).env("HOME", folder).env("XDG_CONFIG_HOME", folder).env("TMPDIR", folder);
    for foreign in
        ["GITHUB_TOKEN", "POLLSCOPE_FAULT", "HTTP_PROXY", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"]
    {
        command.env_remove(foreign);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What it said, once it has ended by itself.
#[track_caller]
fn ended(command: &mut Command) -> Output {
    let child: Child = command.spawn().unwrap();
    let id = child.id();
    let (told, ends) = mpsc::channel();
    thread::spawn(move || told.send(child.wait_with_output().unwrap()));
    ends.recv_timeout(GUARD).unwrap_or_else(|_| {
        #[cfg(unix)]
        {
            use nix::{sys::signal, unistd::Pid};
            let _ = signal::kill(Pid::from_raw(id.cast_signed()), signal::SIGKILL);
        }
        panic!("it does not end (process {id})")
    })
}

/// The JSON report of a run that may have failures in it.
#[track_caller]
fn report_of(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"))
}

/// The result of a repository, by the name that it was asked for with.
#[track_caller]
fn result<'a>(report: &'a Value, repo: &str) -> &'a Value {
    let results = report["pipeline"]["results"].as_array().unwrap();
    let asked = |result: &&Value| result["renamed_from"].as_str().or(result["repo"].as_str()) == Some(repo);
    results.iter().find(asked).unwrap_or_else(|| panic!("no {repo} in {results:#?}"))
}

fn count(report: &Value, what: &str) -> u64 {
    report["pipeline"][what].as_u64().unwrap_or_else(|| panic!("no {what} in {:#}", report["pipeline"]))
}

/// A folder of the test's own, empty at first.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}
