//! How each state looks: colour, and a glyph or texture and a word beside it.
//!
//! One exhaustive match for each kind of state: a new state does not compile until it has a look.

use std::borrow::Cow;

use pollscope_core::{
    model::picture::{Filter, LaneState, LifePart, Mood, PollClass, SLOW_POLL, TaskState, ThreadNow},
    trace::{
        clock::{MILLI, Nanos},
        event::ThreadKind,
    },
};
use ratatui::style::Style;

use super::{
    glyphs::{Glyphs, Ladder},
    keys::Keymap,
    pen::Pen,
    theme::{Theme, Tint},
};

/// A wait from wake to poll that is worth a colour.
pub const LONG_READY: Nanos = 50 * MILLI;

/// A poll that is worth a colour.
pub const LONG_POLL: Nanos = SLOW_POLL;

/// A theme, a set of characters and the caps of the keys: all that a region needs to know of looks.
#[derive(Clone, Copy, Debug)]
pub struct Skin<'k> {
    /// Colours.
    pub theme: &'static Theme,
    /// Characters.
    pub glyphs: &'static Glyphs,
    /// Keys.
    pub keys: &'k Keymap,
}

/// What a cell of a lane is drawn with.
#[derive(Clone, Copy, Debug)]
pub(super) struct CellLook {
    pub(super) tint: Tint,
    pub(super) fill: CellFill,
    /// In the legend.
    pub(super) word: &'static str,
}

/// How a cell is filled.
#[derive(Clone, Copy, Debug)]
pub(super) enum CellFill {
    /// As high as the thread was busy.
    Bar(&'static Ladder),
    /// A texture over the whole cell once the state holds most of it, a bar below that.
    Texture(&'static str),
    /// A line: the thread was there and did nothing.
    Line(&'static str),
}

/// A thread's state in a lane.
pub(super) fn lane(state: LaneState, skin: Skin) -> CellLook {
    let (tint, glyphs) = (&skin.theme.tint, skin.glyphs);
    let (tint, fill, word) = match state {
        LaneState::Blocked => (tint.blocked, CellFill::Texture(glyphs.fill.blocked), "asleep in a poll"),
        LaneState::Hogged => (tint.hogged, CellFill::Texture(glyphs.fill.hogged), "on the CPU"),
        LaneState::NoCore => (tint.no_core, CellFill::Texture(glyphs.fill.no_core), "no core"),
        LaneState::Unknown => (tint.unknown, CellFill::Texture(glyphs.fill.unknown), "not measured"),
        LaneState::Polling => (tint.polling, CellFill::Bar(&glyphs.bar), "poll"),
        LaneState::Job => (tint.job, CellFill::Bar(&glyphs.job), "job"),
        LaneState::Runtime => (tint.runtime, CellFill::Bar(&glyphs.runtime), "runtime"),
        LaneState::WaitsForRoom => (tint.waits, CellFill::Line(glyphs.fill.waits), "queue full"),
        LaneState::OnCpu => (tint.on_cpu, CellFill::Bar(&glyphs.on_cpu), "CPU time"),
    };
    CellLook { tint, fill, word }
}

/// What the legend explains, the most important first.
const LEGEND: [LaneState; 9] = [
    LaneState::Polling,
    LaneState::Blocked,
    LaneState::Hogged,
    LaneState::NoCore,
    LaneState::Job,
    LaneState::Runtime,
    LaneState::WaitsForRoom,
    LaneState::OnCpu,
    LaneState::Unknown,
];

/// What stands in a list where a filter leaves nothing.
pub const NOTHING_FOUND: &str = "none of that name";

/// Writes what is looked for, and what was found of it.
pub fn found(pen: &mut Pen<'_>, filter: &Filter, found: &str, skin: Skin) {
    pen.put(&format!(" find {}: {found} ", filter.text), skin.theme.badge.caution).put(" ", skin.theme.text.dim);
}

/// Writes what each state of a lane looks like, as far as there is room beside `keep` columns.
/// What only the operating system tells is left out where it is `unmeasured`.
pub(super) fn legend(pen: &mut Pen<'_>, keep: u16, unmeasured: bool, skin: Skin) {
    let is_told = |state: &LaneState| {
        use LaneState::{Blocked, Hogged, NoCore, OnCpu};
        !unmeasured || !matches!(state, Blocked | Hogged | NoCore | OnCpu)
    };
    for state in LEGEND.into_iter().filter(is_told) {
        let look = lane(state, skin);
        if usize::from(pen.room()) < look.word.len() + 4 + usize::from(keep) {
            break;
        }
        let (sign, style) = match look.fill {
            CellFill::Bar(ladder) => (ladder[4], look.tint.bar),
            CellFill::Texture(sign) => (sign, look.tint.fill),
            CellFill::Line(sign) => (sign, look.tint.bar),
        };
        pen.put(" ", skin.theme.text.dim).put(sign, style).put(" ", skin.theme.text.dim);
        pen.put(look.word, look.tint.bar).put(" ", skin.theme.text.dim);
    }
}

/// What a task was at, in the strip of its life: a sign, its style, and the word of the legend.
pub(super) fn life(part: LifePart, skin: Skin) -> (&'static str, Style, &'static str) {
    let (text, tint, glyphs) = (&skin.theme.text, &skin.theme.tint, skin.glyphs);
    match part {
        LifePart::Created => (glyphs.mark.nothing, text.dim, "created"),
        LifePart::Ready => (glyphs.bar[3], text.warning, "ready"),
        LifePart::Polled => (glyphs.bar[7], tint.polling.bar, "polled"),
        LifePart::LongPoll => (glyphs.fill.blocked, tint.blocked.fill, "long poll"),
        LifePart::Asleep => (glyphs.bar[0], text.dim, "asleep"),
        LifePart::InJob => (glyphs.job[4], tint.job.bar, "in a job"),
        LifePart::Held => (glyphs.mark.held, text.accent, "held"),
        LifePart::Unknown => (glyphs.fill.unknown, text.dim, "unknown"),
    }
}

/// A state in words: a mark, what it is, since when, and of what.
#[derive(Clone, Debug)]
pub struct Look<'a> {
    /// A sign before the word.
    pub mark: &'static str,
    /// The look of both.
    pub style: Style,
    /// What it is.
    pub word: Cow<'a, str>,
    /// Since how long.
    pub since: Option<Nanos>,
    /// Of what.
    pub of: Option<&'a str>,
}

impl<'a> Look<'a> {
    /// A mark and a word in one style.
    pub fn new(mark: &'static str, style: Style, word: impl Into<Cow<'a, str>>) -> Self {
        Self { mark, style, word: word.into(), since: None, of: None }
    }

    /// The same, since so long.
    #[must_use]
    pub fn since(self, nanos: Nanos) -> Self {
        Self { since: Some(nanos), ..self }
    }

    /// The same, of something.
    #[must_use]
    pub fn of(self, name: &'a str) -> Self {
        Self { of: Some(name), ..self }
    }
}

/// What a thread does.
pub fn thread<'n>(now: &'n ThreadNow, kind: ThreadKind, skin: Skin) -> Look<'n> {
    let (text, tint, mark) = (&skin.theme.text, &skin.theme.tint, &skin.glyphs.mark);
    match now {
        ThreadNow::Parked if kind == ThreadKind::Worker => Look::new(" ", text.dim, "parked"),
        ThreadNow::Parked => Look::new(" ", text.dim, "idle"),
        ThreadNow::Runtime => Look::new(mark.nothing, tint.runtime.bar, "runtime"),
        ThreadNow::Unseen(since) => Look::new(mark.blocked, text.alarm, "").since(*since).of("in code not seen"),
        ThreadNow::Polling(task, since, how) => poll(*how, *since, skin).of(task),
        ThreadNow::Job(job, since, _) => {
            let look = Look::new(mark.job, tint.job.bar, "").of(job);
            if *since >= 10 * MILLI { look.since(*since) } else { look }
        }
        ThreadNow::WaitsForRoom(queue, _) => Look::new(" ", tint.waits.bar, format!("waits: {queue} is full")),
        ThreadNow::WaitsForItem(queue) => Look::new(" ", text.dim, format!("waits: {queue} is empty")),
        ThreadNow::OnCpu => Look::new(" ", text.dim, "CPU time only"),
        ThreadNow::Ended => Look::new(" ", text.dim, "ended"),
    }
}

/// A poll in flight.
fn poll(how: PollClass, since: Nanos, skin: Skin) -> Look<'static> {
    let (text, tint, mark) = (&skin.theme.text, &skin.theme.tint, &skin.glyphs.mark);
    match how {
        PollClass::Short => Look::new(mark.polling, tint.polling.bar, ""),
        PollClass::Blocked => Look::new(mark.blocked, text.alarm, "").since(since),
        PollClass::CpuBound => Look::new(mark.hogged, tint.hogged.bar, "").since(since),
        PollClass::Runnable => Look::new(mark.no_core, tint.no_core.bar, "").since(since),
        PollClass::Unknown => Look::new(mark.unknown, text.dim, "").since(since),
    }
}

/// What a task is at.
pub fn task(state: TaskState, skin: Skin) -> Look<'static> {
    let (text, mark) = (&skin.theme.text, &skin.glyphs.mark);
    match state {
        TaskState::New => Look::new(mark.nothing, text.dim, "new"),
        TaskState::Ready(since) => Look::new(mark.ready, text.warning, "ready").since(since),
        TaskState::Polling(since, how) => Look { word: poll_word(how).into(), ..poll(how, since, skin) },
        TaskState::Held(since) => Look::new(mark.held, text.accent, "held").since(since),
        TaskState::Asleep(since) => Look::new(mark.sleeping, text.dim, "asleep").since(since),
        TaskState::Done => Look::new(mark.done, text.dim, "done"),
        TaskState::Panicked => Look::new(mark.failed, text.alarm, "panicked"),
        TaskState::Dropped => Look::new(mark.failed, text.dim, "dropped"),
        TaskState::Ended => Look::new(mark.done, text.dim, "ended"),
    }
}

fn poll_word(how: PollClass) -> &'static str {
    match how {
        PollClass::Short => "polling",
        PollClass::Blocked => "blocked",
        PollClass::CpuBound => "on the CPU",
        PollClass::Runnable => "no core",
        PollClass::Unknown => "long poll",
    }
}

/// How bad it is: the stripe beside the sentence, and its first words.
pub fn mood(mood: Mood, skin: Skin) -> (Style, Style) {
    let (text, line) = (&skin.theme.text, &skin.theme.line);
    match mood {
        Mood::Calm => (line.track, text.strong),
        Mood::Warning => (text.warning, text.strong),
        Mood::Alarm => (line.alarm, text.strong),
    }
}
