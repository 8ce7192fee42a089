//! The picture of a state: what [`View`] asks for, and no more.

use std::sync::Arc;

use super::{
    index::Index,
    picture::{
        Cell, Filter, Header, Hidden, Lane, LaneState, Picture, Pulse, Queue, TaskCounts, TaskLine, TaskState, Tells,
        ThreadNow, View,
    },
    poll_class::PollClass,
    scenario::Facts,
    state::State,
    task::Task,
    thread::Thread,
};
use crate::trace::{
    clock::{Nanos, SECOND},
    event::{JobKind, TaskKind, ThreadKind, bound},
    record::{ActivityId, Doing, NOBODY, ThreadId},
};

/// What the system tells it tells once a second: what it has not told by then it does not tell.
const UNTOLD: Nanos = 5 * SECOND;

impl State {
    /// Everything that `view` asks for, at the instant `at`, which is not before the last event.
    pub(super) fn picture(&self, index: &Index, view: &View, at: Nanos) -> Picture {
        let lanes = self.lanes(index, view, at);
        let (tasks, tasks_in_all) = self.task_lines(view, at);
        let hidden = Hidden { tasks: self.tasks.len() as u32 - tasks_in_all };
        let counts = self.counts(at);
        let idle = self.idle_share(&lanes);
        Picture {
            at,
            newest: at,
            oldest: 0,
            goes_on: true,
            is_read_on: false,
            sought: None,
            header: self.header(at),
            pulse: self.pulse_picture(index, view, at),
            queues: self.queue_pictures(),
            findings: self.findings(at),
            sentence: self.sentence(at, &counts, idle),
            window: view.window,
            tasks,
            tasks_first: view.tasks.0,
            tasks_in_all,
            hidden,
            scenarios: self.scenarios.pictures(&Facts::new(self, view.filter.as_deref(), at)),
            timeline: None,
            life: None,
            counts,
            lanes,
        }
    }

    /// The share of the window in which the workers had nothing to do. Jobs are none of a worker's work: a
    /// thread of the pool that has become one had them before.
    fn idle_share(&self, lanes: &[Lane]) -> f32 {
        let is_worker =
            |lane: &&Lane| !lane.left_over && self.threads.get(lane.thread).is_some_and(|it| it.worker.is_some());
        let job = |lane: &Lane| {
            let shares: f32 = lane.cells.iter().map(|cell| f32::from(cell.share(LaneState::Job))).sum();
            shares / 255.0 / lane.cells.len().max(1) as f32
        };
        let busy: Vec<f32> = lanes.iter().filter(is_worker).map(|lane| (lane.busy - job(lane)).max(0.0)).collect();
        1.0 - busy.iter().sum::<f32>() / busy.len().max(1) as f32
    }

    fn header(&self, at: Nanos) -> Header {
        let observers = self.threads.iter().filter(|(_, it)| it.kind == ThreadKind::Observer && it.ended.is_none());
        let elapsed = at.saturating_sub(self.lab_since);
        let is_told = self.process.first_cpu.is_some() || self.threads.iter().any(|(_, it)| it.os.totals.is_some());
        let tells = match is_told {
            true => Tells::Yes,
            false if elapsed > UNTOLD => Tells::Nothing,
            false => Tells::NotYet,
        };
        let used: Vec<f32> = observers.filter_map(|(_, it)| it.os.lately).map(|(used, _)| used).collect();
        Header {
            programs: Vec::new(),
            coverage: self.coverage,
            scheduler: self.scheduler.clone(),
            generation: self.generation,
            elapsed,
            lost: self.totals.lost,
            tells,
            observer_cores: (!used.is_empty()).then(|| used.iter().sum()),
            probe_nanos: self.probe_nanos,
            recording: None,
        }
    }

    fn pulse_picture(&self, index: &Index, view: &View, at: Nanos) -> Pulse {
        let from = at.saturating_sub(view.window);
        let count = usize::from(view.pulse_cells);
        let known = cells_since(from, at, view.window, view.pulse_cells);
        let mut cells = vec![None; count - known];
        cells.extend(self.late_cells(index, (from, at), known));
        let mut lates: Vec<_> = self.beats(index, from, at).map(|(_, late)| late).collect();
        lates.sort_unstable();
        Pulse {
            period: self.pulse.period,
            cells,
            late_now: self.pulse.late(at),
            median: lates.get(lates.len() / 2).copied().unwrap_or(0),
            worst: lates.last().copied().unwrap_or(0),
            missed: lates.iter().filter(|late| **late >= self.pulse.period).count() as u32,
        }
    }

    /// The due times from one instant to another, of which this is the state at the last. What had not run then is
    /// as late as it was then, also where it is known by now how late it became.
    fn beats(&self, index: &Index, from: Nanos, at: Nanos) -> impl Iterator<Item = (Nanos, Nanos)> {
        let ran = index.beats(from, self.pulse.next_due.unwrap_or(at).min(at));
        ran.chain(self.pulse.overdue(from, at))
    }

    /// The latest due time of each cell between two instants.
    pub(super) fn late_cells(&self, index: &Index, (from, to): (Nanos, Nanos), count: usize) -> Vec<Option<Nanos>> {
        let mut cells = vec![None; count];
        for (due, late) in self.beats(index, from, to) {
            let cell = ((due.max(from) - from) as u128 * count as u128 / u128::from((to - from).max(1))) as usize;
            if let Some(worst) = cells.get_mut(cell) {
                *worst = Some(worst.map_or(late, |worst: Nanos| worst.max(late)));
            }
        }
        cells
    }

    /// How many tasks are in which state.
    pub(super) fn counts(&self, at: Nanos) -> TaskCounts {
        let not_ours = self.alive_in_runtime.saturating_sub(self.alive_tasks);
        let mut counts = TaskCounts { not_ours, ..TaskCounts::default() };
        for (_, it) in self.tasks.iter().filter(|(_, it)| it.kind == TaskKind::Task && it.is_alive()) {
            counts.alive += 1;
            match it.state(|thread| self.class(thread, at)) {
                TaskState::Polling(_, PollClass::Blocked) => counts.blocked += 1,
                TaskState::Polling(_, PollClass::CpuBound) => counts.hogged += 1,
                TaskState::Polling(_, PollClass::Runnable) => counts.no_core += 1,
                TaskState::Polling(..) => counts.polling += 1,
                TaskState::Ready(_) => counts.ready += 1,
                TaskState::Held(_) => counts.held += 1,
                _ => {
                    counts.asleep += 1;
                    counts.in_job += u32::from(it.jobs > 0);
                }
            }
        }
        counts
    }

    /// Whether a task is in the lists that a filter leaves.
    pub(super) fn is_listed(
        &self,
        filter: Option<&Filter>,
        name: &str,
        task: Option<&Task>,
        longest_poll: Nanos,
    ) -> bool {
        filter.is_none_or(|filter| filter.is_for(name, self.last_thread(task).as_deref(), longest_poll))
    }

    /// The label of the thread that a task was polled on last.
    fn last_thread(&self, task: Option<&Task>) -> Option<String> {
        task?.thread.and_then(|thread| self.threads.get(thread)).map(Thread::label)
    }

    fn lanes(&self, index: &Index, view: &View, at: Nanos) -> Vec<Lane> {
        let from = at.saturating_sub(view.window);
        let of_now = |it: &Thread| {
            it.generation == self.generation || (view.past_labs && self.scenarios.part_of(it.generation).is_some())
        };
        let shown = |it: &Thread| it.ended.is_none_or(|ended| ended >= from && of_now(it));
        let mut threads: Vec<_> = self.threads.iter().filter(|(_, it)| shown(it)).collect();
        threads.sort_by_key(|(id, it)| self.lane_order(*id, it));
        threads.into_iter().map(|(id, it)| self.lane(id, it, index, view, at)).collect()
    }

    /// The present lab's workers by index, then its other threads by kind; what is left over comes after.
    pub(super) fn lane_order(&self, id: ThreadId, it: &Thread) -> (bool, u8, u32, ThreadId) {
        let kind = match it.role() {
            ThreadKind::Worker => 0,
            ThreadKind::Rayon => 1,
            ThreadKind::Blocking => 2,
            ThreadKind::Scenario => 3,
            ThreadKind::Server => 4,
            ThreadKind::Observer => 5,
        };
        (self.is_left_over(it), kind, it.worker.unwrap_or(it.ordinal), id)
    }

    fn is_left_over(&self, it: &Thread) -> bool {
        it.generation != 0 && it.generation != self.generation && it.ended.is_none()
    }

    fn lane(&self, id: ThreadId, it: &Thread, index: &Index, view: &View, at: Nanos) -> Lane {
        let from = at.saturating_sub(view.window);
        let mut pieces = index.pieces(id, from, at, cells_since(from, at, view.window, view.lane_cells).max(1));
        // Of an instant that is over the lane may know more than was known then.
        let known = pieces.painted_to();
        for (state, start, end) in self.in_flight(it, at) {
            pieces.overlay(start.max(known), end, state);
        }
        Lane {
            thread: id,
            label: it.label(),
            kind: it.role(),
            program: None,
            lab: it.generation,
            left_over: self.is_left_over(it),
            ended: it.ended.is_some(),
            part: it.ended.and_then(|_| self.scenarios.part_of(it.generation)).filter(|part| !part.is_empty()),
            busy: pieces.busy(),
            cells: if view.lane_cells == 0 { Vec::<Cell>::new() } else { pieces.cells() },
            now: self.thread_now(it, at),
        }
    }

    /// What the lane does not hold yet: the span in flight, by what samples saw of it, or the time awake.
    pub(super) fn in_flight(&self, it: &Thread, at: Nanos) -> Vec<(LaneState, Nanos, Nanos)> {
        let Some(open) = &it.open else {
            return if it.awake { vec![(LaneState::Runtime, it.painted, at)] } else { Vec::new() };
        };
        if open.doing == Doing::Wait {
            let full = self.queues.get(&open.what).is_some_and(|queue| queue.depth >= queue.capacity);
            return if full { vec![(LaneState::WaitsForRoom, open.start, at)] } else { Vec::new() };
        }
        let mut seen = open.seen;
        let rest = [seen.cpu, seen.runnable, seen.blocked, seen.unknown]
            .into_iter()
            .fold(at.saturating_sub(open.start), Nanos::saturating_sub);
        seen.add(rest, open.class(at));
        let mut start = open.start;
        super::thread::lane_parts(seen, at.saturating_sub(open.start), open.doing)
            .into_iter()
            .filter(|(_, time)| *time > 0)
            .map(|(state, time)| {
                let span = (state, start, start + time);
                start += time;
                span
            })
            .collect()
    }

    fn thread_now(&self, it: &Thread, at: Nanos) -> ThreadNow {
        if it.ended.is_some() {
            return ThreadNow::Ended;
        }
        if it.only_sampled() {
            return ThreadNow::OnCpu;
        }
        let Some(open) = &it.open else {
            return match it.unseen_since(at) {
                Some(since) => ThreadNow::Unseen(at.saturating_sub(since)),
                None if it.awake => ThreadNow::Runtime,
                None => ThreadNow::Parked,
            };
        };
        let took = at.saturating_sub(open.start);
        match open.doing {
            Doing::Poll => {
                let name = self.tasks.get(open.what).map_or_else(|| "a task".to_owned(), |task| task.name.to_string());
                ThreadNow::Polling(name, took, open.class(at))
            }
            Doing::Job => match self.jobs.get(&open.what) {
                Some(job) => ThreadNow::Job(job.name.to_string(), took, job.kind),
                None => ThreadNow::Job("a job".to_owned(), took, JobKind::Thread),
            },
            Doing::Wait => match self.queues.get(&open.what) {
                Some(queue) if queue.depth >= queue.capacity => ThreadNow::WaitsForRoom(queue.name.to_string(), took),
                Some(queue) => ThreadNow::WaitsForItem(queue.name.to_string()),
                None => ThreadNow::Parked,
            },
        }
    }

    fn queue_pictures(&self) -> Vec<Queue> {
        let blocked = |id| {
            let waits = |it: &Thread| it.open.as_ref().is_some_and(|open| open.doing == Doing::Wait && open.what == id);
            self.threads.iter().filter(|(_, it)| waits(it)).count() as u32
        };
        let picture = |(id, it): (&u32, &super::totals::QueueState)| Queue {
            name: Arc::clone(&it.name),
            capacity: bound(it.capacity),
            depth: it.depth,
            sent: it.sent,
            received: it.received,
            blocked: if it.depth >= it.capacity { blocked(*id) } else { 0 },
        };
        self.queues.iter().map(picture).collect()
    }

    /// The asked-for lines of the task list, and how many there are: tasks by id, each followed by its sub-futures.
    fn task_lines(&self, view: &View, at: Nanos) -> (Vec<TaskLine>, u32) {
        let ((first, count), filter) = (view.tasks, view.filter.as_deref());
        let listed =
            self.tasks.iter().filter(|(_, it)| self.is_listed(filter, &it.name, Some(it), it.longest_until(at)));
        if count == 0 {
            // To count them is no work where none is left out, and to sort them is of no use.
            return (Vec::new(), filter.map_or(self.tasks.len(), |_| listed.count()) as u32);
        }
        let mut order: Vec<_> = listed.map(|(id, it)| (self.path(id), id, it)).collect();
        order.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        let in_all = order.len() as u32;
        let shown = order.into_iter().skip(first as usize).take(usize::from(count));
        let lines = shown.map(|(path, id, it)| self.task_line(path.len().saturating_sub(1), id, it, at));
        (lines.collect(), in_all)
    }

    /// The ids from the outermost task that is known down to this one.
    fn path(&self, id: ActivityId) -> Vec<ActivityId> {
        let parent = |id: &ActivityId| {
            let it = self.tasks.get(*id).filter(|it| it.kind == TaskKind::Sub)?;
            it.parent.filter(|parent| self.tasks.get(*parent).is_some())
        };
        let mut path: Vec<_> = std::iter::successors(Some(id), parent).take(16).collect();
        path.reverse();
        path
    }

    fn task_line(&self, depth: usize, id: ActivityId, it: &Task, at: Nanos) -> TaskLine {
        let label = |thread: ThreadId| self.threads.get(thread).map(Thread::label);
        let woken_by = it.woken_by.and_then(|(by, thread)| match by {
            NOBODY => label(thread),
            by => self.tasks.get(by).map(|task| task.name.to_string()).or_else(|| label(thread)),
        });
        TaskLine {
            task: id,
            name: Arc::clone(&it.name),
            kind: it.kind,
            depth: depth as u8,
            state: it.state(|thread| self.class(thread, at)),
            polls: it.polls,
            polled: it.polled,
            longest_poll: it.longest_poll,
            longest_ready: it.longest_ready,
            wakes: it.wakes,
            self_wakes: it.self_wakes,
            woken_by,
            wakers: it.wakers,
            thread: self.last_thread(Some(it)),
            migrations: it.migrations,
        }
    }
}

/// How many of the cells of a window have a time: before the clock's zero there was none.
fn cells_since(from: Nanos, at: Nanos, window: Nanos, cells: u16) -> usize {
    (u128::from(at - from) * u128::from(cells)).div_ceil(u128::from(window.max(1))) as usize
}
