//! How the dashboard shares out its lines.
//!
//! What folds away as the screen gets lower, in this order: the lanes of the observers, the air between the
//! lanes, the time axis, the third line of the sentence, the queues, the boxes around wait and pulse, the
//! repositories. The threads and the sentence stay.

use ratatui::layout::Rect;

use super::super::panel::Frame;
use crate::{
    model::picture::{Lane, Picture},
    trace::event::ThreadKind,
};

/// From this width on, the findings have a column of their own.
const WIDE: u16 = 160;

/// From this height on, regions have boxes.
const BOXED: u16 = 24;

/// Of more lanes than that the first have to do, while there is no room for all.
const CROWD: u16 = 6;

/// Where the regions are.
#[derive(Clone, Debug)]
pub(crate) struct Dashboard {
    pub(crate) frame: Frame,
    pub(crate) strategy: Rect,
    pub(crate) pulse: Option<Rect>,
    pub(crate) findings: Option<Rect>,
    pub(crate) repositories: Option<Rect>,
    pub(crate) threads: Rect,
    pub(crate) lanes: LanePlan,
    pub(crate) queues: Option<Rect>,
    pub(crate) sentence: Rect,
}

/// How many lines the lanes have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LanePlan {
    /// A lane of a worker or a Rayon thread.
    pub(crate) tall: u16,
    /// A lane of the blocking pool or the scenario.
    pub(crate) low: u16,
    /// A lane of what observes.
    pub(crate) observer: u16,
    /// The time axis under the lanes.
    pub(crate) axis: u16,
}

impl LanePlan {
    /// The lines of one lane.
    pub(crate) fn height(self, lane: &Lane) -> u16 {
        match lane {
            _ if is_core(lane) => self.tall,
            _ if is_observer(lane) => self.observer,
            _ => self.low,
        }
    }
}

/// The lanes that the dashboard is about.
fn is_core(lane: &Lane) -> bool {
    matches!(lane.kind, ThreadKind::Worker | ThreadKind::Rayon) && !lane.left_over && !lane.ended
}

/// The lanes of what observes.
fn is_observer(lane: &Lane) -> bool {
    matches!(lane.kind, ThreadKind::Server | ThreadKind::Observer)
}

impl Dashboard {
    /// The regions of an area, for what is to be shown.
    pub(crate) fn new(area: Rect, picture: &Picture) -> Self {
        let fixed = Fixed::new(area);
        let frame = if area.height >= BOXED { Frame::Box } else { Frame::Rule };
        let shares = Shares::new(area.height.saturating_sub(fixed.sum()), frame, picture);
        // What nobody wants is air, as much above the sentence as below it.
        let air = fixed.air + shares.rest / 2;
        let mut below = area;
        let top = cut_off(&mut below, fixed.top);
        let middle = cut_off(&mut below, shares.repositories);
        let threads = cut_off(&mut below, shares.threads);
        let queues = cut_off(&mut below, fixed.queues);
        cut_off(&mut below, air);
        let sentence = cut_off(&mut below, fixed.sentence);
        let split = (if area.width >= WIDE { area.width * 3 / 8 } else { area.width * 2 / 5 })
            .max(if area.width >= 110 { 50 } else { 44 });
        let (strategy, pulse) = side_by_side(top, split);
        let (findings, repositories) =
            if area.width >= WIDE { side_by_side(middle, split) } else { (Rect::ZERO, middle) };
        let some = |area: Rect| (area.area() > 0).then_some(area);
        Self {
            frame,
            strategy,
            pulse: some(pulse).filter(|area| area.width >= 16),
            findings: some(findings),
            repositories: some(repositories),
            threads,
            lanes: shares.lanes,
            queues: some(queues),
            sentence,
        }
    }
}

fn cut_off(area: &mut Rect, lines: u16) -> Rect {
    let lines = lines.min(area.height);
    let cut = Rect { height: lines, ..*area };
    *area = Rect { y: area.y + lines, height: area.height - lines, ..*area };
    cut
}

fn side_by_side(area: Rect, split: u16) -> (Rect, Rect) {
    let split = split.min(area.width);
    (Rect { width: split, ..area }, Rect { x: area.x + split, width: area.width - split, ..area })
}

/// Lines that depend on the size alone, so that nothing jumps while figures change.
struct Fixed {
    top: u16,
    queues: u16,
    air: u16,
    sentence: u16,
    /// Air under the sentence.
    foot: u16,
}

impl Fixed {
    fn new(area: Rect) -> Self {
        let height = area.height;
        let top = match height {
            0..16 => 1,
            16..BOXED => 2,
            BOXED..44 => 4,
            44.. => 5,
        };
        let sentence = if height >= 44 || (area.width < 100 && height >= 20) { 3 } else { 2 };
        Self {
            top,
            queues: u16::from(height >= 18),
            air: u16::from(height >= 30),
            sentence,
            foot: u16::from(height >= 34),
        }
    }

    fn sum(&self) -> u16 {
        self.top + self.queues + self.air + self.sentence + self.foot
    }
}

/// Lines that repositories and threads share.
struct Shares {
    repositories: u16,
    threads: u16,
    lanes: LanePlan,
    rest: u16,
}

impl Shares {
    /// Each gets its least; then what is left is given out in the order of the lines below.
    fn new(room: u16, frame: Frame, picture: &Picture) -> Self {
        let rows = picture.rows.len().clamp(4, 60) as u16;
        let core = picture.lanes.iter().filter(|lane| is_core(lane)).count() as u16;
        let observers = picture.lanes.iter().filter(|lane| is_observer(lane)).count() as u16;
        let others = (picture.lanes.len() as u16).saturating_sub(core + observers);
        // A blocking pool at work must not take the workers' air: the rest of it comes later.
        let first = others.min(CROWD);
        let main = (core + first).max(2);
        let mut shares = Self {
            repositories: 0,
            threads: room.min(frame.height() + main.min(4)),
            lanes: LanePlan { tall: 1, low: 1, observer: 1, axis: 0 },
            rest: 0,
        };
        shares.rest = room - shares.threads;
        let table = frame.height() + 1;
        if shares.rest >= table + 2 {
            shares.grow_repositories(table + 2);
            shares.grow_repositories(table + rows.min(5));
        }
        shares.grow_threads(frame.height() + main.min(8));
        if shares.repositories > 0 {
            shares.grow_repositories(table + rows.min(8));
        }
        shares.lanes.axis = shares.take_all(1);
        if core <= CROWD {
            shares.lanes.tall += u16::from(shares.take_all(core) > 0);
        }
        shares.grow_threads(shares.threads + main.saturating_sub(8));
        shares.grow_threads(shares.threads + (others - first));
        if shares.repositories > 0 {
            shares.grow_repositories(table + rows);
        }
        shares.grow_threads(shares.threads + observers);
        shares.lanes.tall += u16::from(shares.take_all(core) > 0);
        shares.lanes.low += u16::from(shares.take_all(others) > 0);
        shares.lanes.observer += u16::from(shares.take_all(observers) > 0);
        shares
    }

    fn grow_repositories(&mut self, to: u16) {
        let more = to.saturating_sub(self.repositories).min(self.rest);
        self.repositories += more;
        self.rest -= more;
    }

    fn grow_threads(&mut self, to: u16) {
        let more = to.saturating_sub(self.threads).min(self.rest);
        self.threads += more;
        self.rest -= more;
    }

    /// Lines for the threads, all that are wanted or none.
    fn take_all(&mut self, lines: u16) -> u16 {
        let taken = if lines <= self.rest { lines } else { 0 };
        self.threads += taken;
        self.rest -= taken;
        taken
    }
}
