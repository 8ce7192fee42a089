//! The lessons: one idea of cooperative scheduling each, as code that runs and is measured.
//!
//! A lesson is one row of [`LESSONS`], one function with the code, and one text in `crates/lab/assets/lessons/`. The
//! code that is shown is the code that is compiled: regions of its source file. What it claims is set
//! against what the scope has measured ([`Expectation`]).

mod awaits;
mod back_pressure;
mod budget;
mod cancellation;
mod compute;
mod cpu;
mod crowd;
mod dedicated;
mod driver;
mod event;
mod fold;
mod gate;
mod hand;
mod in_place;
mod join;
mod locks;
mod machine;
mod measure;
mod oneshot;
mod pace;
mod par_iter;
mod picture;
mod pool;
mod priority;
mod quicksort;
mod region;
mod scoped;
mod sleepers;
mod spawn;
mod stage;
mod steps;
mod text;
mod together;
mod waker;

use std::borrow::Cow;

pub use self::{
    event::{Curve, Expectation, LessonEvent, Measured},
    fold::LessonFold,
    pace::Pace,
    picture::{LessonCommand, LessonNow, LessonRun, MOST_KNOBS, Printed, Speed},
    stage::{Halt, Stage},
    text::{Choice, Text, TextError},
};

/// One lesson: a row of the table.
#[derive(Debug)]
pub struct Lesson {
    /// As on the command line.
    pub name: &'static str,
    /// What it says, as in its file.
    text: &'static str,
    /// Its source file, below `crates/lab/src/lessons/`.
    pub file: &'static str,
    source: &'static str,
    /// The region of the source that is shown.
    region: &'static str,
    /// The settings that matter to it.
    pub knobs: &'static [Knob],
    /// Runs it, and sets what is measured against what is expected.
    run: fn(&Stage) -> Result<(), Halt>,
}

/// A setting of a lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Knob {
    /// What it sets, as in the lesson's code.
    pub name: &'static str,
    /// The values that a key goes through.
    pub values: &'static [u32],
    /// The one to begin with: an index of `values`.
    pub start: usize,
}

macro_rules! lesson {
    ($name:literal, $file:literal, $region:literal, $run:path) => {
        lesson!($name, $file, $region, $run, &[])
    };
    ($name:literal, $file:literal, $region:literal, $run:path, $knobs:expr) => {
        Lesson {
            name: $name,
            text: include_str!(concat!("../assets/lessons/", $name, ".md")),
            file: $file,
            source: include_str!(concat!("lessons/", $file)),
            region: $region,
            knobs: $knobs,
            run: $run,
        }
    };
}

/// All lessons, in the order in which they are taught.
pub static LESSONS: &[Lesson] = &[
    lesson!("threads-or-tasks", "sleepers.rs", "code", sleepers::run),
    lesson!("future-by-hand", "hand.rs", "code", hand::run),
    lesson!("wakers", "waker.rs", "code", waker::run),
    lesson!("what-await-is", "machine.rs", "code", machine::run),
    lesson!("join-blocking", "join.rs", "blocking", join::blocking),
    lesson!("join-async", "join.rs", "async", join::asynchronous),
    lesson!("join-or-spawn", "spawn.rs", "code", spawn::run, spawn::KNOBS),
    lesson!("fewer-workers-than-blockers", "crowd.rs", "code", crowd::run, crowd::KNOBS),
    lesson!("one-blocks-all", "driver.rs", "code", driver::run),
    lesson!("how-long-is-too-long", "awaits.rs", "code", awaits::run),
    lesson!("spawn-blocking", "pool.rs", "code", pool::run, pool::KNOBS),
    lesson!("rayon-and-oneshot", "oneshot.rs", "code", oneshot::run, oneshot::KNOBS),
    lesson!("par-iter", "par_iter.rs", "code", par_iter::run),
    lesson!("dedicated-thread", "dedicated.rs", "code", dedicated::run),
    lesson!("block-in-place", "in_place.rs", "code", in_place::run),
    lesson!("cooperative-budget", "budget.rs", "code", budget::run),
    lesson!("cpu-loop", "cpu.rs", "code", cpu::run),
    lesson!("locks-across-await", "locks.rs", "code", locks::run),
    lesson!("back-pressure", "back_pressure.rs", "code", back_pressure::run, back_pressure::KNOBS),
    lesson!("cancellation", "cancellation.rs", "code", cancellation::run),
    lesson!("recursive-parallelism", "quicksort.rs", "code", quicksort::run),
    lesson!("scoped-borrowing", "scoped.rs", "code", scoped::run),
    lesson!("priorities", "priority.rs", "code", priority::run),
    lesson!("three-together-naive", "together.rs", "naive", together::naive),
    lesson!("three-together", "../pipeline/repo.rs", "together", together::together),
];

impl Lesson {
    /// The lesson of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        LESSONS.iter().find(|lesson| lesson.name == name)
    }

    /// What it says.
    ///
    /// # Errors
    ///
    /// When the file lacks a part; a test goes through all of them.
    pub fn text(&self) -> Result<Text, TextError> {
        self.text.parse()
    }

    /// The code that it shows, which is the code that it runs; none when the source lacks the region.
    pub fn code(&self) -> Option<Cow<'static, str>> {
        region::of(self.source, self.region)
    }

    /// Its settings, each at a place in its row; beyond the row's end the last.
    pub fn set(&self, places: impl IntoIterator<Item = usize>) -> Vec<(&'static str, u32)> {
        let set = |(knob, place): (&Knob, usize)| (knob.name, knob.values[place.min(knob.values.len() - 1)]);
        self.knobs.iter().zip(places).map(set).collect()
    }

    /// Its settings to begin with.
    pub fn as_it_begins(&self) -> Vec<(&'static str, u32)> {
        self.set(self.knobs.iter().map(|knob| knob.start))
    }

    /// Runs it, and gives what was measured. It blocks until the lesson is over.
    ///
    /// # Errors
    ///
    /// When the system refuses the threads that the lesson needs, the scope is gone, or it was left.
    pub fn run(&self, stage: Stage) -> Result<Measured, Halt> {
        stage.tell(LessonEvent::Began { name: self.name.into(), run: stage.run() });
        let ended = (self.run)(&stage);
        let halted = ended.as_ref().err().map(|halt| halt.to_string().into());
        stage.tell(LessonEvent::Over { halted });
        ended.map(|()| stage.into_measured())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lessons::MOST_KNOBS;

    #[test]
    fn every_lesson_is_whole() {
        for (at, lesson) in LESSONS.iter().enumerate() {
            assert!(LESSONS[..at].iter().all(|other| other.name != lesson.name), "{} twice", lesson.name);
            let text = lesson.text().unwrap_or_else(|error| panic!("{}: {error}", lesson.name));
            assert!(text.choices.len() >= 2, "{}: a question needs choices", lesson.name);
            assert_eq!(text.choices.iter().filter(|choice| choice.right).count(), 1, "{}: one is right", lesson.name);
            let code = lesson.code().unwrap_or_else(|| panic!("{}: no region {}", lesson.name, lesson.region));
            assert!((3..=40).contains(&code.lines().count()), "{}: {code}", lesson.name);
            assert!(lesson.knobs.iter().all(|knob| knob.start < knob.values.len()), "{}", lesson.name);
            assert!(lesson.knobs.len() <= MOST_KNOBS, "{}", lesson.name);
        }
    }
}
