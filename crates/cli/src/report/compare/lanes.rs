//! The lanes of runs of different length, brought to one time scale.
//!
//! It knows no screen: a column says what a thread did most, and a screen decides how that looks.

use pollscope_core::{
    model::picture::{Cell, Lane, LaneState},
    trace::event::ThreadKind,
};
use serde::{Serialize, Serializer};

/// Columns of the longest run.
pub const COLUMNS: usize = 200;
/// Lanes of a run, at most.
const MOST_LANES: usize = 12;
/// A thread that was busy for less than this much of a column was idle there.
const BUSY: u32 = 255 / 8;

/// A run's lanes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunLanes {
    /// Of the threads that did something, in the order of the dashboard.
    pub lanes: Vec<LaneRow>,
    /// How many more there were.
    pub left_out: usize,
}

/// A thread over the whole run. A run that is shorter than the longest has fewer columns.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LaneRow {
    /// Its label.
    pub name: String,
    /// What it is for.
    pub kind: ThreadKind,
    /// What it did most, column by column; in JSON a letter each.
    #[serde(serialize_with = "as_letters")]
    pub columns: Vec<Column>,
}

/// What a thread did in one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The state that took most of its busy time; none when it was idle.
    pub state: Option<LaneState>,
    /// How much of the column it was busy, in eighths.
    pub eighths: u8,
}

impl RunLanes {
    /// The lanes of a run whose length is this share of the longest run's.
    pub(super) fn of(lanes: &[Lane], share: f64) -> Self {
        let count = ((share * COLUMNS as f64).round() as usize).clamp(1, COLUMNS);
        let ours = |lane: &&Lane| !lane.left_over && !matches!(lane.kind, ThreadKind::Server | ThreadKind::Observer);
        let busy = |lane: &&Lane| lane.cells.iter().any(|cell| cell.busy() > 0);
        let all: Vec<_> = lanes.iter().filter(ours).filter(busy).collect();
        let rows = all.iter().take(MOST_LANES).map(|lane| LaneRow {
            name: lane.label.clone(),
            kind: lane.kind,
            columns: resampled(&lane.cells, count),
        });
        Self { lanes: rows.collect(), left_out: all.len().saturating_sub(MOST_LANES) }
    }
}

/// As many columns out of the cells, each the mean of those that fall into it.
fn resampled(cells: &[Cell], count: usize) -> Vec<Column> {
    let column = |at: usize| {
        let from = (at * cells.len() / count).min(cells.len());
        let to = ((at + 1) * cells.len() / count).clamp(from, cells.len());
        mean(&cells[from..to.max((from + 1).min(cells.len()))])
    };
    (0..count).map(column).collect()
}

fn mean(cells: &[Cell]) -> Column {
    let share = |state| cells.iter().map(|cell| u32::from(cell.share(state))).sum::<u32>();
    let shares = LaneState::ALL.map(|state| (state, share(state)));
    let busy = shares.iter().map(|(_, share)| share).sum::<u32>() / cells.len().max(1) as u32;
    // Of equal shares the first counts: the order of the states is that of their weight.
    let most = shares.iter().rev().max_by_key(|(_, share)| *share);
    let state = most.filter(|_| busy >= BUSY).map(|(state, _)| *state);
    Column { state, eighths: (busy.min(255) * 8 / 255) as u8 }
}

impl Column {
    /// A plain character: a letter a state, a dot when idle.
    pub fn letter(self) -> char {
        self.state.map_or('.', letter)
    }
}

/// The states' letters, and what they mean.
pub(super) const LEGEND: &str =
    "B blocked  H hogged  n no core  ? unknown  p polls  j job  r runtime  w waits for room  . idle";

fn letter(state: LaneState) -> char {
    match state {
        LaneState::Blocked => 'B',
        LaneState::Hogged => 'H',
        LaneState::NoCore => 'n',
        LaneState::Unknown => '?',
        LaneState::Polling => 'p',
        LaneState::Job => 'j',
        LaneState::Runtime => 'r',
        LaneState::WaitsForRoom => 'w',
        LaneState::OnCpu => 'c',
    }
}

fn as_letters<S: Serializer>(columns: &[Column], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&columns.iter().map(|column| column.letter()).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(state: LaneState, share: u8) -> Cell {
        let mut cell = Cell::default();
        cell.set(state, share);
        cell
    }

    fn letters(cells: &[Cell], count: usize) -> String {
        resampled(cells, count).into_iter().map(Column::letter).collect()
    }

    #[test]
    fn a_column_is_what_its_cells_were_most() {
        let (blocked, polls, idle) = (cell(LaneState::Blocked, 255), cell(LaneState::Polling, 200), Cell::default());
        assert_eq!(letters(&[blocked, blocked, polls, polls, idle, idle], 3), "Bp.");
        assert_eq!(letters(&[blocked, polls, blocked, idle, idle, idle], 2), "B.");
    }

    #[test]
    fn little_is_idle() {
        assert_eq!(letters(&[cell(LaneState::Polling, 20)], 1), ".");
        assert_eq!(resampled(&[cell(LaneState::Polling, 255)], 1)[0].eighths, 8);
    }
}
