//! The repositories of the round: how far each is, and what its task does.
//!
//! ```text
//! ╭ tasks  12 · 2 blocked · 6 ready, nobody free · 1 in rayon · 3 done ───────────────────────╮
//! │   repository       issues        pulls         analyse   state            polls ready longest│
//! │ ▸ tokio-rs/tokio   ━━━━━━╸─ 6/8  ━━━━──── 4/8  ────────  ■ blocked 312 ms    29 812 ms 401 ms│
//! ╰──────────────────────────────────────────────────────────────────────── 6 more ▾ ──────────╯
//! ```

use pollscope_core::{
    model::picture::Picture,
    trace::{event::JobKind, record::ActivityId},
};
use pollscope_tui::{
    dashboard::counts::{head, nobody_free},
    gauge,
    looks::{LONG_POLL, LONG_READY, Look, NOTHING_FOUND, Skin},
    panel::Frame,
    pen::{Pen, line},
    scenario::{DrawContext, Region, Rows, ScenarioPanel, Slot},
    units,
};
use ratatui::{buffer::Buffer, layout::Rect};

use super::shown::pipeline;
use crate::pipeline::{Pages, Row, RowState};

/// The repositories of the round.
#[derive(Debug)]
pub(super) struct RepositoriesPanel;

impl ScenarioPanel for RepositoriesPanel {
    fn slot(&self) -> Slot {
        Slot::List
    }

    /// Other programs have tasks, but no repositories.
    fn has(&self, picture: &Picture) -> bool {
        !picture.header.is_of_programs() || !pipeline(picture).rows.is_empty() || pipeline(picture).hidden_rows > 0
    }

    fn rows(&self, picture: &Picture) -> Rows {
        // The first that is not done is worth seeing when not all fit.
        let first = pipeline(picture).rows.iter().position(|row| !row.state.is_over()).unwrap_or(0);
        Rows { shown: pipeline(picture).rows.len() as u32, hidden: pipeline(picture).hidden_rows, first: first as u32 }
    }

    fn task(&self, picture: &Picture, row: usize) -> Option<ActivityId> {
        pipeline(picture).rows.get(row)?.task
    }

    fn draw(&self, buffer: &mut Buffer, region: Region, context: &DrawContext<'_>) {
        let Region { frame, area } = region;
        let DrawContext { picture, skin, .. } = *context;
        let shown = context.rows.shown();
        let hidden = hidden(shown.start, pipeline(picture).rows.len().saturating_sub(shown.end));
        let reserved = if frame == Frame::Rule { hidden.len() } else { 0 };
        let (text, pipeline) = (&skin.theme.text, pipeline(picture));
        let more = [(pipeline.done, "done", text.good), (pipeline.failed, "failed", text.alarm)];
        head(buffer, region, self.rows(picture), (reserved, &more), context);
        draw_table(buffer, region, context);
        let row = if frame == Frame::Box { area.height - 1 } else { 0 };
        let place = Rect { width: area.width.saturating_sub(2), ..line(area, row) };
        Pen::new(buffer, place).right(&hidden, place.width, skin.theme.text.dim);
    }
}

/// Draws the titles and the rows that are in sight.
fn draw_table(buffer: &mut Buffer, region: Region, context: &DrawContext<'_>) {
    let DrawContext { picture, skin, rows: list, .. } = *context;
    let inner = region.frame.inner(region.area);
    let columns = Columns::new(inner.width);
    titles(&mut Pen::new(buffer, inner), &columns, skin);
    let table = Table { columns, nobody_free: nobody_free(&picture.lanes), skin };
    let lines = region.lines();
    if pipeline(picture).rows.is_empty() {
        let words = if pipeline(picture).hidden_rows > 0 { NOTHING_FOUND } else { "no repository is in line yet" };
        Pen::new(buffer, lines).gap(2).put(words, skin.theme.text.dim);
    }
    for (place, at) in list.shown().enumerate() {
        let Some(row) = pipeline(picture).rows.get(at) else { break };
        let area = line(lines, place as u16);
        if list.selected == Some(at) {
            buffer.set_style(area, skin.theme.selected);
        }
        draw_row(&mut Pen::new(buffer, area), &table, row, list.selected == Some(at));
    }
}

/// How many rows are hidden above and below, in words.
fn hidden(above: usize, below: usize) -> String {
    match (above, below) {
        (0, 0) => String::new(),
        (above, 0) => format!(" {above} above "),
        (0, below) => format!(" {below} below "),
        (above, below) => format!(" {above} above, {below} below "),
    }
}

/// The widths of the columns; 0 for one that does not fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Columns {
    name: u16,
    gauge: u16,
    analyse: u16,
    state: u16,
    polls: u16,
    ready: u16,
    longest: u16,
}

/// After a gauge: `12/12+`.
const PAGES: u16 = 6;

/// The longest state: `▲ on the CPU 312 ms`.
const STATE: u16 = 19;

/// A column that is left out where there is no room for it.
struct Optional {
    width: u16,
    column: fn(&mut Columns) -> &mut u16,
}

/// What is left out, in the order in which it comes as there is more room.
const OPTIONAL: [Optional; 4] = [
    Optional { width: 7, column: |columns| &mut columns.longest },
    Optional { width: 7, column: |columns| &mut columns.ready },
    Optional { width: 7, column: |columns| &mut columns.analyse },
    Optional { width: 5, column: |columns| &mut columns.polls },
];

/// How much wider columns get in one turn, at most.
struct Widening {
    name: u16,
    gauge: u16,
    analyse: u16,
    state: u16,
}

/// The turns in which they get wider once all columns are there that have room.
const WIDENINGS: [Widening; 4] = [
    Widening { name: 4, gauge: 3, analyse: 0, state: 0 },
    Widening { name: 1, gauge: 4, analyse: 0, state: 0 },
    Widening { name: 6, gauge: 2, analyse: 3, state: 4 },
    Widening { name: 8, gauge: 4, analyse: 4, state: 6 },
];

impl Columns {
    /// Columns appear in a set order while there is room; then all get wider by turns.
    fn new(room: u16) -> Self {
        let mut columns = Self { name: 18, state: STATE, ..Self::default() };
        columns.name -= columns.sum().saturating_sub(room).min(2);
        columns.gauge += (columns.spare(room) / 2).min(3);
        for Optional { width, column } in OPTIONAL {
            if columns.spare(room) < width + 2 {
                break;
            }
            *column(&mut columns) = width;
        }
        for widening in WIDENINGS {
            columns.widen(&widening, room);
        }
        columns
    }

    fn widen(&mut self, by: &Widening, room: u16) {
        self.name += self.spare(room).min(by.name);
        self.gauge += (self.spare(room) / 2).min(by.gauge);
        self.analyse += if self.analyse > 0 { self.spare(room).min(by.analyse) } else { 0 };
        self.state += self.spare(room).min(by.state);
    }

    /// What is left of the room.
    fn spare(&self, room: u16) -> u16 {
        room.saturating_sub(self.sum())
    }

    fn sum(&self) -> u16 {
        let optional = [self.analyse, self.polls, self.ready, self.longest];
        let shown: u16 = optional.iter().filter(|width| **width > 0).map(|width| width + 2).sum();
        2 + self.name + 1 + 2 * (1 + self.gauge + 1 + PAGES) + 1 + self.state + shown
    }
}

/// What all rows are drawn with.
struct Table<'k> {
    columns: Columns,
    nobody_free: bool,
    skin: Skin<'k>,
}

fn titles(pen: &mut Pen<'_>, columns: &Columns, skin: Skin) {
    let dim = skin.theme.text.dim;
    let listing = columns.gauge + 1 + PAGES;
    pen.gap(2).column("repository", columns.name, dim);
    pen.gap(2).column("issues", listing, dim).gap(1).column("pulls", listing, dim).gap(1);
    if columns.analyse > 0 {
        pen.column("analyse", columns.analyse, dim).gap(2);
    }
    pen.column("state", columns.state, dim);
    for (title, width) in [("polls", columns.polls), ("ready", columns.ready), ("longest", columns.longest)] {
        if width > 0 {
            pen.gap(2).right(title, width, dim);
        }
    }
}

fn draw_row(pen: &mut Pen<'_>, table: &Table, row: &Row, selected: bool) {
    let Table { columns, skin, .. } = table;
    let (text, tint) = (&skin.theme.text, &skin.theme.tint);
    let dim = matches!(row.state, RowState::Queued) || row.state.is_over();
    let name = if selected {
        text.strong
    } else if dim {
        text.dim
    } else {
        text.normal
    };
    pen.put(if selected { skin.glyphs.mark.selected } else { " " }, text.accent).gap(1);
    pen.column(&row.name, columns.name, name);
    pen.gap(1);
    for pages in [row.issues, row.pulls] {
        pen.gap(1);
        listing(pen, columns.gauge, pages, &row.state, *skin);
    }
    pen.gap(1);
    if columns.analyse > 0 {
        gauge::put(pen, row.analysed.unwrap_or(0.0), columns.analyse, tint.job.bar, *skin);
        pen.gap(2);
    }
    if matches!(row.state, RowState::Failed(_)) {
        // The reason matters more than the figures that would follow.
        return draw_state(pen, pen.room(), table, row);
    }
    draw_state(pen, columns.state, table, row);
    figures(pen, table, row, dim);
}

/// What was measured of the task; nothing where nothing was.
fn figures(pen: &mut Pen<'_>, table: &Table, row: &Row, dim: bool) {
    let Table { columns, skin, .. } = table;
    let (text, tint) = (&skin.theme.text, &skin.theme.tint);
    let polls = if row.task.is_some() { units::count(row.polls) } else { String::new() };
    let longer = |nanos, long, style| if nanos >= long { style } else { text.dim };
    let figures = [
        (columns.polls, polls, if dim { text.dim } else { text.normal }),
        (columns.ready, units::measured(row.longest_ready), longer(row.longest_ready, LONG_READY, text.warning)),
        (columns.longest, units::measured(row.longest_poll), longer(row.longest_poll, LONG_POLL, tint.blocked.bar)),
    ];
    for (width, words, style) in figures.into_iter().filter(|(width, ..)| *width > 0) {
        // The widest, `03:07 min`, has no room but the gap's.
        pen.right(&words, width + 2, style);
    }
}

/// A gauge and `6/8`; `?` while nobody knows how many there are, `+` where the listing is cut.
fn listing(pen: &mut Pen<'_>, columns: u16, pages: Pages, state: &RowState, skin: Skin) {
    let (text, tint) = (&skin.theme.text, &skin.theme.tint);
    let total = pages.total.unwrap_or(0).max(pages.done);
    let share = match pages.total {
        Some(_) if total > 0 => pages.done as f32 / total as f32,
        _ => 0.0,
    };
    let style = if state.is_over() { text.dim } else { tint.polling.bar };
    gauge::put(pen, share, columns, style, skin);
    let cut = if pages.cut { "+" } else { "" };
    let figures = match pages.total {
        Some(total) => format!("{}/{total}{cut}", pages.done),
        None if pages.done == 0 => String::new(),
        None => format!("{}/?", pages.done),
    };
    pen.gap(1).column(&figures, PAGES, text.dim);
}

/// The state in words, with how far the analysis is where it has no column.
fn draw_state(pen: &mut Pen<'_>, width: u16, table: &Table, row: &Row) {
    let look = look(&row.state, table.nobody_free, table.skin);
    let end = pen.x() + width.min(pen.room());
    let mut words = look.word.into_owned();
    if let Some(since) = look.since {
        words = format!("{words} {}", units::counting(since));
    }
    if let Some(reason) = look.of {
        words = format!("{words}: {reason}");
    }
    if let (RowState::InJob(..), 0, Some(share)) = (&row.state, table.columns.analyse, row.analysed) {
        words = format!("{words} {}", units::percent(share));
    }
    pen.put(look.mark, look.style).gap(1).column(&words, width.saturating_sub(2), look.style).go_to(end);
}

/// What a repository does. Where no worker is free, none looks whether an answer is there.
fn look<'s>(state: &'s RowState, nobody_free: bool, skin: Skin) -> Look<'s> {
    let (text, tint, mark) = (&skin.theme.text, &skin.theme.tint, &skin.glyphs.mark);
    match state {
        RowState::Queued => Look::new(mark.nothing, text.dim, "queued"),
        RowState::Polling => Look::new(mark.polling, tint.polling.bar, "polling"),
        RowState::Blocked(since) => Look::new(mark.blocked, text.alarm, "blocked").since(*since),
        RowState::Hogged(since) => Look::new(mark.hogged, tint.hogged.bar, "on the CPU").since(*since),
        RowState::NoCore(since) => Look::new(mark.no_core, tint.no_core.bar, "no core").since(*since),
        RowState::Ready(since) => Look::new(mark.ready, text.warning, "ready").since(*since),
        RowState::Network if nobody_free => Look::new(mark.network, text.normal, "nobody listens"),
        RowState::Network => Look::new(mark.network, text.dim, "network"),
        RowState::Sleeping => Look::new(mark.sleeping, text.dim, "sleeping"),
        RowState::AwaitsPermit => Look::new(mark.nothing, text.dim, "waits its turn"),
        RowState::InJob(kind, None) => Look::new(mark.nothing, tint.job.bar, job_word(*kind)),
        RowState::InJob(_, Some(thread)) => Look::new(mark.job, tint.job.bar, thread.as_str()),
        RowState::Delivering => Look::new(mark.delivering, text.normal, "delivering"),
        RowState::Done => Look::new(mark.done, text.good, "done"),
        RowState::Empty => Look::new(mark.done, text.dim, "empty"),
        RowState::IssuesDisabled => Look::new(mark.done, text.good, "no issues"),
        RowState::Failed(reason) => Look::new(mark.failed, text.alarm, "failed").of(reason),
    }
}

fn job_word(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Blocking => "in the pool",
        JobKind::InPlace => "in place",
        JobKind::Rayon | JobKind::Split => "in rayon",
        JobKind::Thread => "in a thread",
        JobKind::Anywhere => "in a job",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::sample;
    use pollscope_core::model::picture::ThreadNow;
    use pollscope_tui::{Keymap, ThemeName, glyphs, theme::Theme};

    #[test]
    fn columns_fit_at_every_width() {
        for width in 56..240 {
            let columns = Columns::new(width);
            assert!(columns.sum() <= width, "{width}: {columns:?}");
        }
    }

    #[test]
    fn the_longest_poll_is_the_last_to_go() {
        assert!(Columns::new(76).longest > 0);
        assert_eq!(Columns::new(76).analyse, 0);
        assert!(Columns::new(114).analyse > 0);
    }

    #[test]
    fn nobody_listens_to_the_network_while_every_worker_is_in_a_poll() {
        let network = |picture: &Picture| {
            let keys = Keymap::default();
            let skin = Skin { theme: Theme::of(ThemeName::Dark), glyphs: &glyphs::UNICODE, keys: &keys };
            look(&RowState::Network, nobody_free(&picture.lanes), skin).word.into_owned()
        };
        let mut picture = sample::blocked();
        assert_eq!(network(&picture), "nobody listens");
        picture.lanes[1].now = ThreadNow::Parked;
        assert_eq!(network(&picture), "network");
        picture.lanes.clear();
        assert_eq!(network(&picture), "network");
    }
}
