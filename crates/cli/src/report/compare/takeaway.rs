//! The sentence under a comparison: which run was done first, who paid for the slowest or latest, and why.

use pollscope_core::model::summary::Summary;

/// Makespans that differ by less than this ratio are told as equal.
const SAME: f64 = 1.1;
/// A pulse that is late by less than this is on time, milliseconds: its own period.
const ON_TIME: f64 = 50.0;

/// What to take away from the runs.
pub(super) fn takeaway(labels: &[String], runs: &[Summary]) -> String {
    let all: Vec<_> = labels.iter().zip(runs).collect();
    let by = |figure: fn(&Summary) -> f64| {
        let order = |a: &&(&String, &Summary), b: &&(&String, &Summary)| figure(a.1).total_cmp(&figure(b.1));
        all.iter().min_by(order).zip(all.iter().max_by(order))
    };
    let (Some((first, last)), Some((calm, late))) = (by(|it| it.elapsed_ms), by(|it| it.pulse.late_max_ms)) else {
        return "Nothing ran.".to_owned();
    };
    if runs.len() == 1 {
        return "This is one run: give an option several values, as in --wait async,blocking, to compare.".to_owned();
    }
    format!("{} {}", duration(*first, *last), lateness(*calm, *late))
}

type Named<'r> = (&'r String, &'r Summary);

fn duration(first: Named<'_>, last: Named<'_>) -> String {
    let ratio = last.1.elapsed_ms / first.1.elapsed_ms.max(f64::MIN_POSITIVE);
    let seconds = first.1.elapsed_ms / 1e3;
    if ratio < SAME {
        return format!("All runs took about as long: {seconds:.2} s to {:.2} s.", last.1.elapsed_ms / 1e3);
    }
    format!("'{}' was done first, in {seconds:.2} s; '{}' took {ratio:.1} times as long.", first.0, last.0)
}

fn lateness(calm: Named<'_>, late: Named<'_>) -> String {
    let worst = late.1.pulse.late_max_ms;
    if worst < ON_TIME {
        return format!("No run kept the others waiting: the pulse was late by {worst:.0} ms at worst.");
    }
    format!(
        "The pulse was late by {worst:.0} ms at worst with '{}', by {:.0} ms with '{}': {}.",
        late.0,
        calm.1.pulse.late_max_ms,
        calm.0,
        reason(late.1)
    )
}

/// Where the polls of a run spent most of their time, in the run's own numbers.
fn reason(run: &Summary) -> String {
    let polls = &run.polls;
    let causes = [
        (polls.blocked_ms, "its polls were asleep for"),
        (polls.hogged_ms, "its polls were on the CPU for"),
        (polls.runnable_ms, "its polls waited for a core for"),
        (polls.unknown_ms, "nothing tells how its long polls spent"),
    ];
    let most = causes.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or(causes[0]);
    // A poll that makes the pulse late lasts as long as that: less time in long polls is no explanation.
    if most.0 < run.pulse.late_max_ms {
        return "no poll of this run lasted long enough to explain it".to_owned();
    }
    format!("{} {:.0} ms in all, and nobody else ran on those workers meanwhile", most.1, most.0)
}
