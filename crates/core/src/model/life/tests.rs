//! Lives of hand-made logs: figures that can be counted by hand, and the same by portions as at once.

use super::*;
use crate::{
    model::picture::{LifeCell, LifePart, TaskState, View},
    trace::{
        clock::{MICRO, MILLI},
        event::{Event, JobKind, JobQueued, Stamped, TaskBegan, ThreadBegan, ThreadKind},
        log::{Batch, Log},
        record::{Fact, NOBODY, Outcome, Record},
    },
};

const TASK: ActivityId = 7;

fn event(batch: &mut Batch, at: Nanos, event: Event) {
    batch.push(Stamped { at, event });
}

fn task(task: ActivityId, name: &str, parent: Option<ActivityId>) -> Event {
    Event::Task(TaskBegan { task, name: name.into(), kind: TaskKind::Task, parent })
}

fn beginning() -> Batch {
    let mut batch = Batch::default();
    for thread in 1..=2 {
        let kind = ThreadKind::Worker;
        event(
            &mut batch,
            0,
            Event::Thread(ThreadBegan {
                thread,
                name: "tokio".into(),
                kind,
                os_id: None,
                generation: 0,
                parks: true,
                own: false,
            }),
        );
        batch.extend(thread, &[Record::new(0, Fact::Worker { index: Some(thread - 1) })]);
    }
    event(&mut batch, 0, task(3, "parent", None));
    event(&mut batch, MILLI, task(TASK, "child", Some(3)));
    batch.close(MILLI);
    batch
}

fn poll(at: Nanos, took: Nanos, outcome: Outcome) -> Record {
    Record::new(at, Fact::Poll { task: TASK, took, outcome, nested: false })
}

fn wake(at: Nanos, by: ActivityId) -> Record {
    Record::new(at, Fact::Wake { task: TASK, by, by_ref: true })
}

fn closed(mut batch: Batch, upto: Nanos) -> Batch {
    batch.close(upto);
    batch
}

/// Ready for 1 ms, polled for 2, asleep for 7; ready for 1, polled for 20, in a job for 9, asleep for 10; ready for 5,
/// polled for 5; then ready for 1, held for 9 and ready for 10.
fn script() -> Vec<Batch> {
    let (mut first, mut second, mut third) = (Batch::default(), Batch::default(), Batch::default());
    first.extend(1, &[poll(4 * MILLI, 2 * MILLI, Outcome::Pending)]);
    first.extend(2, &[wake(11 * MILLI, 3)]);
    event(&mut second, 30 * MILLI, {
        Event::Job(JobQueued { job: 90, name: "job".into(), kind: JobKind::Rayon, by: Some(TASK) })
    });
    second.extend(2, &[poll(32 * MILLI, 20 * MILLI, Outcome::Pending)]);
    second.extend(1, &[Record::new(41 * MILLI, Fact::Job { job: 90, took: MILLI, panicked: false, nested: false })]);
    second.extend(1, &[wake(51 * MILLI, NOBODY)]);
    third.extend(1, &[wake(57 * MILLI, TASK), poll(61 * MILLI, 5 * MILLI, Outcome::Pending)]);
    event(&mut third, 62 * MILLI, Event::Held { task: TASK });
    event(&mut third, 71 * MILLI, Event::Released { task: TASK });
    vec![beginning(), closed(first, 20 * MILLI), closed(second, 55 * MILLI), closed(third, 81 * MILLI)]
}

fn history(batches: &[Batch], limit: usize) -> History<Log> {
    let mut history = History::new(Log::new(limit));
    for batch in batches {
        history.append(&mut batch.clone());
    }
    history
}

fn view(cells: u16) -> View {
    View { life: Some(LifeView { task: TASK, cells }), ..View::default() }
}

fn sum(strip: &[LifeCell], part: LifePart) -> Nanos {
    strip.iter().map(|cell| cell.time(part)).sum()
}

#[test]
fn the_strip_has_every_nanosecond_of_a_life() {
    let mut history = history(&script(), usize::MAX);
    for cells in [1, 3, 7, 80, 113] {
        let life = history.picture(&view(cells)).life.unwrap();
        assert_eq!((life.from, life.to, life.strip.len()), (MILLI, 81 * MILLI, cells.into()));
        assert_eq!(life.strip.iter().map(LifeCell::whole).sum::<Nanos>(), 80 * MILLI);
        for (part, expected) in [
            (LifePart::Created, 0),
            (LifePart::Ready, 18),
            (LifePart::Polled, 7),
            (LifePart::LongPoll, 20),
            (LifePart::Asleep, 17),
            (LifePart::InJob, 9),
            (LifePart::Held, 9),
            (LifePart::Unknown, 0),
        ] {
            assert_eq!(sum(&life.strip, part), expected * MILLI, "{part:?} in {cells} cells");
        }
    }
    let life = history.picture(&view(80)).life.unwrap();
    let at = |millis: usize| life.strip[millis - 1].foremost();
    assert_eq!([at(1), at(2), at(4), at(12)].map(Option::unwrap), {
        [LifePart::Ready, LifePart::Polled, LifePart::Asleep, LifePart::LongPoll]
    });
    assert_eq!([at(35), at(45), at(65), at(80)].map(Option::unwrap), {
        [LifePart::InJob, LifePart::Asleep, LifePart::Held, LifePart::Ready]
    });
}

#[test]
fn figures_are_those_that_can_be_counted() {
    let life = history(&script(), usize::MAX).picture(&view(10)).life.unwrap();
    assert_eq!((life.polls, life.polled, life.wakes, life.self_wakes), (3, 27 * MILLI, 3, 1));
    assert_eq!((life.name.as_deref(), life.parent.as_deref()), (Some("child"), Some("parent")));
    assert_eq!((life.spawned, life.migrations), (Some(MILLI), 2));
    assert_eq!(life.state, Some(TaskState::Ready(71 * MILLI)));
    assert_eq!(life.lengths.counts.iter().sum::<u64>(), life.polls);
    assert_eq!(life.ready.counts.iter().sum::<u64>(), 3);
    assert_eq!((life.lengths.max, life.ready.max), (20 * MILLI, 5 * MILLI));
    let counted = |name: &str, count| (name.to_owned(), count);
    assert_eq!(life.woken_by, [counted("itself", 1), counted("no task, on worker 0", 1), counted("parent", 1)]);
    assert_eq!(life.lanes, [counted("worker 0", 2), counted("worker 1", 1)]);
    let longest: Vec<_> = life.longest.iter().map(|poll| (poll.thread, poll.start, poll.end, poll.ready)).collect();
    assert_eq!(
        longest,
        [
            (2, 12 * MILLI, 32 * MILLI, Some(MILLI)),
            (1, 56 * MILLI, 61 * MILLI, Some(5 * MILLI)),
            (1, 2 * MILLI, 4 * MILLI, Some(MILLI)),
        ]
    );
    assert!(life.complete && life.forgotten.is_none());
}

#[test]
fn an_instant_that_is_over_has_the_life_so_far() {
    let mut history = history(&script(), usize::MAX);
    let life = history.picture(&View { at: Some(20 * MILLI), ..view(10) }).life.unwrap();
    assert_eq!((life.polls, life.wakes, life.to), (1, 1, 20 * MILLI));
    // The poll in flight then was not known to be one: nobody had seen it.
    assert_eq!((sum(&life.strip, LifePart::Ready), sum(&life.strip, LifePart::Asleep)), (10 * MILLI, 7 * MILLI));
    let before = history.picture(&View { at: Some(MILLI / 2), ..view(10) }).life.unwrap();
    assert_eq!((before.state, before.spawned, before.polls), (None, Some(MILLI), 0));
}

/// Thousands of polls of all lengths, wakes by all sorts, in batches of which some share a watermark.
fn many(seed: u64) -> Vec<Batch> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut batches = vec![beginning()];
    let mut at = 2 * MILLI;
    for _ in 0..200 {
        let mut batch = Batch::default();
        for _ in 0..random.usize(1..20) {
            let took = 1 << random.u32(8..24);
            at += random.u64(1..MILLI);
            batch.extend(1, &[wake(at, if random.bool() { 3 } else { NOBODY })]);
            at += random.u64(1..MILLI) + took;
            batch.extend(1, &[poll(at, took, Outcome::Pending)]);
            batch.extend(
                1,
                &[Record::new(at, Fact::Poll { task: 3, took: 5, outcome: Outcome::Pending, nested: true })],
            );
        }
        batches.push(closed(batch, at));
        if random.u8(0..4) == 0 {
            let mut again = Batch::default();
            again.extend(2, &[wake(at, 3)]);
            batches.push(closed(again, at));
        }
    }
    batches
}

#[test]
fn portions_give_what_one_pass_gives() {
    for seed in 0..5 {
        let batches = many(seed);
        let asked = LifeView { task: TASK, cells: 60 };
        let mut whole = history(&batches, usize::MAX);
        let end = whole.now();
        let expected = whole.life(asked, end);
        assert_eq!(expected.lengths.counts.iter().sum::<u64>(), expected.polls);
        assert_eq!(expected.woken_by.iter().map(|(_, count)| count).sum::<u64>(), expected.wakes);
        assert!(expected.longest.is_sorted_by_key(|poll| std::cmp::Reverse(poll.end - poll.start)));
        assert_eq!(expected.longest.len(), 5);
        let mut parts = history(&batches, usize::MAX);
        let mut passes = 0;
        loop {
            let life = parts.life_in_portions(asked, end, 50);
            passes += 1;
            assert_eq!(life.strip.iter().map(LifeCell::whole).sum::<Nanos>(), life.to - life.from);
            if life.complete {
                assert_eq!(life, expected);
                break;
            }
        }
        assert!(passes > 10);
        // As the log grows, and from instant to instant.
        let mut growing = History::new(Log::new(usize::MAX));
        for batch in &batches {
            growing.append(&mut batch.clone());
            let now = growing.now();
            growing.life(asked, now);
        }
        assert_eq!(growing.life(asked, end), expected);
        growing.life(asked, end / 2);
        assert_eq!(growing.life(asked, end), expected);
    }
}

#[test]
fn what_the_log_has_forgotten_is_said_and_totals_are_not() {
    let batches = many(1);
    let whole = history(&batches, usize::MAX).picture(&view(60)).life.unwrap();
    let mut short = history(&batches, 20_000);
    let life = short.picture(&view(60)).life.unwrap();
    assert_eq!((life.polls, life.wakes, life.spawned), (whole.polls, whole.wakes, whole.spawned));
    assert_eq!(life.lengths.max, whole.lengths.max);
    let forgotten = life.forgotten.unwrap();
    assert!(sum(&life.strip, LifePart::Unknown) >= forgotten - MILLI);
    assert!(life.lengths.counts.iter().sum::<u64>() < life.polls);
    // What was gone through while the log still had it makes no difference.
    let mut growing = History::new(Log::new(20_000));
    for batch in &batches {
        growing.append(&mut batch.clone());
        growing.picture(&view(60));
    }
    assert_eq!(growing.picture(&view(60)).life.unwrap(), life);
}

#[test]
fn a_life_ends_and_is_known_after_it_is_forgotten() {
    let mut batches = script();
    let mut last = Batch::default();
    last.extend(1, &[poll(90 * MILLI, MICRO, Outcome::Ready)]);
    for other in 0..300 {
        event(&mut last, 91 * MILLI, task(1000 + other, "other", None));
        last.extend(1, &[Record::new(92 * MILLI, Fact::Dropped { task: 1000 + other })]);
    }
    batches.push(closed(last, 100 * MILLI));
    let life = history(&batches, usize::MAX).picture(&view(60)).life.unwrap();
    assert_eq!((life.state, life.name.as_deref()), (None, Some("child")));
    assert_eq!((life.polls, life.wakes, life.to), (4, 3, 90 * MILLI));
    assert_eq!(life.strip.iter().map(LifeCell::whole).sum::<Nanos>(), 89 * MILLI);
}
