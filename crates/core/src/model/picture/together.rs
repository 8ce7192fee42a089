//! Several programs in one picture: what each has is put beside what the others have, under its name.
//!
//! Each has ids of its own; in the picture those of `n` programs are interleaved, so that none is another's. It does not
//! know where the programs are.

use std::{any::Any, sync::Arc};

use super::{Beside, Lane, Of, Picture, Pulse, Seek, Sought, Span, TaskCounts, Timeline, View};
use crate::{model::scenario::ScenarioPicture, trace::clock::Nanos};

/// Makes one picture of one of each program, which are asked for and added one after the other.
#[derive(Debug)]
pub struct Together {
    count: u32,
    asked: View,
    own: View,
    parts: Vec<Picture>,
    /// Lines of the task list before the next program's, and those that are wanted and not there yet.
    lines: (u32, u16),
}

impl Together {
    /// Of so many programs, as a view asks.
    pub fn new(count: usize, view: &View) -> Self {
        let count = count.max(1) as u32;
        let mut together =
            Self { count, asked: view.clone(), own: view.clone(), parts: Vec::new(), lines: (0, view.tasks.1) };
        together.ask();
        together
    }

    /// What the next program's picture is to be of.
    pub fn view(&self) -> &View {
        &self.own
    }

    /// Which program, from 0, is next.
    fn next(&self) -> u32 {
        self.parts.len() as u32
    }

    /// An id of the picture as the next program's own, if it is one of its.
    fn own(&self, id: u32) -> Option<u32> {
        (id % self.count == self.next()).then_some(id / self.count)
    }

    fn ask(&mut self) {
        let of = |seek: Seek| {
            let of = match seek.of {
                Of::All => Of::All,
                Of::Thread(thread) => Of::Thread(self.own(thread)?),
                Of::Task(task) => Of::Task(self.own(task)?),
            };
            Some(Seek { of, ..seek })
        };
        let (before, wanted) = self.lines;
        let own = View {
            seek: self.asked.seek.and_then(of),
            timeline: self
                .asked
                .timeline
                .map(|asked| super::TimelineView { thread: asked.thread.and_then(|thread| self.own(thread)), ..asked }),
            life: self.asked.life.and_then(|asked| Some(super::LifeView { task: self.own(asked.task)?, ..asked })),
            tasks: (self.asked.tasks.0.saturating_sub(before), wanted),
            ..self.asked.clone()
        };
        self.own = own;
    }

    /// Adds the next program's picture. One that is gone stays as it was last.
    pub fn add(&mut self, name: &Arc<str>, is_there: bool, mut picture: Picture) {
        let name = if is_there { Arc::clone(name) } else { format!("{name} (gone)").into() };
        let (before, wanted) = self.lines;
        self.lines = (before + picture.tasks_in_all, wanted.saturating_sub(picture.tasks.len() as u16));
        if self.count > 1 {
            self.rename(&name, &mut picture);
        }
        picture.header.programs.clear();
        picture.name_program(&name);
        self.parts.push(picture);
        self.ask();
    }

    /// Ids and names as they are in the whole.
    fn rename(&self, name: &Arc<str>, picture: &mut Picture) {
        let (count, place) = (self.count, self.next());
        let id = |id: u32| id.wrapping_mul(count).wrapping_add(place);
        let of = |what: &str| format!("{name}: {what}");
        for Lane { thread, program, .. } in &mut picture.lanes {
            *thread = id(*thread);
            *program = Some(Arc::clone(name));
        }
        for shown in &mut picture.scenarios {
            if let Some(renumbered) = shown.renumbered(&id) {
                *shown = renumbered;
            }
        }
        for queue in &mut picture.queues {
            queue.name = of(&queue.name).into();
        }
        for finding in &mut picture.findings {
            finding.thread = finding.thread.as_deref().map(of);
            finding.text = of(&finding.text);
        }
        for line in &mut picture.tasks {
            line.task = id(line.task);
            line.name = of(&line.name).into();
        }
        picture.sentence.lead = of(&picture.sentence.lead);
        if let Some(Sought { thread, .. }) = &mut picture.sought {
            *thread = thread.map(id);
        }
        if let Some(timeline) = &mut picture.timeline {
            for lane in &mut timeline.lanes {
                lane.thread = id(lane.thread);
                lane.program = Some(Arc::clone(name));
            }
            for (queue, ..) in &mut timeline.queues {
                *queue = of(queue).into();
            }
            timeline.span.iter_mut().for_each(|span| renamed(span, id));
        }
        if let Some(life) = &mut picture.life {
            life.task = id(life.task);
            life.name = life.name.as_deref().map(|task| of(task).into());
            life.longest.iter_mut().for_each(|poll| poll.thread = id(poll.thread));
        }
    }

    /// The picture of all.
    ///
    /// # Panics
    ///
    /// Where no program's was added.
    #[expect(clippy::expect_used, reason = "whoever looks at programs looks at one at least")]
    pub fn picture(self) -> Picture {
        let is_forward = self.asked.seek.is_none_or(|seek| seek.forward);
        let mut parts = self.parts.into_iter();
        let mut whole = parts.next().expect("a program's picture");
        for mut part in parts {
            whole.header.programs.append(&mut part.header.programs);
            whole.merge(part, is_forward);
        }
        whole.findings.sort_by_key(|finding| (!finding.active, finding.active.then_some(finding.rule)));
        whole.tasks_first = self.asked.tasks.0.min(whole.tasks_in_all);
        // What can be changed is another program's; and what is said of one lab is not said of several.
        whole.sentence.remedy = None;
        whole
    }
}

fn renamed(span: &mut Span, id: impl Fn(u32) -> u32) {
    span.thread = id(span.thread);
    span.what = id(span.what);
    for beside in [&mut span.before, &mut span.after] {
        let Beside::Poll(thread, ..) = beside else { continue };
        *thread = id(*thread);
    }
    if let Some(woken) = &mut span.woken {
        woken.thread = id(woken.thread);
        woken.by = if woken.by == 0 { 0 } else { id(woken.by) };
    }
}

impl Picture {
    /// Takes in what another program's has.
    fn merge(&mut self, other: Self, is_forward: bool) {
        self.at = self.at.max(other.at);
        self.newest = self.newest.max(other.newest);
        self.oldest = self.oldest.min(other.oldest);
        self.sought = nearer(self.sought, other.sought, is_forward);
        self.header.elapsed = self.header.elapsed.max(other.header.elapsed);
        self.header.lost = self.header.lost.saturating_add(other.header.lost);
        if other.header.is_unmeasured() {
            self.header.tells = other.header.tells;
        }
        self.header.observer_cores = sum(self.header.observer_cores, other.header.observer_cores);
        let probe_nanos = self.header.probe_nanos.into_iter().chain(other.header.probe_nanos);
        self.header.probe_nanos = probe_nanos.reduce(f64::max);
        self.pulse.merge(&other.pulse);
        self.counts.add(other.counts);
        self.lanes.extend(other.lanes);
        self.queues.extend(other.queues);
        self.findings.extend(other.findings);
        if other.sentence.mood as u8 > self.sentence.mood as u8 {
            self.sentence = other.sentence;
        }
        self.tasks.extend(other.tasks);
        self.tasks_in_all += other.tasks_in_all;
        self.hidden.tasks += other.hidden.tasks;
        self.scenarios = joined(std::mem::take(&mut self.scenarios), other.scenarios);
        self.timeline = match (self.timeline.take(), other.timeline) {
            (Some(one), Some(other)) => Some(one.and(other)),
            (one, other) => one.or(other),
        };
        self.life = self.life.take().or(other.life);
    }
}

/// What the panels of two programs show: of one scenario both in one, and all others.
fn joined(
    mut own: Vec<Arc<dyn ScenarioPicture>>,
    others: Vec<Arc<dyn ScenarioPicture>>,
) -> Vec<Arc<dyn ScenarioPicture>> {
    for other in others {
        let kind = |it: &dyn Any| it.type_id();
        let is_same = |shown: &Arc<dyn ScenarioPicture>| kind(&**shown) == kind(&*other);
        match own.iter().position(is_same) {
            Some(at) => own[at] = own[at].with(&*other).unwrap_or_else(|| Arc::clone(&own[at])),
            None => own.push(other),
        }
    }
    own
}

/// The answer of a step that is nearer: also one that has only been looked for up to there.
fn nearer(one: Option<Sought>, other: Option<Sought>, is_forward: bool) -> Option<Sought> {
    let place = |sought: &Sought| sought.at.or(sought.onward);
    let (Some(one), Some(other)) = (one, other) else { return one.or(other) };
    Some(match (place(&one), place(&other)) {
        (Some(a), Some(b)) if (b < a) == is_forward && a != b => other,
        (None, Some(_)) => other,
        _ => one,
    })
}

fn sum(one: Option<f32>, other: Option<f32>) -> Option<f32> {
    one.zip(other).map(|(one, other)| one + other).or(one).or(other)
}

impl Pulse {
    /// The later of both, at each time.
    fn merge(&mut self, other: &Self) {
        self.cells = latest(&self.cells, &other.cells);
        self.period = self.period.max(other.period);
        self.late_now = self.late_now.max(other.late_now);
        self.median = self.median.max(other.median);
        self.worst = self.worst.max(other.worst);
        self.missed += other.missed;
    }
}

fn latest(one: &[Option<Nanos>], other: &[Option<Nanos>]) -> Vec<Option<Nanos>> {
    let at = |cells: &[Option<Nanos>], cell: usize| cells.get(cell).copied().flatten();
    (0..one.len().max(other.len())).map(|cell| at(one, cell).max(at(other, cell))).collect()
}

impl TaskCounts {
    fn add(&mut self, other: Self) {
        self.alive += other.alive;
        self.polling += other.polling;
        self.blocked += other.blocked;
        self.hogged += other.hogged;
        self.no_core += other.no_core;
        self.ready += other.ready;
        self.held += other.held;
        self.asleep += other.asleep;
        self.in_job += other.in_job;
        self.not_ours += other.not_ours;
    }
}

impl Timeline {
    /// With another program's lanes. Those of one that is gone have another time on their axis: they are left out.
    fn and(mut self, other: Self) -> Self {
        match self.to.cmp(&other.to) {
            std::cmp::Ordering::Less => return other,
            std::cmp::Ordering::Greater => return self,
            std::cmp::Ordering::Equal => {}
        }
        let ready = |cell: usize| {
            let of = |cells: &[Option<u32>]| cells.get(cell).copied().flatten();
            of(&self.ready).zip(of(&other.ready)).map(|(a, b)| a + b).or(of(&self.ready)).or(of(&other.ready))
        };
        let cores = |cell: usize| {
            let of = |cells: &[Option<f32>]| cells.get(cell).copied().flatten();
            sum(of(&self.cores), of(&other.cores))
        };
        let ready = (0..self.ready.len().max(other.ready.len())).map(ready).collect();
        let cores = (0..self.cores.len().max(other.cores.len())).map(cores).collect();
        self.lanes.extend(other.lanes);
        self.queues.extend(other.queues);
        Self {
            ready,
            cores,
            late: latest(&self.late, &other.late),
            exact: self.exact && other.exact,
            unmarked: self.unmarked || other.unmarked,
            span: self.span.or(other.span),
            ..self
        }
    }
}
