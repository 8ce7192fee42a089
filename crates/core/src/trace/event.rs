//! The slow stream: what does not fit in a [`Record`](super::record::Record), because it has a name or
//! many numbers.
//!
//! As JSON, an event is its name with its fields, as a [`recording`](super::recording) holds it. It does not
//! know where it is kept.

mod owned;
mod scenario;
mod tagged;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use self::scenario::{Payload, ScenarioEvent};
use super::{
    clock::Nanos,
    float,
    record::{ActivityId, QueueId, ThreadId},
};

/// An event and when it happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stamped {
    /// The instant.
    pub at: Nanos,
    /// What happened.
    pub event: Event,
}

/// The capacity of a queue without a bound.
pub const UNBOUNDED: u32 = u32::MAX;

/// What a queue holds at most; none where it has no bound.
pub fn bound(capacity: u32) -> Option<u32> {
    (capacity != UNBOUNDED).then_some(capacity)
}

/// What happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
pub enum Event {
    /// A lab was built. Generations count from 1.
    LabBuilt {
        /// Which one.
        generation: u32,
        /// How, as the scenario says.
        #[serde(rename = "settings")]
        setup: Payload,
    },
    /// A lab was left: it shuts down in the background.
    LabLeft {
        /// Which one.
        generation: u32,
    },
    /// The lab goes on with another setup.
    #[serde(rename = "settings_changed")]
    SetupChanged(Payload),
    /// A thread was seen for the first time.
    Thread(ThreadBegan),
    /// A thread ended.
    ThreadEnded {
        /// Which one.
        thread: ThreadId,
        /// Its CPU time in all, as it read it itself; none where that is not measured.
        cpu: Option<Nanos>,
        /// Its time without a core.
        waited: Option<Nanos>,
    },
    /// A task was spawned, or a sub-future made.
    Task(TaskBegan),
    /// A future that was taken for a task of its own is polled inside another: it is a part of that one.
    Nested {
        /// Which one.
        task: ActivityId,
        /// The task or sub-future that polls it.
        parent: ActivityId,
    },
    /// A job was queued.
    Job(JobQueued),
    /// A queue was made.
    Queue {
        /// Its id.
        queue: QueueId,
        /// Its name.
        name: Arc<str>,
        /// Items it holds at most; [`UNBOUNDED`] where it has no bound.
        capacity: u32,
    },
    /// A queue ended: nobody can send or receive any more.
    QueueEnded {
        /// Which one.
        queue: QueueId,
    },
    /// A pulse began.
    PulseStarted {
        /// The pulse's task.
        task: ActivityId,
        /// When it is due first.
        first_due: Nanos,
        /// From one due time to the next.
        period: Nanos,
    },
    /// A pulse ended: later due times are nobody's.
    PulseStopped {
        /// The pulse's task.
        task: ActivityId,
    },
    /// What the operating system says of a thread now.
    Os(OsSample),
    /// What the operating system has counted for a thread.
    OsTotals(OsTotals),
    /// What the operating system says of the whole process.
    Process {
        /// CPU time.
        cpu: Nanos,
        /// Resident memory, bytes.
        rss: u64,
    },
    /// Tasks alive in the runtime, as it counts them: ours and others.
    AliveTasks {
        /// How many.
        count: u32,
    },
    /// What is seen of the program that a probe does not tell.
    Coverage(Coverage),
    /// The runtime's own figures.
    Scheduler(Box<SchedulerSample>),
    /// What one probed poll costs on this machine, as measured at the start.
    ProbeCost {
        /// Nanoseconds a poll.
        #[serde(deserialize_with = "float::number")]
        nanos: f64,
    },
    /// Events that found no room in the channel, in all.
    EventsLost {
        /// How many since the last such event.
        count: u64,
    },
    /// All that is alive is told again from here on, since what came before was missed: what is not told is over.
    ToldAnew,
    /// A gate keeps a task from being polled, until somebody lets it through: it is neither ready nor asleep.
    Held {
        /// The task.
        task: ActivityId,
    },
    /// The gate lets it through: it is ready from now on.
    Released {
        /// The task.
        task: ActivityId,
    },
    /// What a scenario reports.
    Scenario(Box<ScenarioEvent>),
}

/// What a thread is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThreadKind {
    /// A worker of the Tokio runtime.
    Worker,
    /// A thread of Tokio's blocking pool.
    Blocking,
    /// A Rayon thread.
    Rayon,
    /// A std thread of the scenario.
    Scenario,
    /// The embedded server's thread.
    Server,
    /// Collector, sampler, screen: Pollscope itself.
    Observer,
}

/// A thread was seen for the first time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ThreadBegan {
    /// Its id.
    pub thread: ThreadId,
    /// Its name.
    pub name: Arc<str>,
    /// What it is for.
    pub kind: ThreadKind,
    /// The operating system's id.
    pub os_id: Option<u32>,
    /// The lab it belongs to; 0 for none.
    pub generation: u32,
    /// It tells when it parks and unparks. Of a worker whose runtime was built without the scope's hooks nobody knows.
    #[serde(default = "as_before", skip_serializing_if = "is_usual")]
    pub parks: bool,
    /// It is the program's own: where it is a worker, then of a current-thread runtime, and only while it is in `block_on`,
    /// which nobody tells when it returns.
    #[serde(default, skip_serializing_if = "is_no")]
    pub own: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes the field by reference")]
fn is_no(own: &bool) -> bool {
    !*own
}

/// Of recordings that are older than the field.
fn as_before() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes the field by reference")]
fn is_usual(parks: &bool) -> bool {
    *parks
}

/// What a polled future is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskKind {
    /// A task of the runtime.
    Task,
    /// A future inside a task.
    Sub,
    /// The pulse.
    Pulse,
}

/// A task was spawned, or a sub-future made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TaskBegan {
    /// Its id.
    pub task: ActivityId,
    /// Its name.
    pub name: Arc<str>,
    /// What it is.
    pub kind: TaskKind,
    /// The task or sub-future that made it.
    pub parent: Option<ActivityId>,
}

/// Where a job runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobKind {
    /// `spawn_blocking`.
    Blocking,
    /// `block_in_place`.
    InPlace,
    /// `rayon::spawn`.
    Rayon,
    /// A part of a parallel iterator.
    Split,
    /// A thread of its own.
    Thread,
    /// Wherever it is called: the thread that runs it tells.
    Anywhere,
}

/// A job was queued.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobQueued {
    /// Its id.
    pub job: ActivityId,
    /// Its name.
    pub name: Arc<str>,
    /// Where it runs.
    pub kind: JobKind,
    /// The task or job that queued it.
    pub by: Option<ActivityId>,
}

/// A thread's state for the operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OsState {
    /// Running or ready to (R).
    Runnable,
    /// Asleep (S, D, I).
    Asleep,
    /// Stopped by a signal or a debugger (T, t).
    Stopped,
}

/// What the operating system says of a thread now.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct OsSample {
    /// Which thread.
    pub thread: ThreadId,
    /// CPU time in all.
    pub cpu: Nanos,
    /// Its state.
    pub state: OsState,
    /// The instant and CPU time that the thread itself read last.
    pub base: Option<(Nanos, Nanos)>,
}

/// What the operating system has counted for a thread since it began.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct OsTotals {
    /// Which thread.
    pub thread: ThreadId,
    /// CPU time.
    pub cpu: Nanos,
    /// Ready, without a core.
    pub waited: Option<Nanos>,
    /// Switches because it waited for something.
    pub voluntary: u64,
    /// Switches because its time was over.
    pub involuntary: u64,
}

/// What is seen of the program that a probe does not tell. Tokio tells it only under `--cfg tokio_unstable`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Every task that is spawned, not only what has a probe.
    pub every_task: bool,
    /// The scheduler's own figures.
    pub scheduler: bool,
}

/// The runtime's own figures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchedulerSample {
    /// Tasks in the queue that all workers share.
    pub global_queue: u32,
    /// Tasks in the queue of each worker, by its index.
    pub local_queues: Vec<u32>,
    /// Tasks that workers took from others' queues, since the runtime began.
    pub steals: u64,
    /// Polls that Tokio ended because the task had used up its budget, since the runtime began.
    pub forced_yields: u64,
}

#[cfg(any(test, feature = "fuzzing"))]
pub(super) mod samples;
