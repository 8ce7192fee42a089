//! How an open lesson shares out the screen.

use ratatui::layout::Rect;

use super::{
    super::{dashboard::shares::LanePlan, panel::Frame, state::Phase},
    frame,
};
use crate::model::picture::Picture;

/// From this width on, code stands beside the question too.
const WIDE: u16 = 100;
/// The widest code that is shown.
const CODE: u16 = 88;
/// The lines that the text needs at least.
const TEXT: u16 = 8;

/// Where the regions are.
#[derive(Clone, Debug)]
pub(crate) struct Lesson {
    pub(crate) frame: Frame,
    pub(crate) code: Option<Rect>,
    pub(crate) text: Rect,
    pub(crate) threads: Option<Threads>,
    pub(crate) sentence: Rect,
}

/// The threads' region.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Threads {
    pub(crate) area: Rect,
    pub(crate) lanes: LanePlan,
}

impl Lesson {
    /// The regions of an area; `code` is how many columns and lines the code has, `text` how many lines a text of
    /// that width has.
    pub(crate) fn new(
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

/// The threads and the sentence below, the rest above.
fn below(area: Rect, frame: Frame, picture: &Picture) -> (Rect, Option<Threads>, Rect) {
    let sentence = if area.height >= 20 { 3 } else { 2 };
    let least = TEXT + frame.height();
    let room = area.height.saturating_sub(sentence + least + frame.height());
    let lanes = (picture.lanes.iter().filter(|lane| !lane.ended && !lane.left_over).count() as u16).clamp(3, 16);
    // A line each; bars of two lines where the screen is high enough for all of them.
    let airy = 2 * lanes <= room && area.height >= 36;
    let each = if airy { 2 } else { 1 };
    let axis = u16::from(lanes * each < room);
    let height = (lanes * each + axis).min(room.max(3)) + frame.height();
    let lanes = LanePlan { worker: each, rayon: each, low: each, observer: 1, pool: 3.min(lanes), axis };
    let upper = Rect { height: area.height.saturating_sub(height + sentence), ..area };
    let threads = Rect { y: upper.bottom(), height, ..area };
    let sentence = Rect { y: threads.bottom(), height: area.bottom().saturating_sub(threads.bottom()), ..area };
    (upper, Some(Threads { area: threads, lanes }), sentence)
}

/// The code at the left, as wide as it is, up to three fifths.
fn beside(area: Rect, code: u16) -> (Option<Rect>, Rect) {
    let width = (code.min(CODE) + 4).min(area.width * 3 / 5).max(area.width * 2 / 5);
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
