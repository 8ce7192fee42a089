//! What is wrong, in findings and in the sentence under the picture.

use crate::trace::clock::Nanos;

/// A rule that fired.
///
/// ```
/// # let scope = pollscope::Scope::new()?;
/// for finding in scope.findings().into_iter().filter(|finding| finding.active) {
///     println!("{} ({:?}, {:?}): {}", finding.rule.name(), finding.task, finding.thread, finding.text);
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "fuzzing"), non_exhaustive)]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// Whose fault: a task's name, untrusted.
    pub task: Option<String>,
    /// Where one part of it is most of it, as a future, a span or a job inside the task's own: its name, untrusted.
    pub part: Option<String>,
    /// Where: a thread's label.
    pub thread: Option<String>,
    /// When it fired first.
    pub since: Nanos,
    /// When it began to hold the last time.
    pub began: Nanos,
    /// When it was seen to hold last.
    pub seen: Nanos,
    /// Which of all the times that something was found this is, from 1.
    pub number: u64,
    /// How long it has held, all times added.
    pub lasted: Nanos,
    /// It holds now.
    pub active: bool,
    /// What is wrong, who suffers and what to do, in a sentence or two.
    pub text: String,
}

/// The rules that fire. The order is that of their weight.
///
/// ```
/// use pollscope::Rule;
///
/// assert_eq!(Rule::BlockedWorker.name(), "blocked-worker");
/// assert!(Rule::BlockedWorker < Rule::FullQueue, "the worse one comes first");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Rule {
    /// A worker is in a poll, asleep.
    BlockedWorker,
    /// A worker is in a long poll, on the CPU.
    HoggedWorker,
    /// Tasks are ready and nobody is free.
    StarvedTasks,
    /// The pulse is late.
    LatePulse,
    /// Threads wait for a core.
    Oversubscribed,
    /// Nobody can wake a pending task.
    UnwakeableTask,
    /// A task wakes itself without end.
    SpinningTask,
    /// The blocking pool grows.
    GrowingBlockingPool,
    /// A queue is full and somebody waits.
    FullQueue,
}

impl Rule {
    /// All rules, in their order.
    pub const ALL: [Self; 9] = [
        Self::BlockedWorker,
        Self::HoggedWorker,
        Self::StarvedTasks,
        Self::LatePulse,
        Self::Oversubscribed,
        Self::UnwakeableTask,
        Self::SpinningTask,
        Self::GrowingBlockingPool,
        Self::FullQueue,
    ];

    /// As reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::BlockedWorker => "blocked-worker",
            Self::HoggedWorker => "hogged-worker",
            Self::StarvedTasks => "starved-tasks",
            Self::LatePulse => "late-pulse",
            Self::Oversubscribed => "oversubscribed",
            Self::UnwakeableTask => "unwakeable-task",
            Self::SpinningTask => "spinning-task",
            Self::GrowingBlockingPool => "growing-blocking-pool",
            Self::FullQueue => "full-queue",
        }
    }

    /// The rule in words, as a dashboard's heading has it.
    ///
    /// ```
    /// assert_eq!(pollscope::Rule::UnwakeableTask.title(), "nobody can wake it");
    /// ```
    pub fn title(self) -> &'static str {
        match self {
            Self::BlockedWorker => "blocked worker",
            Self::HoggedWorker => "hogged worker",
            Self::StarvedTasks => "starved tasks",
            Self::LatePulse => "late pulse",
            Self::Oversubscribed => "oversubscribed",
            Self::UnwakeableTask => "nobody can wake it",
            Self::SpinningTask => "spinning task",
            Self::GrowingBlockingPool => "growing blocking pool",
            Self::FullQueue => "full queue",
        }
    }
}

/// What helps, where a key of the dashboard does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Go back to a wait that does not block.
    StopBlocking,
    /// Go on with another compute strategy.
    MoveCompute,
    /// Add a worker.
    MoreWorkers,
    /// Take a worker away.
    FewerWorkers,
    /// Nothing is wrong: block, to see what happens.
    TryBlocking,
}

/// One or two sentences about the whole picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sentence {
    /// What you are seeing.
    pub lead: String,
    /// Why, and who suffers.
    pub rest: String,
    /// What to press.
    pub remedy: Option<Remedy>,
    /// How bad it is.
    pub mood: Mood,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// Nothing is wrong.
    #[default]
    Calm,
    /// Something costs.
    Warning,
    /// Somebody is stopped.
    Alarm,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_rule_is_left_out() {
        let place = |rule: Rule| match rule {
            Rule::BlockedWorker => 0,
            Rule::HoggedWorker => 1,
            Rule::StarvedTasks => 2,
            Rule::LatePulse => 3,
            Rule::Oversubscribed => 4,
            Rule::UnwakeableTask => 5,
            Rule::SpinningTask => 6,
            Rule::GrowingBlockingPool => 7,
            // Whoever adds one adds it here, too, and one more to all.
            Rule::FullQueue => 8,
        };
        assert_eq!(Rule::ALL.map(place), std::array::from_fn(|place| place));
        assert_eq!(place(Rule::FullQueue) + 1, Rule::ALL.len());
    }
}
