//! Pictures for tests: invented figures in the shape of real ones.

use pollscope_core::{
    model::picture::{
        Cell, Finding, Header, Lane, LaneState, Mood, Picture, PollClass, Pulse, Queue, Remedy, Rule, Sentence,
        TaskCounts, TaskLine, TaskState, Tells, ThreadNow,
    },
    trace::{
        clock::{MILLI, Nanos, SECOND},
        event::{JobKind, TaskKind, ThreadKind},
    },
};

use super::{Depth, Options, Start, ThemeName};

/// Cells of each lane.
const CELLS: usize = 130;

/// The instant of the pictures.
const AT: Nanos = 41 * SECOND;

/// The screen as it begins where nobody asks for anything.
pub fn options() -> Options {
    Options {
        theme: ThemeName::Dark,
        keys: None,
        depth: Depth::True,
        ascii: false,
        program: None,
        mouse: true,
        fails: None,
        start: Start::Dashboard,
    }
}

/// Tasks that flow.
pub fn flowing() -> Picture {
    Picture {
        at: AT,
        newest: AT,
        header: header(),
        pulse: pulse(false),
        counts: TaskCounts {
            alive: 12,
            polling: 1,
            asleep: 9,
            in_job: 2,
            ready: 0,
            not_ours: 5,
            ..TaskCounts::default()
        },
        lanes: lanes(false),
        queues: queues(8, 2),
        sentence: Sentence {
            lead: "Twelve tasks share two workers, and the workers are idle 95% of the time.".to_owned(),
            rest: "A task that waits holds no thread: it is woken when its answer or its timer comes.".to_owned(),
            remedy: Some(Remedy::TryBlocking),
            mood: Mood::Calm,
        },
        tasks: tasks(24),
        tasks_in_all: 24,
        ..Picture::nothing_yet()
    }
}

/// The same with blocking waits: both workers sleep in a poll.
pub fn blocked() -> Picture {
    let text = "tokio-rs/tokio sleeps in its poll and holds worker 0. Five tasks are ready and nobody is free.";
    Picture {
        pulse: pulse(true),
        counts: TaskCounts {
            alive: 12,
            blocked: 2,
            ready: 5,
            asleep: 5,
            in_job: 1,
            not_ours: 5,
            ..TaskCounts::default()
        },
        lanes: lanes(true),
        queues: queues(8, 2),
        findings: vec![
            finding(Rule::BlockedWorker, "worker 0", true, text),
            finding(Rule::BlockedWorker, "worker 1", true, "hyperium/hyper sleeps in its poll and holds worker 1."),
            finding(Rule::StarvedTasks, "", true, "5 tasks are ready; the oldest has waited 1.24 s."),
            finding(Rule::HoggedWorker, "worker 1", false, ""),
            finding(Rule::FullQueue, "producer", false, ""),
        ],
        sentence: Sentence {
            lead: "Both workers sleep inside a poll.".to_owned(),
            rest: "Five tasks were woken and nobody is free to poll them; the pulse is 412 ms late for every task."
                .to_owned(),
            remedy: Some(Remedy::StopBlocking),
            mood: Mood::Alarm,
        },
        ..flowing()
    }
}

/// Waits that each cost a thread of the blocking pool.
pub fn pooled() -> Picture {
    let mut picture = flowing();
    let idle = picture.lanes.iter().position(|lane| lane.kind == ThreadKind::Blocking).unwrap_or_default();
    let idle = picture.lanes.remove(idle);
    picture.lanes.extend((0..12).map(|at| Lane {
        thread: 20 + at as u32,
        label: format!("blocking {at}"),
        busy: 0.5,
        cells: (0..CELLS).map(|cell| computing(cell + 5 * at)).collect(),
        now: if at < 7 {
            ThreadNow::Job("a polite pause".to_owned(), 90 * MILLI, JobKind::Blocking)
        } else {
            ThreadNow::Parked
        },
        ..idle.clone()
    }));
    picture
}

/// A program of somebody's, with tasks and queues that are nobody else's.
pub fn program() -> Picture {
    let mut picture = blocked();
    picture.name_program(&"orders".into());
    picture.queues.iter_mut().skip(1).for_each(|queue| queue.capacity = None);
    picture
}

/// Many threads and tasks, all kinds of states.
pub fn crowd() -> Picture {
    let mut picture = blocked();
    picture.lanes = (0..64)
        .map(|at| {
            let mut lane = picture.lanes[at % picture.lanes.len()].clone();
            lane.thread = at as u32;
            lane.label = format!("worker {at}");
            lane.kind = ThreadKind::Worker;
            lane
        })
        .collect();
    picture.tasks = tasks(60);
    picture.tasks_in_all = 1_000;
    picture
}

/// Names that would like to do harm, and every state that the other samples lack.
pub fn hostile() -> Picture {
    let mut picture = flowing();
    picture.header.lost = 1_234;
    picture.lanes[0].now = ThreadNow::Polling("\x1b[7mtask".to_owned(), 45 * MILLI, PollClass::CpuBound);
    picture.lanes[1].now = ThreadNow::Unseen(80 * MILLI);
    picture.lanes[2].now = ThreadNow::Polling("serde".to_owned(), 31 * MILLI, PollClass::Runnable);
    picture.lanes[3].left_over = true;
    for (lane, state) in picture.lanes.iter_mut().zip(LaneState::ALL) {
        for (at, cell) in lane.cells.iter_mut().enumerate() {
            *cell = Cell::default();
            cell.set(state, (at * 4 % 256) as u8);
        }
    }
    "A task \x1b[5mwakes\u{200b} itself.".clone_into(&mut picture.sentence.lead);
    picture.sentence.mood = Mood::Warning;
    picture
}

fn header() -> Header {
    Header {
        generation: 1,
        elapsed: 41 * SECOND,
        observer_cores: Some(0.012),
        tells: Tells::Yes,
        probe_nanos: Some(28.4),
        ..Picture::nothing_yet().header
    }
}

fn pulse(late: bool) -> Pulse {
    let mut random = fastrand::Rng::with_seed(7);
    let cells = (0..CELLS)
        .map(|at| {
            let stopped = late && at > CELLS / 4 && at % 16 != 0;
            let late = if stopped { (16 - at % 16) as u64 * 27 * MILLI } else { random.u64(50_000..1_900_000) };
            Some(late)
        })
        .collect();
    Pulse {
        period: 50 * MILLI,
        cells,
        late_now: if late { 412 * MILLI } else { 0 },
        median: if late { 201 * MILLI } else { 120_000 },
        worst: if late { 803 * MILLI } else { 1_900_000 },
        missed: if late { 24 } else { 0 },
    }
}

/// Names of tasks.
pub const NAMES: [&str; 16] = [
    "harbor/lantern",
    "quarry/granite-db",
    "fjord/tokamak",
    "meadow/rayline",
    "orchard/hyperloom",
    "crosswind/crossbeamery",
    "atelier/ratatouille",
    "serval/serde-less",
    "seamstress/bobbin",
    "rustbelt/futurist",
    "tower/of-pisa",
    "clapper/board",
    "mistral/wind",
    "cinder/block",
    "polder/dyke",
    "tundra/lichen",
];

/// What a lane shows at a place.
type Drawn = fn(usize) -> Cell;

fn lanes(blocked: bool) -> Vec<Lane> {
    use ThreadKind::{Blocking, Observer, Rayon, Scenario, Server, Worker};
    let task = |name: &str, since, how| ThreadNow::Polling(name.to_owned(), since, how);
    let worker = if blocked { stopped } else { polling };
    let workers = if blocked {
        [
            task("fjord/tokamak", 312 * MILLI, PollClass::Blocked),
            task("crosswind/crossbeamery", 128 * MILLI, PollClass::Blocked),
        ]
    } else {
        [task("fjord/tokamak", 40_000, PollClass::Short), ThreadNow::Parked]
    };
    let [first, second] = workers;
    let job = |name: &str| ThreadNow::Job(name.to_owned(), 120 * MILLI, JobKind::Rayon);
    let full = ThreadNow::WaitsForRoom("repos".to_owned(), 2_300 * MILLI);
    let empty = ThreadNow::WaitsForItem("fetched".to_owned());
    let os = || ThreadNow::OnCpu;
    let lanes: [(&str, ThreadKind, Drawn, ThreadNow); 11] = [
        ("worker 0", Worker, worker, first),
        ("worker 1", Worker, |at| if at == 77 { Cell::default() } else { polling(at + 31) }, second.clone()),
        ("blocking 0", Blocking, |_| Cell::default(), ThreadNow::Parked),
        ("rayon 0", Rayon, |at| computing(at + 17), job("atelier/ratatouille")),
        ("rayon 1", Rayon, computing, job("meadow/rayline")),
        ("producer", Scenario, waiting, full),
        ("dispatcher", Scenario, |_| Cell::default(), empty),
        ("github", Server, on_cpu, os()),
        ("collector", Observer, on_cpu, os()),
        ("sampler", Observer, |_| Cell::default(), os()),
        ("screen", Observer, on_cpu, os()),
    ];
    lanes
        .into_iter()
        .enumerate()
        .map(|(at, (label, kind, cell, now))| {
            let cell = if blocked && at == 1 { |at| stopped(at + 7) } else { cell };
            let cells: Vec<Cell> = (0..CELLS).map(cell).collect();
            let busy: u32 = cells.iter().map(|cell| u32::from(cell.busy())).sum();
            let busy = if kind == Scenario { 0.0 } else { busy as f32 / (CELLS as f32 * 255.0) };
            Lane {
                thread: at as u32,
                label: label.to_owned(),
                kind,
                program: None,
                lab: 1,
                left_over: false,
                ended: false,
                part: None,
                busy,
                cells,
                now,
            }
        })
        .collect()
}

fn cell(state: LaneState, share: u8) -> Cell {
    let mut cell = Cell::default();
    cell.set(state, share);
    cell
}

/// A number that looks thrown, for a place.
fn thrown(at: usize, below: u64) -> u64 {
    fastrand::Rng::with_seed(at as u64).u64(0..below)
}

fn polling(at: usize) -> Cell {
    match thrown(at, 8) {
        0 | 1 => cell(LaneState::Polling, 20 + thrown(at * 3, 90) as u8),
        2 | 3 => cell(LaneState::Runtime, 8 + thrown(at * 5, 30) as u8),
        _ => Cell::default(),
    }
}

fn stopped(at: usize) -> Cell {
    match at {
        ..24 => polling(at),
        _ if at.is_multiple_of(16) => cell(LaneState::Polling, 60),
        _ => cell(LaneState::Blocked, 255),
    }
}

fn computing(at: usize) -> Cell {
    if (at / 12).is_multiple_of(2) { cell(LaneState::Job, 180 + thrown(at, 75) as u8) } else { Cell::default() }
}

fn waiting(at: usize) -> Cell {
    if at > 30 { cell(LaneState::WaitsForRoom, 255) } else { Cell::default() }
}

fn on_cpu(at: usize) -> Cell {
    cell(LaneState::OnCpu, 4 + thrown(at, 20) as u8)
}

fn queues(repos: u32, fetched: u32) -> Vec<Queue> {
    [("repos", repos), ("in hand", 7), ("fetched", fetched), ("results", 0)]
        .map(|(name, depth)| Queue {
            name: name.into(),
            capacity: Some(8),
            depth,
            sent: 20,
            received: 12,
            blocked: u32::from(depth == 8),
        })
        .into()
}

fn finding(rule: Rule, thread: &str, active: bool, text: &str) -> Finding {
    Finding {
        rule,
        task: Some("fjord/tokamak".to_owned()),
        part: None,
        thread: (!thread.is_empty()).then(|| thread.to_owned()),
        since: 12 * SECOND,
        began: 12 * SECOND,
        seen: AT,
        number: 1,
        lasted: if active { 2_410 * MILLI } else { 812 * MILLI },
        active,
        text: text.to_owned(),
    }
}

fn tasks(count: usize) -> Vec<TaskLine> {
    let states = [
        TaskState::Polling(AT - 312 * MILLI, PollClass::Blocked),
        TaskState::Asleep(AT - 1_240 * MILLI),
        TaskState::Ready(AT - 390 * MILLI),
        TaskState::Polling(AT - 40_000, PollClass::Short),
        TaskState::Done,
        TaskState::Panicked,
        TaskState::New,
    ];
    (0..count)
        .map(|at| {
            let depth = u8::from(at % 3 != 0);
            let repo = NAMES[at / 3 % NAMES.len()];
            let name = ["fetch ", "issues of ", "pulls of "][at % 3];
            TaskLine {
                task: at as u32,
                name: format!("{name}{repo}").into(),
                kind: if depth == 0 { TaskKind::Task } else { TaskKind::Sub },
                depth,
                state: states[at % states.len()],
                polls: 7 * at as u64,
                polled: at as u64 * 41 * MILLI,
                longest_poll: if at % 7 == 0 { 401 * MILLI } else { 90_000 },
                longest_ready: if at % 7 == 2 { 812 * MILLI } else { 40_000 },
                wakes: 6 * at as u64,
                self_wakes: u64::from(at % 5 == 0),
                woken_by: Some("runtime driver".to_owned()),
                wakers: Some(u32::from(at % 7 != 1)),
                thread: Some(format!("worker {}", at % 2)),
                migrations: at as u64 % 4,
            }
        })
        .collect()
}
