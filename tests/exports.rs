//! A recording that is larger than what its exports take of memory: each is streamed.

#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![cfg(target_os = "linux")]

#[path = "../benches/history/made.rs"]
mod made;
#[path = "tried/mod.rs"]
mod tried;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use made::{BATCH, Hour, LENGTH};
use nix::sys::resource::{UsageWho, getrusage};
use pollscope::trace::{clock::SECOND, log::Batch, recording::Writer};
use tried::{Area, tried};

/// An hour of so many events, of 64 lanes and 100,000 tasks.
const EVENTS: u64 = 6_000_000;

/// Writes the hour in blocks of a second. Gives what its batches take in memory.
fn record(path: &Path) -> usize {
    let mut writer = Writer::new(File::create(path).unwrap()).unwrap();
    let (mut hour, mut batch) = (Hour::new(EVENTS), Batch::default());
    let (mut upto, mut bytes) = (0, 0);
    while hour.fill(&mut batch) {
        bytes += batch.len() * 16;
        writer.batch(&batch).unwrap();
        upto += BATCH;
        if upto % SECOND == 0 {
            writer.flush_block().unwrap();
        }
    }
    assert_eq!(upto, LENGTH);
    writer.finish().unwrap();
    bytes
}

/// The most memory that any run so far has taken, in bytes.
fn peak_of_all_runs() -> usize {
    let kibibytes = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss();
    usize::try_from(kibibytes).unwrap() * 1024
}

#[test]
fn exports_take_less_memory_than_their_recording() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("exports");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let recording = folder.join("hour.pollscope");
    let bytes = record(&recording);
    let table = folder.join("hour.csv");
    let mut peaks = Vec::new();
    for (format, out) in [("svg", "/dev/null"), ("perfetto", "/dev/null"), ("csv", table.to_str().unwrap())] {
        let mut export = Command::new(env!("CARGO_BIN_EXE_pollscope"));
        export.args(["export", recording.to_str().unwrap(), "--to", format, "-o", out]);
        export.env_clear().env("POLLSCOPE_CONFIG", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/empty.toml"));
        let output = export.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{format}: {output:?}");
        peaks.push(peak_of_all_runs());
    }
    let tasks = fs::read_to_string(table.join("tasks.csv")).unwrap().lines().count();
    assert!(tasks > 100_000, "{tasks}");
    fs::remove_dir_all(&folder).unwrap();
    let peak = peak_of_all_runs();
    assert!(peak < bytes / 2, "{peaks:?} of {bytes}");
    let how =
        format!("3 runs: svg, perfetto, csv, of {} million events, {} MB in memory", EVENTS / 1_000_000, bytes >> 20);
    let happened = format!("{} MB of memory at most", peak >> 20);
    tried(Area::Load, "an export of a recording that is larger than the memory for it", &how, &happened);
}
