//! How an open lesson shares out the screen.

use pollscope_core::{
    model::picture::{Lane, Picture},
    trace::event::ThreadKind,
};
use pollscope_tui::{dashboard::shares::LanePlan, panel::Frame};
use ratatui::layout::Rect;

use super::{frame, state::Phase};

/// From this width on, code stands beside the question too.
const WIDE: u16 = 100;
/// The widest code that is shown.
const CODE: u16 = 88;

/// Where the regions are.
#[derive(Clone, Debug)]
pub(super) struct Lesson {
    pub(super) frame: Frame,
    pub(super) code: Option<Rect>,
    pub(super) text: Rect,
    /// The threads' region, and how high their lanes are.
    pub(super) threads: Option<(Rect, LanePlan)>,
    pub(super) sentence: Rect,
}

impl Lesson {
    /// The regions of an area; `code` is how many columns and lines the code has, `text` how many lines a text of
    /// that width has.
    pub(super) fn new(
        area: Rect,
        phase: Phase,
        picture: &Picture,
        code: (u16, u16),
        text: impl Fn(u16) -> usize,
    ) -> Self {
        let frame = frame(area.height);
        let (upper, threads, sentence) = match phase {
            Phase::Question => (area, None, Rect::ZERO),
            Phase::Run | Phase::Verdict => below(area, frame, picture),
        };
        let (code, text) = match phase {
            _ if area.width >= WIDE => beside(upper, code.0),
            Phase::Question => under(upper, frame, text),
            Phase::Run => beside(upper, code.0),
            Phase::Verdict => (None, upper),
        };
        Self { frame, code, text, threads, sentence }
    }
}

/// The threads of a lesson's labs, as far as they did something in the window or still can. Whoever observes is
/// left out.
pub(super) fn lanes(picture: &Picture) -> Vec<&Lane> {
    let is_seen = |lane: &&Lane| match lane.kind {
        ThreadKind::Server | ThreadKind::Observer => false,
        _ => lane.busy > 0.0 || (lane.kind == ThreadKind::Worker && !lane.ended),
    };
    let mut lanes: Vec<_> = picture.lanes.iter().filter(is_seen).collect();
    lanes.sort_by_key(|lane| lane.lab);
    lanes
}

/// The threads and the sentence below, the rest above. How high they are depends on the screen alone: labs come
/// and go in a lesson, and what a reader looks at stays where it is.
fn below(area: Rect, frame: Frame, picture: &Picture) -> (Rect, Option<(Rect, LanePlan)>, Rect) {
    let (rows, axis, sentence) = match area.height {
        0..20 => (3, 0, 2),
        20..30 => (4, 1, 2),
        30..48 => (8, 1, 3),
        _ => (14, 1, 3),
    };
    let lanes = lanes(picture);
    let pool = lanes.iter().filter(|lane| lane.kind == ThreadKind::Blocking).count().min(4) as u16;
    let others = lanes.iter().filter(|lane| lane.kind != ThreadKind::Blocking).count() as u16;
    // A line each; with air between them, and then higher bars, where there is room for it.
    let each = (rows / (others + pool).max(1)).clamp(1, 3);
    let plan = LanePlan { worker: each, rayon: each, low: each, observer: 1, pool, axis };
    let height = rows + axis + frame.height();
    let upper = Rect { height: area.height.saturating_sub(height + sentence), ..area };
    let threads = Rect { y: upper.bottom(), height, ..area };
    let sentence = Rect { y: threads.bottom(), height: sentence, ..area };
    (upper, Some((threads, plan)), sentence)
}

/// The code at the left, as wide as it is, up to three fifths, or half of a narrow screen.
fn beside(area: Rect, code: u16) -> (Option<Rect>, Rect) {
    let most = if area.width < WIDE { area.width / 2 } else { area.width * 3 / 5 };
    let width = (code.min(CODE) + 4).min(most).max(area.width * 2 / 5);
    let text = Rect { x: area.x + width, width: area.width - width, ..area };
    (Some(Rect { width, ..area }), text)
}

/// The text above, as high as it is, and the code below, where there is room for some of it.
fn under(area: Rect, frame: Frame, text: impl Fn(u16) -> usize) -> (Option<Rect>, Rect) {
    let wanted = text(frame.inner(area).width) as u16 + frame.height();
    if wanted + frame.height() + 3 > area.height {
        return (None, area);
    }
    let text = Rect { height: wanted, ..area };
    (Some(Rect { y: text.bottom(), height: area.height - wanted, ..area }), text)
}
