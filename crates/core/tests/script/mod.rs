//! Scripted traces: a few lines of events in, batches out. No clock, no thread, no sleep takes part.
//!
//! A script is a text of lines `TIME THREAD EVENT …`, times in milliseconds with fractions; the words are
//! those of [`line`].

use std::sync::Arc;

use pollscope_core::trace::{
    clock::{MILLI, Nanos},
    event::{
        Event, JobKind, JobQueued, OsSample, OsState, OsTotals, Payload, Stamped, TaskBegan, TaskKind, ThreadBegan,
        ThreadKind,
    },
    log::Batch,
    record::{Doing, Fact, Outcome, Record, ThreadId},
};

/// A script is looked at at the first of these instants after its last line: 1 s, 2 s, …
const END: Nanos = 1000 * MILLI;

fn ms(word: &str) -> Nanos {
    (word.parse::<f64>().unwrap() * MILLI as f64).round() as Nanos
}

fn id(word: &str) -> u32 {
    word.trim_matches(|letter: char| !letter.is_ascii_digit()).parse().unwrap()
}

enum Item {
    Event(Event),
    Fact(Fact),
}

/// The words of a script.
fn line(thread: ThreadId, words: &[&str]) -> Item {
    let event = |event| Item::Event(event);
    let task = |word: &str, kind, parent: Option<&&str>| {
        event(Event::Task(TaskBegan {
            task: id(word),
            name: Arc::from(word),
            kind,
            parent: parent.map(|word| id(word)),
        }))
    };
    match words {
        ["lab", generation @ ..] => {
            let setup = Payload::default();
            event(Event::LabBuilt { generation: generation.first().map_or(1, |it| id(it)), setup })
        }
        ["left", generation] => event(Event::LabLeft { generation: id(generation) }),
        ["worker", "none"] => Item::Fact(Fact::Worker { index: None }),
        ["worker", index] => Item::Fact(Fact::Worker { index: Some(id(index)) }),
        ["thread", kind, generation @ ..] => {
            let generation = generation.first().map_or(1, |it| id(it));
            let own = *kind == "host";
            let kind = match *kind {
                "worker" | "host" => ThreadKind::Worker,
                "blocking" => ThreadKind::Blocking,
                "rayon" => ThreadKind::Rayon,
                _ => ThreadKind::Scenario,
            };
            event(Event::Thread(ThreadBegan {
                thread,
                name: Arc::from("tokio"),
                kind,
                os_id: None,
                generation,
                parks: true,
                own,
            }))
        }
        ["ended"] => event(Event::ThreadEnded { thread, cpu: None, waited: None }),
        ["task", name] => task(name, TaskKind::Task, None),
        ["sub", name, parent] => task(name, TaskKind::Sub, Some(parent)),
        ["job", name, by] => event(Event::Job(JobQueued {
            job: id(name),
            name: Arc::from(*name),
            kind: JobKind::Blocking,
            by: Some(id(by)),
        })),
        ["pulse", first, period] => event(Event::PulseStarted { task: 999, first_due: ms(first), period: ms(period) }),
        ["beat", count, late] => Item::Fact(Fact::Pulse { count: id(count), late: ms(late) }),
        ["poll", name, took, how @ ..] => {
            let outcome = match how.first() {
                Some(&"ready") => Outcome::Ready,
                Some(&"panicked") => Outcome::Panicked,
                Some(&"handed-over") => Outcome::HandedOver,
                _ => Outcome::Pending,
            };
            let nested = how.contains(&"nested");
            Item::Fact(Fact::Poll { task: id(name), took: ms(took), outcome, nested })
        }
        ["ran", name, took] => Item::Fact(Fact::Job { job: id(name), took: ms(took), panicked: false, nested: false }),
        ["spent", cpu, waited] => {
            Item::Fact(Fact::Spent { cpu_us: (ms(cpu) / 1000) as u32, waited_us: Some((ms(waited) / 1000) as u32) })
        }
        ["open", name, age] => Item::Fact(Fact::Open { what: id(name), age: ms(age), doing: Doing::Poll }),
        ["part", name, age] => Item::Fact(Fact::Part { what: id(name), age: ms(age), doing: Doing::Poll }),
        ["wake", name, by] => Item::Fact(Fact::Wake { task: id(name), by: id(by), by_ref: true }),
        ["wakers", name, count] => Item::Fact(Fact::Wakers { task: id(name), alive: id(count) }),
        ["held", name] => event(Event::Held { task: id(name) }),
        ["released", name] => event(Event::Released { task: id(name) }),
        ["drop", name] => Item::Fact(Fact::Dropped { task: id(name) }),
        ["queue", name, capacity] => {
            event(Event::Queue { queue: id(name), name: Arc::from(*name), capacity: id(capacity) })
        }
        ["sent", name, depth] => Item::Fact(Fact::Sent { queue: id(name), depth: id(depth) }),
        ["received", name, depth] => Item::Fact(Fact::Received { queue: id(name), depth: id(depth) }),
        ["lost", count] => Item::Fact(Fact::Lost { count: id(count) }),
        ["park"] => Item::Fact(Fact::Park),
        ["unpark"] => Item::Fact(Fact::Unpark { cpu_us: 0 }),
        ["os", cpu, state] => {
            let state = if *state == "asleep" { OsState::Asleep } else { OsState::Runnable };
            event(Event::Os(OsSample { thread, cpu: ms(cpu), state, base: None }))
        }
        ["totals", cpu, waited] => {
            let (cpu, waited) = (ms(cpu), Some(ms(waited)));
            event(Event::OsTotals(OsTotals { thread, cpu, waited, voluntary: 0, involuntary: 0 }))
        }
        other => panic!("no such words: {other:?}"),
    }
}

/// The script's events and records, in batches of so many milliseconds.
pub(crate) fn batches(script: &str, length: Nanos) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    let mut upto = 0;
    let mut batch = Batch::default();
    for text in script.lines().filter(|text| !text.trim().is_empty() && !text.starts_with('#')) {
        let words: Vec<_> = text.split_whitespace().collect();
        let (at, thread) = (ms(words[0]), id(words[1]));
        while at >= upto + length {
            upto += length;
            batch.close(upto);
            batches.push(std::mem::take(&mut batch));
        }
        match line(thread, &words[2..]) {
            Item::Event(event) => batch.push(Stamped { at, event }),
            Item::Fact(fact) => batch.extend(thread, &[Record::new(at, fact)]),
        }
    }
    let end = (upto + length).div_ceil(END) * END;
    while upto < end {
        upto += length;
        batch.close(upto);
        batches.push(std::mem::take(&mut batch));
    }
    batches
}
