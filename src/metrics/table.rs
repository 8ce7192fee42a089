//! The table of metrics: a metric is one row.
//!
//! Names are those of Prometheus. The facade's counters are whole numbers, so times that add up are counted in
//! nanoseconds; all else is in seconds. The values of every label are few and known, but for the names of queues, of
//! which the model counts a bounded number by name.

use metrics::Unit;
use pollscope_core::{
    model::meters::{Meters, QueueMeter, Spread, ThreadsMeter},
    trace::event::ThreadKind,
};

use super::seconds;

/// Values, each with those of its labels.
pub type Series<T> = Vec<(Vec<String>, T)>;

/// A metric.
///
/// ```
/// use pollscope::metrics::METRICS;
///
/// let polls = METRICS.iter().find(|metric| metric.name == "pollscope_polls_total").unwrap();
/// assert!(polls.labels.is_empty() && polls.about.starts_with("Polls that have ended"));
/// ```
#[derive(Debug)]
pub struct Metric {
    /// Its name, as Prometheus shows it.
    pub name: &'static str,
    /// What its values are in.
    pub unit: Unit,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it says.
    pub about: &'static str,
    /// What it is, and how it is read.
    pub read: Read,
}

/// What a metric is, and how it is read.
///
/// ```
/// use pollscope::metrics::{METRICS, Read};
///
/// # let scope = pollscope::Scope::new()?;
/// let polls = METRICS.iter().find(|metric| metric.name == "pollscope_polls_total").unwrap();
/// let Read::Counter(read) = polls.read else { panic!("it is a {}", polls.read.name()) };
/// assert_eq!(read(&scope.link().meters().unwrap()), [(Vec::new(), 0)]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub enum Read {
    /// Never goes back.
    Counter(fn(&Meters) -> Series<u64>),
    /// What is so now.
    Gauge(fn(&Meters) -> Series<f64>),
    /// A distribution, in seconds, each time to 1%.
    Histogram(fn(&Meters) -> &Spread),
}

impl Read {
    /// In a word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Counter(_) => "counter",
            Self::Gauge(_) => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}

/// All metrics.
///
/// ```
/// for metric in pollscope::metrics::METRICS {
///     println!("{}, a {}: {}", metric.name, metric.read.name(), metric.about);
///     assert!(metric.name.starts_with("pollscope_"));
/// }
/// ```
pub const METRICS: &[Metric] = &[
    Metric {
        name: "pollscope_tasks_spawned_total",
        unit: Unit::Count,
        labels: &[],
        about: "Tasks that were spawned under a probe.",
        read: Read::Counter(|it| alone(it.tasks.spawned)),
    },
    Metric {
        name: "pollscope_tasks_ended_total",
        unit: Unit::Count,
        labels: &["how"],
        about: "Tasks that have ended: completed, failed (panicked), cancelled (dropped before they were ready), unseen (known from spans alone).",
        read: Read::Counter(|it| {
            let tasks = &it.tasks;
            let seen = [("completed", tasks.completed), ("failed", tasks.failed), ("cancelled", tasks.cancelled)];
            by(seen.into_iter().chain([("unseen", tasks.closed)]))
        }),
    },
    Metric {
        name: "pollscope_tasks",
        unit: Unit::Count,
        labels: &["state"],
        about: "Tasks that are alive, by what they are in now.",
        read: Read::Gauge(tasks_now),
    },
    Metric {
        name: "pollscope_polls_total",
        unit: Unit::Count,
        labels: &[],
        about: "Polls that have ended, nested ones not counted.",
        read: Read::Counter(|it| alone(it.polls.count)),
    },
    Metric {
        name: "pollscope_poll_nanoseconds_total",
        unit: Unit::Nanoseconds,
        labels: &["state"],
        about: "Time in polls that have ended: under 1 ms (short); of longer ones asleep (blocked), on the CPU (hogged), \
                without a core (no_core), or not measured (unknown).",
        read: Read::Counter(poll_time),
    },
    Metric {
        name: "pollscope_poll_seconds",
        unit: Unit::Seconds,
        labels: &[],
        about: "How long polls took that ended since the first export.",
        read: Read::Histogram(|it| &it.polled),
    },
    Metric {
        name: "pollscope_ready_seconds",
        unit: Unit::Seconds,
        labels: &[],
        about: "From wake to poll: how long tasks were ready and nobody polled them.",
        read: Read::Histogram(|it| &it.ready),
    },
    Metric {
        name: "pollscope_pulse_lateness_seconds",
        unit: Unit::Seconds,
        labels: &[],
        about: "How late each due time of the pulse ran.",
        read: Read::Histogram(|it| &it.late),
    },
    Metric {
        name: "pollscope_pulse_overdue_seconds",
        unit: Unit::Seconds,
        labels: &[],
        about: "How late the pulse is now: the age of its oldest due time that has not run.",
        read: Read::Gauge(|it| alone(seconds(it.late_now))),
    },
    Metric {
        name: "pollscope_workers",
        unit: Unit::Count,
        labels: &["state"],
        about: "Workers of the Tokio runtime, by what they are in now; long polls are those of 10 ms and more.",
        read: Read::Gauge(workers_now),
    },
    Metric {
        name: "pollscope_thread_nanoseconds_total",
        unit: Unit::Nanoseconds,
        labels: &["kind", "state"],
        about: "Time of threads in polls, in jobs, and in the runtime itself, when it is over.",
        read: Read::Counter(thread_time),
    },
    Metric {
        name: "pollscope_thread_cpu_nanoseconds_total",
        unit: Unit::Nanoseconds,
        labels: &["kind"],
        about: "CPU time of threads; absent where it is not measured.",
        read: Read::Counter(|it| measured(it.threads.iter().map(|(kind, of)| (*kind, of.cpu)))),
    },
    Metric {
        name: "pollscope_thread_no_core_nanoseconds_total",
        unit: Unit::Nanoseconds,
        labels: &["kind"],
        about: "Time in which threads were ready and had no core; absent where it is not measured.",
        read: Read::Counter(|it| measured(it.threads.iter().map(|(kind, of)| (*kind, of.no_core)))),
    },
    Metric {
        name: "pollscope_findings_total",
        unit: Unit::Count,
        labels: &["rule"],
        about: "How often each rule fired: once for each stretch in which it held.",
        read: Read::Counter(|it| by(it.findings.map(|(rule, fired, _)| (rule.name(), fired)))),
    },
    Metric {
        name: "pollscope_finding_active",
        unit: Unit::Count,
        labels: &["rule"],
        about: "Whether a rule holds now, or did half a second ago: 1 or 0.",
        read: Read::Gauge(|it| by(it.findings.map(|(rule, _, holds)| (rule.name(), f64::from(u8::from(holds)))))),
    },
    Metric {
        name: "pollscope_queue_sent_total",
        unit: Unit::Count,
        labels: &["queue"],
        about: "Items that went into queues of this name.",
        read: Read::Counter(|it| queues(it, |queue| queue.sent)),
    },
    Metric {
        name: "pollscope_queue_received_total",
        unit: Unit::Count,
        labels: &["queue"],
        about: "Items that came out.",
        read: Read::Counter(|it| queues(it, |queue| queue.received)),
    },
    Metric {
        name: "pollscope_queue_blocked_nanoseconds_total",
        unit: Unit::Nanoseconds,
        labels: &["queue"],
        about: "Time that threads waited for room, when it is over.",
        read: Read::Counter(|it| queues(it, |queue| queue.blocked)),
    },
    Metric {
        name: "pollscope_queue_depth",
        unit: Unit::Count,
        labels: &["queue"],
        about: "Items in queues now.",
        read: Read::Gauge(|it| queues(it, |queue| queue.depth as f64)),
    },
    Metric {
        name: "pollscope_queue_capacity",
        unit: Unit::Count,
        labels: &["queue"],
        about: "Items that queues hold at most; those without a bound are not counted.",
        read: Read::Gauge(|it| queues(it, |queue| queue.capacity as f64)),
    },
    Metric {
        name: "pollscope_records_total",
        unit: Unit::Count,
        labels: &[],
        about: "Records and events of the trace.",
        read: Read::Counter(|it| alone(it.emitted)),
    },
    Metric {
        name: "pollscope_records_lost_total",
        unit: Unit::Count,
        labels: &[],
        about: "Records and events that found no room: where it grows, all else is too low.",
        read: Read::Counter(|it| alone(it.lost)),
    },
];

fn alone<T>(value: T) -> Series<T> {
    vec![(Vec::new(), value)]
}

fn by<'a, T>(values: impl IntoIterator<Item = (&'a str, T)>) -> Series<T> {
    values.into_iter().map(|(label, value)| (named(label), value)).collect()
}

fn named(label: &str) -> Vec<String> {
    vec![label.to_owned()]
}

fn queues<T>(it: &Meters, of: impl Fn(&QueueMeter) -> T) -> Series<T> {
    it.queues.iter().map(|queue| (named(&queue.name), of(queue))).collect()
}

fn poll_time(it: &Meters) -> Series<u64> {
    let polls = &it.polls;
    by([
        ("blocked", polls.blocked),
        ("hogged", polls.hogged),
        ("no_core", polls.no_core),
        ("short", polls.short),
        ("unknown", polls.unknown),
    ])
}

fn tasks_now(it: &Meters) -> Series<f64> {
    let tasks = &it.tasks_now;
    let counts = [
        ("blocked", tasks.blocked),
        ("hogged", tasks.hogged),
        ("no_core", tasks.no_core),
        ("polling", tasks.polling),
        ("ready", tasks.ready),
        ("held", tasks.held),
        ("asleep", tasks.asleep),
    ];
    by(counts.map(|(state, count)| (state, f64::from(count))))
}

fn workers_now(it: &Meters) -> Series<f64> {
    let workers = &it.workers_now;
    let counts = [
        ("blocked", workers.blocked),
        ("hogged", workers.hogged),
        ("no_core", workers.no_core),
        ("unknown", workers.unknown),
        ("polling", workers.polling),
        ("job", workers.job),
        ("runtime", workers.runtime),
        ("parked", workers.parked),
    ];
    by(counts.map(|(state, count)| (state, f64::from(count))))
}

fn thread_time(it: &Meters) -> Series<u64> {
    let of_kind = |(kind, of): (&ThreadKind, &ThreadsMeter)| {
        let states = [("polling", of.polling), ("job", of.job), ("runtime", of.runtime)];
        let kind = kind_name(*kind);
        states.map(|(state, time)| (vec![kind.to_owned(), state.to_owned()], time))
    };
    it.threads.iter().flat_map(of_kind).collect()
}

fn measured(times: impl Iterator<Item = (ThreadKind, Option<u64>)>) -> Series<u64> {
    times.filter_map(|(kind, time)| time.map(|time| (named(kind_name(kind)), time))).collect()
}

fn kind_name(kind: ThreadKind) -> &'static str {
    match kind {
        ThreadKind::Worker => "worker",
        ThreadKind::Blocking => "blocking",
        ThreadKind::Rayon => "rayon",
        ThreadKind::Scenario => "other",
        ThreadKind::Server => "server",
        ThreadKind::Observer => "observer",
    }
}
