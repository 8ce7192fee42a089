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

mod arrows;
mod code;
mod curve;
mod list;
mod question;
mod regions;
mod run;
mod state;
mod verdict;

use std::sync::Arc;

use pollscope_core::{
    model::picture::{Picture, View},
    text::clean,
    trace::clock::{Nanos, SECOND},
};
use pollscope_tui::{
    dashboard::{
        sentence,
        threads::{self, Threads},
    },
    layout::line_of,
    looks::Skin,
    overlay::{Line, Span},
    panel::{Frame, PanelLook},
    pen::{Pen, line},
    scenario::{Back, DrawContext, Move, Outcome, Own, OwnPlace, Place, ScenarioScreen},
    text,
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
};

pub(super) use self::state::LessonKey;
use self::{
    regions::Lesson,
    state::{Lessons, Open, Phase},
};
use crate::lessons::{LessonNow, Speed};

/// The screen's name.
pub const LESSONS: &str = "lessons";

/// Where keys go: in the list, then in a lesson before it runs, while it runs, and when it has run.
pub(super) const LIST: Place = Place::Own(OwnPlace { name: LESSONS, over: false, timed: false, paged: true });
pub(super) const QUESTION: Place = Place::Own(OwnPlace { name: "question", over: false, timed: false, paged: false });
pub(super) const RUN: Place = Place::Own(OwnPlace { name: "run", over: false, timed: true, paged: false });
pub(super) const VERDICT: Place = Place::Own(OwnPlace { name: "verdict", over: false, timed: true, paged: false });

/// How far back a lesson's lanes reach: the shortest that has all of it.
const WINDOWS: [Nanos; 5] = [2 * SECOND, 4 * SECOND, 8 * SECOND, 16 * SECOND, 32 * SECOND];

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
struct Shown<'a> {
    open: &'a Open,
    card: &'a LessonCard,
    picture: &'a Picture,
    /// What the lesson has told: nothing before it runs.
    told: Option<&'a LessonNow>,
}

impl Shown<'_> {
    /// The lines of the text beside the code.
    fn lines(&self, width: u16, skin: Skin) -> Vec<Line> {
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

/// The screen of lessons.
#[derive(Debug)]
pub struct LessonsScreen {
    lessons: Lessons,
    /// The picture in which the open lesson was over: its lanes stay what they were then.
    verdict: Option<Box<Picture>>,
}

impl LessonsScreen {
    /// The list of lessons, or one of them, by its place, at its question.
    pub fn new(cards: Arc<[LessonCard]>, open: Option<usize>) -> Self {
        let mut lessons = Lessons::new(cards);
        if let Some(lesson) = open {
            lessons.open(lesson);
        }
        Self { lessons, verdict: None }
    }

    /// What it shows: the newest picture, or, unless another instant is looked at, that in which the lesson was over.
    fn picture<'p>(&'p self, context: &DrawContext<'p>) -> &'p Picture {
        let has_verdict = context.live && self.place() == VERDICT;
        self.verdict.as_deref().filter(|_| has_verdict).unwrap_or(context.picture)
    }

    /// The open lesson, if one is, and what it shows.
    fn shown<'p>(&'p self, context: &DrawContext<'p>) -> Option<Shown<'p>> {
        let (open, card) = self.lessons.opened()?;
        let picture = self.picture(context);
        let told = super::shown::lesson(picture).filter(|told| self.lessons.is_present(told));
        Some(Shown { open, card, picture, told })
    }
}

/// The regions of an open lesson. They do not depend on what it has told, so that nothing moves while it runs.
fn regions(area: Rect, shown: &Shown<'_>, skin: Skin) -> Lesson {
    let untold = Shown { told: None, ..*shown };
    let lines = |width| untold.lines(width, skin).len();
    Lesson::new(area, shown.open.phase, shown.picture, code::size(&shown.card.code), lines)
}

/// How far back the lanes of a lesson reach.
fn window(picture: &Picture) -> Nanos {
    let took = super::shown::lesson(picture).map_or(0, |told| picture.at.saturating_sub(told.began));
    let [.., longest] = WINDOWS;
    WINDOWS.into_iter().find(|window| *window >= took).unwrap_or(longest)
}

impl ScenarioScreen for LessonsScreen {
    fn name(&self) -> &'static str {
        LESSONS
    }

    fn place(&self) -> Place {
        match self.lessons.open.as_ref().map(|open| open.phase) {
            None => LIST,
            Some(Phase::Question) => QUESTION,
            Some(Phase::Run) => RUN,
            Some(Phase::Verdict) => VERDICT,
        }
    }

    fn draw(&self, buffer: &mut Buffer, area: Rect, context: &DrawContext<'_>) {
        match self.shown(context) {
            Some(shown) => render(buffer, &regions(area, &shown, context.skin), &shown, context.skin),
            None => list::render(buffer, area, &self.lessons, context.skin),
        }
    }

    fn fit(&mut self, area: Rect, context: &DrawContext<'_>) {
        let fitted = self.shown(context).map(|shown| {
            let regions = regions(area, &shown, context.skin);
            let inner = regions.frame.inner(regions.text);
            (shown.lines(inner.width, context.skin).len(), inner.height)
        });
        if let (Some(open), Some((lines, height))) = (&mut self.lessons.open, fitted) {
            open.lines.fit(lines, height.into(), None);
        } else {
            let len = self.lessons.cards.len();
            self.lessons.list.fit(len, list::lines(area, len).height.into(), None);
        }
    }

    fn see(&mut self, picture: &Picture) {
        if self.lessons.see(super::shown::lesson(picture)) {
            self.verdict = Some(Box::new(picture.clone()));
        }
    }

    fn asks(&self, area: Rect, picture: &Picture, view: View) -> View {
        let Some((open, card)) = self.lessons.opened() else { return view };
        // The threads are where they are whatever the text is.
        let regions = Lesson::new(area, open.phase, picture, code::size(&card.code), |_| 0);
        View {
            window: window(picture),
            past_labs: true,
            lane_cells: regions.threads.map_or(0, |(area, _)| threads::Columns::new(area).lane),
            tasks: (picture.tasks_in_all.saturating_sub(run::TASKS.into()), run::TASKS),
            filter: None,
            ..view
        }
    }

    fn update(&mut self, action: &Own) -> Option<Outcome> {
        self.lessons.key(*action.get()?)
    }

    fn step(&mut self, by: Move) {
        let place = self.place();
        match &mut self.lessons.open {
            None => self.lessons.list.select(by),
            Some(_) if place == QUESTION && matches!(by, Move::Up | Move::Down) => {
                self.lessons.move_answer(by == Move::Down);
            }
            Some(open) => open.lines.scroll(by),
        }
    }

    fn line_at(&self, area: Rect, position: Position) -> Option<usize> {
        let lines = list::lines(area, self.lessons.cards.len());
        let is_in_list = self.lessons.open.is_none() && lines.contains(position);
        is_in_list.then(|| line_of(self.lessons.list.shown(), position.y - lines.y))?
    }

    fn choose(&mut self, line: usize) {
        if self.lessons.open.is_none() {
            self.lessons.list.selected = Some(line);
        }
    }

    fn back(&mut self) -> Back {
        self.lessons.back()
    }

    fn leave(&mut self) -> Option<Outcome> {
        self.lessons.leave()
    }

    fn runs(&self) -> Option<&str> {
        self.lessons.in_lab()
    }
}

/// Draws an open lesson between header and footer.
fn render(buffer: &mut Buffer, regions: &Lesson, shown: &Shown<'_>, skin: Skin) {
    if let Some(area) = regions.code {
        let pen = regions.frame.draw(buffer, area, shown.card.name, PanelLook::Calm, skin);
        source(pen, regions, skin);
        code::render(buffer, regions.frame.inner(area), &shown.card.code, skin);
    }
    render_text(buffer, regions, shown, skin);
    render_threads(buffer, regions, shown, skin);
}

/// The text beside or above the code.
fn render_text(buffer: &mut Buffer, regions: &Lesson, shown: &Shown<'_>, skin: Skin) {
    let lines = &shown.open.lines;
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
}

/// The threads, the arrows over them, and the sentence below.
fn render_threads(buffer: &mut Buffer, regions: &Lesson, shown: &Shown<'_>, skin: Skin) {
    let Some((area, plan)) = regions.threads else { return };
    let (frame, picture) = (regions.frame, shown.picture);
    let threads = Threads { frame, area, plan, lanes: &regions::lanes(picture), picture };
    let feet = threads::render(buffer, &threads, skin);
    let arrows = shown.told.iter().flat_map(|told| &told.arrows);
    arrows::render(buffer, &threads, &feet, arrows, skin);
    let sentence = match shown.open.phase {
        Phase::Question | Phase::Run => picture.sentence.clone(),
        Phase::Verdict => verdict::sentence(shown),
    };
    // The pipeline's keys change nothing here.
    sentence::render(buffer, regions.sentence, &sentence, None, skin);
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
        for part in text::wrap(&clean(paragraph), width.saturating_sub(indent).max(8), usize::MAX) {
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
