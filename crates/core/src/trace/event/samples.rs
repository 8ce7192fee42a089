//! An event of every kind, for tests: nothing else knows it.

use std::{sync::Arc, time::Duration};

use super::{
    ClientCounters, Coverage, Event, JobKind, JobQueued, Listing, NearDuplicate, OsSample, OsState, OsTotals, Phase,
    RepoResult, ResultState, RowChange, SchedulerSample, Settings, TaskBegan, TaskKind, ThreadBegan, ThreadKind,
};
use crate::trace::{
    lesson::{Curve, Expectation, LessonEvent},
    settings::{Compute, Flavor, Source, Wait},
};

/// At least one event of every variant, also of those inside, with values that are hard to keep.
pub(in crate::trace) fn every() -> Vec<Event> {
    let mut all = lab();
    all.extend(threads_and_tasks());
    all.extend(counts());
    all.extend(rows());
    all.extend(lesson().into_iter().map(|told| Event::Lesson(Box::new(told))));
    all
}

fn lab() -> Vec<Event> {
    let odd = Settings {
        source: Source::Github,
        api_url: Some("http://[::1]:1/\"\u{1b}\n\u{fffd}".into()),
        wait: Wait::BlockInPlace,
        compute: Compute::SpawnBlocking,
        flavor: Flavor::CurrentThread,
        workers: 1,
        rayon_threads: u16::MAX,
        blocking_threads: Some(3),
        concurrency: 0,
        pause: Duration::new(1, 1),
        latency: Duration::MAX,
        seed: u64::MAX,
        max_pages: Some(0),
        max_bytes: u64::MAX,
        max_redirects: 0,
        ca_cert: None,
        max_wait: Duration::from_nanos(999_999_999),
        timeout: Duration::ZERO,
        once: true,
        every: Some(Duration::from_micros(1_234_567)),
    };
    vec![
        Event::LabBuilt { generation: 1, settings: Box::default() },
        Event::LabBuilt { generation: u32::MAX, settings: Box::new(odd.clone()) },
        Event::LabLeft { generation: 1 },
        Event::SettingsChanged(Box::new(odd)),
    ]
}

fn threads_and_tasks() -> Vec<Event> {
    use {JobKind as J, TaskKind as T, ThreadKind as K};
    let threads = [K::Worker, K::Blocking, K::Rayon, K::Scenario, K::Server, K::Observer];
    let thread = |kind| ThreadBegan {
        thread: 1,
        name: "tokio-1".into(),
        kind,
        os_id: Some(77),
        generation: 2,
        parks: true,
        own: false,
    };
    let unnamed = ThreadBegan {
        thread: 0,
        name: "".into(),
        kind: K::Server,
        os_id: None,
        generation: 0,
        parks: false,
        own: false,
    };
    let tasks = [T::Task, T::Sub, T::Pulse];
    let task = |kind| TaskBegan { task: 5, name: "näme \u{1f980}".into(), kind, parent: Some(4) };
    let jobs = [J::Blocking, J::InPlace, J::Rayon, J::Split, J::Thread];
    let job = |kind| JobQueued { job: 6, name: "a,b\"c\\".into(), kind, by: None };
    let states = [OsState::Runnable, OsState::Asleep, OsState::Stopped];
    let sample = |state| OsSample { thread: 1, cpu: u64::MAX, state, base: Some((1, 2)) };
    let mut all: Vec<_> = threads.into_iter().map(|kind| Event::Thread(thread(kind))).collect();
    all.push(Event::Thread(unnamed));
    all.extend(tasks.into_iter().map(|kind| Event::Task(task(kind))));
    all.extend(jobs.into_iter().map(|kind| Event::Job(job(kind))));
    all.extend(states.into_iter().map(|state| Event::Os(sample(state))));
    all.extend([
        Event::ThreadEnded { thread: 1, cpu: Some(u64::MAX), waited: None },
        Event::Task(TaskBegan { task: 1, name: "t".into(), kind: T::Task, parent: None }),
        Event::Nested { task: 3, parent: 1 },
        Event::Job(JobQueued { job: 6, name: "j".into(), kind: J::Split, by: Some(1) }),
        Event::Os(OsSample { thread: 1, cpu: 0, state: OsState::Asleep, base: None }),
        Event::OsTotals(OsTotals { thread: 1, cpu: 2, waited: Some(3), voluntary: 4, involuntary: 5 }),
        Event::Held { task: 5 },
        Event::Released { task: 5 },
    ]);
    all
}

fn counts() -> Vec<Event> {
    vec![
        Event::Queue { queue: 1, name: "queue".into(), capacity: 8 },
        Event::QueueEnded { queue: 1 },
        Event::PulseStarted { task: 1, first_due: 2, period: 3 },
        Event::PulseStopped { task: 1 },
        Event::Process { cpu: 1, rss: u64::MAX },
        Event::AliveTasks { count: 7 },
        Event::Coverage(Coverage { every_task: true, scheduler: false }),
        Event::Scheduler(Box::new(SchedulerSample {
            global_queue: 1,
            local_queues: vec![2, 0],
            steals: 3,
            forced_yields: 4,
        })),
        Event::ProbeCost { nanos: 0.1 + 0.2 },
        Event::ProbeCost { nanos: f64::MIN_POSITIVE / 3.0 },
        Event::ProbeCost { nanos: -0.0 },
        Event::ProbeCost { nanos: f64::MAX },
        Event::ProbeCost { nanos: f64::NAN },
        Event::EventsLost { count: u64::MAX },
        Event::ToldAnew,
        Event::Round { number: 1 },
        Event::RoundDone,
        Event::Client(ClientCounters { bytes: 1, requests: 2, retries: 3, not_modified: 4, unread_answers: 5 }),
    ]
}

fn rows() -> Vec<Event> {
    let phases = [Phase::Network, Phase::Pause, Phase::Done];
    let states = [ResultState::Ok, ResultState::Failed, ResultState::Empty, ResultState::IssuesDisabled];
    let mut all: Vec<_> = phases.into_iter().map(|phase| RowChange::Phase(Listing::Issues, phase)).collect();
    all.extend(states.into_iter().map(|state| RowChange::Done(Arc::new(result(state)))));
    all.extend([
        RowChange::Queued { name: "owner/name".into() },
        RowChange::Started { task: 3 },
        RowChange::Page { listing: Listing::Pulls, done: 1, pages: Some(2), cut: true },
        RowChange::Page { listing: Listing::Issues, done: 1, pages: None, cut: false },
        RowChange::AwaitsPermit,
        RowChange::Analysed { share: 1.0 / 3.0 },
        RowChange::Delivers,
    ]);
    all.into_iter().map(|change| Event::Row { row: 9, change }).collect()
}

fn result(state: ResultState) -> RepoResult {
    RepoResult {
        repo: "owner/name".into(),
        renamed_from: Some("old/name".into()),
        issues: 1,
        pulls: u64::MAX,
        state,
        reason: None,
        cut: true,
        near_duplicates: vec![NearDuplicate { a: 1, b: 2, similarity: 0.7 / 0.9 }],
        labels: vec![("bug: \u{202e}".into(), 3)],
        words: vec![("word".into(), 1e-300), ("odd".into(), f64::NAN)],
        open_days_median: Some(2.0 / 3.0),
        close_days_median: None,
    }
}

fn lesson() -> Vec<LessonEvent> {
    vec![
        LessonEvent::Began { name: "wakers".into(), run: 2 },
        LessonEvent::Part { label: "part".into() },
        LessonEvent::Printed { line: "line\n{}[]\u{0}".into() },
        LessonEvent::Told { of: "future".into(), now: "asleep".into() },
        LessonEvent::Stole { from: 1, to: 2 },
        LessonEvent::Waits { before: "the next".into() },
        LessonEvent::GoesOn,
        LessonEvent::Measured(Expectation { text: "t".into(), measured: "3 ms".into(), holds: Some(true) }),
        LessonEvent::Curve(Curve { name: "n".into(), over: "o".into(), points: vec![(1.0, 1e21), (f64::NAN, 0.3)] }),
        LessonEvent::Over { halted: Some("why".into()) },
        LessonEvent::Over { halted: None },
        LessonEvent::Left,
    ]
}

#[cfg(test)]
/// Does not compile while it lacks a variant: add an event to [`every`] then.
fn name(event: &Event) -> &'static str {
    match event {
        Event::LabBuilt { .. } => "lab_built",
        Event::LabLeft { .. } => "lab_left",
        Event::SettingsChanged(_) => "settings_changed",
        Event::Thread(_) => "thread",
        Event::ThreadEnded { .. } => "thread_ended",
        Event::Task(_) => "task",
        Event::Nested { .. } => "nested",
        Event::Job(_) => "job",
        Event::Queue { .. } => "queue",
        Event::QueueEnded { .. } => "queue_ended",
        Event::PulseStarted { .. } => "pulse_started",
        Event::PulseStopped { .. } => "pulse_stopped",
        Event::Os(_) => "os",
        Event::OsTotals(_) => "os_totals",
        Event::Process { .. } => "process",
        Event::AliveTasks { .. } => "alive_tasks",
        Event::Coverage(_) => "coverage",
        Event::Scheduler(_) => "scheduler",
        Event::ProbeCost { .. } => "probe_cost",
        Event::EventsLost { .. } => "events_lost",
        Event::ToldAnew => "told_anew",
        Event::Round { .. } => "round",
        Event::RoundDone => "round_done",
        Event::Row { change, .. } => match change {
            RowChange::Queued { .. }
            | RowChange::Started { .. }
            | RowChange::Phase(..)
            | RowChange::Page { .. }
            | RowChange::AwaitsPermit
            | RowChange::Analysed { .. }
            | RowChange::Delivers
            | RowChange::Done(_) => "row",
        },
        Event::Client(_) => "client",
        Event::Held { .. } => "held",
        Event::Released { .. } => "released",
        Event::Lesson(told) => match **told {
            LessonEvent::Began { .. }
            | LessonEvent::Part { .. }
            | LessonEvent::Printed { .. }
            | LessonEvent::Told { .. }
            | LessonEvent::Stole { .. }
            | LessonEvent::Waits { .. }
            | LessonEvent::GoesOn
            | LessonEvent::Measured(_)
            | LessonEvent::Curve(_)
            | LessonEvent::Over { .. }
            | LessonEvent::Left => "lesson",
        },
    }
}

#[test]
fn every_event_comes_back_from_json() {
    for event in every() {
        let json = serde_json::to_string(&super::Stamped { at: 7, event: event.clone() }).unwrap();
        let back: super::Stamped = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{json}: {error}"));
        assert_eq!(format!("{:?}", back.event), format!("{event:?}"), "{json}");
        assert!(json.contains(&format!("\"{}\"", name(&event))), "{json}");
    }
}

#[test]
fn no_variant_is_left_out() {
    let mut names: Vec<_> = every().iter().map(name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 28);
}
