//! The same events give the same state at any instant, whichever way it is reached.

mod stores;

use std::{collections::VecDeque, fmt::Write as _, sync::Arc};

use super::*;
use crate::{
    model::{
        index::Index,
        long_polls::LongPolls,
        picture::{Beside, Landmark, LaneState, Of, PollClass, Seek, Span, ThreadNow, TimelineView},
        scenario::{Facts, Hop, ScenarioFold, ScenarioPicture, TaskFigures},
        span,
    },
    trace::{
        clock::{MICRO, MILLI},
        event::{
            Event, JobKind, JobQueued, OsSample, OsState, Payload, ScenarioEvent, Stamped, TaskBegan, TaskKind,
            ThreadBegan, ThreadKind,
        },
        record::{ActivityId, Doing, Fact, Outcome, Record, ThreadId},
    },
};

const THREADS: u32 = 4;

fn beginning(batch: &mut Batch) {
    batch.push(Stamped { at: 1, event: Event::LabBuilt { generation: 1, setup: Payload::of(&"two workers") } });
    for thread in 1..=THREADS {
        let kind = if thread <= 2 { ThreadKind::Worker } else { ThreadKind::Rayon };
        let began = ThreadBegan {
            thread,
            name: "tokio".into(),
            kind,
            os_id: None,
            generation: 1,
            parks: true,
            own: thread % 3 == 2,
        };
        batch.push(Stamped { at: 2, event: Event::Thread(began) });
        if thread <= 2 {
            batch.extend(thread, &[Record::new(3, Fact::Worker { index: Some(thread - 1) })]);
        }
    }
    batch.push(Stamped { at: 4, event: Event::PulseStarted { task: 999, first_due: MILLI, period: 50 * MILLI } });
}

/// A scenario that keeps what it heard last.
#[derive(Clone, Debug, Default)]
struct Heard {
    setup: Payload,
    said: VecDeque<String>,
    ended: u64,
    hops: u64,
}

impl ScenarioPicture for Heard {}

impl ScenarioFold for Heard {
    fn copy(&self) -> Box<dyn ScenarioFold> {
        Box::new(self.clone())
    }

    fn event(&mut self, at: Nanos, event: &ScenarioEvent) {
        self.said.push_back(format!("{at}: {event:?}"));
        if self.said.len() > 20 {
            self.said.pop_front();
        }
    }

    fn lab_built(&mut self, _generation: u32, setup: &Payload) {
        *self = Self { setup: setup.clone(), ..Self::default() };
    }

    fn setup_changed(&mut self, setup: &Payload) {
        self.setup = setup.clone();
    }

    fn task_ended(&mut self, _task: ActivityId, figures: &TaskFigures) {
        self.ended += figures.polls;
    }

    fn wants_hops(&self) -> bool {
        !self.said.is_empty()
    }

    fn hop(&mut self, _hop: Hop) {
        self.hops += 1;
    }

    fn picture(&self, facts: &Facts<'_>) -> Option<Arc<dyn ScenarioPicture>> {
        let mut shown = self.clone();
        shown.said.push_back(format!("{:?}", (1..2000).find_map(|task| facts.task(task))));
        Some(Arc::new(shown))
    }
}

fn heard() -> Scenarios {
    Scenarios::of([Box::new(Heard::default()) as _])
}

/// What a scenario, queues and gates tell.
fn told(random: &mut fastrand::Rng, newest: u32) -> Event {
    let (id, task) = (random.u32(1..5), newest.saturating_sub(random.u32(0..6)));
    let words: Arc<str> = format!("{id} of {task}").into();
    match random.u8(0..16) {
        0 => Event::Queue { queue: id, name: words, capacity: 8 },
        1 => Event::Held { task },
        2 => Event::Released { task },
        3 => Event::AliveTasks { count: task },
        4 => Event::SetupChanged(Payload::of(&id)),
        _ => Event::Scenario(Box::new(ScenarioEvent::new("test/said", &words).about_tasks([task]))),
    }
}

/// What threads may do, in batches: short and long polls, wakes, jobs, parks, pulses, samples, and records that
/// come later than their watermark. In the middle of them another lab is built.
fn anything(seed: u64, batches: usize) -> Vec<Batch> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut made = Vec::new();
    let mut next = 100;
    let mut upto = 0;
    for number in 0..batches {
        let mut batch = Batch::default();
        if made.is_empty() {
            beginning(&mut batch);
        }
        let from = upto;
        upto += random.u64(50 * MICRO..30 * MILLI);
        if number == batches / 2 {
            let setup = Payload::of(&"three workers");
            batch.push(Stamped { at: from + 1, event: Event::LabBuilt { generation: 2, setup } });
        }
        let event = told(&mut random, next);
        batch.push(Stamped { at: random.u64(from + 1..upto), event });
        for thread in 1..=THREADS {
            let mut instants: Vec<Nanos> = (0..random.usize(0..6)).map(|_| random.u64(from..upto)).collect();
            instants.sort_unstable();
            let mut record = |at| {
                let fact = fact(&mut random, next, at);
                let woken = matches!(fact, Fact::Poll { nested: false, .. }) && random.bool();
                Record::new(at, fact).with_wake(woken)
            };
            let records: Vec<_> = instants.into_iter().map(&mut record).collect();
            batch.extend(thread, &records);
        }
        if random.bool() {
            next += 1;
            let (task, name): (u32, Arc<str>) = (next, format!("task {next}").into());
            let event = match random.u8(0..3) {
                0 => Event::Job(JobQueued { job: task, name, kind: JobKind::Rayon, by: Some(next - 1) }),
                _ => Event::Task(TaskBegan { task, name, kind: TaskKind::Task, parent: None }),
            };
            batch.push(Stamped { at: random.u64(from..upto), event });
        }
        let (thread, cpu) = (random.u32(1..=THREADS), random.u64(0..upto));
        let sample = OsSample { thread, cpu, state: OsState::Asleep, base: None };
        batch.push(Stamped { at: random.u64(from..upto), event: Event::Os(sample) });
        batch.close(upto);
        made.push(batch);
        if random.u8(0..4) == 0 {
            // The collector's own records have the watermark of the batch before.
            let mut again = Batch::default();
            let late = random.u64(from / 2..upto.max(1));
            again.extend(1, &[Record::new(late, Fact::Wakers { task: next, alive: 0 })]);
            again.close(upto);
            made.push(again);
        }
    }
    made
}

fn fact(random: &mut fastrand::Rng, newest: u32, at: Nanos) -> Fact {
    let task = newest.saturating_sub(random.u32(0..6));
    let most = if random.bool() { MILLI } else { 30 * MILLI };
    let took = random.u64(0..most).min(at);
    let queue = random.u32(1..5);
    match random.u8(0..15) {
        0..4 => {
            let outcome = if random.u8(0..5) == 0 { Outcome::Ready } else { Outcome::Pending };
            Fact::Poll { task, took, outcome, nested: random.u8(0..5) == 0 }
        }
        4..7 => Fact::Wake { task, by: task.saturating_sub(1), by_ref: random.bool() },
        7 => Fact::Job { job: task, took, panicked: false, nested: false },
        8 => Fact::Park,
        9 => Fact::Unpark { cpu_us: 3 },
        10 => Fact::Open { what: task, age: took.max(1), doing: Doing::Poll },
        11 => Fact::Sent { queue, depth: random.u32(0..8) },
        12 => Fact::Received { queue, depth: random.u32(0..8) },
        13 => Fact::Waited { queue, took, for_room: random.bool(), nested: false },
        _ => Fact::Pulse { count: 1 + (took / (50 * MILLI)) as u32, late: took },
    }
}

fn history(batches: &[Batch], limit: usize, every: u64) -> History<Log> {
    let mut history = History { every, ..History::new(Log::new(limit)).with_scenarios(heard()) };
    for batch in batches {
        history.append(&mut batch.clone());
    }
    history
}

fn state_of(batches: &[Batch], at: Nanos) -> State {
    let (mut state, mut index) = (State::with_scenarios(heard()), Index::default());
    for batch in batches {
        if batch.upto() > at {
            return state.up_to(batch, at, &mut index);
        }
        state.fold(batch, &mut index);
    }
    state
}

fn words(state: &State) -> String {
    let mut text = String::new();
    write!(text, "{state:?}").unwrap();
    text
}

#[test]
fn any_instant_is_what_was_true_then() {
    let mut instants = 0;
    for seed in 0..10 {
        let batches = anything(seed, 200);
        let end = batches.last().unwrap().upto();
        let mut history = history(&batches, usize::MAX, 300);
        assert!(history.checkpoints.len() > 3, "{} checkpoints", history.checkpoints.len());
        let mut random = fastrand::Rng::with_seed(seed);
        for _ in 0..100 {
            let at = random.u64(0..=end);
            assert_eq!(words(&history.state_at(at)), words(&state_of(&batches, at)), "seed {seed}, at {at}");
            instants += 1;
        }
        assert_eq!(words(&history.state_at(end)), words(&history.model.state));
    }
    assert_eq!(instants, 1000);
}

#[test]
fn what_fell_out_of_the_log_is_not_looked_at() {
    let batches = anything(1, 400);
    let whole = history(&batches, usize::MAX, 300);
    let mut part = history(&batches, 40_000, 300);
    let oldest = part.oldest();
    assert!(oldest > 0 && oldest < part.now());
    assert!(part.store.bytes() <= 40_000);
    let view = View { at: Some(0), ..View::default() };
    let picture = part.picture(&view);
    assert_eq!((picture.at, picture.oldest, picture.newest), (oldest, oldest, part.now()));
    assert_eq!(words(&part.state_at(oldest)), words(&state_of(&batches, oldest)));
    // Totals are of everything, also of what is gone.
    assert_eq!(format!("{:?}", part.summary()), format!("{:?}", whole.summary()));
}

#[test]
fn most_of_a_small_log_can_be_gone_back_to() {
    let batches = anything(7, 4000);
    let mut history = History::new(Log::new(100_000)).with_scenarios(heard());
    for batch in &batches {
        history.append(&mut batch.clone());
    }
    let (forgotten, oldest) = (history.store.forgotten().unwrap(), history.oldest());
    assert!(forgotten <= oldest && oldest - forgotten < (history.now() - forgotten) / 4, "{forgotten} {oldest}");
}

#[test]
fn slow_polls_are_the_same_whichever_checkpoint_the_fold_begins_at() {
    let mut begun_late = 0;
    for seed in 0..20 {
        let batches = anything(seed, 300);
        let whole = history(&batches, usize::MAX, u64::MAX);
        // One begins in the middle of what it has; the other has forgotten its beginning besides.
        let (often, small) = (history(&batches, usize::MAX, 1 << 10), history(&batches, 20_000, 1 << 10));
        let mut random = fastrand::Rng::with_seed(seed);
        for _ in 0..10 {
            let after = random.u64(0..whole.now());
            let at_least = random.u64(MILLI..20 * MILLI);
            let expected = whole.long_polls(after, at_least);
            assert_eq!(often.long_polls(after, at_least), expected, "seed {seed}, after {after}");
            if small.store.forgotten().is_some() && after >= small.oldest() {
                let LongPolls { polls, forgotten, lost } = small.long_polls(after, at_least);
                assert_eq!(
                    (polls, forgotten, lost),
                    (expected.polls, None, expected.lost),
                    "seed {seed}, after {after}"
                );
                begun_late += 1;
            }
        }
    }
    assert!(begun_late > 0, "no log has forgotten its beginning");
}

#[test]
fn checkpoints_are_bounded() {
    let batches = anything(2, 3000);
    let history = history(&batches, usize::MAX, 1);
    let room = history.model.state.bytes() * 30;
    let within =
        |memory| History { every: 1, ..History::within(memory, |_| Log::new(usize::MAX)).with_scenarios(heard()) };
    let mut bounded = within(room * Log::FOR_CHECKPOINTS);
    for batch in &batches {
        bounded.append(&mut batch.clone());
        let taken: usize = bounded.checkpoints.iter().map(State::bytes).sum();
        assert_eq!(bounded.bytes, taken);
        assert!(taken <= room, "{taken} of {room}");
    }
    assert!(bounded.checkpoints.len() >= 8 && bounded.every > 1 && history.checkpoints.len() > 1000);
    // Where there is room for few, there are few; where there is none, nothing can be gone back to.
    for (memory, most, fewest) in [(history.model.state.bytes() * 20, 8, 2), (1, 0, 0)] {
        let mut small = within(memory);
        for batch in &batches {
            small.append(&mut batch.clone());
        }
        assert!((fewest..=most).contains(&small.checkpoints.len()), "{}", small.checkpoints.len());
        assert!(small.oldest() == small.now() || fewest > 0);
        small.picture(&View { at: Some(small.now() / 2), ..View::default() });
    }
}

#[test]
fn a_history_takes_what_it_may_and_no_more() {
    let batches = anything(3, 3000);
    for memory in [1 << 20, 2 << 20, 1 << 30] {
        let mut history = History::within(memory, Log::new).with_scenarios(heard());
        for batch in &batches {
            history.append(&mut batch.clone());
            let Model { state, index } = &history.model;
            let taken = state.bytes() + index.bytes() + history.bytes + history.store.bytes();
            assert!(taken <= memory, "{taken} of {memory}");
            if history.now().is_multiple_of(7) {
                history.state_at(history.now() / 3 * 2);
            }
        }
        assert_eq!(history.store.forgotten().is_some(), memory < 1 << 30);
    }
}

/// One worker blocks from 100 to 500 ms.
fn blocked() -> Vec<Batch> {
    let thread: ThreadId = 1;
    let mut batches = Vec::new();
    let mut first = Batch::default();
    beginning(&mut first);
    let began = TaskBegan { task: 7, name: "sleeper".into(), kind: TaskKind::Task, parent: None };
    first.push(Stamped { at: 50 * MILLI, event: Event::Task(began) });
    let age = MILLI;
    first.extend(thread, &[Record::new(101 * MILLI, Fact::Open { what: 7, age, doing: Doing::Poll })]);
    first.close(110 * MILLI);
    batches.push(first);
    for tick in 12..50 {
        let mut batch = Batch::default();
        let sample = OsSample { thread, cpu: MILLI, state: OsState::Asleep, base: None };
        batch.push(Stamped { at: tick * 10 * MILLI, event: Event::Os(sample) });
        batch.close(tick * 10 * MILLI + 1);
        batches.push(batch);
    }
    let mut last = Batch::default();
    let spent = Fact::Spent { cpu_us: 0, waited_us: Some(0) };
    let poll = Fact::Poll { task: 7, took: 400 * MILLI, outcome: Outcome::Ready, nested: false };
    last.extend(thread, &[Record::new(500 * MILLI, spent), Record::new(500 * MILLI, poll)]);
    last.close(600 * MILLI);
    batches.push(last);
    batches
}

#[test]
fn a_poll_that_is_over_blocks_again() {
    let mut history = history(&blocked(), usize::MAX, 10);
    let view = View { at: Some(300 * MILLI), window: 300 * MILLI, lane_cells: 30, ..View::default() };
    let picture = history.picture(&view);
    let lane = &picture.lanes[0];
    assert_eq!(lane.now, ThreadNow::Polling("sleeper".into(), 200 * MILLI, PollClass::Blocked));
    // The lane is drawn by what is known by now, up to that instant and not beyond.
    let shares: Vec<_> = lane.cells.iter().map(|cell| cell.share(LaneState::Blocked)).collect();
    assert_eq!(shares[..9], [0; 9]);
    assert!(shares[11..].iter().all(|share| *share >= 254), "{shares:?}");
    assert!(picture.findings.iter().any(|finding| finding.active && finding.task.as_deref() == Some("sleeper")));
    assert!(picture.pulse.late_now >= 290 * MILLI);
    let after = history.picture(&View { at: None, ..view });
    assert_eq!(after.at, 600 * MILLI);
    assert_ne!(after.lanes[0].now, lane.now);
}

#[test]
fn a_span_tells_what_is_beside_it_and_what_was_not_looked_for() {
    const OTHERS: u64 = 1_000;
    let poll = |task, took| Fact::Poll { task, took, outcome: Outcome::Pending, nested: false };
    let mut first = Batch::default();
    beginning(&mut first);
    let began = TaskBegan { task: 7, name: "rare".into(), kind: TaskKind::Task, parent: None };
    first.push(Stamped { at: 5 * MILLI, event: Event::Task(began) });
    first.close(6 * MILLI);
    let mut batches = vec![first];
    for tick in [1, 2, 3] {
        let (mut batch, now) = (Batch::default(), tick * 10 * MILLI);
        let others: Vec<_> = (1..OTHERS).map(|at| Record::new(now - 3 * MILLI + at * MICRO, poll(8, 500))).collect();
        batch.extend(2, &others);
        batch.extend(1, &[Record::new(now - 2 * MILLI, Fact::Wake { task: 7, by: 8, by_ref: true })]);
        batch.extend(1, &[Record::new(now, poll(7, MILLI))]);
        batch.close(now);
        batches.push(batch);
    }
    let history = history(&batches, usize::MAX, 10_000);
    let Model { state, index } = &history.model;
    let span = |tick: u64, most| span::at_among(&history.store, (state, index), 1, tick * 10 * MILLI, most).unwrap();
    let of = |tick: u64| Beside::Poll(1, (tick * 10 - 1) * MILLI, tick * 10 * MILLI);
    let (all, few) = (usize::MAX, 500);
    let beside = |span: &Span| (span.spawned, span.before, span.after);
    assert_eq!(beside(&span(1, all)), (Some(5 * MILLI), Beside::None, of(2)));
    assert_eq!(beside(&span(2, all)), (None, of(1), of(3)));
    assert_eq!(beside(&span(3, all)), (None, of(2), Beside::None));
    assert_eq!(span(2, all).woken.map(|woken| woken.at), Some(18 * MILLI));
    // What is far is said to be, and not to be missing.
    assert_eq!(beside(&span(2, few)), (None, Beside::Far, of(3)));
    assert_eq!((span(3, few).before, span(3, few).after), (Beside::Far, Beside::None));
}

/// Steps that look at few records a picture, as many pictures as it takes.
fn sought_in_parts(history: &History<Log>, mut from: Nanos, forward: bool, of: Of) -> (Option<Nanos>, usize) {
    for part in 1.. {
        let seek = Seek { number: 3, from, forward, landmark: Landmark::Poll, of };
        let sought = seek::find_among(&history.store, &history.model, seek, None, 100);
        match sought.onward {
            Some(onward) => from = onward,
            None => return (sought.at, part),
        }
    }
    unreachable!()
}

#[test]
fn a_look_in_parts_finds_the_same() {
    let batches = anything(5, 300);
    let history = history(&batches, usize::MAX, 500);
    let mut parts = 0;
    for of in [Of::Task(110), Of::Task(5), Of::Thread(2)] {
        for from in (0..100).map(|part| history.now() / 100 * part) {
            for forward in [true, false] {
                let seek = Seek { number: 3, from, forward, landmark: Landmark::Poll, of };
                let (at, looks) = sought_in_parts(&history, from, forward, of);
                assert_eq!(at, seek::find(&history.store, &history.model, seek, None).at, "{of:?} {from} {forward}");
                parts = parts.max(looks);
            }
        }
    }
    assert!(parts > 3, "{parts}");
}

fn sought(history: &mut History<Log>, from: Nanos, forward: bool, landmark: Landmark, of: Of) -> Option<Nanos> {
    let seek = Seek { number: 3, from, forward, landmark, of };
    let found = history.picture(&View { seek: Some(seek), ..View::default() }).sought.unwrap();
    assert_eq!(found.number, 3);
    found.at
}

#[test]
fn steps_by_events_find_each_of_them_in_both_directions() {
    let batches = anything(5, 300);
    let mut history = history(&batches, usize::MAX, 500);
    for (landmark, of) in [(Landmark::Poll, Of::All), (Landmark::Poll, Of::Thread(2)), (Landmark::Wake, Of::Task(110))]
    {
        let is_one = |item: &crate::trace::log::Item<'_>| {
            let seek = Seek { number: 0, from: 0, forward: true, landmark, of };
            seek::is_sought(item, seek)
        };
        let mut all: Vec<_> =
            batches.iter().flat_map(|batch| batch.replay().filter(is_one).map(|item| item.at())).collect();
        all.dedup();
        assert!(!all.is_empty() && all.is_sorted());
        let mut there = vec![];
        let mut at = 0;
        while let Some(next) = sought(&mut history, at, true, landmark, of) {
            there.push(next);
            at = next;
        }
        assert_eq!(there, all);
        let mut back = vec![];
        let mut at = history.now() + 1;
        while let Some(next) = sought(&mut history, at, false, landmark, of) {
            back.insert(0, next);
            at = next;
        }
        assert_eq!(back, all);
    }
    let first = sought(&mut history, 0, true, Landmark::Finding, Of::All).unwrap();
    assert_eq!(sought(&mut history, first + 1, false, Landmark::Finding, Of::All), Some(first));
}

#[test]
fn steps_by_findings_go_by_those_of_the_chosen_thread_or_task() {
    let mut history = history(&blocked(), usize::MAX, 10);
    let mut first = |of| sought(&mut history, 0, true, Landmark::Finding, of);
    let all = first(Of::All);
    assert!(all.is_some());
    // The worker that blocks, and its task; then others, of which nothing was found.
    let [thread, task, other_thread, other_task] = [Of::Thread(1), Of::Task(7), Of::Thread(3), Of::Task(8)].map(first);
    assert!(thread >= all && task >= all && thread.is_some() && task.is_some(), "{all:?} {thread:?} {task:?}");
    assert_eq!((other_thread, other_task), (None, None));
}

#[test]
fn steps_meet_records_that_were_late_in_both_directions_too() {
    let poll = |at| {
        let fact = Fact::Poll { task: 7, took: 1, outcome: Outcome::Pending, nested: false };
        Record::new(at * MILLI, fact)
    };
    // Each batch brings one that belongs into the batch before, and one into the one before that.
    let batches: Vec<_> = (2..=10)
        .map(|tick| {
            let mut batch = Batch::default();
            batch.extend(1, &[poll(tick * 10 - 12), poll(tick * 10 - 4), poll(tick * 10 + 3), poll(tick * 10 + 6)]);
            batch.close((tick * 10 + 7) * MILLI);
            batch
        })
        .collect();
    let history = history(&batches, usize::MAX, 10);
    let (mut there, mut back, mut at) = (vec![], vec![], 0);
    while let (Some(next), _) = sought_in_parts(&history, at, true, Of::All) {
        there.push(next);
        at = next;
    }
    at = history.now() + 1;
    while let (Some(next), _) = sought_in_parts(&history, at, false, Of::All) {
        back.insert(0, next);
        at = next;
    }
    // Those that were late are met together, where the batch begins that brought them.
    assert_eq!((there.len(), &there), (1 + 9 * 3, &back));
    assert!(there.is_sorted());
}

#[test]
fn a_log_without_its_beginning_knows_who_is_who() {
    let batches = anything(3, 600);
    let part = history(&batches, 60_000, 300);
    let held = part.held();
    assert!(part.store.forgotten().is_some() && held.len() < batches.len());
    let mut again = Model::default().with_scenarios(heard());
    for batch in &held {
        again.apply(batch);
    }
    let view = View { tasks: (0, 1000), ..View::default() };
    let (told, whole) = (again.picture(&view), part.model.picture(&view));
    let labels = |picture: &Picture| picture.lanes.iter().map(|lane| lane.label.clone()).collect::<Vec<_>>();
    assert_eq!(labels(&told), labels(&whole));
    // Those that had ended by then are gone; the others have their names.
    let known = |task: &crate::model::picture::TaskLine| told.tasks.iter().find(|it| it.task == task.task);
    let alive: Vec<_> = whole.tasks.iter().filter(|task| again.state.tasks.get(task.task).is_some()).collect();
    assert!(alive.len() > 10);
    for task in alive {
        assert_eq!(known(task).map(|it| &it.name), Some(&task.name));
    }
    assert_eq!(told.header.elapsed, whole.header.elapsed);
    assert_eq!(told.pulse.late_now, whole.pulse.late_now);
}

/// A log from outside: valid records and events with any numbers in them.
fn forged(seed: u64) -> Vec<Batch> {
    let mut random = fastrand::Rng::with_seed(seed);
    let id = |random: &mut fastrand::Rng| if random.bool() { random.u32(..) } else { random.u32(0..50) };
    let time = |random: &mut fastrand::Rng| random.u64(..) >> random.u32(8..64);
    let mut upto = 0;
    let mut made = Vec::new();
    for _ in 0..6 {
        let mut batch = Batch::default();
        beginning(&mut batch);
        upto = u64::max(upto, time(&mut random));
        for _ in 0..20 {
            let (task, took, count) = (id(&mut random), time(&mut random), id(&mut random));
            let fact = match random.u8(0..12) {
                0 => Fact::Poll { task, took, outcome: Outcome::HandedOver, nested: random.bool() },
                1 => Fact::Poll { task, took, outcome: Outcome::Pending, nested: random.bool() },
                2 => Fact::Job { job: task, took, panicked: true, nested: random.bool() },
                3 => Fact::Waited { queue: task, took, for_room: random.bool(), nested: random.bool() },
                4 => Fact::Spent { cpu_us: count, waited_us: Some(task) },
                5 => Fact::Open { what: task, age: took, doing: Doing::Poll },
                6 => Fact::Wake { task, by: count, by_ref: true },
                7 => Fact::Worker { index: Some(count) },
                8 => Fact::Pulse { count, late: took },
                9 => Fact::Sent { queue: task, depth: count },
                10 => Fact::Lost { count },
                _ => Fact::Unpark { cpu_us: count },
            };
            batch.extend(id(&mut random), &[Record::new(time(&mut random), fact)]);
            let event = match random.u8(0..5) {
                0 => {
                    let (name, parent) = ("x".into(), Some(id(&mut random)));
                    Event::Task(TaskBegan { task, name, kind: TaskKind::Sub, parent })
                }
                1 => Event::PulseStarted { task, first_due: time(&mut random), period: time(&mut random) },
                2 => {
                    Event::Os(OsSample { thread: task, cpu: took, state: OsState::Runnable, base: Some((took, took)) })
                }
                3 => {
                    let (name, kind) = ("t".into(), ThreadKind::Worker);
                    Event::Thread(ThreadBegan {
                        thread: task,
                        name,
                        kind,
                        os_id: None,
                        generation: count,
                        parks: true,
                        own: false,
                    })
                }
                _ => Event::Process { cpu: took, rss: random.u64(..) },
            };
            batch.push(Stamped { at: time(&mut random), event });
        }
        batch.close(upto);
        made.push(batch);
    }
    made
}

#[test]
fn a_forged_log_costs_time_and_nothing_else() {
    for seed in 0..3 {
        let mut history = history(&forged(seed), usize::MAX, 50);
        let mut random = fastrand::Rng::with_seed(seed);
        for _ in 0..5 {
            let at = random.u64(0..=history.now());
            let asked = TimelineView { to: Some(at), length: at / 2, cells: 50, thread: Some(1) };
            let view = View { at: Some(at), tasks: (0, 50), timeline: Some(asked), ..View::default() };
            history.picture(&view);
        }
        history.summary();
    }
}
