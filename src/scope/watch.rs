//! What has been found from an instant on, for programs and for tests of theirs.

use std::{fmt, time::Duration};

use pollscope_core::{
    model::{
        long_polls::{LongPoll, LongPolls, SHORTEST},
        picture::{Finding, Rule},
    },
    trace::clock::{Nanos, nanos},
};

use super::{Link, collector::Ask};

/// Findings that may wait for whoever hears of them.
const WAITING: usize = 256;

/// A look at what happens from an instant on. It costs nothing until it is asked.
///
/// ```
/// use std::time::Duration;
///
/// let scope = pollscope::Scope::new()?;
/// let runtime = scope.runtime(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all())?;
/// let watch = scope.watch();
/// runtime.block_on(async {
///     tokio::spawn(pollscope::task("behaves", tokio::time::sleep(Duration::from_millis(2)))).await.unwrap();
/// });
/// watch.assert_no_worker_blocked(Duration::from_millis(100));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Watch {
    link: Link,
    from: Nanos,
}

/// Why it cannot be said that no worker was blocked.
///
/// ```
/// use std::{thread::sleep, time::Duration};
/// use pollscope::Blocked;
///
/// # let scope = pollscope::Scope::new()?;
/// # let runtime = scope.runtime(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all())?;
/// let watch = scope.watch();
/// let report = pollscope::task("report", async { sleep(Duration::from_millis(5)) });
/// runtime.block_on(runtime.spawn(report))?;
/// match watch.no_worker_blocked(Duration::from_millis(1)).unwrap_err() {
///     Blocked::By { polls, .. } => assert_eq!(polls[0].task, "report"),
///     why => panic!("{why}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Blocked {
    /// Some were.
    By {
        /// What none was to reach.
        limit: Duration,
        /// The polls that did it, by their ends. Where a poll's [`unknown`](LongPoll::unknown) part is over the limit, the
        /// system does not tell sleep from work.
        polls: Vec<LongPoll>,
        /// Blocked workers that no poll of the scope explains, in words.
        unseen: Vec<String>,
    },
    /// The log has forgotten a part of that time: a longer one (`Scope::start`) or a shorter time will do.
    Forgotten,
    /// So many records and events of that time found no room, and a long poll may be among them: a shorter time, or fewer
    /// probes in what runs all the time, will do.
    Lost(u64),
    /// The scope has ended.
    Ended,
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::By { limit, polls, unseen } => {
                write!(f, "a worker was blocked for more than {} ms", limit.as_secs_f64() * 1e3)?;
                polls.iter().try_for_each(|poll| write!(f, "\n  {poll}"))?;
                unseen.iter().try_for_each(|words| write!(f, "\n  {words}"))
            }
            Self::Forgotten => f.write_str(
                "the log has forgotten a part of that time: start the scope with a longer history, or watch a shorter time",
            ),
            Self::Lost(count) => write!(
                f,
                "{count} records of that time were lost, more than could be drained: watch a shorter time, or probe less of what \
                 runs all the time"
            ),
            Self::Ended => f.write_str("the scope has ended: watch while it runs"),
        }
    }
}

impl std::error::Error for Blocked {}

impl Link {
    /// A look at what happens from now on.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let watch = scope.link().watch();
    /// drop(scope);
    /// assert!(watch.long_polls(std::time::Duration::from_millis(1)).is_none(), "the scope has ended");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn watch(&self) -> Watch {
        Watch { link: self.clone(), from: self.probes().clock().now() }
    }

    /// What was found so far, the worst first of what holds now; kept in a bounded number. Empty when the scope has ended.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let link = scope.link();
    /// drop(scope);
    /// assert!(link.findings().is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn findings(&self) -> Vec<Finding> {
        self.ask(Ask::Findings).unwrap_or_default()
    }

    /// Each finding from now on, as soon as it is one, and again when it holds anew. It can be awaited and, on a thread,
    /// waited for. Who does not receive misses what comes while 256 wait; it ends with the scope.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let (link, mut findings) = (scope.link(), scope.link().stream());
    /// drop(scope);
    /// while let Some(finding) = findings.blocking_recv() {
    ///     println!("{}", finding.text);
    /// }
    /// assert!(link.stream().blocking_recv().is_none());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn stream(&self) -> tokio::sync::mpsc::Receiver<Finding> {
        let (found, stream) = tokio::sync::mpsc::channel(WAITING);
        // Where the collector is gone, the stream has ended.
        let _ = self.asks.send(Ask::Stream(found));
        stream
    }

    fn long_polls(&self, after: Nanos, at_least: Nanos) -> Option<LongPolls> {
        self.ask(|reply| Ask::LongPolls { after, at_least, reply })
    }
}

impl Watch {
    /// What was found since then, the worst first of what holds now.
    ///
    /// ```
    /// # let scope = pollscope::Scope::new()?;
    /// let watch = scope.watch();
    /// for finding in watch.findings() {
    ///     println!("{}: {}", finding.rule.name(), finding.text);
    /// }
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = self.link.findings();
        findings.retain(|finding| finding.seen >= self.from);
        findings
    }

    /// Polls on workers that ended since then, or have not, and took at least so long: a millisecond at least, since
    /// shorter ones are not split. None when the scope has ended.
    ///
    /// ```
    /// use std::{thread::sleep, time::Duration};
    ///
    /// # let scope = pollscope::Scope::new()?;
    /// # let runtime = scope.runtime(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all())?;
    /// let watch = scope.watch();
    /// let report = pollscope::task("report", async { sleep(Duration::from_millis(5)) });
    /// runtime.block_on(runtime.spawn(report))?;
    /// let long = watch.long_polls(Duration::from_millis(5)).unwrap();
    /// assert!(long.polls.iter().any(|poll| poll.task == "report"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn long_polls(&self, at_least: Duration) -> Option<LongPolls> {
        self.link.long_polls(self.from, nanos(at_least).max(SHORTEST))
    }

    /// Whether no worker was blocked for more than `limit` at a time: asleep in a poll, or in code that no probe sees
    /// (of that only what is a finding, from 10 ms on). What the system does not tell counts as blocked.
    ///
    /// ```
    /// use std::{thread::sleep, time::Duration};
    ///
    /// # let scope = pollscope::Scope::new()?;
    /// # let runtime = scope.runtime(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all())?;
    /// let watch = scope.watch();
    /// let report = pollscope::task("report", async { sleep(Duration::from_millis(5)) });
    /// runtime.block_on(runtime.spawn(report))?;
    /// let blocked = watch.no_worker_blocked(Duration::from_millis(1)).unwrap_err();
    /// assert!(blocked.to_string().contains("task 'report' kept worker 0"), "{blocked}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Says which task blocked which worker and for how long, or why nobody knows.
    pub fn no_worker_blocked(&self, limit: Duration) -> Result<(), Blocked> {
        let over = |nanos: Nanos| nanos > pollscope_core::trace::clock::nanos(limit);
        let LongPolls { mut polls, forgotten, lost, .. } = self.long_polls(limit).ok_or(Blocked::Ended)?;
        polls.retain(|poll| over(poll.asleep + poll.unknown));
        let unseen = |it: &Finding| it.rule == Rule::BlockedWorker && it.task.is_none() && over(it.seen - it.began);
        let unseen: Vec<_> = self.findings().into_iter().filter(unseen).map(|finding| finding.text).collect();
        if !polls.is_empty() || !unseen.is_empty() {
            return Err(Blocked::By { limit, polls, unseen });
        }
        match (forgotten, lost) {
            (None, 0) => Ok(()),
            (Some(_), _) => Err(Blocked::Forgotten),
            (None, lost) => Err(Blocked::Lost(lost)),
        }
    }

    /// The same for a test.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # let scope = pollscope::Scope::new()?;
    /// # let runtime = scope.runtime(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all())?;
    /// let watch = scope.watch();
    /// let waits = pollscope::task("waits", async { tokio::time::sleep(Duration::from_millis(1)).await });
    /// runtime.block_on(runtime.spawn(waits))?;
    /// watch.assert_no_worker_blocked(Duration::from_secs(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Where it does not hold, with what [`no_worker_blocked`](Self::no_worker_blocked) says.
    #[track_caller]
    pub fn assert_no_worker_blocked(&self, limit: Duration) {
        if let Err(blocked) = self.no_worker_blocked(limit) {
            panic!("{blocked}");
        }
    }
}
