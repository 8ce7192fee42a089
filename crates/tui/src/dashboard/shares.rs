//! The lines that the list in the middle and the threads share.
//!
//! What folds away as the screen gets lower, in this order: single lanes of the blocking pool, taller bars, the
//! lanes of the observers, rows of the list, the air between Rayon's lanes, the time axis, the scenario's
//! lanes, the air between workers, the pool, the list. The workers stay.
//!
//! Nothing here depends on how many threads the blocking pool has just now: it comes and goes with every
//! strategy, and what a reader looks at must stay where it is.

use pollscope_core::{
    model::picture::{Lane, Picture},
    trace::event::ThreadKind,
};

use super::{
    super::{
        panel::Frame,
        scenario::{ExpectedThreads, Scenario},
    },
    regions::listed,
};

/// More workers and Rayon threads than that get no air between them.
const CROWD: u16 = 6;

/// The scenario's threads have that many lines at least: nothing jumps while a lab is built.
const SCENARIO: u16 = 3;

/// At most so many threads of the blocking pool have a line of their own.
const POOL: u16 = 5;

/// How many lines the lanes have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LanePlan {
    /// A worker's lane.
    pub worker: u16,
    /// A Rayon thread's lane.
    pub rayon: u16,
    /// A lane of the scenario, of the blocking pool, or of a lab that was left.
    pub low: u16,
    /// A lane of what observes.
    pub observer: u16,
    /// The lanes of the blocking pool; where it has more threads, the last lane is of all the others.
    pub pool: u16,
    /// The time axis under the lanes.
    pub axis: u16,
}

impl LanePlan {
    /// The lines of one lane.
    pub(crate) fn height(self, lane: &Lane) -> u16 {
        match lane.kind {
            _ if lane.left_over || lane.ended => self.low,
            ThreadKind::Worker => self.worker,
            ThreadKind::Rayon => self.rayon,
            ThreadKind::Scenario | ThreadKind::Blocking => self.low,
            ThreadKind::Server | ThreadKind::Observer => self.observer,
        }
    }
}

/// What would like to be shown: rows of the list and lanes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    rows: u16,
    workers: u16,
    rayon: u16,
    scenario: u16,
    observers: u16,
}

impl Wanted {
    /// What a picture has, and what it will have when all its threads are there.
    pub(super) fn new(picture: &Picture, scenario: &Scenario) -> Self {
        let count = |kinds: &[ThreadKind]| {
            let is = |lane: &&Lane| kinds.contains(&lane.kind) && !lane.left_over && !lane.ended;
            picture.lanes.iter().filter(is).count() as u16
        };
        // A filter moves nothing.
        let listed = listed(picture, scenario);
        let ExpectedThreads { workers, rayon } = scenario.words.threads(picture);
        Self {
            rows: (listed.shown + listed.hidden).clamp(4, 60) as u16,
            workers: workers.max(count(&[ThreadKind::Worker])),
            rayon: rayon.max(count(&[ThreadKind::Rayon])),
            scenario: SCENARIO.max(count(&[ThreadKind::Scenario])),
            // A heading of each program is a line, too.
            observers: count(&[ThreadKind::Server, ThreadKind::Observer]) + headings(picture),
        }
    }
}

/// Programs whose lanes have a heading.
fn headings(picture: &Picture) -> u16 {
    let programs = picture.header.programs.len() as u16;
    if programs > 1 { programs } else { 0 }
}

/// The lines of each.
pub(super) struct Shares {
    pub(super) list: u16,
    pub(super) threads: u16,
    pub(super) lanes: LanePlan,
    /// What nobody wants.
    pub(super) rest: u16,
}

impl Shares {
    /// Each gets its least; then what is left is given out in the order of the lines below.
    pub(super) fn new(room: u16, frame: Frame, wanted: &Wanted) -> Self {
        let Wanted { rows, workers, rayon, scenario, observers } = *wanted;
        let core = workers + rayon;
        let mut shares = Self {
            list: 0,
            threads: room.min(frame.height() + core.clamp(2, 4)),
            lanes: LanePlan { worker: 1, rayon: 1, low: 1, observer: 1, pool: 0, axis: 0 },
            rest: 0,
        };
        shares.rest = room - shares.threads;
        let table = frame.height() + 1;
        if shares.rest >= table + 2 {
            shares.grow_list(table + 2);
            shares.grow_list(table + rows.min(5));
        }
        shares.lanes.pool = shares.take_all(1);
        shares.grow_threads(core.min(8) - core.clamp(2, 4).min(core));
        let airy = core <= CROWD;
        shares.lanes.worker += u16::from(airy && shares.take_all(workers) > 0);
        if shares.list > 0 {
            shares.grow_list(table + rows.min(8));
        }
        shares.grow_threads(core.saturating_sub(8));
        shares.take_all(scenario);
        shares.lanes.axis = shares.take_all(1);
        shares.lanes.rayon += u16::from(airy && shares.take_all(rayon) > 0);
        if shares.list > 0 {
            shares.grow_list(table + rows);
        }
        shares.take_all(observers);
        if shares.take_all(core) > 0 {
            shares.lanes.worker += 1;
            shares.lanes.rayon += 1;
        }
        if shares.lanes.pool > 0 {
            shares.lanes.pool += shares.grow_threads(POOL - 1);
        }
        shares.lanes.low += u16::from(shares.take_all(scenario + shares.lanes.pool) > 0);
        shares.lanes.observer += u16::from(shares.take_all(observers) > 0);
        shares
    }

    fn grow_list(&mut self, to: u16) {
        let more = to.saturating_sub(self.list).min(self.rest);
        self.list += more;
        self.rest -= more;
    }

    /// Lines for the threads, as many as there are.
    fn grow_threads(&mut self, by: u16) -> u16 {
        self.take_all(by.min(self.rest))
    }

    /// Lines for the threads, all that are wanted or none.
    fn take_all(&mut self, lines: u16) -> u16 {
        let taken = if lines <= self.rest { lines } else { 0 };
        self.threads += taken;
        self.rest -= taken;
        taken
    }
}
