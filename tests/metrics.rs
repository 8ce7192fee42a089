//! What is exported through the `metrics` facade: exact figures from scripted traces, and a scrape of a real exporter.

#![cfg(feature = "metrics")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../examples/metrics.rs"]
#[expect(dead_code, reason = "a test calls what its main does")]
mod example;
#[path = "../crates/core/tests/script/mod.rs"]
mod script;

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use pollscope::metrics::{METRICS, Read, Teller};
use pollscope_core::{
    model::{Model, meters::Meters},
    trace::clock::{MILLI, Nanos},
};
use script::batches;

/// What a recorder was told since the last look, by name and labels.
fn told(snapshotter: &Snapshotter) -> BTreeMap<String, DebugValue> {
    let series = snapshotter.snapshot().into_vec().into_iter().map(|(key, _, _, value)| {
        let labels = key.key().labels().map(|label| format!(" {}={}", label.key(), label.value()));
        (format!("{}{}", key.key().name(), labels.collect::<String>()), value)
    });
    series.collect()
}

/// The meters of a script after each of its batches, of so many milliseconds.
fn meters(script: &str, length: Nanos) -> Vec<Meters> {
    let mut model = Model::default();
    model.meters();
    let after = |batch| {
        model.apply(&batch);
        model.meters()
    };
    batches(script, length).into_iter().map(after).collect()
}

/// What a recorder is told of a script, batch by batch.
fn told_of(script: &str, length: Nanos) -> Vec<BTreeMap<String, DebugValue>> {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let mut teller = Teller::default();
    let tell = |meters| {
        teller.tell(&recorder, &meters);
        told(&snapshotter)
    };
    meters(script, length).into_iter().map(tell).collect()
}

fn traces() -> Vec<String> {
    let folder = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/core/tests/traces")).unwrap();
    folder.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
}

fn counter(value: &DebugValue) -> Option<u64> {
    if let DebugValue::Counter(count) = value { Some(*count) } else { None }
}

/// Of so many tasks each is spawned, polled twice, and ends in its own way.
const TASKS: &str = "0 0 lab
0.1 1 thread worker
0.1 1 worker 0
1 1 queue q1 8
1 1 task a1
1 1 task a2
1 1 task a3
2 1 poll a1 0.5
3 1 wake a1 0
4 1 poll a1 0.5 ready
25 1 spent 2 3
25 1 poll a2 20 panicked
26 1 sent q1 1
27 1 sent q1 2
28 1 received q1 1
29 1 drop a3
30 1 lost 7
";

#[test]
fn counts_are_exact() {
    let told = told_of(TASKS, 1000 * MILLI).pop().unwrap();
    let count = |name: &str| counter(&told[name]).unwrap();
    assert_eq!(count("pollscope_tasks_spawned_total"), 3);
    let how = ["completed", "failed", "cancelled"].map(|how| count(&format!("pollscope_tasks_ended_total how={how}")));
    assert_eq!(how, [1, 1, 1]);
    assert_eq!(count("pollscope_polls_total"), 3);
    let time = |state: &str| count(&format!("pollscope_poll_nanoseconds_total state={state}"));
    let states = ["blocked", "hogged", "no_core", "short", "unknown"].map(time);
    assert_eq!(states, [15 * MILLI, 2 * MILLI, 3 * MILLI, MILLI, 0]);
    assert_eq!(count("pollscope_thread_nanoseconds_total kind=worker state=polling"), 21 * MILLI);
    assert_eq!(count("pollscope_findings_total rule=blocked-worker"), 1);
    assert_eq!(count("pollscope_findings_total rule=hogged-worker"), 0);
    let queue = ["sent", "received"].map(|way| count(&format!("pollscope_queue_{way}_total queue=q1")));
    assert_eq!(queue, [2, 1]);
    assert_eq!(told["pollscope_queue_depth queue=q1"], DebugValue::Gauge(1.0.into()));
    assert_eq!(told["pollscope_queue_capacity queue=q1"], DebugValue::Gauge(8.0.into()));
    assert_eq!(count("pollscope_records_lost_total"), 7);
}

#[test]
fn what_is_so_now_is_that_of_now() {
    let told = told_of(&traces_named("blocked")[..], 200 * MILLI).swap_remove(0);
    let gauge = |name: &str| match told[name] {
        DebugValue::Gauge(value) => value.0,
        _ => panic!("{name} is no gauge"),
    };
    // At 200 ms both workers sleep in polls, the third task is ready, and due times since 50 ms have not run.
    assert_eq!(gauge("pollscope_workers state=blocked").to_bits(), 2.0_f64.to_bits());
    assert_eq!(gauge("pollscope_tasks state=blocked").to_bits(), 2.0_f64.to_bits());
    assert_eq!(gauge("pollscope_tasks state=ready").to_bits(), 1.0_f64.to_bits());
    assert_eq!(gauge("pollscope_pulse_overdue_seconds").to_bits(), 0.15_f64.to_bits());
    assert_eq!(gauge("pollscope_finding_active rule=blocked-worker").to_bits(), 1.0_f64.to_bits());
}

fn traces_named(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("crates/core/tests/traces/{name}.txt")))
        .unwrap()
}

#[test]
fn every_time_is_recorded_once() {
    // Told every 100 ms or once at the end: the same times, each as often as it came.
    let all = |length| {
        let mut times: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for (name, value) in told_of(&traces_named("blocked"), length).into_iter().flatten() {
            if let DebugValue::Histogram(samples) = value {
                times.entry(name).or_default().extend(samples.iter().map(|it| (it.0 * 1e9) as u64));
            }
        }
        for times in times.values_mut() {
            times.sort_unstable();
        }
        times
    };
    let (often, once) = (all(100 * MILLI), all(1000 * MILLI));
    assert_eq!(often, once);
    let expected: &[(&str, &[u64])] = &[
        ("pollscope_poll_seconds", &[100_000, 50_000, 399_900_000]),
        // Since a1, a2 and a3 were spawned at 1 ms: 1.1, 1.5 (a2 in flight), 0.9; a3 again from 60 to 402.15.
        ("pollscope_ready_seconds", &[900_000, 1_100_000, 1_500_000, 342_150_000]),
        ("pollscope_pulse_lateness_seconds", &[2_500_000, 52_500_000, 102_500_000, 152_500_000, 202_500_000]),
    ];
    for (name, some) in expected {
        for time in *some {
            let near = |it: &&u64| it.abs_diff(*time) <= time / 100;
            assert_eq!(once[*name].iter().filter(near).count(), 1, "{name}: {time} in {:?}", once[*name]);
        }
    }
    assert_eq!(once["pollscope_pulse_lateness_seconds"].len(), 8);
}

#[test]
fn counts_never_go_back() {
    let again = "1000 0 lab 2
1000.1 3 thread worker 2
1000.1 3 worker 0
1001 3 queue q1 8
1001 3 task b4
1003 3 poll b4 0.5 ready
1004 3 sent q1 1
";
    for script in traces().into_iter().chain([format!("{TASKS}{again}")]) {
        let mut before: BTreeMap<String, u64> = BTreeMap::new();
        let (mut recorded, mut samples) = (BTreeMap::<String, u64>::new(), 0);
        for meters in meters(&script, 10 * MILLI) {
            for metric in METRICS {
                match metric.read {
                    Read::Counter(read) => {
                        for (labels, count) in read(&meters) {
                            let name = format!("{} {labels:?}", metric.name);
                            let last = before.insert(name.clone(), count).unwrap_or(0);
                            assert!(count >= last, "{name} went from {last} to {count}");
                        }
                    }
                    Read::Histogram(read) => {
                        let count = read(&meters).iter().map(|(_, count)| count).sum();
                        let last = recorded.insert(metric.name.to_owned(), count).unwrap_or(0);
                        assert!(count >= last, "{} went from {last} to {count}", metric.name);
                        samples += count;
                    }
                    Read::Gauge(_) => {}
                }
            }
        }
        assert!(!before.is_empty() && (samples > 0 || !script.contains("beat")));
    }
}

#[test]
fn a_lab_adds_to_those_before_it() {
    let later = |line: &str| {
        let (at, rest) = line.split_once(' ').unwrap();
        format!("{} {rest}\n", at.parse::<f64>().unwrap() + 1000.0)
    };
    let again: String = TASKS.replace(" lab", " lab 2").lines().map(later).collect();
    let both = meters(&format!("{TASKS}{again}"), 1000 * MILLI).pop().unwrap();
    let (one, two) = (meters(TASKS, 1000 * MILLI).pop().unwrap(), both);
    assert_eq!((two.tasks.spawned, two.polls.count), (2 * one.tasks.spawned, 2 * one.polls.count));
    assert_eq!(two.polls.blocked, 2 * one.polls.blocked);
    assert_eq!((two.queues[0].sent, two.queues[0].capacity), (2 * one.queues[0].sent, one.queues[0].capacity));
    let count = |spread: &[(Nanos, u64)]| spread.iter().map(|(_, count)| count).sum::<u64>();
    assert_eq!((count(&two.ready), count(&two.polled)), (2 * count(&one.ready), 2 * count(&one.polled)));
}

#[test]
fn names_of_queues_are_bounded() {
    let mut script = "0 0 lab\n".to_owned();
    for queue in 1..=1000 {
        let long = "x".repeat(queue % 100);
        writeln!(script, "1 1 queue {queue}{long} 8\n2 1 sent {queue} 1").unwrap();
    }
    let meters = meters(&script, 1000 * MILLI).pop().unwrap();
    assert_eq!(meters.queues.len(), 65);
    assert!(meters.queues.iter().all(|queue| queue.name.chars().count() <= 64));
    assert_eq!((&*meters.queues[64].name, meters.queues[64].sent), ("other", 1000 - 64));
    assert_eq!(meters.queues.iter().map(|queue| queue.capacity).sum::<u64>(), 8000);
}

#[test]
fn the_table_of_the_document_is_that_of_the_code() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md")).unwrap();
    let documented: Vec<_> = text.lines().filter(|line| line.starts_with("| `pollscope_")).collect();
    let row = |metric: &pollscope::metrics::Metric| {
        let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        let unit = metric.unit.as_str();
        format!("| `{}` | {} | {unit} | {} | {} |", metric.name, metric.read.name(), labels.join(", "), metric.about)
    };
    let rows: Vec<_> = METRICS.iter().map(row).collect();
    assert_eq!(documented, rows, "docs/metrics.md should have:\n{}", rows.join("\n"));
}

#[test]
fn a_real_exporter_is_scraped() {
    let text = example::scraped().unwrap();
    let value = |series: &str| -> f64 {
        let line =
            text.lines().find_map(|line| line.strip_prefix(series)).unwrap_or_else(|| panic!("no {series}: {text}"));
        line.trim().parse().unwrap()
    };
    assert_eq!(value("pollscope_tasks_spawned_total ") as u64, 33);
    assert_eq!(value("pollscope_tasks_ended_total{how=\"completed\"} ") as u64, 33);
    let polls = ["pollscope_poll_seconds_count ", "pollscope_polls_total "].map(|series| value(series) as u64);
    assert_eq!(polls[0], polls[1]);
    if pollscope::probe::TELLS_ASLEEP {
        assert!(value("pollscope_poll_nanoseconds_total{state=\"blocked\"} ") > 0.0);
    }
    // There is no queue in it, and what the threads used is not measured everywhere.
    let is_there = |labels: &[&str]| labels != ["queue"] && (labels != ["kind"] || pollscope::probe::TELLS_ASLEEP);
    for metric in METRICS.iter().filter(|metric| is_there(metric.labels)) {
        assert!(text.contains(&format!("# TYPE {} {}", metric.name, metric.read.name())), "{}", metric.name);
    }
}
