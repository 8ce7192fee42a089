//! The dashboard in a pseudo terminal, every byte of which is kept.

use std::{
    fs,
    io::{Read, Write},
    num::NonZero,
    path::Path,
    sync::mpsc::{self, Receiver},
    thread,
    time::Instant,
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::GUARD;

const SIZE: PtySize = PtySize { rows: 50, cols: 160, pixel_width: 0, pixel_height: 0 };

struct Terminal {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    /// What comes, until the program has ended.
    bytes: Receiver<Vec<u8>>,
}

impl Drop for Terminal {
    /// After a failed assertion nobody else ends it.
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

/// Nobody's settings.
const EMPTY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/empty.toml");

fn start(folder: &Path, args: &[&str], token: &str, fault: &str) -> Terminal {
    let pair = native_pty_system().openpty(SIZE).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_pollscope"));
    command.args(args);
    command.cwd(folder);
    for (key, value) in
        [("TERM", "xterm-256color"), ("GITHUB_TOKEN", token), ("POLLSCOPE_FAULT", fault), ("POLLSCOPE_CONFIG", EMPTY)]
    {
        command.env(key, value);
    }
    let child = pair.slave.spawn_command(command).unwrap();
    let mut output = pair.master.try_clone_reader().unwrap();
    let (told, bytes) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = [0; 8192];
        while let Ok(count @ 1..) = output.read(&mut bytes) {
            if told.send(bytes[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    Terminal { master: pair.master, child, bytes }
}

/// Waits until a text is on the screen, and leaves. Keeps the screen, and all that came.
pub(super) fn until(folder: &Path, args: &[&str], token: &str, text: &str) {
    let mut terminal = start(folder, args, token, "");
    let mut keys = terminal.master.take_writer().unwrap();
    let cells = |count: u16| NonZero::new(count).unwrap();
    let mut screen = vt100::Parser::new(cells(SIZE.rows), cells(SIZE.cols), 0);
    let (mut all, mut left) = (Vec::new(), false);
    let start = Instant::now();
    while let Ok(bytes) = terminal.bytes.recv_timeout(GUARD) {
        // A dashboard that does not end draws on and on.
        assert!(start.elapsed() < GUARD, "no '{text}', or no end:\n{}", screen.screen().contents());
        screen.process(&bytes);
        all.extend(bytes);
        if !left && screen.screen().contents().contains(text) {
            fs::write(folder.join("screen"), screen.screen().contents()).unwrap();
            keys.write_all(b"q").unwrap();
            left = true;
        }
    }
    assert!(left, "no '{text}' on the screen:\n{}", screen.screen().contents());
    assert!(terminal.child.wait().unwrap().success());
    fs::write(folder.join("bytes of the screen"), all).unwrap();
}

/// Lets the screen's own thread panic. Keeps all that came.
pub(super) fn until_it_panics(folder: &Path, args: &[&str], token: &str) {
    let mut terminal = start(folder, args, token, "screen");
    let mut all = Vec::new();
    while let Ok(bytes) = terminal.bytes.recv_timeout(GUARD) {
        all.extend(bytes);
    }
    assert!(!terminal.child.wait().unwrap().success());
    assert!(String::from_utf8_lossy(&all).contains("panicked"));
    fs::write(folder.join("panic of the screen"), all).unwrap();
}
