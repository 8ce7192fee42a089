//! How the dashboard shares out its lines.
//!
//! What folds away as the screen gets lower is in [`shares`](super::shares). The boxes around wait and pulse, the
//! queues and the third line of the sentence depend on the size of the screen alone.

use pollscope_core::model::picture::Picture;
use ratatui::layout::Rect;

use super::{
    super::{
        panel::Frame,
        scenario::{Rows, Scenario, ScenarioPanel, Slot},
    },
    shares::{LanePlan, Shares, Wanted},
};

/// From this width on, the findings have a column of their own.
const WIDE: u16 = 160;

/// From this height on, regions have boxes.
const BOXED: u16 = 24;

/// Where the regions are.
#[derive(Clone, Debug)]
pub(crate) struct Dashboard {
    pub(crate) frame: Frame,
    /// At the top left.
    pub(crate) top: Rect,
    pub(crate) pulse: Option<Rect>,
    pub(crate) findings: Option<Rect>,
    pub(crate) list: Option<Rect>,
    /// The scenario's panel that stands in the place of the list of tasks.
    pub(crate) list_panel: Option<&'static dyn ScenarioPanel>,
    pub(crate) threads: Rect,
    pub(crate) lanes: LanePlan,
    pub(crate) queues: Option<Rect>,
    pub(crate) sentence: Rect,
}

impl Dashboard {
    /// The regions of an area, for what is to be shown.
    pub(crate) fn new(area: Rect, picture: &Picture, scenario: &Scenario) -> Self {
        let fixed = Fixed::new(area);
        let frame = if area.height >= BOXED { Frame::Box } else { Frame::Rule };
        let shares = Shares::new(area.height.saturating_sub(fixed.sum()), frame, &Wanted::new(picture, scenario));
        // What nobody wants is air, as much above the sentence as below it.
        let air = fixed.air + shares.rest / 2;
        let mut below = area;
        let top = cut_off(&mut below, fixed.top);
        let middle = cut_off(&mut below, shares.list);
        let threads = cut_off(&mut below, shares.threads);
        let queues = cut_off(&mut below, fixed.queues);
        cut_off(&mut below, air);
        let sentence = cut_off(&mut below, fixed.sentence);
        let split = (if area.width >= WIDE { area.width * 3 / 8 } else { area.width * 2 / 5 })
            .max(if area.width >= 110 { 50 } else { 44 });
        let (upper_left, pulse) = side_by_side(top, split);
        let (findings, list) = if area.width >= WIDE { side_by_side(middle, split) } else { (Rect::ZERO, middle) };
        let some = |area: Rect| (area.area() > 0).then_some(area);
        Self {
            frame,
            top: upper_left,
            pulse: some(pulse).filter(|area| area.width >= 16),
            findings: some(findings),
            list: some(list),
            list_panel: scenario.panel(Slot::List, picture),
            threads,
            lanes: shares.lanes,
            queues: some(queues),
            sentence,
        }
    }
}

/// How long the list of tasks is.
pub(crate) fn task_rows(picture: &Picture) -> Rows {
    Rows { shown: picture.tasks_in_all, hidden: picture.hidden.tasks, first: 0 }
}

/// How long the dashboard's list is.
pub(crate) fn listed(picture: &Picture, scenario: &Scenario) -> Rows {
    scenario.panel(Slot::List, picture).map_or_else(|| task_rows(picture), |panel| panel.rows(picture))
}

/// Takes lines off the top of an area.
pub(super) fn cut_off(area: &mut Rect, lines: u16) -> Rect {
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
        let sentence = if area.width < 100 && height >= 20 { 3 } else { 2 };
        Self {
            top,
            queues: u16::from(height >= 18),
            air: u16::from(height >= 30),
            sentence,
            foot: u16::from(height >= 22),
        }
    }

    fn sum(&self) -> u16 {
        self.top + self.queues + self.air + self.sentence + self.foot
    }
}
