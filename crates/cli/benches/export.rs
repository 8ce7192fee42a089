//! What it takes to export a recording of few events and of many: time, and memory at most.
//!
//! `cargo bench --bench export` exports hours of 1 million and of 10 million events, of the same lanes and tasks; `… -- 100`
//! the larger of 100 million. What is exported goes into the temporary folder, and away at the end.

#![expect(clippy::unwrap_used, reason = "a bench may panic")]

#[path = "../../core/benches/history/made.rs"]
mod made;

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

const FORMATS: [&str; 4] = ["perfetto", "svg", "csv", "json"];

fn main() {
    let millions = env::args().filter_map(|word| word.parse::<u64>().ok()).next_back().unwrap_or(10);
    let folder = env::temp_dir().join(format!("pollscope-export-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let files = [1, millions].map(|millions| made::write(&folder, millions));
    for format in FORMATS {
        for (file, millions) in files.iter().zip([1, millions]) {
            let (spent, memory, bytes) = export(file, format);
            println!(
                "{format:<9} {millions:>3} M events: {spent:.1} s, {:.0} MB written, memory at most {} MB",
                bytes as f64 / 1e6,
                memory >> 20,
            );
        }
    }
    fs::remove_dir_all(&folder).unwrap();
}

/// Exports as the command does: seconds, the most bytes of memory that were resident, and bytes written.
fn export(file: &Path, format: &str) -> (f64, u64, u64) {
    let out = file.with_extension(format);
    let start = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_pollscope"));
    command.arg("export").arg(file).args(["--to", format, "--out"]).arg(&out);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let (process, mut most) = (child.id().to_string(), 0);
    let status = loop {
        most = made::memory(&process, "VmHWM").max(most);
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    assert!(status.success(), "{format}: {status}");
    let spent = start.elapsed().as_secs_f64();
    let bytes = size(&out);
    if out.is_dir() {
        fs::remove_dir_all(&out).unwrap();
    } else {
        fs::remove_file(&out).unwrap();
    }
    (spent, most, bytes)
}

/// Bytes of a file, or of those in a folder.
fn size(path: &Path) -> u64 {
    match fs::read_dir(path) {
        Ok(files) => files.map(|file| file.unwrap().metadata().unwrap().len()).sum(),
        Err(_) => fs::metadata(path).unwrap().len(),
    }
}
