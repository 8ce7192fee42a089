//! What a user feels: the first frame, a key's frame while every worker is blocked, and a round's length.
//!
//! `cargo bench --bench dashboard`. The dashboard runs in a pseudo terminal; times are taken at its
//! outside, when the bytes arrive. The round is compared with the bound that latency, pauses and
//! `--concurrency` set.

#![expect(clippy::unwrap_used, reason = "a bench may panic")]

use std::{
    io::{Read, Write},
    num::NonZero,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, unbounded};
use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

const STARTS: usize = 20;
const KEYS: usize = 200;

struct Dashboard {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: Receiver<(Instant, Vec<u8>)>,
    screen: vt100::Parser,
    started: Instant,
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl Dashboard {
    fn start(args: &[&str]) -> Self {
        let size = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_pollscope"));
        command.args(args);
        command.env("TERM", "xterm-256color");
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).unwrap();
        let (bytes, output) = unbounded();
        thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if bytes.send((Instant::now(), buffer[..count].to_vec())).is_err() {
                    return;
                }
            }
        });
        let screen = vt100::Parser::new(NonZero::new(40).unwrap(), NonZero::new(120).unwrap(), 0);
        Self { child, keys, output, screen, started, _master: pair.master }
    }

    /// When the screen is as asked.
    fn when(&mut self, is: impl Fn(&str) -> bool) -> Instant {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let (at, bytes) = self.output.recv_deadline(deadline).unwrap();
            self.screen.process(&bytes);
            if is(&self.screen.screen().contents()) {
                return at;
            }
        }
    }

    fn press(&mut self, key: &str) -> Instant {
        while let Ok((_, bytes)) = self.output.try_recv() {
            self.screen.process(&bytes);
        }
        self.keys.write_all(key.as_bytes()).unwrap();
        self.keys.flush().unwrap();
        Instant::now()
    }

    fn quit(mut self) {
        self.press("q");
        self.child.wait().unwrap();
    }
}

fn report(name: &str, mut times: Vec<Duration>) {
    times.sort();
    let ms = |at: usize| times[at.min(times.len() - 1)].as_secs_f64() * 1e3;
    println!("{name}: median {:.1} ms, 99% {:.1} ms", ms(times.len() / 2), ms(times.len() * 99 / 100));
}

fn main() {
    let first_frames = (0..STARTS).map(|_| {
        let mut dashboard = Dashboard::start(&[]);
        let time = dashboard.when(|screen| screen.contains("pollscope")) - dashboard.started;
        dashboard.quit();
        time
    });
    report("start to first frame", first_frames.collect());
    keys_while_blocked();
    makespan();
}

/// The help opens and closes while every worker sleeps for an hour.
fn keys_while_blocked() {
    let mut dashboard = Dashboard::start(&["--wait", "blocking", "--pause", "1h", "--latency", "1ms"]);
    dashboard.when(|screen| screen.contains("inside a poll"));
    let mut times = Vec::new();
    for _ in 0..KEYS {
        let pressed = dashboard.press("?");
        times.push(dashboard.when(|screen| screen.contains("Keys")) - pressed);
        dashboard.press("\x1b");
        dashboard.when(|screen| !screen.contains("Keys"));
    }
    report("key to frame, all workers blocked", times);
    dashboard.quit();
}

/// One round, against the greedy schedule of its repositories on as many slots as are in hand at once.
fn makespan() {
    let output = Command::new(env!("CARGO_BIN_EXE_pollscope")).args(["report", "--format", "json"]).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut slots = [0.0_f64; 8];
    for result in report["pipeline"]["results"].as_array().unwrap() {
        let (issues, pulls) = (result["issues"].as_f64().unwrap(), result["pulls"].as_f64().unwrap());
        let pages = ((issues + pulls) / 100.0).ceil().max((pulls / 100.0).ceil()).max(1.0);
        let slot = slots.iter_mut().min_by(|a, b| a.total_cmp(b)).unwrap();
        *slot += pages * (400.0 + 80.0);
    }
    let bound = slots.iter().copied().fold(0.0, f64::max);
    let took = report["elapsed_ms"].as_f64().unwrap();
    println!("async round: {took:.0} ms, {:.2} of the bound of {bound:.0} ms", took / bound);
}
