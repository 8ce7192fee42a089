//! A lesson, as it has told of itself so far.

use std::{collections::VecDeque, sync::Arc};

use super::picture::{Arrow, LessonNow, Printed};
use crate::trace::{
    clock::Nanos,
    lesson::{Curve, LessonEvent},
    record::{ActivityId, ThreadId},
};

/// Printed lines and arrows that are kept: more than any lesson shows.
const LINES: usize = 64;
/// Expectations, curves and told states that are kept: more than any lesson has, and a damaged log cannot make
/// more of them.
const MOST: usize = 64;

/// What a lesson has told; empty while none has begun.
#[derive(Clone, Debug, Default)]
pub(super) struct LessonState {
    now: Option<LessonNow>,
    /// The parts by the first lab that each can have; before the first part there is none.
    parts: Vec<(u32, Arc<str>)>,
}

impl LessonState {
    /// It told something, at that instant, when that many labs had been built.
    pub(super) fn told(&mut self, at: Nanos, labs: u32, event: &LessonEvent) {
        match event {
            LessonEvent::Began { name, run } => {
                let name = Arc::clone(name);
                self.now = Some(LessonNow { name, run: *run, began: at, ..LessonNow::default() });
                self.parts = vec![(labs.saturating_add(1), "".into())];
            }
            LessonEvent::Part { label } if self.parts.len() < MOST => {
                self.parts.push((labs.saturating_add(1), Arc::clone(label)));
            }
            LessonEvent::Left => *self = Self::default(),
            _ => {}
        }
        if let Some(now) = &mut self.now {
            note(now, at, event);
        }
    }

    /// The letters and points of all that it has told and that is kept, in bytes.
    pub(super) fn owned(&self) -> usize {
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

    /// A task that had been ready for so long was polled, by that thread from that instant on.
    #[inline]
    pub(super) fn polled(
        &mut self,
        woken_by: Option<(ActivityId, ThreadId)>,
        (to, polled): (ThreadId, Nanos),
        ready: Nanos,
    ) {
        let Some(now) = &mut self.now else { return };
        if let Some((_, from)) = woken_by.filter(|(_, from)| *from != to && !now.over) {
            keep(&mut now.arrows, Arrow { from, woken: polled.saturating_sub(ready), to, polled });
        }
    }

    /// The part of the lesson that had that lab; none where it was none of the lesson's.
    pub(super) fn part_of(&self, lab: u32) -> Option<&Arc<str>> {
        self.parts.iter().rev().find(|(first, _)| *first <= lab).map(|(_, label)| label)
    }

    /// The lesson as it is now; none where none has begun.
    pub(super) fn now(&self) -> Option<LessonNow> {
        self.now.clone()
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
            keep(&mut now.arrows, Arrow { from: *from, woken: at, to: *to, polled: at });
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
