//! How a scenario runs: what the command line and the keys set, and the log keeps.
//!
//! A strategy is one row of a table; the command line, the keys, the help and the reports read it.

use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

use pollscope_core::trace::event::Payload;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::duration;

/// One choice of a strategy.
#[derive(Debug)]
pub struct Choice<T: 'static> {
    /// The value.
    pub value: T,
    /// As on the command line and in JSON.
    pub name: &'static str,
    /// The code that it stands for.
    pub code: &'static str,
    /// What it does, in one sentence.
    pub what: &'static str,
}

/// A setting with a few named values.
pub trait Strategy: Copy + PartialEq + 'static {
    /// The table of its values, in the order in which a key goes through them.
    const CHOICES: &'static [Choice<Self>];
    /// The option's name.
    const OPTION: &'static str;

    /// Its row of the table.
    #[expect(clippy::expect_used, reason = "each value has a row: a test goes through all of them")]
    fn choice(self) -> &'static Choice<Self> {
        Self::CHOICES.iter().find(|choice| choice.value == self).expect("every value has a row")
    }

    /// As on the command line.
    fn name(self) -> &'static str {
        self.choice().name
    }

    /// The value after this one, round and round.
    #[must_use]
    fn next(self) -> Self {
        let at = Self::CHOICES.iter().position(|choice| choice.value == self).unwrap_or(0);
        Self::CHOICES[(at + 1) % Self::CHOICES.len()].value
    }
}

/// A word that is no value of a strategy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAChoice {
    word: String,
    names: String,
}

impl fmt::Display for NotAChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is none of {}", self.word, self.names)
    }
}

impl std::error::Error for NotAChoice {}

macro_rules! strategy {
    ($(#[$doc:meta])* $type:ident, $option:literal, $($(#[$row_doc:meta])* $value:ident = $name:literal, $code:literal, $what:literal;)+) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $type { $($(#[$row_doc])* $value),+ }

        impl Strategy for $type {
            const OPTION: &'static str = $option;
            const CHOICES: &'static [Choice<Self>] =
                &[$(Choice { value: Self::$value, name: $name, code: $code, what: $what }),+];
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.pad(self.name()) }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }

        impl FromStr for $type {
            type Err = NotAChoice;
            fn from_str(word: &str) -> Result<Self, NotAChoice> {
                Self::CHOICES.iter().find(|choice| choice.name == word).map(|choice| choice.value).ok_or_else(|| {
                    let names: Vec<_> = Self::CHOICES.iter().map(|choice| choice.name).collect();
                    NotAChoice { word: word.escape_default().to_string(), names: names.join(", ") }
                })
            }
        }
    };
}

strategy! {
    /// How an async task waits.
    Wait, "wait",
    /// `tokio::time::sleep`: the worker is free meanwhile.
    Async = "async", "tokio::time::sleep().await", "The task gives its worker back while it waits.";
    /// `std::thread::sleep` on the worker.
    Blocking = "blocking", "std::thread::sleep()", "The task keeps its worker while it sleeps: nobody else runs there.";
    /// `std::thread::sleep` on the blocking pool.
    SpawnBlocking = "spawn-blocking", "spawn_blocking(thread::sleep)", "A thread of the blocking pool sleeps instead of the worker.";
    /// `std::thread::sleep` on the worker's thread, which hands its work to another thread first.
    BlockInPlace = "block-in-place", "block_in_place(thread::sleep)", "The worker moves to another thread before this one sleeps.";
}

strategy! {
    /// Where CPU work runs.
    Compute, "compute",
    /// On the Rayon pool, split in parallel; a oneshot brings the result back.
    Rayon = "rayon", "rayon::spawn + oneshot", "Rayon's threads share the work; the task waits for a oneshot.";
    /// In the task's own poll.
    Inline = "inline", "inside the poll", "The worker computes inside a poll: nobody else runs there.";
    /// On the blocking pool.
    SpawnBlocking = "spawn-blocking", "spawn_blocking", "A thread of the blocking pool computes.";
    /// On the worker's thread, which hands its work to another thread first.
    BlockInPlace = "block-in-place", "block_in_place", "The worker moves to another thread before this one computes.";
    /// On a std thread made for it.
    Thread = "thread", "std::thread::spawn", "A thread of its own computes.";
}

strategy! {
    /// The kind of Tokio runtime.
    Flavor, "flavor",
    /// Several workers that steal from each other.
    MultiThread = "multi-thread", "Builder::new_multi_thread", "Several workers share the tasks.";
    /// One thread, which is the only worker.
    CurrentThread = "current-thread", "Builder::new_current_thread", "One thread polls every task.";
}

strategy! {
    /// Where repositories come from.
    Source, "source",
    /// The server in the program.
    Embedded = "embedded", "127.0.0.1", "A GitHub in the program, on loopback: no network needed.";
    /// The real one, or any compatible server.
    Github = "github", "api.github.com", "GitHub itself, or a server like it (--api-url).";
}

/// Everything that decides how a scenario runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Where repositories come from.
    pub source: Source,
    /// The server's address; none means the source's own.
    pub api_url: Option<String>,
    /// How tasks wait.
    pub wait: Wait,
    /// Where CPU work runs.
    pub compute: Compute,
    /// The kind of runtime.
    pub flavor: Flavor,
    /// Tokio workers.
    pub workers: u16,
    /// Rayon workers.
    pub rayon_threads: u16,
    /// Threads of the blocking pool, at most; none means Tokio's own limit.
    #[serde(skip)]
    pub blocking_threads: Option<u16>,
    /// Repositories in hand at once.
    pub concurrency: u16,
    /// The pause after each page.
    #[serde(with = "duration")]
    pub pause: Duration,
    /// The embedded server's delay.
    #[serde(with = "duration")]
    pub latency: Duration,
    /// What the embedded data is made from.
    pub seed: u64,
    /// Pages a listing, at most.
    pub max_pages: Option<u32>,
    /// Bytes of a listing's pages, at most.
    #[serde(default = "default_max_bytes")]
    pub max_bytes: u64,
    /// Redirects on the way to a page, at most.
    #[serde(default = "default_max_redirects")]
    pub max_redirects: u32,
    /// A file of certificates to trust besides the system's. It is of this machine alone, so nothing keeps it.
    #[serde(skip)]
    pub ca_cert: Option<PathBuf>,
    /// The longest wait for a rate limit.
    #[serde(with = "duration")]
    pub max_wait: Duration,
    /// How long an answer may take while the runtime can poll.
    #[serde(with = "duration")]
    pub timeout: Duration,
    /// One round only.
    pub once: bool,
    /// From one round's start to the next; none means at once (embedded) or on a key (github).
    #[serde(with = "duration::optional")]
    pub every: Option<Duration>,
}

/// A pair of settings that Tokio does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// `block_in_place` panics there.
    BlockInPlaceOnCurrentThread,
    /// It has exactly one.
    WorkersOnCurrentThread,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BlockInPlaceOnCurrentThread => {
                "block-in-place needs another worker to take over: a current-thread runtime has none \
                 (use --flavor multi-thread)"
            }
            Self::WorkersOnCurrentThread => {
                "a current-thread runtime has exactly one worker: leave --workers out, or use --flavor multi-thread"
            }
        })
    }
}

impl std::error::Error for Refused {}

impl Settings {
    /// Whether Tokio allows them together.
    ///
    /// # Errors
    ///
    /// Says which pair is refused and why.
    pub fn check(&self) -> Result<(), Refused> {
        if self.flavor == Flavor::MultiThread {
            return Ok(());
        }
        if self.wait == Wait::BlockInPlace || self.compute == Compute::BlockInPlace {
            return Err(Refused::BlockInPlaceOnCurrentThread);
        }
        if self.workers == 1 { Ok(()) } else { Err(Refused::WorkersOnCurrentThread) }
    }
}

impl Default for Settings {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from).min(256) as u16;
        Self {
            source: Source::Embedded,
            api_url: None,
            wait: Wait::Async,
            compute: Compute::Rayon,
            flavor: Flavor::MultiThread,
            workers: cores.max(2),
            rayon_threads: cores,
            blocking_threads: None,
            concurrency: 8,
            pause: Duration::from_millis(400),
            latency: Duration::from_millis(80),
            seed: 1,
            max_pages: None,
            max_bytes: default_max_bytes(),
            max_redirects: default_max_redirects(),
            ca_cert: None,
            max_wait: Duration::from_secs(60),
            timeout: Duration::from_secs(30),
            once: false,
            every: None,
        }
    }
}

/// Also of recordings that are older than the setting.
fn default_max_bytes() -> u64 {
    64 * 1024 * 1024
}

/// Also of recordings that are older than the setting.
fn default_max_redirects() -> u32 {
    5
}

/// All settings as JSON: the report, whose shape is a contract, leaves some out.
#[derive(Serialize, Deserialize)]
struct InFull<S> {
    reported: S,
    blocking_threads: Option<u16>,
}

impl Settings {
    /// Returns them as a lab's setup in the log.
    pub fn setup(&self) -> Payload {
        Payload::of(&InFull { reported: self, blocking_threads: self.blocking_threads })
    }

    /// Reads them from a lab's setup; none where it is another scenario's.
    pub fn of_setup(setup: &Payload) -> Option<Self> {
        let InFull { reported, blocking_threads } = setup.read::<InFull<Self>>()?;
        Some(Self { blocking_threads, ..reported })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip<T: Strategy + FromStr<Err = NotAChoice> + fmt::Debug>(values: &[T]) {
        assert_eq!(values.len(), T::CHOICES.len());
        for &value in values {
            assert_eq!(value.name().parse::<T>().as_ref(), Ok(&value));
        }
        let once_round = (0..values.len()).fold(values[0], |value, _| value.next());
        assert_eq!(once_round, values[0]);
    }

    #[test]
    fn every_value_has_a_row_and_a_name() {
        round_trip(&[Wait::Async, Wait::Blocking, Wait::SpawnBlocking, Wait::BlockInPlace]);
        round_trip(&[Compute::Rayon, Compute::Inline, Compute::SpawnBlocking, Compute::BlockInPlace, Compute::Thread]);
        round_trip(&[Flavor::MultiThread, Flavor::CurrentThread]);
        round_trip(&[Source::Embedded, Source::Github]);
    }

    #[test]
    fn a_wrong_word_is_told_the_right_ones() {
        let error = "sleepy".parse::<Wait>().unwrap_err().to_string();
        assert_eq!(error, "'sleepy' is none of async, blocking, spawn-blocking, block-in-place");
    }

    #[test]
    fn what_an_older_recording_does_not_know_is_as_it_was() {
        let mut json = serde_json::to_value(Settings::default()).unwrap();
        let fields = json.as_object_mut().unwrap();
        assert!(fields.remove("max_bytes").is_some() && fields.remove("max_redirects").is_some());
        assert!(!fields.contains_key("ca_cert"), "a path of this machine");
        assert_eq!(serde_json::from_value::<Settings>(json).unwrap(), Settings::default());
    }

    #[test]
    fn current_thread_refuses_what_tokio_refuses() {
        let single = Settings { flavor: Flavor::CurrentThread, workers: 1, ..Settings::default() };
        assert_eq!(single.check(), Ok(()));
        let handed = Settings { wait: Wait::BlockInPlace, ..single.clone() };
        assert_eq!(handed.check(), Err(Refused::BlockInPlaceOnCurrentThread));
        let many = Settings { workers: 2, ..single };
        assert_eq!(many.check(), Err(Refused::WorkersOnCurrentThread));
    }
}
