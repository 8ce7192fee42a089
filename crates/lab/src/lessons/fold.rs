//! A lesson, as it has told of itself so far.

use std::{collections::VecDeque, sync::Arc};

use pollscope_core::{
    model::scenario::{Facts, Hop, ScenarioFold, ScenarioPicture},
    trace::{
        clock::Nanos,
        event::{Payload, ScenarioEvent},
    },
};

use super::{
    event::{Curve, LessonEvent},
    picture::{LessonNow, Printed},
};

/// Printed lines and arrows that are kept: more than any lesson shows.
const LINES: usize = 64;
/// Expectations, curves and told states that are kept: more than any lesson has, and a damaged log cannot make
/// more of them.
const MOST: usize = 64;

/// What a lesson has told; empty while none has begun.
#[derive(Clone, Debug, Default)]
pub struct LessonFold {
    /// The latest lab.
    generation: u32,
    now: Option<LessonNow>,
    /// The parts by the first lab that each can have; before the first part there is none.
    parts: Vec<(u32, Arc<str>)>,
}

impl LessonFold {
    /// It told something, at that instant.
    fn told(&mut self, at: Nanos, event: &LessonEvent) {
        let labs = self.generation;
        match event {
            LessonEvent::Began { name, run } => {
                let name = Arc::clone(name);
                self.now = Some(LessonNow { name, run: *run, began: at, ..LessonNow::default() });
                self.parts = vec![(labs.saturating_add(1), "".into())];
            }
            LessonEvent::Part { label } if self.parts.len() < MOST => {
                self.parts.push((labs.saturating_add(1), Arc::clone(label)));
            }
            LessonEvent::Left => *self = Self { generation: labs, ..Self::default() },
            _ => {}
        }
        if let Some(now) = &mut self.now {
            note(now, at, event);
        }
    }

    /// The letters and points of all that it has told and that is kept, in bytes.
    fn owned(&self) -> usize {
        let parts = self.parts.iter().map(|(_, label)| label.len()).sum::<usize>();
        let Some(now) = &self.now else { return parts };
        let words = [Some(&now.name), now.part.as_ref(), now.waits_before.as_ref(), now.halted.as_ref()];
        let words = words.into_iter().flatten().map(|it| it.len()).sum::<usize>();
        let printed = now.printed.iter().map(|it| it.line.len()).sum::<usize>();
        let told = now.told.iter().map(|(of, is)| of.len() + is.len()).sum::<usize>();
        let measured = now.measured.iter().map(|it| it.text.len() + it.measured.len()).sum::<usize>();
        let curve = |it: &Curve| it.name.len() + it.over.len() + size_of_val(&it.points[..]);
        parts + words + printed + told + measured + now.curves.iter().map(curve).sum::<usize>()
    }
}

impl ScenarioFold for LessonFold {
    fn copy(&self) -> Box<dyn ScenarioFold> {
        Box::new(self.clone())
    }

    fn event(&mut self, at: Nanos, event: &ScenarioEvent) {
        if let Some(told) = LessonEvent::read(event) {
            self.told(at, &told);
        }
    }

    fn lab_built(&mut self, generation: u32, _setup: &Payload) {
        self.generation = generation;
    }

    fn wants_hops(&self) -> bool {
        self.now.as_ref().is_some_and(|now| !now.over)
    }

    fn hop(&mut self, hop: Hop) {
        if let Some(now) = self.now.as_mut().filter(|now| !now.over) {
            keep(&mut now.arrows, hop);
        }
    }

    fn part_of(&self, generation: u32) -> Option<Arc<str>> {
        self.parts.iter().rev().find(|(first, _)| *first <= generation).map(|(_, label)| Arc::clone(label))
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + self.owned()
    }

    fn picture(&self, _facts: &Facts<'_>) -> Option<Arc<dyn ScenarioPicture>> {
        self.now.clone().map(|now| Arc::new(now) as _)
    }
}

fn note(now: &mut LessonNow, at: Nanos, event: &LessonEvent) {
    match event {
        LessonEvent::Part { label } => {
            now.part = Some(Arc::clone(label));
            now.told.clear();
        }
        LessonEvent::Printed { line } => {
            let part = now.part.clone();
            keep(&mut now.printed, Printed { part, line: Arc::clone(line) });
        }
        LessonEvent::Told { of, now: is } => match now.told.iter().position(|(whose, _)| whose == of) {
            Some(at) => now.told[at].1 = Arc::clone(is),
            None if now.told.len() < MOST => now.told.push((Arc::clone(of), Arc::clone(is))),
            None => {}
        },
        LessonEvent::Stole { from, to } => {
            keep(&mut now.arrows, Hop { from: *from, woken: at, to: *to, polled: at });
        }
        LessonEvent::Waits { before } => now.waits_before = Some(Arc::clone(before)),
        LessonEvent::GoesOn => now.waits_before = None,
        LessonEvent::Measured(expectation) if now.measured.len() < MOST => now.measured.push(expectation.clone()),
        LessonEvent::Curve(curve) if now.curves.len() < MOST => now.curves.push(curve.clone()),
        LessonEvent::Began { .. } | LessonEvent::Left | LessonEvent::Measured(_) | LessonEvent::Curve(_) => {}
        LessonEvent::Over { halted } => {
            now.over = true;
            now.halted.clone_from(halted);
            now.waits_before = None;
        }
    }
}

fn keep<T>(lines: &mut VecDeque<T>, line: T) {
    if lines.len() == LINES {
        lines.pop_front();
    }
    lines.push_back(line);
}
