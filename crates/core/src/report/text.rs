//! The report that a person enjoys reading: what was found first, then the figures behind it.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use crate::{
    model::{
        picture::filling,
        summary::{Summary, ThreadLine},
    },
    text::clean,
    trace::event::{SchedulerSample, ThreadKind},
};

/// The widest line.
const WIDTH: usize = 100;
/// Cells of a thread's bar.
const BAR: usize = 24;

/// The whole text.
pub(super) fn render(summary: &Summary) -> String {
    let mut text = String::new();
    // Writing to a string never fails.
    let _ = sections(summary, &mut text);
    // Names come from outside, also those in findings.
    text.lines().flat_map(|line| [clean(line), "\n".into()]).collect()
}

fn sections(summary: &Summary, out: &mut String) -> std::fmt::Result {
    heading(summary, out)?;
    findings(summary, out)?;
    figures(summary, out)?;
    threads(summary, out)?;
    scheduler(summary, out)?;
    queues(summary, out)?;
    scenarios(summary, out)
}

fn heading(summary: &Summary, out: &mut String) -> std::fmt::Result {
    let Some(setup) = summary.heading() else {
        // Of a program of another's: nobody said how it is set up.
        let has_run = !summary.threads.is_empty();
        let words = if has_run { format!("{} s\n", seconds(summary.elapsed_ms)) } else { "Nothing ran.".to_owned() };
        return writeln!(out, "{words}");
    };
    writeln!(out, "{setup} · {} s\n", seconds(summary.elapsed_ms))
}

fn findings(summary: &Summary, out: &mut String) -> std::fmt::Result {
    if summary.findings.is_empty() {
        return writeln!(out, "Nothing was found: no task kept a worker, and nobody waited for one.\n");
    }
    writeln!(out, "What was found")?;
    // Many tasks at fault for the same are one story: the worst is told, the others are counted.
    let mut rest = &summary.findings[..];
    while let Some(first) = rest.first() {
        let same = rest.iter().take_while(|finding| finding.rule == first.rule).count();
        writeln!(out, "  {} · {} ms in all", first.rule, whole(rest[..same].iter().map(|it| it.for_ms).sum()))?;
        paragraph(&first.text, out)?;
        if same > 1 {
            writeln!(out, "    And {} more like it.", same - 1)?;
        }
        rest = &rest[same..];
    }
    writeln!(out)
}

fn paragraph(text: &str, out: &mut String) -> std::fmt::Result {
    wrap(text, WIDTH - 4).iter().try_for_each(|line| writeln!(out, "    {line}"))
}

/// Lines of at most that many characters, where words allow it.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A name from outside in a column: as wide as a terminal shows it.
pub fn padded(name: &str, width: usize) -> String {
    let name = clean(name);
    format!("{name}{}", " ".repeat(width.saturating_sub(name.width())))
}

fn figures(summary: &Summary, out: &mut String) -> std::fmt::Result {
    let (polls, pulse, ready, tasks) = (&summary.polls, &summary.pulse, &summary.ready, &summary.tasks);
    let unseen = if tasks.closed > 0 { format!(" · {} ended unseen", tasks.closed) } else { String::new() };
    writeln!(
        out,
        "tasks    {} spawned · {} completed · {} failed · {} cancelled{unseen}",
        tasks.spawned, tasks.completed, tasks.failed, tasks.cancelled
    )?;
    writeln!(
        out,
        "polls    {} · longest {} ms · {} of 10 ms or more",
        polls.count,
        fine(polls.longest_ms),
        polls.over_10ms
    )?;
    writeln!(
        out,
        "         asleep in a poll {} ms · on the CPU {} ms · no core {} ms · short {} ms · unknown {} ms",
        measured(polls.blocked()),
        measured(polls.hogged()),
        measured(polls.runnable()),
        whole(polls.short_ms),
        whole(polls.unknown_ms)
    )?;
    writeln!(
        out,
        "pulse    due every {} ms · late: median {} ms, 99% {} ms, worst {} ms",
        whole(pulse.period_ms),
        fine(pulse.late_p50_ms),
        fine(pulse.late_p99_ms),
        fine(pulse.late_max_ms)
    )?;
    writeln!(
        out,
        "ready    from wake to poll: median {} ms, 99% {} ms, worst {} ms · longest run queue {}",
        fine(ready.p50_ms),
        fine(ready.p99_ms),
        fine(ready.max_ms),
        ready.most_ready
    )?;
    writeln!(
        out,
        "process  CPU {} ms, of which Pollscope's own threads {} ms · {} events, {} lost\n",
        measured(summary.process.cpu_ms),
        measured(summary.process.scope_cpu_ms),
        summary.events.emitted,
        summary.events.lost
    )
}

fn threads(summary: &Summary, out: &mut String) -> std::fmt::Result {
    let name_width = summary.threads.iter().map(|thread| clean(&thread.name).width()).max().unwrap_or(0).max(7);
    writeln!(
        out,
        "{:name_width$}  {:BAR$} {:>10} {:>10} {:>10} {:>10} {:>10}",
        "threads", "", "polls ms", "jobs ms", "runtime ms", "CPU ms", "no core ms"
    )?;
    for thread in &summary.threads {
        writeln!(
            out,
            "{}  {} {:>10} {:>10} {:>10} {:>10} {:>10}",
            padded(&thread.name, name_width),
            bar(thread),
            whole(thread.polling_ms),
            whole(thread.job_ms),
            measured(thread.runtime_ms),
            measured(thread.on_cpu_ms),
            measured(thread.waiting_for_core_ms)
        )?;
    }
    writeln!(out)
}

/// How much of a thread's life went where: `#` polls, `=` jobs, `-` runtime, `·` idle; nothing where that is not known.
fn bar(thread: &ThreadLine) -> String {
    if matches!(thread.kind, ThreadKind::Server | ThreadKind::Observer) {
        return " ".repeat(BAR);
    }
    let Some((runtime, parked)) = thread.runtime_ms.zip(thread.parked_ms) else { return " ".repeat(BAR) };
    let life = (thread.polling_ms + thread.job_ms + runtime + parked).max(f64::MIN_POSITIVE);
    let mut bar = String::new();
    let mut upto = 0.0;
    for (sign, part) in [('#', thread.polling_ms), ('=', thread.job_ms), ('-', runtime)] {
        upto += part;
        let end = (upto / life * BAR as f64).round() as usize;
        while bar.chars().count() < end {
            bar.push(sign);
        }
    }
    while bar.chars().count() < BAR {
        bar.push('·');
    }
    bar
}

fn scheduler(summary: &Summary, out: &mut String) -> std::fmt::Result {
    let Some(SchedulerSample { global_queue, local_queues, steals, forced_yields }) = summary.scheduler.as_deref()
    else {
        return Ok(());
    };
    let local: Vec<_> = local_queues.iter().map(u32::to_string).collect();
    writeln!(
        out,
        "runtime  {global_queue} in the global queue · {} in local ones · {steals} stolen · {forced_yields} forced to yield\n",
        local.join(", ")
    )
}

fn queues(summary: &Summary, out: &mut String) -> std::fmt::Result {
    if summary.queues.is_empty() {
        return Ok(());
    }
    let queues: Vec<_> = summary
        .queues
        .iter()
        .map(|queue| {
            format!(
                "{} {} (senders waited {} ms)",
                queue.name,
                filling(queue.deepest, queue.capacity),
                whole(queue.blocked_ms)
            )
        })
        .collect();
    writeln!(out, "queues   deepest: {}\n", queues.join(" · "))
}

fn scenarios(summary: &Summary, out: &mut String) -> std::fmt::Result {
    summary.sections.iter().try_for_each(|section| out.write_str(&section.text()))
}

fn whole(ms: f64) -> String {
    format!("{ms:.0}")
}

fn fine(ms: f64) -> String {
    if ms < 100.0 { format!("{ms:.1}") } else { whole(ms) }
}

fn seconds(ms: f64) -> String {
    format!("{:.1}", ms / 1e3)
}

fn measured(ms: Option<f64>) -> String {
    ms.map_or_else(|| "not measured".to_owned(), whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_as_wide_as_a_terminal_shows_it() {
        for name in ["worker", "\u{1b}[31mred", "寿限無", "e\u{301}\u{301}\u{301}\u{301}", "\u{202e}\u{200b}"] {
            assert_eq!(padded(name, 12).width(), 12, "{name:?}");
        }
    }
}
