//! The terminal, whatever happens to it: every way to end gives it back, and leaves no process behind.
//!
//! A test waits for what a person would wait for, up to a deadline that only a broken program reaches. Each that has
//! held says so (`tests/tried`), for `docs/reliability.md`.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod attach;
mod colours;
mod disk;
mod ends;
mod first;
mod gone;
mod link;
mod monkey;
mod own;
mod panics;
mod pipe;
mod progress;
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "some tests need Linux"))]
mod pty;
mod recording;
mod sizes;
mod stops;
#[path = "../../../../tests/tried/mod.rs"]
mod tried;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The settings of nobody.
const EMPTY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/empty.toml");

/// A run that is over soon.
const SHORT: [&str; 6] = ["--pause", "5ms", "--latency", "1ms", "--max-pages", "1"];

/// A folder of the test's own, empty at first.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("terminal").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The program without a terminal, and without anything of the caller's environment that it would look at.
fn pollscope(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pollscope"));
    command.args(args).env_clear().env("POLLSCOPE_CONFIG", EMPTY);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A pipe that nobody empties. It is open both ways: so to open it waits for nobody.
fn standing_pipe(name: &str) -> (PathBuf, File) {
    let pipe = folder(name).join("run.pollscope");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let held = File::options().read(true).write(true).open(&pipe).unwrap();
    (pipe, held)
}

/// A recording of a short run, in a folder of the test's own.
fn recording(name: &str) -> String {
    let file = folder(name).join("run.pollscope");
    let file = file.to_str().unwrap();
    let output = pollscope(&[&["report", "--record", file][..], &SHORT].concat()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    file.to_owned()
}
