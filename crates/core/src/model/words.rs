//! What findings say, and the sentence under the picture: made of what was measured, to be read aloud.

use super::{
    findings::{Fired, blocking_jobs, observer_at_fault},
    picture::{Finding, Mood, Remedy, Rule, Sentence, TaskCounts},
    poll_class::PollClass,
    state::State,
    thread::Thread,
};
use crate::trace::{
    clock::{MILLI, Nanos, SECOND},
    event::ThreadKind,
};

/// A duration as a sentence says it.
pub(super) fn spoken(nanos: Nanos) -> String {
    match nanos {
        0..MILLI => format!("{:.1} ms", nanos as f64 / MILLI as f64),
        MILLI..SECOND => format!("{} ms", nanos / MILLI),
        _ => format!("{:.1} s", nanos as f64 / SECOND as f64),
    }
}

fn number(count: usize) -> String {
    const WORDS: [&str; 13] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    WORDS.get(count).map_or_else(|| count.to_string(), |word| (*word).to_owned())
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `one task`, `six tasks`.
fn counted(count: usize, thing: &str) -> String {
    format!("{} {thing}{}", number(count), if count == 1 { "" } else { "s" })
}

/// `both workers`, `all four workers`, `the only worker`, `one of two workers`.
fn of_workers(stuck: usize, all: usize) -> String {
    match (stuck, all) {
        (1, 1) => "the only worker".to_owned(),
        (2, 2) => "both workers".to_owned(),
        (stuck, all) if stuck == all => format!("all {} workers", number(all)),
        (stuck, all) => format!("{} of {} workers", number(stuck), number(all)),
    }
}

impl State {
    /// Findings for the screen: those that hold, the worst first, then the latest of the past.
    pub(super) fn findings(&self, at: Nanos) -> Vec<Finding> {
        let mut fired: Vec<_> = self.findings.iter().collect();
        fired.sort_by_key(|it| (!it.is_active(at), it.rule, std::cmp::Reverse(it.worst)));
        fired.into_iter().map(|it| self.finding(it, at)).collect()
    }

    fn finding(&self, fired: &Fired, at: Nanos) -> Finding {
        let label = fired.thread.and_then(|thread| self.threads.get(thread)).map(Thread::label);
        Finding {
            rule: fired.rule,
            task: fired.task.as_deref().map(str::to_owned),
            part: fired.part.as_deref().map(str::to_owned),
            text: finding_text(fired, label.as_deref()),
            thread: label,
            since: fired.since,
            began: fired.began(),
            seen: fired.seen(),
            number: fired.number,
            lasted: fired.lasted(),
            active: fired.is_active(at),
        }
    }

    /// The sentence: of the weightiest rule that holds, else of the calm.
    pub(super) fn sentence(&self, at: Nanos, counts: &TaskCounts, idle: f32) -> Sentence {
        let worst = self.findings.iter().filter(|it| it.is_active(at)).min_by_key(|it| it.rule);
        match worst {
            Some(fired) => self.alarm(fired, at, counts),
            None => self.calm(counts, idle),
        }
    }

    fn alarm(&self, fired: &Fired, at: Nanos, counts: &TaskCounts) -> Sentence {
        let workers = self.workers().count();
        let name = fired.task.as_deref().unwrap_or("a task");
        let suffering = self.suffering(at, counts);
        let (lead, rest, remedy, mood) = match fired.rule {
            Rule::BlockedWorker => {
                (self.stuck(PollClass::Blocked, workers, fired, at), suffering, self.unblock(), Mood::Alarm)
            }
            Rule::HoggedWorker => {
                (self.stuck(PollClass::CpuBound, workers, fired, at), suffering, Some(Remedy::MoveCompute), Mood::Alarm)
            }
            Rule::StarvedTasks => {
                ("Tasks are ready and nobody is free to poll them.".to_owned(), suffering, None, Mood::Alarm)
            }
            Rule::LatePulse => (
                format!("The pulse was {} late.", spoken(fired.worst)),
                "Whatever a task waits for, it is told of it that late.".to_owned(),
                None,
                Mood::Warning,
            ),
            Rule::Oversubscribed => {
                let fault = observer_at_fault(self).map_or_else(
                    || "There are more busy threads than cores: they take turns.".to_owned(),
                    |thread| format!("Pollscope's own thread {thread} uses most of a core."),
                );
                ("Threads are ready and wait for a core.".to_owned(), fault, Some(Remedy::FewerWorkers), Mood::Warning)
            }
            Rule::UnwakeableTask => (
                format!("Nobody can wake {name}."),
                "It is pending, and no waker of it is left that another keeps. It will hang until it is dropped."
                    .to_owned(),
                None,
                Mood::Alarm,
            ),
            Rule::SpinningTask => (
                format!("{name} wakes itself without end."),
                "Each poll asks for the next one at once: it uses a worker and waits for nothing.".to_owned(),
                None,
                Mood::Warning,
            ),
            Rule::GrowingBlockingPool => (
                format!("The blocking pool grows: it has {}, more than before.", counted(blocking_jobs(self), "job")),
                "The workers are free: every job costs a thread instead, up to the pool's limit, and then waits."
                    .to_owned(),
                None,
                Mood::Warning,
            ),
            Rule::FullQueue => (
                format!("The queue {name} is full, and its sender waits."),
                "That is back-pressure: who produces faster than others consume is held up, and memory stays bounded."
                    .to_owned(),
                None,
                Mood::Calm,
            ),
        };
        Sentence { lead, rest, remedy, mood }
    }

    fn unblock(&self) -> Option<Remedy> {
        self.scenarios.offer(Remedy::StopBlocking).then_some(Remedy::StopBlocking)
    }

    /// Who is stuck: `Both workers sleep inside a poll.`
    fn stuck(&self, class: PollClass, workers: usize, fired: &Fired, at: Nanos) -> String {
        let is_stuck = |it: &Thread| it.poll().is_some_and(|open| open.class(at) == class);
        let stuck = self.workers().filter(|(_, it)| is_stuck(it)).count();
        let verb = match (class, stuck) {
            (PollClass::Blocked, 1) => "sleeps",
            (PollClass::Blocked, _) => "sleep",
            (_, 1) => "computes",
            _ => "compute",
        };
        match (stuck, fired.part.as_deref().or(fired.task.as_deref())) {
            (0, Some(name)) => format!("{name} held its worker for up to {}.", spoken(fired.worst)),
            (0, None) => format!("A worker was held for up to {}.", spoken(fired.worst)),
            _ => format!("{} {verb} inside a poll.", capitalised(&of_workers(stuck, workers))),
        }
    }

    /// Who suffers: `Six tasks were woken and nobody is free to poll them; the pulse is 412 ms late.`
    fn suffering(&self, at: Nanos, counts: &TaskCounts) -> String {
        let late = self.pulse.late(at);
        let pulse = (late >= self.pulse.period && late > 0).then(|| format!("the pulse is {} late", spoken(late)));
        let free = self.stuck_workers() < self.workers().count();
        let waiting = match counts.ready as usize {
            0 => None,
            1 if free => Some("one task waits for the workers that are left".to_owned()),
            ready if free => Some(format!("{} wait for the workers that are left", counted(ready, "task"))),
            1 => Some("one task was woken and nobody is free to poll it".to_owned()),
            ready => Some(format!("{} were woken and nobody is free to poll them", counted(ready, "task"))),
        };
        match (waiting, pulse) {
            (Some(waiting), Some(pulse)) => format!("{}; {pulse} for every task.", capitalised(&waiting)),
            (Some(one), None) => format!("{}.", capitalised(&one)),
            (None, Some(pulse)) => format!("{} for every task: timers and answers wait.", capitalised(&pulse)),
            (None, None) if self.stuck_workers() == 0 => {
                "Whoever was woken meanwhile waited until it ended.".to_owned()
            }
            (None, None) => "Whoever is woken now waits until that poll ends.".to_owned(),
        }
    }

    /// What is seen while no worker is alive.
    fn without_workers(&self) -> &'static str {
        let is_theirs = |it: &Thread| {
            it.generation == self.generation && !matches!(it.kind, ThreadKind::Observer | ThreadKind::Server)
        };
        let theirs = self.threads.iter().map(|(_, it)| it).filter(|it| is_theirs(it));
        match theirs.map(|it| it.ended.is_none()).reduce(|any, this| any || this) {
            None if self.generation > 0 => "The lab is being built.",
            None => "Nothing has been seen yet.",
            Some(true) => "There is no Tokio runtime here: plain threads do it all.",
            Some(false) => "The run is over: its threads have ended.",
        }
    }

    fn calm(&self, counts: &TaskCounts, idle: f32) -> Sentence {
        let workers = self.workers().count();
        if workers == 0 {
            return Sentence { lead: self.without_workers().to_owned(), ..Sentence::default() };
        }
        let words = self.scenarios.words();
        let rest = words
            .waiting
            .unwrap_or("A task that waits holds no thread: it is woken when its answer or its timer comes.");
        let tasks = capitalised(&counted(counts.alive as usize, "task"));
        let share_verb = if counts.alive == 1 { "has" } else { "share" };
        let share = (idle * 100.0).round();
        let lead = match (counts.alive, workers, words.one_thread) {
            (0, ..) => words.idle.unwrap_or("No task is alive.").to_owned(),
            (_, 1, true) => {
                format!("{tasks} {share_verb} one thread, and it is idle {share}% of the time.")
            }
            (_, 1, _) => format!("{tasks} {share_verb} one worker, and it is idle {share}% of the time."),
            _ => format!(
                "{tasks} {share_verb} {} workers, and the workers are idle {share}% of the time.",
                number(workers)
            ),
        };
        let remedy = self.scenarios.offer(Remedy::TryBlocking).then_some(Remedy::TryBlocking);
        Sentence { lead, rest: rest.to_owned(), remedy, mood: Mood::Calm }
    }
}

fn finding_text(fired: &Fired, thread: Option<&str>) -> String {
    let task = fired.task.as_deref().unwrap_or("code that no probe sees");
    let (who, whose) = match fired.part.as_deref() {
        Some(part) => (part, format!(" of {task}")),
        None => (task, String::new()),
    };
    let thread = thread.unwrap_or("a worker");
    let worst = fired.worst;
    match fired.rule {
        Rule::BlockedWorker => format!(
            "{who} slept inside a poll{whose} on {thread}, for up to {}, and kept its worker: no other task ran there. Await an async sleep, or move the blocking call to spawn_blocking.",
            spoken(worst)
        ),
        Rule::HoggedWorker => format!(
            "{who} computed inside a poll{whose} on {thread}, for up to {}: no other task ran there. Move the computation to Rayon or spawn_blocking, or yield.",
            spoken(worst)
        ),
        Rule::StarvedTasks => format!(
            "Up to {worst} tasks were ready while every worker was inside a long poll. Free the workers: more of them only hide it."
        ),
        Rule::LatePulse => format!(
            "A timer that was due ran up to {} late: so does every timer and every answer on this runtime. Look for the poll that held it up.",
            spoken(worst)
        ),
        Rule::Oversubscribed => {
            // In less than a second there is no average over one.
            let many = match worst {
                0..10 => String::new(),
                _ => format!(": {:.1} of them at a time, on average over a second at worst", worst as f64 / 100.0),
            };
            format!("Threads were ready and got no core{many}. Use no more computing threads than cores.")
        }
        Rule::UnwakeableTask => format!(
            "{task} is pending and nobody keeps a waker of it: it hangs. Its future must hand the waker to whoever will have news. (A waker that a task keeps itself would hide this.)"
        ),
        Rule::SpinningTask => format!(
            "{task} woke itself {worst} times: it is polled as fast as a worker can. Wake when there is news, or wait for a timer."
        ),
        Rule::GrowingBlockingPool => format!(
            "The blocking pool grew to {worst} jobs, at work or in line. Each at work costs a thread: bound the number, or wait asynchronously."
        ),
        Rule::FullQueue => format!(
            "The queue {task} was full and {thread} waited for up to {}: back-pressure. Consume faster, or accept the pace.",
            spoken(worst)
        ),
    }
}
