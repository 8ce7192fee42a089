//! What is chosen on the screen of lessons: pure, like the rest of the state.
//!
//! A lesson goes from its question over its run to the verdict; the keys of a clicker (a page down, a page up) go
//! the same way.

use std::sync::Arc;

use pollscope_tui::scenario::{Back, List, Outcome, Own};

use super::LessonCard;
use crate::{
    command::Command,
    lessons::{LessonCommand, LessonNow, LessonRun, MOST_KNOBS, Speed},
};

/// How far a lesson is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// What will happen?
    Question,
    /// It runs.
    Run,
    /// What did happen.
    Verdict,
}

/// What a key asks of a lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::panels) enum LessonKey {
    /// Opens the lesson at that place in the list.
    Open(usize),
    /// On: open, run, the next step, the next lesson.
    GoOn,
    /// Back by a page.
    GoBack,
    /// Once more.
    Again,
    /// That answer, from 0.
    Answer(usize),
    /// The next setting.
    NextSetting,
    /// More of the setting.
    More,
    /// Less of it.
    Less,
    /// The next speed.
    Speed,
}

/// An open lesson.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) lesson: usize,
    pub(super) phase: Phase,
    pub(super) answer: Option<usize>,
    /// The place of each setting in its row.
    pub(super) knobs: [u8; MOST_KNOBS],
    /// The setting that keys change.
    pub(super) setting: usize,
    pub(super) speed: Speed,
    /// The lines of its text.
    pub(super) lines: List,
}

/// The lessons, and which is open.
#[derive(Clone, Debug, Default)]
pub(super) struct Lessons {
    pub(super) cards: Arc<[LessonCard]>,
    pub(super) list: List,
    pub(super) open: Option<Open>,
    /// Runs that were asked for.
    runs: u32,
    /// One has been asked for and not left.
    in_lab: bool,
}

impl Lessons {
    pub(super) fn new(cards: Arc<[LessonCard]>) -> Self {
        let list = List::with(Some(0));
        Self { cards, list, ..Self::default() }
    }

    /// The open lesson and its card.
    pub(super) fn opened(&self) -> Option<(&Open, &LessonCard)> {
        let open = self.open.as_ref()?;
        Some((open, self.cards.get(open.lesson)?))
    }

    /// Opens a lesson at its question.
    pub(super) fn open(&mut self, lesson: usize) {
        let Some(card) = self.cards.get(lesson) else { return };
        let mut knobs = [0; MOST_KNOBS];
        for (knob, setting) in knobs.iter_mut().zip(&card.settings) {
            *knob = setting.start as u8;
        }
        let speed = self.open.as_ref().map_or(Speed::Own, |open| open.speed);
        let lines = List::default();
        self.list.selected = Some(lesson);
        self.open = Some(Open { lesson, phase: Phase::Question, answer: None, knobs, setting: 0, speed, lines });
    }

    /// Whether the lesson that has told this is the one that was asked for last.
    pub(super) fn is_present(&self, told: &LessonNow) -> bool {
        told.run == self.runs && self.runs > 0
    }

    /// The name of the lesson that the lab has.
    pub(super) fn in_lab(&self) -> Option<&'static str> {
        self.opened().filter(|_| self.in_lab).map(|(_, card)| card.name)
    }

    /// A picture came: a run that is over has a verdict. Says whether it has just come.
    pub(super) fn see(&mut self, told: Option<&LessonNow>) -> bool {
        let over = told.is_some_and(|told| told.over && self.is_present(told));
        match &mut self.open {
            Some(open) if open.phase == Phase::Run && over => {
                open.phase = Phase::Verdict;
                open.lines = List::default();
                true
            }
            _ => false,
        }
    }

    /// Does what a key asks for.
    pub(super) fn key(&mut self, key: LessonKey) -> Option<Outcome> {
        if let LessonKey::Open(lesson) = key {
            self.open(lesson);
            return None;
        }
        let Some(open) = &self.open else {
            if key == LessonKey::GoOn {
                self.open(self.list.selected.unwrap_or(0));
            }
            return None;
        };
        match (key, open.phase) {
            (LessonKey::GoOn, Phase::Run) => Some(send(LessonCommand::Step)),
            (LessonKey::GoOn, Phase::Verdict) => {
                let next = (open.lesson + 1) % self.cards.len().max(1);
                self.open(next);
                None
            }
            (LessonKey::GoOn, Phase::Question) | (LessonKey::Again, Phase::Run | Phase::Verdict) => self.run(),
            (LessonKey::GoBack, Phase::Question) if open.lesson > 0 => {
                self.open(open.lesson - 1);
                None
            }
            (LessonKey::GoBack, Phase::Run | Phase::Verdict) => match self.back() {
                Back::Stays(outcome) => outcome,
                Back::Leaves => None,
            },
            (key, _) => self.choose(key),
        }
    }

    fn choose(&mut self, key: LessonKey) -> Option<Outcome> {
        let open = self.open.as_mut()?;
        let card = self.cards.get(open.lesson)?;
        match key {
            LessonKey::Answer(answer) if open.phase == Phase::Question && answer < card.choices.len() => {
                open.answer = Some(answer);
            }
            LessonKey::NextSetting => open.setting = (open.setting + 1) % card.settings.len().max(1),
            LessonKey::More | LessonKey::Less if open.phase == Phase::Question => {
                let setting = card.settings.get(open.setting)?;
                let knob = &mut open.knobs[open.setting];
                let last = setting.values.len().saturating_sub(1) as u8;
                *knob = if key == LessonKey::More { (*knob + 1).min(last) } else { knob.saturating_sub(1) };
            }
            LessonKey::Speed => {
                open.speed = match open.speed {
                    Speed::Own => Speed::Slow,
                    Speed::Slow => Speed::Step,
                    Speed::Step => Speed::Own,
                };
                return (open.phase == Phase::Run).then(|| send(LessonCommand::Speed(open.speed)));
            }
            _ => {}
        }
        None
    }

    /// The next or the last answer.
    pub(super) fn move_answer(&mut self, down: bool) {
        let Some((open, card)) = self.opened() else { return };
        let last = card.choices.len().saturating_sub(1);
        let answer = match (open.answer, down) {
            (None, true) => 0,
            (None, false) => last,
            (Some(at), true) => (at + 1).min(last),
            (Some(at), false) => at.saturating_sub(1),
        };
        if let Some(open) = &mut self.open {
            open.answer = Some(answer);
        }
    }

    fn run(&mut self) -> Option<Outcome> {
        let open = self.open.as_mut()?;
        self.runs += 1;
        self.in_lab = true;
        open.phase = Phase::Run;
        open.lines = List::default();
        let run = LessonRun { lesson: open.lesson, run: self.runs, speed: open.speed, knobs: open.knobs };
        Some(send(LessonCommand::Run(run)))
    }

    /// One step back: to the question, then to the list. Returns what it asks for.
    pub(super) fn back(&mut self) -> Back {
        match &mut self.open {
            Some(open) if open.phase != Phase::Question => {
                open.phase = Phase::Question;
                open.lines = List::default();
                Back::Stays(self.leave())
            }
            Some(_) => {
                self.open = None;
                Back::Stays(self.leave())
            }
            None => Back::Leaves,
        }
    }

    /// The lab goes back to the pipeline, where it has a lesson.
    pub(super) fn leave(&mut self) -> Option<Outcome> {
        if let Some(open) = self.open.as_mut().filter(|open| open.phase == Phase::Run) {
            open.phase = Phase::Question;
        }
        std::mem::take(&mut self.in_lab).then(|| send(LessonCommand::Leave))
    }
}

fn send(command: LessonCommand) -> Outcome {
    Outcome::Send(Own::new(Command::Lesson(command)))
}
