//! One lane: what a thread did, cell by cell, drawn straight into the buffer.
//!
//! A cell is as high as the thread was busy and has the colour of what it did most, except that trouble is
//! not hidden: a quarter of the busy time is enough for it. Where trouble holds half of the cell it fills
//! the cell with its texture. Nothing is drawn where nothing was measured but the ground line.

use pollscope_core::model::picture::{Cell, LaneState};
use ratatui::{buffer::Buffer, layout::Rect, style::Modifier};

use super::super::{
    glyphs::Ladder,
    looks::{self, CellFill, CellLook, Skin},
};

/// The looks of all states, looked up once for a frame.
pub struct Brush<'k> {
    looks: [CellLook; LaneState::ALL.len()],
    skin: Skin<'k>,
}

impl<'k> Brush<'k> {
    /// A brush for the looks of that skin.
    pub fn new(skin: Skin<'k>) -> Self {
        Self { looks: LaneState::ALL.map(|state| looks::lane(state, skin)), skin }
    }

    /// Draws the cells, the newest at the right end. Without air above, no bar is quite full: a crowd of busy
    /// lanes would be one wall.
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, cells: &[Cell], air: bool) {
        let area = area.intersection(buffer.area);
        let skipped = cells.len().saturating_sub(area.width.into());
        let shown = &cells[skipped..];
        let missing = usize::from(area.width) - shown.len();
        let cells = std::iter::repeat_n(Cell::default(), missing).chain(shown.iter().copied());
        for (x, cell) in (area.x..area.right()).zip(cells) {
            self.draw_cell(buffer, Rect { x, width: 1, ..area }, cell, air);
        }
    }

    fn draw_cell(&self, buffer: &mut Buffer, area: Rect, cell: Cell, air: bool) {
        if area.height == 0 {
            return;
        }
        let bottom = (area.x, area.bottom() - 1);
        let Some(state) = foremost(cell) else {
            buffer[bottom].set_symbol(self.skin.glyphs.line.ground).set_style(self.skin.theme.line.track);
            return;
        };
        let look = &self.looks[state as usize];
        match look.fill {
            CellFill::Line(symbol) => {
                buffer[bottom].set_symbol(symbol).set_style(look.tint.bar);
            }
            CellFill::Texture(symbol) if cell.share(state) >= 128 => {
                // Without air a line at the foot keeps a crowd of blocked lanes apart.
                let foot = if air { Modifier::empty() } else { Modifier::UNDERLINED };
                for y in area.y..area.bottom() {
                    buffer[(area.x, y)].set_symbol(symbol).set_style(look.tint.fill);
                }
                buffer[bottom].set_style(look.tint.fill.add_modifier(foot));
            }
            CellFill::Texture(_) => draw_bar(buffer, area, &self.skin.glyphs.bar, cell, look, air),
            CellFill::Bar(ladder) => draw_bar(buffer, area, ladder, cell, look, air),
        }
    }
}

/// A bar from the ground up, in eighths of a line.
fn draw_bar(buffer: &mut Buffer, area: Rect, ladder: &Ladder, cell: Cell, look: &CellLook, air: bool) {
    let busy = u16::from(cell.busy() - cell.share(LaneState::WaitsForRoom).min(cell.busy()));
    let most = area.height * 8 - u16::from(!air);
    let steps = (busy * area.height * 8).div_ceil(255).clamp(1, most);
    for row in 0..steps.div_ceil(8).min(area.height) {
        let step = (steps - row * 8).min(8);
        let symbol = ladder[usize::from(step) - 1];
        buffer[(area.x, area.bottom() - 1 - row)].set_symbol(symbol).set_style(look.tint.bar);
    }
}

/// What a cell is coloured by; nothing where the thread did nothing.
pub fn foremost(cell: Cell) -> Option<LaneState> {
    let busy = cell.busy();
    let trouble = [LaneState::Blocked, LaneState::Hogged, LaneState::NoCore];
    let most = |states: &[LaneState]| {
        let most = states.iter().rev().copied().max_by_key(|state| cell.share(*state))?;
        (cell.share(most) > 0).then_some(most)
    };
    most(&trouble).filter(|state| cell.share(*state) >= busy / 4).or_else(|| most(&LaneState::ALL))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::{
        super::super::{
            glyphs,
            keys::Keymap,
            theme::{Theme, ThemeName},
        },
        *,
    };

    fn skin() -> Skin<'static> {
        static KEYS: LazyLock<Keymap> = LazyLock::new(Keymap::default);
        Skin { theme: Theme::of(ThemeName::Dark), glyphs: &glyphs::UNICODE, keys: &KEYS }
    }

    fn cell(shares: &[(LaneState, u8)]) -> Cell {
        let mut cell = Cell::default();
        for (state, share) in shares {
            cell.set(*state, *share);
        }
        cell
    }

    fn drawn(cells: &[Cell], width: u16, height: u16) -> Vec<String> {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        Brush::new(skin()).draw(&mut buffer, area, cells, true);
        let line = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect();
        (0..height).map(line).collect()
    }

    #[test]
    fn a_bar_is_as_high_as_the_thread_was_busy() {
        let cells = [0, 1, 32, 64, 127, 160, 223, 255].map(|share| cell(&[(LaneState::Polling, share)]));
        assert_eq!(drawn(&cells, 8, 1), ["▁▁▂▃▄▆▇█"]);
        assert_eq!(drawn(&cells, 8, 2), ["     ▃▆█", "▁▁▃▅████"]);
    }

    #[test]
    fn without_air_a_full_bar_leaves_a_line_to_the_lane_above() {
        let area = Rect::new(0, 0, 1, 1);
        let mut buffer = Buffer::empty(area);
        Brush::new(skin()).draw(&mut buffer, area, &[cell(&[(LaneState::Job, 255)])], false);
        assert_eq!(buffer[(0, 0)].symbol(), "▇");
    }

    #[test]
    fn the_newest_is_at_the_right() {
        let full = cell(&[(LaneState::Job, 255)]);
        assert_eq!(drawn(&[full], 3, 1), ["▁▁█"]);
        assert_eq!(drawn(&[full, Cell::default(), full], 2, 1), ["▁█"]);
    }

    #[test]
    fn trouble_is_not_hidden() {
        let mostly_fine = cell(&[(LaneState::Blocked, 40), (LaneState::Runtime, 100)]);
        assert_eq!(foremost(mostly_fine), Some(LaneState::Blocked));
        let hardly = cell(&[(LaneState::Blocked, 10), (LaneState::Runtime, 100)]);
        assert_eq!(foremost(hardly), Some(LaneState::Runtime));
        let stopped = cell(&[(LaneState::Blocked, 128)]);
        assert_eq!(drawn(&[mostly_fine, stopped], 2, 2), ["▁╱", "█╱"]);
    }

    #[test]
    fn equal_shares_go_to_the_worse() {
        let cell = cell(&[(LaneState::Blocked, 90), (LaneState::Hogged, 90)]);
        assert_eq!(foremost(cell), Some(LaneState::Blocked));
        assert_eq!(foremost(Cell::default()), None);
    }
}
