//! What a screen shows at one instant: plain, owned data, with nothing left to compute but its looks.
//!
//! All durations are in nanoseconds ([`Nanos`]).

mod filter;
mod finding;
mod lane;
mod life;
mod task;
mod time;
mod timeline;
mod together;

use std::{any::Any, sync::Arc};

pub use self::{
    filter::Filter,
    finding::{Finding, Mood, Remedy, Rule, Sentence},
    lane::{Cell, Lane, LaneState, ThreadNow},
    life::{BINS, Distribution, Life, LifeCell, LifePart, LifeView, LongestPoll},
    task::{Hidden, TaskCounts, TaskLine, TaskState},
    time::{Landmark, Of, Seek, Sought},
    timeline::{Beside, QueueDepths, Span, SpanKind, Timeline, TimelineLane, TimelineView, Woken},
    together::Together,
};
pub use super::poll_class::{PollClass, SLOW_POLL, Split};
use super::scenario::ScenarioPicture;
use crate::trace::{
    clock::Nanos,
    event::{Coverage, SchedulerSample},
};

/// What somebody looks at: the scope makes a picture of just that.
///
/// ```
/// use pollscope::View;
///
/// let first_tasks = View { tasks: (0, 20), ..View::default() };
/// assert!(first_tasks.at.is_none(), "of the newest instant");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The instant; none for the newest.
    pub at: Option<Nanos>,
    /// A step by events that is asked for.
    pub seek: Option<Seek>,
    /// Which spans a step goes to, and a timeline marks; which tasks are in the lists.
    pub filter: Option<Arc<Filter>>,
    /// How far back lanes and pulse reach.
    pub window: Nanos,
    /// Cells of a lane; 0 for none.
    pub lane_cells: u16,
    /// Cells of the pulse; 0 for none.
    pub pulse_cells: u16,
    /// The part of the task list that is shown: the first line and how many.
    pub tasks: (u32, u16),
    /// The timeline, where it is wanted.
    pub timeline: Option<TimelineView>,
    /// The task whose life is wanted.
    pub life: Option<LifeView>,
    /// Whether threads of labs before are wanted too, that ended in the window: a scenario may build several.
    pub past_labs: bool,
}

impl Default for View {
    fn default() -> Self {
        let (lane_cells, pulse_cells) = (60, 40);
        Self {
            at: None,
            seek: None,
            filter: None,
            window: 10_000_000_000,
            lane_cells,
            pulse_cells,
            tasks: (0, 0),
            timeline: None,
            life: None,
            past_labs: false,
        }
    }
}

/// Everything at one instant.
///
/// ```
/// use pollscope::View;
///
/// # let scope = pollscope::Scope::new()?;
/// # let runtime = scope.runtime(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all())?;
/// runtime.block_on(runtime.spawn(pollscope::task("answer", async { 42 })))?;
/// let picture = scope.picture(View { tasks: (0, 20), ..View::default() }).unwrap();
/// assert!(picture.tasks.iter().any(|task| &*task.name == "answer" && task.polls == 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Picture {
    /// The instant.
    pub at: Nanos,
    /// The newest instant that there is: the program has gone on to there.
    pub newest: Nanos,
    /// The earliest instant that can be looked at: details of what came before are gone.
    pub oldest: Nanos,
    /// It goes on: the newest instant is now. Of a recording it is its end.
    pub goes_on: bool,
    /// More of a recording is still to be read: its end is not where it seems to be.
    pub is_read_on: bool,
    /// Where the step by events leads that was asked for last.
    pub sought: Option<Sought>,
    /// The header.
    pub header: Header,
    /// The pulse.
    pub pulse: Pulse,
    /// How many tasks are in which state.
    pub counts: TaskCounts,
    /// The threads: workers by index, then blocking pool, Rayon, scenario, server, observers.
    pub lanes: Vec<Lane>,
    /// The queues, in the order in which they were made.
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
    /// How long the whole task list is, of those that the filter is for.
    pub tasks_in_all: u32,
    /// What the filter keeps out of both.
    pub hidden: Hidden,
    /// What the scenarios' panels show: see [`scenario`](Self::scenario).
    pub scenarios: Vec<Arc<dyn ScenarioPicture>>,
    /// All lanes between two instants, where asked for.
    pub timeline: Option<Timeline>,
    /// One task's life, where asked for.
    pub life: Option<Life>,
}

impl Picture {
    /// What is shown until the first picture comes.
    pub fn nothing_yet() -> Self {
        Self {
            at: 0,
            newest: 0,
            oldest: 0,
            goes_on: true,
            is_read_on: false,
            sought: None,
            header: Header {
                programs: Vec::new(),
                coverage: Coverage::default(),
                scheduler: None,
                generation: 0,
                elapsed: 0,
                lost: 0,
                observer_cores: None,
                tells: Tells::NotYet,
                probe_nanos: None,
                recording: None,
            },
            pulse: Pulse::default(),
            counts: TaskCounts::default(),
            lanes: Vec::new(),
            queues: Vec::new(),
            findings: Vec::new(),
            sentence: Sentence { lead: "Starting.".to_owned(), ..Sentence::default() },
            window: View::default().window,
            tasks: Vec::new(),
            tasks_first: 0,
            tasks_in_all: 0,
            hidden: Hidden::default(),
            scenarios: Vec::new(),
            timeline: None,
            life: None,
        }
    }

    /// Returns what the panels of one scenario show; none where there is nothing of it.
    pub fn scenario<T: ScenarioPicture>(&self) -> Option<&T> {
        self.scenarios.iter().find_map(|it| {
            let any: &dyn Any = &**it;
            any.downcast_ref()
        })
    }

    /// It is of an instant that is over: the program has gone on, or what is looked at is a recording.
    pub fn is_past(&self) -> bool {
        self.at < self.newest || !self.goes_on
    }
}

/// A program that is looked at.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its name, untrusted.
    pub name: Arc<str>,
    /// Each of its tasks is seen; else those that have a probe.
    pub every_task: bool,
    /// Tasks that are alive in its runtime and have none.
    pub not_ours: u32,
}

impl Picture {
    /// It is of that program.
    pub fn name_program(&mut self, name: &Arc<str>) {
        let (name, every_task, not_ours) = (Arc::clone(name), self.header.coverage.every_task, self.counts.not_ours);
        self.header.programs.push(Program { name, every_task, not_ours });
    }
}

impl Header {
    /// What only the operating system tells is not measured here.
    pub fn is_unmeasured(&self) -> bool {
        self.tells == Tells::Nothing
    }

    /// What is looked at are programs of others, or the user's own, which no key changes.
    pub fn is_of_programs(&self) -> bool {
        !self.programs.is_empty()
    }
}

/// Whether the operating system tells how time is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tells {
    /// It has not yet, and may.
    NotYet,
    /// It does.
    Yes,
    /// By now it would have.
    Nothing,
}

/// The header's figures.
#[derive(Clone, Debug)]
pub struct Header {
    /// The programs that are looked at, untrusted; none where it is a lab of this one.
    pub programs: Vec<Program>,
    /// What is seen that no probe tells.
    pub coverage: Coverage,
    /// The runtime's own figures, where it tells them.
    pub scheduler: Option<Box<SchedulerSample>>,
    /// The lab's generation, from 1.
    pub generation: u32,
    /// Since the lab was built.
    pub elapsed: Nanos,
    /// Records and events that were lost, in all.
    pub lost: u64,
    /// CPU that Pollscope's own threads used lately, in cores (0.02 is 2% of one core); none where not
    /// measured.
    pub observer_cores: Option<f32>,
    /// Whether the operating system tells how time is spent.
    pub tells: Tells,
    /// What one probed poll costs here, as measured at the start.
    pub probe_nanos: Option<f64>,
    /// Bytes of the recording that is being written; of one that could not be written any more none.
    pub recording: Option<Option<u64>>,
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

/// A queue or gate.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Its name.
    pub name: Arc<str>,
    /// Items it holds at most; none where it has no bound.
    pub capacity: Option<u32>,
    /// Items it holds.
    pub depth: u32,
    /// Items that went in.
    pub sent: u64,
    /// Items that came out.
    pub received: u64,
    /// Threads that wait for room now.
    pub blocked: u32,
}

/// How much a queue holds, of what it can: `3/8`, or `3` where it has no bound.
pub fn filling(depth: u32, capacity: Option<u32>) -> String {
    capacity.map_or_else(|| depth.to_string(), |capacity| format!("{depth}/{capacity}"))
}

/// What a log can be written as, for other programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// Trace events, for Perfetto.
    Perfetto,
    /// A picture of the lanes.
    Svg,
    /// Tables in a folder.
    Csv,
    /// The report.
    Json,
}
