//! Scripted traces through the fold: a few lines of events in, exact figures out (`tests/script`).

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod script;

use std::{fmt::Write as _, fs, path::Path};

use pollscope_core::{
    model::{Model, history::History, picture::View},
    trace::{
        clock::{MILLI, Nanos},
        log::Log,
    },
};
use script::batches;

/// The figures of a model, as lines.
fn figures(model: &Model) -> String {
    let picture = model.picture(&View { window: 1000 * MILLI, tasks: (0, 20), ..View::default() });
    let summary = model.summary();
    let mut text = String::new();
    let polls = &summary.polls;
    writeln!(
        text,
        "polls {} longest {:.3} over10 {} blocked {:.3} hogged {:.3} no-core {:.3} short {:.3} unknown {:.3}",
        polls.count,
        polls.longest_ms,
        polls.over_10ms,
        polls.blocked_ms,
        polls.hogged_ms,
        polls.runnable_ms,
        polls.short_ms,
        polls.unknown_ms
    )
    .unwrap();
    writeln!(
        text,
        "pulse ticks {} worst {:.3} late now {}",
        summary.pulse.ticks,
        summary.pulse.late_max_ms,
        picture.pulse.late_now / MILLI
    )
    .unwrap();
    writeln!(text, "ready longest {:.3} most {}", summary.ready.max_ms, summary.ready.most_ready).unwrap();
    writeln!(text, "counts {:?}", picture.counts).unwrap();
    for lane in &picture.lanes {
        writeln!(text, "lane {} busy {:.0}% {:?}", lane.label, lane.busy * 100.0, lane.now).unwrap();
    }
    for task in &picture.tasks {
        writeln!(
            text,
            "task {}{} {:?} polls {} wakes {} self {} ready {:.3} moved {} on {}",
            "  ".repeat(task.depth.into()),
            task.name,
            task.state,
            task.polls,
            task.wakes,
            task.self_wakes,
            task.longest_ready as f64 / MILLI as f64,
            task.migrations,
            task.thread.as_deref().unwrap_or("-")
        )
        .unwrap();
    }
    for finding in &summary.findings {
        let part = finding.part.as_ref().map_or_else(String::new, |part| format!("{part} of "));
        let who = finding.task.as_deref().or(finding.thread.as_deref()).unwrap_or("-");
        writeln!(text, "finding {} {part}{who} since {:.3} for {:.3}", finding.rule, finding.since_ms, finding.for_ms)
            .unwrap();
    }
    writeln!(text, "says {} {}", picture.sentence.lead, picture.sentence.rest).unwrap();
    text
}

fn folded(script: &str, length: Nanos) -> String {
    let mut model = Model::default();
    for batch in batches(script, length) {
        model.apply(&batch);
    }
    figures(&model)
}

const SCRIPTS: &[&str] = &[
    "blocked",
    "hogged",
    "unwakeable",
    "held",
    "in-place",
    "oversubscribed",
    "no-core",
    "busy-cores",
    "growing-pool",
    "steady-pool",
    "two-labs",
    "parts",
    "hosted",
];

fn check(name: &str) {
    let script =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/traces").join(format!("{name}.txt")))
            .unwrap();
    insta::assert_snapshot!(name, folded(&script, 1000 * MILLI));
}

#[test]
fn two_blocked_workers_starve_the_rest() {
    check("blocked");
}

#[test]
fn a_hogged_worker_is_no_blocked_one() {
    check("hogged");
}

#[test]
fn a_task_that_nobody_can_wake() {
    check("unwakeable");
}

#[test]
fn a_part_that_is_most_of_a_poll_is_named() {
    check("parts");
}

#[test]
fn a_runtime_that_its_thread_has_left_is_not_blocked() {
    check("hosted");
}

#[test]
fn long_polls_come_with_the_losses_of_their_time() {
    let mut history = History::within(1 << 24, Log::new);
    let script = "0 0 lab\n0.1 1 thread worker\n0.1 1 worker 0\n10 1 poll a1 5\n20 1 lost 3\n30 1 poll a1 5\n";
    for mut batch in batches(script, 100 * MILLI) {
        history.append(&mut batch);
    }
    let of = |after: Nanos| history.long_polls(after * MILLI, MILLI);
    assert_eq!((of(5).polls.len(), of(5).lost), (2, 3));
    assert_eq!((of(25).polls.len(), of(25).lost), (1, 0));
}

#[test]
fn time_at_a_gate_is_neither_ready_nor_asleep() {
    check("held");
}

#[test]
fn block_in_place_is_a_job_and_no_block() {
    check("in-place");
}

#[test]
fn threads_that_wait_for_a_core_longer_than_they_run() {
    check("oversubscribed");
    check("no-core");
}

#[test]
fn threads_that_take_turns_on_busy_cores_are_not_too_many() {
    check("busy-cores");
}

#[test]
fn a_blocking_pool_grows_while_it_has_more_jobs_than_before() {
    check("growing-pool");
    check("steady-pool");
}

#[test]
fn the_pulse_of_a_lab_that_was_left_is_not_that_of_the_next() {
    check("two-labs");
}

#[test]
fn without_workers_it_is_said_what_there_is() {
    let says = |script: &str| {
        let text = folded(script, 1000 * MILLI);
        text.lines().find_map(|line| line.strip_prefix("says ")).unwrap().trim().to_owned()
    };
    assert_eq!(says("0 0 lab"), "The lab is being built.");
    let plain = "0 0 lab\n1 1 thread scenario";
    assert_eq!(says(plain), "There is no Tokio runtime here: plain threads do it all.");
    assert_eq!(says(&format!("{plain}\n9 1 ended")), "The run is over: its threads have ended.");
    assert_eq!(says(&format!("{plain}\n9 1 ended\n10 0 lab 2")), "The lab is being built.");
}

#[test]
fn how_the_log_is_cut_into_batches_changes_nothing() {
    for name in SCRIPTS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/traces").join(format!("{name}.txt"));
        let script = fs::read_to_string(path).unwrap();
        let whole = folded(&script, 1000 * MILLI);
        for length in [100 * MILLI, 500 * MILLI] {
            assert_eq!(folded(&script, length), whole, "{name} in batches of {} ms", length / MILLI);
        }
    }
}
