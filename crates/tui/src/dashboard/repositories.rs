//! The repositories of the round: how far each is, and what its task does.
//!
//! ```text
//! ╭ tasks  12 · 2 blocked · 6 ready, nobody free · 1 in rayon · 3 done ───────────────────────╮
//! │   repository       issues        pulls         analyse   state            polls ready longest│
//! │ ▸ tokio-rs/tokio   ━━━━━━╸─ 6/8  ━━━━──── 4/8  ────────  ■ blocked 312 ms    29 812 ms 401 ms│
//! ╰──────────────────────────────────────────────────────────────────────── 6 more ▾ ──────────╯
//! ```

use pollscope_core::{
    model::picture::{Filter, Lane, Pages, Picture, Row, RowState, ThreadNow},
    trace::event::ThreadKind,
};
use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    super::{
        gauge,
        looks::{self, LONG_POLL, LONG_READY, Skin},
        panel::{Frame, PanelLook},
        pen::{Pen, line},
        state::List,
        units,
    },
    regions::listed,
};

/// The lines of the table, without its head.
pub(crate) fn lines(frame: Frame, area: Rect) -> Rect {
    let inner = frame.inner(area);
    Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner }
}

/// The first row that is not done: what is worth seeing when not all rows fit.
pub(crate) fn first_unfinished(rows: &[Row]) -> usize {
    rows.iter().position(|row| !row.state.is_over()).unwrap_or(0)
}

/// Draws the region.
pub(crate) fn render(
    buffer: &mut Buffer,
    (frame, area): (Frame, Rect),
    picture: &Picture,
    (list, filter): (&List, Option<&Filter>),
    skin: Skin,
) {
    let shown = list.shown();
    let hidden = hidden(shown.start, picture.rows.len().saturating_sub(shown.end));
    let reserved = if frame == Frame::Rule { hidden.len() } else { 0 };
    head(buffer, (frame, area), reserved, (picture, filter), skin);
    let columns = Columns::new(frame.inner(area).width);
    titles(&mut Pen::new(buffer, frame.inner(area)), &columns, skin);
    let table = Table { columns, nobody_free: nobody_free(&picture.lanes), skin };
    let lines = lines(frame, area);
    if picture.rows.is_empty() {
        let words = if picture.hidden.rows > 0 { looks::NOTHING_FOUND } else { "no repository is in line yet" };
        Pen::new(buffer, lines).gap(2).put(words, skin.theme.text.dim);
    }
    for (place, at) in shown.enumerate() {
        let Some(row) = picture.rows.get(at) else { break };
        let area = line(lines, place as u16);
        if list.selected == Some(at) {
            buffer.set_style(area, skin.theme.selected);
        }
        draw_row(&mut Pen::new(buffer, area), &table, row, list.selected == Some(at));
    }
    let row = if frame == Frame::Box { area.height - 1 } else { 0 };
    let place = Rect { width: area.width.saturating_sub(2), ..line(area, row) };
    Pen::new(buffer, place).right(&hidden, place.width, skin.theme.text.dim);
}

/// Draws the frame, and in its head how many tasks are in which state; `reserved` columns of it are for others.
pub(crate) fn head(
    buffer: &mut Buffer,
    (frame, area): (Frame, Rect),
    reserved: usize,
    (picture, filter): (&Picture, Option<&Filter>),
    skin: Skin,
) {
    let mut pen = frame.draw(buffer, area, "tasks", PanelLook::Calm, skin);
    if let Some(filter) = filter {
        let (shown, hidden) = listed(picture);
        looks::found(pen.gap(1), filter, &format!("{shown} of {}", shown + hidden), skin);
    }
    counts(pen, reserved, picture, skin);
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

/// Every worker is in a poll: none looks after tasks that are ready, and none asks the network for answers.
fn nobody_free(lanes: &[Lane]) -> bool {
    let mut workers = lanes.iter().filter(|it| it.kind == ThreadKind::Worker && !it.ended && !it.left_over).peekable();
    workers.peek().is_some() && workers.all(|lane| !matches!(lane.now, ThreadNow::Parked | ThreadNow::Runtime))
}

/// How many tasks are in which state, the worst first.
fn counts(mut pen: Pen<'_>, reserved: usize, picture: &Picture, skin: Skin) {
    let (text, tint, counts) = (&skin.theme.text, &skin.theme.tint, &picture.counts);
    let ready = if nobody_free(&picture.lanes) { "ready, nobody free" } else { "ready" };
    let parts = [
        (counts.blocked, "blocked", text.alarm),
        (counts.hogged, "on the CPU", tint.hogged.bar),
        (counts.no_core, "without a core", tint.no_core.bar),
        (counts.polling, "polling", tint.polling.bar),
        (counts.ready, ready, text.warning),
        (counts.asleep.saturating_sub(counts.in_job), "asleep", text.dim),
        (counts.in_job, "in a job", tint.job.bar),
        (counts.done, "done", text.good),
        (counts.failed, "failed", text.alarm),
    ];
    pen.put(&format!(" {} ", counts.alive), text.normal);
    for (number, word, style) in parts.into_iter().filter(|(number, ..)| *number > 0) {
        let words = format!("{number} {word}");
        if usize::from(pen.room()) < words.len() + 3 + reserved {
            break;
        }
        pen.put("· ", text.dim).put(&words, style).put(" ", text.dim);
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

impl Columns {
    /// Columns appear in a set order while there is room; then all get wider by turns.
    fn new(room: u16) -> Self {
        let mut columns = Self { name: 18, state: STATE, ..Self::default() };
        let spare = |columns: &Self| room.saturating_sub(columns.sum());
        columns.name -= columns.sum().saturating_sub(room).min(2);
        columns.gauge += (spare(&columns) / 2).min(3);
        for (column, width) in [(3, 7), (2, 7), (0, 7), (1, 5)] {
            if spare(&columns) < width + 2 {
                break;
            }
            *[&mut columns.analyse, &mut columns.polls, &mut columns.ready, &mut columns.longest][column] = width;
        }
        for (name, gauge, analyse, state) in [(4, 3, 0, 0), (1, 4, 0, 0), (6, 2, 3, 4), (8, 4, 4, 6)] {
            columns.name += spare(&columns).min(name);
            columns.gauge += (spare(&columns) / 2).min(gauge);
            columns.analyse += if columns.analyse > 0 { spare(&columns).min(analyse) } else { 0 };
            columns.state += spare(&columns).min(state);
        }
        columns
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
    let look = looks::row(&row.state, table.nobody_free, table.skin);
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

#[cfg(test)]
mod tests {
    use super::{
        super::super::{
            glyphs,
            keys::Keymap,
            sample,
            theme::{Theme, ThemeName},
        },
        *,
    };

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
            looks::row(&RowState::Network, nobody_free(&picture.lanes), skin).word.into_owned()
        };
        let mut picture = sample::blocked();
        assert_eq!(network(&picture), "nobody listens");
        picture.lanes[1].now = ThreadNow::Parked;
        assert_eq!(network(&picture), "network");
        picture.lanes.clear();
        assert_eq!(network(&picture), "network");
    }
}
