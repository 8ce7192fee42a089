//! Screen 4, the lessons: the list, then one lesson from its question over its run to what was measured.
//!
//! ```text
//! ╭ join-async ──────────────────────────╮╭ question ────────────────────────╮
//! │ async fn sleep_then_print(…) {       ││ join! of three sleeps that await │
//! │     …                                ││ What is printed?                 │
//! │                                      ││   a  Start 1, done 1, …          │
//! │                                      ││ ▸ b  Start 1, Start 2, …         │
//! ╰──────────────────────────────────────╯╰──────────────────────────────────╯
//! ╭ threads ─────────────────────────────────────────────────────────────────╮
//! ╰──────────────────────────────────────────────────────────────────────────╯
//! ▌ sentence
//! ```

pub(super) mod code;
pub(super) mod list;
pub(super) mod regions;

mod arrows;
mod curve;
mod question;
mod run;
mod verdict;

use pollscope_core::model::picture::{LessonNow, Picture, Sentence, Speed};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use self::regions::Lesson;
pub(super) use self::run::TASKS as LESSON_TASKS;
use super::{
    dashboard::{
        sentence,
        threads::{self, Threads},
    },
    looks::Skin,
    overlay::{Line, Span},
    panel::{Frame, PanelLook},
    pen::{Pen, line},
    state::{List, Open, Phase},
    text,
};

/// What the screen shows of a lesson: plain data.
#[derive(Clone, Debug)]
pub struct LessonCard {
    /// As on the command line.
    pub name: &'static str,
    /// Its title.
    pub title: String,
    /// The idea; paragraphs are lines.
    pub idea: String,
    /// What is asked before it runs.
    pub question: String,
    /// The answers, and which is right.
    pub choices: Vec<(String, bool)>,
    /// What to look for while it runs.
    pub look_for: String,
    /// The code that runs.
    pub code: String,
    /// The settings that matter to it.
    pub settings: Vec<LessonSetting>,
}

/// A setting of a lesson.
#[derive(Clone, Copy, Debug)]
pub struct LessonSetting {
    /// What it sets.
    pub name: &'static str,
    /// The values that a key goes through.
    pub values: &'static [u32],
    /// The place of the one to begin with.
    pub start: usize,
}

/// All that a lesson's regions are drawn from.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a> {
    pub(super) open: &'a Open,
    pub(super) card: &'a LessonCard,
    pub(super) picture: &'a Picture,
    /// What the lesson has told: nothing before it runs.
    pub(super) told: Option<&'a LessonNow>,
}

impl Shown<'_> {
    /// The lines of the text beside the code.
    pub(super) fn lines(&self, width: u16, skin: Skin) -> Vec<Line> {
        let width = usize::from(width);
        match self.open.phase {
            Phase::Question => question::lines(self, width, skin),
            Phase::Run => run::lines(self, width, skin),
            Phase::Verdict => verdict::lines(self, width, skin),
        }
    }

    /// How fast it goes, where that is not its own pace.
    fn speed(&self) -> Option<&'static str> {
        match (self.open.phase, self.open.speed) {
            (Phase::Run, Speed::Slow | Speed::Step) => Some(question::name_of(self.open.speed)),
            _ => None,
        }
    }

    fn title(&self) -> &'static str {
        match self.open.phase {
            Phase::Question => "question",
            Phase::Run => "it runs",
            Phase::Verdict => "what was measured",
        }
    }
}

/// Draws an open lesson between header and footer.
pub(super) fn render(buffer: &mut Buffer, regions: &Lesson, shown: &Shown<'_>, lines: &List, skin: Skin) {
    if let Some(area) = regions.code {
        let pen = regions.frame.draw(buffer, area, shown.card.name, PanelLook::Calm, skin);
        source(pen, regions, skin);
        code::render(buffer, regions.frame.inner(area), &shown.card.code, skin);
    }
    let look = PanelLook::alarm_if(shown.open.phase == Phase::Verdict && verdict::fails(shown));
    let inner = regions.frame.inner(regions.text);
    let text = shown.lines(inner.width, skin);
    let mut pen = regions.frame.draw(buffer, regions.text, shown.title(), look, skin);
    if let Some(speed) = shown.speed() {
        pen.put(&format!(" {speed} "), skin.theme.text.warning);
    }
    if lines.shown().len() < text.len() {
        pen.put(&format!(" {}–{} of {} ", lines.first + 1, lines.shown().end, text.len()), skin.theme.text.dim);
    }
    put_lines(buffer, inner, text.get(lines.shown()).unwrap_or_default());
    if let Some((area, plan)) = regions.threads {
        let threads_shown = regions::lanes(shown.picture);
        let (frame, picture) = (regions.frame, shown.picture);
        let threads = Threads { frame, area, plan, lanes: &threads_shown, picture };
        let feet = threads::render(buffer, &threads, skin);
        let arrows = shown.told.iter().flat_map(|told| &told.arrows);
        arrows::render(buffer, &threads, &feet, (shown.picture.at, arrows), skin);
        let sentence = match shown.open.phase {
            // The pipeline's keys change nothing here.
            Phase::Question | Phase::Run => Sentence { remedy: None, ..shown.picture.sentence.clone() },
            Phase::Verdict => verdict::sentence(shown),
        };
        sentence::render(buffer, regions.sentence, &sentence, skin);
    }
}

/// Says that the code is what runs.
fn source(mut pen: Pen<'_>, regions: &Lesson, skin: Skin) {
    if regions.text.width >= 40 {
        pen.put(" the code that runs ", skin.theme.text.dim);
    }
}

fn put_lines(buffer: &mut Buffer, area: Rect, lines: &[Line]) {
    for (row, spans) in (0..area.height).zip(lines) {
        let mut pen = Pen::new(buffer, line(area, row));
        for (words, style) in spans {
            pen.put(words, *style);
        }
    }
}

/// A text in lines of that width, each with the same beginning: the first with `first`, others with its width.
/// What stands between backticks is code.
fn wrapped(first: &[Span], words: &str, style: Style, width: usize, skin: Skin) -> Vec<Line> {
    let indent: usize = first.iter().map(|(words, _)| text::width(words)).sum();
    let mut lines = Vec::new();
    let mut in_code = false;
    for paragraph in words.lines() {
        for part in text::wrap(&text::clean(paragraph), width.saturating_sub(indent).max(8), usize::MAX) {
            let mut line = if lines.is_empty() { first.to_vec() } else { vec![(" ".repeat(indent), style)] };
            for (at, piece) in part.split('`').enumerate() {
                in_code ^= at > 0;
                let style = if in_code { skin.theme.text.good } else { style };
                line.push((piece.to_owned(), style));
            }
            lines.push(line);
        }
    }
    lines
}

/// Paragraphs, with an empty line after each.
fn paragraphs(words: &str, style: Style, width: usize, skin: Skin) -> Vec<Line> {
    let mut lines = Vec::new();
    for paragraph in words.lines() {
        lines.extend(wrapped(&[], paragraph, style, width, skin));
        lines.push(Line::new());
    }
    lines
}

/// The frame of a lesson's regions on a screen of that height.
fn frame(height: u16) -> Frame {
    if height >= 20 { Frame::Box } else { Frame::Rule }
}
