//! A cell of a lane in eighths: how much of it was in which state, from the ground up.
//!
//! A line of a cell shows two states at most, the lower by its bar and the upper by the ground behind it: where
//! there are more, the two that have most of that line.

use pollscope_core::model::picture::{Cell, LaneState};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::super::{
    dashboard::lane::foremost,
    looks::{self, CellFill, CellLook, Skin},
};

/// States and nothing.
const PARTS: usize = LaneState::ALL.len() + 1;

/// Draws cells, one a column.
pub(super) fn draw(buffer: &mut Buffer, area: Rect, cells: &[Cell], skin: Skin) {
    let looks = LaneState::ALL.map(|state| looks::lane(state, skin));
    let area = area.intersection(buffer.area);
    for (x, cell) in (area.x..area.right()).zip(cells) {
        // Where there are lines enough, an eighth of air keeps busy lanes apart.
        let eighths = eighths(*cell, area.height * 8 - u16::from(area.height > 1));
        let mut stack = eighths
            .iter()
            .take(LaneState::ALL.len())
            .enumerate()
            .flat_map(|(state, count)| std::iter::repeat_n(state, usize::from(*count)));
        for y in (area.y..area.bottom()).rev() {
            let mut counts = [0; PARTS];
            for _ in 0..8 {
                counts[stack.next().unwrap_or(LaneState::ALL.len())] += 1;
            }
            draw_line(buffer, (x, y), &counts, (&looks, y + 1 == area.bottom()), skin);
        }
    }
}

/// The eighths of each state, and of none: they add up to `all`, by largest remainder, so none is more than an
/// eighth off. Only a cell that would seem empty shows the foremost of what it holds.
fn eighths(cell: Cell, all: u16) -> [u16; PARTS] {
    let mut shares = [0_u32; PARTS];
    for state in LaneState::ALL {
        shares[state as usize] = u32::from(cell.share(state));
    }
    // Shares are rounded up where they are small: what is left over can be nothing at all.
    let busy: u32 = shares.iter().sum();
    shares[PARTS - 1] = 255_u32.saturating_sub(busy);
    let whole: u32 = shares.iter().sum::<u32>().max(1);
    let mut eighths = shares.map(|share| (share * u32::from(all) / whole) as u16);
    let mut order: Vec<_> = (0..PARTS).filter(|part| shares[*part] > 0).collect();
    order.sort_by_key(|part| std::cmp::Reverse(shares[*part] * u32::from(all) % whole));
    let left = all - eighths.iter().sum::<u16>();
    for part in order.iter().take(left.into()) {
        eighths[*part] += 1;
    }
    if eighths[PARTS - 1] == all
        && let Some(state) = foremost(cell)
    {
        eighths[PARTS - 1] -= 1;
        eighths[state as usize] += 1;
    }
    eighths
}

/// One line of a cell: of eight eighths so many of each state.
fn draw_line(
    buffer: &mut Buffer,
    at: (u16, u16),
    counts: &[u16; PARTS],
    (looks, at_ground): (&[CellLook; LaneState::ALL.len()], bool),
    skin: Skin,
) {
    let mut parts: Vec<_> = (0..PARTS - 1).filter(|part| counts[*part] > 0).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(counts[*part]));
    parts.truncate(2);
    parts.sort_unstable();
    let Some((&lower, upper)) = parts.split_first() else {
        if at_ground {
            buffer[at].set_symbol(skin.glyphs.line.ground).set_style(skin.theme.line.track);
        }
        return;
    };
    let look = &looks[lower];
    let busy: u16 = counts[..PARTS - 1].iter().sum();
    match (look.fill, upper.first()) {
        (CellFill::Texture(symbol), None) if busy == 8 => {
            buffer[at].set_symbol(symbol).set_style(look.tint.fill);
        }
        (CellFill::Line(symbol), None) => {
            let symbol = if at_ground { symbol } else { " " };
            buffer[at].set_symbol(symbol).set_style(look.tint.bar);
        }
        (_, Some(upper)) if busy == 8 => {
            let height = counts[lower].clamp(1, 7);
            let style = looks[*upper].tint.bar.fg.map_or(look.tint.bar, |ground| look.tint.bar.bg(ground));
            bar(buffer, at, height, style, skin);
        }
        (CellFill::Bar(ladder), _) => {
            buffer[at].set_symbol(ladder[usize::from(busy.clamp(1, 8)) - 1]).set_style(look.tint.bar);
        }
        _ => bar(buffer, at, busy.clamp(1, 8), look.tint.bar, skin),
    }
}

fn bar(buffer: &mut Buffer, at: (u16, u16), height: u16, style: Style, skin: Skin) {
    buffer[at].set_symbol(skin.glyphs.bar[usize::from(height) - 1]).set_style(style);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(shares: &[(LaneState, u8)]) -> Cell {
        let mut cell = Cell::default();
        for (state, share) in shares {
            cell.set(*state, *share);
        }
        cell
    }

    #[test]
    fn eighths_add_up() {
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..10_000 {
            let mut cell = Cell::default();
            let mut left = 255_u8;
            for state in LaneState::ALL {
                let share = if random.bool() { random.u8(0..=left) } else { 0 };
                cell.set(state, share);
                left -= share;
            }
            let all = if random.bool() { 8 } else { 16 };
            let eighths = eighths(cell, all);
            assert_eq!(eighths.iter().sum::<u16>(), all);
            for state in LaneState::ALL {
                let exact = f64::from(cell.share(state)) * f64::from(all) / 255.0;
                let given = f64::from(eighths[state as usize]);
                assert!((given - exact).abs() <= 1.0, "{state:?} has {given} instead of {exact}");
                assert!(cell.share(state) > 0 || given == 0.0);
            }
        }
    }

    #[test]
    fn halves_are_halves() {
        let half = cell(&[(LaneState::Blocked, 128), (LaneState::Polling, 127)]);
        let eighths = eighths(half, 8);
        assert_eq!((eighths[LaneState::Blocked as usize], eighths[LaneState::Polling as usize]), (4, 4));
        let hardly = cell(&[(LaneState::Blocked, 2), (LaneState::Polling, 1)]);
        assert_eq!(super::eighths(hardly, 8)[LaneState::Blocked as usize], 1);
        let mostly = cell(&[(LaneState::Blocked, 250), (LaneState::Hogged, 2)]);
        assert_eq!(super::eighths(mostly, 8)[LaneState::Hogged as usize], 0);
        let quarter = cell(&[(LaneState::Polling, 64)]);
        assert_eq!(super::eighths(quarter, 8)[LaneState::Polling as usize], 2);
        assert_eq!(super::eighths(quarter, 16)[PARTS - 1], 12);
    }
}
