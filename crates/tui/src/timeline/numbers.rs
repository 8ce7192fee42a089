//! The rows of numbers below the lanes: ready tasks, queues, the pulse, cores in use.

use pollscope_core::{
    model::picture::{Timeline, filling},
    trace::clock::MILLI,
};
use ratatui::{buffer::Buffer, layout::Rect};

use super::super::{looks::Skin, units};

/// A row: each cell's number as a share of the highest, and in words.
pub(super) struct Row {
    shares: Vec<Option<f32>>,
    words: Vec<Option<String>>,
}

/// How many rows there are.
pub(super) fn count(timeline: &Timeline) -> usize {
    3 + timeline.queues.len()
}

/// The rows with their labels, the most telling first; `unmeasured` where the system does not tell of cores.
pub(super) fn rows(timeline: &Timeline, unmeasured: bool) -> Vec<(Row, String)> {
    let mut rows = vec![
        (numbers(&timeline.ready, 0, |ready| ready.to_string()), "ready tasks".to_owned()),
        (late(timeline), "pulse late".to_owned()),
        (cores(timeline, unmeasured), "cores in use".to_owned()),
    ];
    rows.extend(timeline.queues.iter().map(|(name, capacity, depths)| {
        (numbers(depths, capacity.unwrap_or(0), |depth| filling(depth, *capacity)), name.to_string())
    }));
    rows
}

fn numbers(cells: &[Option<u32>], most: u32, words: impl Fn(u32) -> String) -> Row {
    let most = cells.iter().flatten().copied().max().unwrap_or(0).max(most).max(1);
    Row {
        shares: cells.iter().map(|cell| cell.map(|number| number as f32 / most as f32)).collect(),
        words: cells.iter().map(|cell| cell.map(&words)).collect(),
    }
}

fn late(timeline: &Timeline) -> Row {
    // Less than ten milliseconds is nothing to look at.
    let most = timeline.late.iter().flatten().copied().max().unwrap_or(0).max(10 * MILLI);
    Row {
        shares: timeline.late.iter().map(|cell| cell.map(|late| late as f32 / most as f32)).collect(),
        words: timeline.late.iter().map(|cell| cell.map(units::duration)).collect(),
    }
}

fn cores(timeline: &Timeline, unmeasured: bool) -> Row {
    if unmeasured {
        // In ten letters.
        let words = vec![Some("unmeasured".to_owned()); timeline.cores.len()];
        return Row { shares: vec![None; timeline.cores.len()], words };
    }
    let most = timeline.cores.iter().flatten().copied().fold(1.0, f32::max);
    Row {
        shares: timeline.cores.iter().map(|cell| cell.map(|cores| cores / most)).collect(),
        words: timeline.cores.iter().map(|cell| cell.map(|cores| format!("{cores:.2}"))).collect(),
    }
}

impl Row {
    /// Draws the row: nothing where nothing was measured.
    pub(super) fn draw(&self, buffer: &mut Buffer, area: Rect, skin: Skin) {
        let style = skin.theme.tint.on_cpu.bar;
        for (x, share) in (area.x..area.right()).zip(&self.shares) {
            let Some(share) = share.filter(|share| *share > 0.0) else { continue };
            // Even the highest leaves a line to the row above.
            let step = ((share * 7.0).ceil() as usize).clamp(1, 7);
            buffer[(x, area.y)].set_symbol(skin.glyphs.bar[step - 1]).set_style(style);
        }
    }

    /// The number at a cell, or else the last before it that is known.
    pub(super) fn figure(&self, cell: Option<usize>) -> String {
        let upto = cell.map_or(0, |cell| (cell + 1).min(self.words.len()));
        self.words[..upto].iter().rev().flatten().next().cloned().unwrap_or_default()
    }
}
