//! What a screen shows at one instant: plain, owned data, with nothing left to compute but its looks.
//!
//! All durations are in nanoseconds ([`Nanos`]).

use std::sync::Arc;

use crate::trace::{
    clock::Nanos,
    event::{JobKind, RepoResult, RowId, TaskKind, ThreadKind},
    record::{ActivityId, ThreadId},
    settings::Settings,
};

/// What somebody looks at: the scope makes a picture of just that.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// How far back lanes and pulse reach.
    pub window: Nanos,
    /// Cells of a lane; 0 for none.
    pub lane_cells: u16,
    /// Cells of the pulse; 0 for none.
    pub pulse_cells: u16,
    /// The part of the task list that is shown: the first line and how many.
    pub tasks: (u32, u16),
    /// Whether the pipeline's results are wanted.
    pub results: bool,
}

impl Default for View {
    fn default() -> Self {
        Self { window: 10_000_000_000, lane_cells: 60, pulse_cells: 40, tasks: (0, 0), results: false }
    }
}

/// Everything at one instant.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The instant.
    pub at: Nanos,
    /// The header.
    pub header: Header,
    /// The pulse.
    pub pulse: Pulse,
    /// How many tasks are in which state.
    pub counts: TaskCounts,
    /// The pipeline's repositories, in the order of the round.
    pub rows: Vec<Row>,
    /// The threads: workers by index, then blocking pool, Rayon, scenario, server, observers.
    pub lanes: Vec<Lane>,
    /// The queues, in the order of the pipeline.
    pub queues: Vec<Queue>,
    /// Findings that hold now, the worst first; then those of the past, the latest first.
    pub findings: Vec<Finding>,
    /// What is to be said under the picture.
    pub sentence: Sentence,
    /// How far back lanes and pulse reach.
    pub window: Nanos,
    /// The asked-for part of the task list.
    pub tasks: Vec<TaskLine>,
    /// The line of the whole task list that `tasks` begins with.
    pub tasks_first: u32,
    /// How long the whole task list is.
    pub tasks_in_all: u32,
    /// The round's results so far, where asked for.
    pub results: Vec<Arc<RepoResult>>,
}

/// The header's figures.
#[derive(Clone, Debug)]
pub struct Header {
    /// The lab's settings; none before it is built.
    pub settings: Option<Settings>,
    /// The lab's generation, from 1.
    pub generation: u32,
    /// The round, from 1; 0 before the first.
    pub round: u32,
    /// The round is over.
    pub round_done: bool,
    /// Since the lab was built.
    pub elapsed: Nanos,
    /// Records and events that were lost, in all.
    pub lost: u64,
    /// CPU that Pollscope's own threads used lately, in cores (0.02 is 2% of one core); none where not
    /// measured.
    pub observer_cores: Option<f32>,
    /// What one probed poll costs here, as measured at the start.
    pub probe_nanos: Option<f64>,
    /// A change of the wait strategy has not reached a task yet.
    pub wait_pending: bool,
    /// A change of the compute strategy has not reached a task yet.
    pub compute_pending: bool,
}

/// The pulse: how late a timer task runs.
#[derive(Clone, Debug, Default)]
pub struct Pulse {
    /// From one due time to the next.
    pub period: Nanos,
    /// The window in cells, oldest first: the worst lateness of each; none where nothing was due.
    pub cells: Vec<Option<Nanos>>,
    /// The lateness of a due time that has not run yet; 0 while on time.
    pub late_now: Nanos,
    /// Median lateness in the window.
    pub median: Nanos,
    /// Worst lateness in the window.
    pub worst: Nanos,
    /// Due times in the window that ran a whole period late or more.
    pub missed: u32,
}

/// How many tasks (sub-futures not counted) are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskCounts {
    /// Alive.
    pub alive: u32,
    /// In a poll, and neither of the next three.
    pub polling: u32,
    /// In a poll, asleep for 10 ms or more.
    pub blocked: u32,
    /// In a poll, on the CPU for 10 ms or more.
    pub hogged: u32,
    /// In a poll, without a core for 10 ms or more.
    pub no_core: u32,
    /// Woken, not polled yet.
    pub ready: u32,
    /// Asleep: nobody has woken it.
    pub asleep: u32,
    /// Of those asleep: with a job that was queued or runs elsewhere.
    pub in_job: u32,
    /// Alive in the runtime and none of ours (the HTTP client's, say), as the runtime counts them.
    pub not_ours: u32,
}

/// Progress of a listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// Pages read.
    pub done: u32,
    /// Pages in all, where known.
    pub total: Option<u32>,
    /// `--max-pages` cuts it.
    pub cut: bool,
}

/// A repository of the round.
#[derive(Clone, Debug)]
pub struct Row {
    /// Which one.
    pub row: RowId,
    /// `owner/name`, untrusted.
    pub name: Arc<str>,
    /// Its issues.
    pub issues: Pages,
    /// Its pull requests.
    pub pulls: Pages,
    /// How far the analysis is, 0 to 1; none before it began.
    pub analysed: Option<f32>,
    /// What it does now.
    pub state: RowState,
    /// Polls of its task.
    pub polls: u64,
    /// The longest wait from wake to poll.
    pub longest_ready: Nanos,
    /// The longest poll.
    pub longest_poll: Nanos,
    /// Its task, once it has one.
    pub task: Option<ActivityId>,
}

/// What a repository does now. Durations say since when.
#[derive(Clone, Debug, PartialEq)]
pub enum RowState {
    /// In line.
    Queued,
    /// In a poll, shortly.
    Polling,
    /// In a poll, asleep.
    Blocked(Nanos),
    /// In a poll, on the CPU.
    Hogged(Nanos),
    /// In a poll, without a core.
    NoCore(Nanos),
    /// Woken, not polled yet.
    Ready(Nanos),
    /// Waits for an answer.
    Network,
    /// Waits for the pause to end.
    Sleeping,
    /// Waits for a permit to be analysed.
    AwaitsPermit,
    /// A job computes for it or sleeps for it: where, and the thread's label once it runs.
    InJob(JobKind, Option<String>),
    /// Its result is on its way.
    Delivering,
    /// Read and analysed.
    Done,
    /// There was nothing in it.
    Empty,
    /// Its issues are disabled; the pull requests were read.
    IssuesDisabled,
    /// It failed: why, untrusted.
    Failed(String),
}

/// What a thread does at one instant, or most of a cell. The order is that of a lane's layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LaneState {
    /// In a poll, asleep for a millisecond or more.
    Blocked,
    /// In a poll of 10 ms or more, on the CPU.
    Hogged,
    /// In a poll or job, ready, without a core.
    NoCore,
    /// In a long poll, and nothing tells how.
    Unknown,
    /// In a short poll.
    Polling,
    /// In a job.
    Job,
    /// A worker awake and in no poll of ours: the scheduler, the drivers, tasks that are not probed.
    Runtime,
    /// Waits for room in a queue.
    WaitsForRoom,
    /// On the CPU, for threads that only the operating system is asked about.
    OnCpu,
}

impl LaneState {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::Blocked,
        Self::Hogged,
        Self::NoCore,
        Self::Unknown,
        Self::Polling,
        Self::Job,
        Self::Runtime,
        Self::WaitsForRoom,
        Self::OnCpu,
    ];
}

/// A piece of a lane: how much of it was in which state, in 255ths; what is left over was parked or idle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    shares: [u8; LaneState::ALL.len()],
}

impl Cell {
    /// The share of a state, 0 to 255.
    pub fn share(&self, state: LaneState) -> u8 {
        self.shares[state as usize]
    }

    /// Sets the share of a state, 0 to 255.
    pub fn set(&mut self, state: LaneState, share: u8) {
        self.shares[state as usize] = share;
    }

    /// The share in any state, 0 to 255.
    pub fn busy(&self) -> u8 {
        self.shares.iter().fold(0, |sum: u8, share| sum.saturating_add(*share))
    }
}

/// A thread.
#[derive(Clone, Debug)]
pub struct Lane {
    /// Which one.
    pub thread: ThreadId,
    /// `worker 0`, `rayon 1`, `blocking 3`, `producer`: short.
    pub label: String,
    /// What it is for.
    pub kind: ThreadKind,
    /// It belongs to a lab that was left.
    pub left_over: bool,
    /// It has ended, in the window.
    pub ended: bool,
    /// The share of the window in which it was busy, 0 to 1.
    pub busy: f32,
    /// The window in cells, oldest first.
    pub cells: Vec<Cell>,
    /// What it does now.
    pub now: ThreadNow,
}

/// What a thread does now.
#[derive(Clone, Debug, PartialEq)]
pub enum ThreadNow {
    /// A worker with nothing to do, or another thread that is idle.
    Parked,
    /// Awake, in no poll of ours.
    Runtime,
    /// Awake, in no poll of ours, and asleep for the operating system: blocked in code we do not see.
    Unseen(Nanos),
    /// In a poll: of what, since when, and how.
    Polling(String, Nanos, PollHow),
    /// In a job: which, since when, and asleep or not.
    Job(String, Nanos, JobKind),
    /// Waits for room in a queue.
    WaitsForRoom(String, Nanos),
    /// Waits for an item in a queue.
    WaitsForItem(String),
    /// Only the operating system is asked about it.
    OnCpu,
    /// It has ended.
    Ended,
}

/// How a poll in flight is spent, by the last looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PollHow {
    /// Shorter than 10 ms.
    Short,
    /// Asleep.
    Blocked,
    /// On the CPU.
    Hogged,
    /// Ready, without a core.
    NoCore,
    /// Long, and nothing tells.
    Unknown,
}

/// A queue or gate.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Its name.
    pub name: Arc<str>,
    /// Items it holds at most.
    pub capacity: u32,
    /// Items it holds.
    pub depth: u32,
    /// Items that went in.
    pub sent: u64,
    /// Items that came out.
    pub received: u64,
    /// Threads that wait for room now.
    pub blocked: u32,
}

/// The rules that fire. The order is that of their weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// A worker is in a poll, asleep.
    BlockedWorker,
    /// A worker is in a long poll, on the CPU.
    HoggedWorker,
    /// Tasks are ready and nobody is free.
    StarvedTasks,
    /// The pulse is late.
    LatePulse,
    /// Threads wait for a core.
    Oversubscribed,
    /// Nobody can wake a pending task.
    UnwakeableTask,
    /// A task wakes itself without end.
    SpinningTask,
    /// The blocking pool grows.
    GrowingBlockingPool,
    /// A queue is full and somebody waits.
    FullQueue,
}

impl Rule {
    /// As reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::BlockedWorker => "blocked-worker",
            Self::HoggedWorker => "hogged-worker",
            Self::StarvedTasks => "starved-tasks",
            Self::LatePulse => "late-pulse",
            Self::Oversubscribed => "oversubscribed",
            Self::UnwakeableTask => "unwakeable-task",
            Self::SpinningTask => "spinning-task",
            Self::GrowingBlockingPool => "growing-blocking-pool",
            Self::FullQueue => "full-queue",
        }
    }
}

/// What helps, where a key of the dashboard does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Go back to a wait that does not block.
    StopBlocking,
    /// Go on with another compute strategy.
    MoveCompute,
    /// Add a worker.
    MoreWorkers,
    /// Take a worker away.
    FewerWorkers,
    /// Nothing is wrong: block, to see what happens.
    TryBlocking,
}

/// A rule that fired.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// Whose fault: a task's name, untrusted.
    pub task: Option<String>,
    /// Where: a thread's label.
    pub thread: Option<String>,
    /// When it fired first.
    pub since: Nanos,
    /// How long it has held, all times added.
    pub lasted: Nanos,
    /// It holds now.
    pub active: bool,
    /// What is wrong, who suffers and what to do, in a sentence or two.
    pub text: String,
}

/// One or two sentences about the whole picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sentence {
    /// What you are seeing.
    pub lead: String,
    /// Why, and who suffers.
    pub rest: String,
    /// What to press.
    pub remedy: Option<Remedy>,
    /// How bad it is.
    pub mood: Mood,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// Nothing is wrong.
    #[default]
    Calm,
    /// Something costs.
    Warning,
    /// Somebody is stopped.
    Alarm,
}

/// What a task is at. Times are instants, unlike those of [`RowState`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// Never polled, never woken.
    New,
    /// Woken, since then.
    Ready(Nanos),
    /// In a poll, since then, and how.
    Polling(Nanos, PollHow),
    /// Asleep, since then.
    Asleep(Nanos),
    /// It has ended.
    Done,
    /// It panicked.
    Panicked,
    /// It was dropped before it was ready.
    Dropped,
}

/// A line of the task list.
#[derive(Clone, Debug)]
pub struct TaskLine {
    /// Which one.
    pub task: ActivityId,
    /// Its name, untrusted.
    pub name: Arc<str>,
    /// What it is.
    pub kind: TaskKind,
    /// How deep it is nested: 0 for a task.
    pub depth: u8,
    /// What it is at.
    pub state: TaskState,
    /// Polls.
    pub polls: u64,
    /// Time in polls.
    pub polled: Nanos,
    /// The longest poll.
    pub longest_poll: Nanos,
    /// The longest wait from wake to poll.
    pub longest_ready: Nanos,
    /// Wakes.
    pub wakes: u64,
    /// Wakes by itself, from inside its own poll.
    pub self_wakes: u64,
    /// Who woke it last: a task's name or a thread's label.
    pub woken_by: Option<String>,
    /// Wakers that others keep; none before it was polled.
    pub wakers: Option<u32>,
    /// Where it was polled last: a thread's label.
    pub thread: Option<String>,
    /// Polls on another thread than the one before.
    pub migrations: u64,
}

/// What a screen asks of the lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Blocking, or back to async.
    ToggleBlocking,
    /// The next wait strategy.
    NextWait,
    /// The next compute strategy.
    NextCompute,
    /// One worker more; the lab is rebuilt.
    MoreWorkers,
    /// One worker fewer; the lab is rebuilt.
    FewerWorkers,
    /// The other runtime flavor; the lab is rebuilt.
    NextFlavor,
    /// The lab is rebuilt and starts over, or runs its next round.
    Restart,
}
