//! An hour in a file: how long it takes to open, to jump in, to zoom, and what a frame costs, of few and of many events.
//!
//! `cargo bench --bench history` holds an hour of 10 million events against one of 1 million, of the same 64 lanes and
//! 100,000 tasks; `… -- 100` one of 100 million. The files are in the temporary folder, and go at the end.

#![expect(clippy::unwrap_used, reason = "a bench may panic")]

#[path = "history/made.rs"]
mod made;

use std::{
    fs::{self, File},
    hint::black_box,
    path::{Path, PathBuf},
    time::Instant,
};

use made::LENGTH;
use pollscope_core::{
    model::{
        history::History,
        picture::{TimelineView, View},
    },
    trace::{
        clock::{MICRO, MILLI, Nanos, SECOND},
        event::{Event, Stamped, TaskBegan, TaskKind},
        log::Batch,
        recording::{FileLog, Recording, Writer},
    },
};

/// What the dashboard takes for it by itself.
const LIMIT: usize = 256 << 20;
const JUMPS: usize = 300;
const ZOOMS: usize = 30;
/// Places at which a frame is looked at, and how often at each.
const PLACES: usize = 25;
const AGAIN: usize = 5;
const CELLS: u16 = 160;

type Opened = History<FileLog<File>>;

fn main() {
    let millions = std::env::args().filter_map(|word| word.parse::<u64>().ok()).next_back().unwrap_or(10);
    let folder = Folder::new();
    let (few, many) = (made::write(&folder.0, 1), made::write(&folder.0, millions));
    let (mut few, mut many) = (open(&few), open(&many));
    jumps("jump", [&mut few, &mut many], |history, at| drop(black_box(history.picture(&dashboard(at)))));
    jumps("jump, timeline of a second", [&mut few, &mut many], |history, at| {
        drop(black_box(history.picture(&timeline(at, SECOND))));
    });
    jumps("jump, with a span's details", [&mut few, &mut many], |history, at| {
        let view = timeline(at, SECOND);
        let thread = Some(1 + (at % 64) as u32);
        let timeline = view.timeline.map(|asked| TimelineView { thread, ..asked });
        drop(black_box(history.picture(&View { timeline, ..view })));
    });
    jumps("zoom, hour to microsecond", [&mut few, &mut many], zoom);
    frames("dashboard", [&mut few, &mut many], dashboard);
    let lengths = [LENGTH, 600 * SECOND, 60 * SECOND, 10 * SECOND, SECOND, 100 * MILLI, MILLI, MICRO];
    for length in lengths {
        let name = format!("timeline of {}", words(length));
        frames(&name, [&mut few, &mut many], |at| timeline(at, length));
    }
    drop(open(&silence(&folder)));
    println!("memory at the end: {} MB", resident() >> 20);
}

/// A folder that goes when the bench does.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("pollscope-bench-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Writes an hour in which nothing happens but its clock, to 2,000 tasks that sleep.
fn silence(folder: &Folder) -> PathBuf {
    let path = folder.0.join("silence.pollscope");
    let mut writer = Writer::new(File::create(&path).unwrap()).unwrap();
    let mut batch = Batch::default();
    for task in 1..=2_000 {
        let began = TaskBegan { task, name: "session".into(), kind: TaskKind::Task, parent: None };
        batch.push(Stamped { at: 1, event: Event::Task(began) });
    }
    for second in 1..=LENGTH / SECOND {
        batch.push(Stamped { at: second * SECOND, event: Event::Process { cpu: second, rss: 100 << 20 } });
        batch.close(second * SECOND);
        writer.batch(&batch).unwrap();
        writer.flush_block().unwrap();
        batch.clear();
    }
    writer.finish().unwrap();
    println!("an hour of silence, 2,000 tasks:");
    path
}

fn open(path: &Path) -> Opened {
    let before = resident();
    let find = || {
        let start = Instant::now();
        let recording = Recording::open(path).unwrap();
        (start.elapsed().as_secs_f64() * 1e3, recording)
    };
    let mut times: Vec<f64> = (0..5).map(|_| find().0).collect();
    let found = percentile(&mut times, 50);
    let recording = find().1;
    let blocks = recording.blocks().len();
    let mut history = History::within(LIMIT, |limit| FileLog::new(recording, limit));
    let start = Instant::now();
    let mut events = 0;
    for number in 0..blocks {
        for batch in history.store().block(number).unwrap().iter() {
            events += batch.len();
            history.fold(batch);
        }
    }
    let spent = start.elapsed().as_secs_f64();
    println!(
        "{:>3.0} M: {blocks} blocks found in {found:.1} ms; folded in {spent:.1} s, {:.2} M events/s; memory {} MB more",
        events as f64 / 1e6,
        events as f64 / spent / 1e6,
        resident().saturating_sub(before) >> 20,
    );
    history
}

/// Goes to random instants, each once, and says how long that takes.
fn jumps(what: &str, histories: [&mut Opened; 2], mut go: impl FnMut(&mut Opened, Nanos)) {
    let is_zoom = what.starts_with("zoom");
    let count = if is_zoom { ZOOMS } else { JUMPS };
    let mut medians = [0.0; 2];
    for (history, kept) in histories.into_iter().zip(&mut medians) {
        let mut random = fastrand::Rng::with_seed(11);
        let mut times: Vec<f64> = (0..count)
            .map(|_| {
                let at = random.u64(10 * SECOND..LENGTH - 10 * SECOND);
                let start = Instant::now();
                go(history, at);
                start.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        let [middle, high, most] = [50, 99, 100].map(|percent| percentile(&mut times, percent));
        println!("{what}: median {middle:.1} ms, 99% {high:.1}, most {most:.1}");
        if is_zoom {
            println!("{what}: worst frame {:.1} ms", WORST.take());
        }
        *kept = middle;
    }
    println!("{what}: ratio of the medians {:.2}", medians[1] / medians[0]);
}

/// From the whole hour down to a microsecond, each frame half as long as the one before.
fn zoom(history: &mut Opened, at: Nanos) {
    let (mut length, mut worst) = (LENGTH, 0.0_f64);
    while length >= MICRO {
        let start = Instant::now();
        black_box(history.picture(&timeline(at, length)));
        worst = worst.max(start.elapsed().as_secs_f64() * 1e3);
        length /= 2;
    }
    WORST.with(|all| all.set(all.get().max(worst)));
}

thread_local! {
    static WORST: std::cell::Cell<f64> = const { std::cell::Cell::new(0.0) };
}

/// A frame at a place where nobody looked before, and the same frame again.
fn frames(what: &str, mut histories: [&mut Opened; 2], view: impl Fn(Nanos) -> View) {
    let mut random = fastrand::Rng::with_seed(13);
    let (mut cold, mut warm) = ([const { Vec::new() }; 2], [const { Vec::new() }; 2]);
    // In turn, so that a machine that is slower for a while is so for both.
    for _ in 0..PLACES {
        let view = view(random.u64(10 * SECOND..LENGTH - 10 * SECOND));
        for (which, history) in histories.iter_mut().enumerate() {
            for time in 0..=AGAIN {
                let start = Instant::now();
                black_box(history.picture(&view));
                let spent = start.elapsed().as_secs_f64() * 1e3;
                if time == 0 { &mut cold[which] } else { &mut warm[which] }.push(spent);
            }
        }
    }
    let most = cold.each_mut().map(|times| percentile(times, 100));
    let colds = cold.each_mut().map(|times| percentile(times, 50));
    let warms = warm.each_mut().map(|times| percentile(times, 50));
    println!(
        "{what:<20} cold {:.2} → {:.2} ms (most {:.1} → {:.1}); warm {:.3} → {:.3} ms, ratio {:.2}",
        colds[0],
        colds[1],
        most[0],
        most[1],
        warms[0],
        warms[1],
        warms[1] / warms[0],
    );
}

fn dashboard(at: Nanos) -> View {
    View { at: Some(at), lane_cells: 130, pulse_cells: 80, tasks: (0, 50), ..View::default() }
}

/// The instant in the middle.
fn timeline(at: Nanos, length: Nanos) -> View {
    let to = Some((at + length / 2).min(LENGTH));
    View { timeline: Some(TimelineView { to, length, cells: CELLS, thread: None }), ..dashboard(at) }
}

fn percentile(times: &mut [f64], percent: usize) -> f64 {
    times.sort_by(f64::total_cmp);
    times[(times.len() * percent / 100).min(times.len() - 1)]
}

fn words(time: Nanos) -> String {
    match time {
        SECOND.. => format!("{} s", time / SECOND),
        MILLI.. => format!("{} ms", time / MILLI),
        _ => format!("{} µs", time / MICRO),
    }
}

/// Resident memory, in bytes.
fn resident() -> u64 {
    made::memory("self", "VmRSS")
}
