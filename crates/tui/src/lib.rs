//! The dashboard in the terminal: keys in, pictures out. [`open`] shows it in a program of your own.
//!
//! It gets owned pictures and draws them; it sends views and commands. It never sees the lab, a
//! probe or a runtime, and nothing that it does can wait for one: it runs on a std thread of its own and
//! never blocks on a send.

mod big;
mod capabilities;
mod compare;
mod dashboard;
mod event_loop;
mod exports;
mod footer;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod gauge;
mod glyphs;
mod header;
mod help;
mod keys;
mod layout;
mod lessons;
mod life;
mod looks;
mod overlay;
pub mod own;
mod panel;
mod pen;
mod presenter;
mod results;
mod screen;
mod state;
mod tasks;
mod terminal;
mod text;
mod theme;
mod timeline;
mod units;
mod usecases;
mod welcome;

#[cfg(test)]
mod pictures;
#[cfg(any(test, feature = "fuzzing"))]
#[cfg_attr(not(test), allow(dead_code, reason = "a fuzzer needs two of them"))]
mod sample;
#[cfg(test)]
#[path = "../../../tests/tried/mod.rs"]
mod tried;

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use pollscope_core::model::picture::{Command, Picture, View};

pub use self::{
    capabilities::Capabilities,
    compare::{CompareCard, CompareLanes, CompareRow},
    event_loop::{KEYS, run},
    keys::{Binding, Keymap, NoBinding, Unusable, default_keys, key_names},
    lessons::{LessonCard, LessonSetting},
    own::{Dashboard, open},
    screen::Screen,
    terminal::{THREAD as TERMINAL, close, is_taken, lend},
    theme::{Depth, ThemeName},
    usecases::{CellCard, Grade, UseCaseCard, Words},
};

/// How the screen talks to the rest of the program.
pub struct Channels {
    /// The newest picture; older ones that wait are skipped.
    pub pictures: Receiver<Box<Picture>>,
    /// What is looked at, whenever that changes. Where the channel is full, only the newest is kept.
    pub views: Sender<View>,
    /// What a key asks of the lab.
    pub commands: Sender<Command>,
    /// What the system asks of the screen.
    pub asked: Receiver<Asked>,
    /// A line to show for some seconds: why a change was refused.
    pub refused: Receiver<String>,
    /// How far something is that takes long; nothing where it is over. While it is under way, going back gives it up.
    pub underway: Receiver<Option<String>>,
    /// Runs side by side, whenever there are new ones.
    pub comparisons: Receiver<Box<CompareCard>>,
    /// Called on each further thread that the screen works with, with its name: what it costs is counted too.
    pub observer: Arc<dyn Fn(&'static str) + Send + Sync>,
}

/// What the system asks of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To end: the program was asked to.
    Stop,
    /// To take the terminal anew: the program was stopped, and goes on.
    Retake,
}

/// How the screen looks.
#[derive(Clone, Debug)]
pub struct Options {
    /// The theme to begin with.
    pub theme: ThemeName,
    /// The keys as they are bound.
    pub keys: Arc<Keymap>,
    /// How many colours the terminal has.
    pub depth: Depth,
    /// Nothing but ASCII is written.
    pub ascii: bool,
    /// What runs, for the header.
    pub scenario: String,
    /// The program whose own screen it is, where no lab runs.
    pub program: Option<Arc<str>>,
    /// Whether the mouse is listened to; the terminal's own selection then needs shift.
    pub mouse: bool,
    /// What panics: for tests of what a panic leaves behind.
    pub fails: Option<Fails>,
    /// The lessons, in order.
    pub lessons: Arc<[LessonCard]>,
    /// Which tool for what, in order.
    pub use_cases: Arc<[UseCaseCard]>,
    /// Runs side by side, to begin with.
    pub comparison: Option<CompareCard>,
    /// The screen to begin with.
    pub start: Start,
}

/// What panics because a test asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fails {
    /// The screen, at its first picture.
    Screen,
    /// The thread that reads keys, at the first one.
    Keys,
    /// The thread that writes, at the second frame.
    Terminal,
}

/// The screen to begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// The dashboard.
    #[default]
    Dashboard,
    /// The dashboard, for somebody who has not seen it before.
    Welcome,
    /// The list of lessons.
    Lessons,
    /// One lesson's question: its place in the list.
    Lesson(usize),
    /// Runs side by side.
    Compare,
    /// Which tool for what.
    UseCases,
    /// The dashboard, from the beginning of a recording on.
    Replay,
    /// The dashboard of other programs.
    Attached,
}

/// Why the screen ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Somebody pressed a key for it.
    Quit,
    /// The program was asked to end, or the terminal is gone.
    Stopped,
}
