//! An event of every kind, for tests: nothing else knows it.

use super::{
    Coverage, Event, JobKind, JobQueued, OsSample, OsState, OsTotals, Payload, ScenarioEvent, SchedulerSample,
    TaskBegan, TaskKind, ThreadBegan, ThreadKind,
};

/// At least one event of every variant, also of those inside, with values that are hard to keep.
pub(in crate::trace) fn every() -> Vec<Event> {
    let mut all = lab();
    all.extend(threads_and_tasks());
    all.extend(counts());
    all.extend(scenario());
    all
}

fn lab() -> Vec<Event> {
    let odd = Payload::of(&("http://[::1]:1/\"\u{1b}\n\u{fffd}", u64::MAX, [1.0 / 3.0], Option::<()>::None));
    vec![
        Event::LabBuilt { generation: 1, setup: Payload::default() },
        Event::LabBuilt { generation: u32::MAX, setup: odd.clone() },
        Event::LabLeft { generation: 1 },
        Event::SetupChanged(odd),
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
    ]
}

fn scenario() -> Vec<Event> {
    let plain = ScenarioEvent::new("test/count", &7);
    let named = ScenarioEvent::new("test/named", &("owner/name \u{202e}", "\u{0}{}[]", [f64::MAX, 1e-300]));
    [plain, named.about_tasks([3, 4]).about_threads([1])].map(|event| Event::Scenario(Box::new(event))).into()
}

#[cfg(test)]
/// Does not compile while it lacks a variant: add an event to [`every`] then.
fn name(event: &Event) -> &'static str {
    match event {
        Event::LabBuilt { .. } => "lab_built",
        Event::LabLeft { .. } => "lab_left",
        Event::SetupChanged(_) => "settings_changed",
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
        Event::Held { .. } => "held",
        Event::Released { .. } => "released",
        Event::Scenario(_) => "scenario",
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
    names.sort_unstable();
    let mut known = super::tagged::KNOWN.to_vec();
    known.sort_unstable();
    assert_eq!(names, known);
}
