//! One task's life, over whatever screen: what it was at, how long its polls were, who woke it, where it ran.
//!
//! ```text
//! ╭ task  fjord/tokamak ──────────────────────────────────────────────────────╮
//! │ ☾ asleep 312 ms   spawned at 00:03.412 by server, 37.6 s ago            │
//! │ 412 polls, 1.24 s in all   398 wakes, 2 by itself   1 waker kept          │
//! │ ▄█▁▁▁▁▁▁█▁▁▁▁▁▁╱╱╱▁▁▁▁▁▁▄▄▄█▁▁▁▁▁▁▁▁                                      │
//! │ 00:03.412                                                             now │
//! │ polls took          p50   40 µs   p90  0.2 ms   p99  3.1 ms   max  401 ms │
//! │                 ▂▂▂ ███ ▅▅▅                     ▁▁▁                       │
//! │     1 µs    10 µs   0.1 ms  1 ms    10 ms   0.1 s   1 s     10 s          │
//! │ woken by                            polled on                             │
//! │ no task, on worker 1           312  worker 0                          212 │
//! │ longest polls                                                             │
//! │ ▸  401 ms  worker 0      00:31.412  ready for 0.3 ms before               │
//! ╰───────────────────────────────────────────────────────────────────────────╯
//! ```

mod chart;
mod tables;

use pollscope_core::{
    model::picture::{Distribution, Life, LifePart, Picture},
    trace::clock::Nanos,
};
use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    looks::{self, Skin},
    overlay,
    panel::{Frame, PanelLook},
    pen::{Pen, line},
    text, units,
};

/// The columns and lines that it takes at most, with its frame.
pub(super) const SIZE: (u16, u16) = (118, 30);

/// How the lines are shared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Plan {
    /// Lines of air before each of the four sections.
    air: u16,
    legend: u16,
    /// Lines of the chart, without its axis; 0 for none.
    chart: u16,
    /// Lines of wakers and lanes; 0 for none.
    tables: u16,
    polls: u16,
}

impl Plan {
    /// What there is room for, the most telling first.
    fn new(height: u16) -> Self {
        // State, counts, strip, its axis, two lines of percentiles, and the head of the polls.
        let mut plan = Self { polls: 5, ..Self::default() };
        let mut left = height.saturating_sub(7 + plan.polls);
        let mut take = |lines: u16| {
            let fits = left >= lines;
            left -= if fits { lines } else { 0 };
            fits
        };
        plan.legend = u16::from(take(1));
        if take(3) {
            plan.tables = 2;
        }
        if plan.tables > 0 && take(3) {
            plan.chart = 2;
        }
        plan.tables += u16::from(plan.chart > 0 && take(1));
        plan.air = u16::from(plan.chart > 0 && take(4));
        plan.chart += if plan.air > 0 && take(2) { 2 } else { 0 };
        plan.tables += if plan.air > 0 && take(2) { 2 } else { 0 };
        plan
    }

    /// Lines before those of the longest polls, which have a title.
    fn before_polls(&self) -> u16 {
        let chart = if self.chart > 0 { self.chart + 1 } else { 0 };
        let tables = if self.tables > 0 { self.air + self.tables + 1 } else { 0 };
        6 + self.legend + 3 * self.air + chart + tables + 1
    }
}

/// Where the longest polls are listed, in the whole area.
pub(super) fn polls(area: Rect) -> Rect {
    let inner = Frame::Box.inner(area);
    let plan = Plan::new(inner.height);
    let before = plan.before_polls().min(inner.height);
    Rect { y: inner.y + before, height: plan.polls.min(inner.height - before), ..inner }
}

/// What is drawn, from top to bottom.
struct Canvas<'b> {
    buffer: &'b mut Buffer,
    area: Rect,
    skin: Skin<'b>,
}

impl Canvas<'_> {
    /// The next so many lines.
    fn take(&mut self, height: u16) -> Rect {
        let height = height.min(self.area.height);
        let taken = Rect { height, ..self.area };
        self.area = Rect { y: self.area.y + height, height: self.area.height - height, ..self.area };
        taken
    }

    /// A pen for the next line.
    fn pen(&mut self) -> Pen<'_> {
        let area = self.take(1);
        Pen::new(self.buffer, area)
    }
}

/// Draws a task's life, with the chosen one of its longest polls.
pub(super) fn render(
    buffer: &mut Buffer,
    area: Rect,
    picture: &Picture,
    life: Option<&Life>,
    chosen: usize,
    skin: Skin,
) {
    overlay::clear(buffer, area, skin);
    let text = &skin.theme.text;
    let mut pen = Frame::Box.draw(buffer, area, "task", PanelLook::Calm, skin);
    let inner = Frame::Box.inner(area);
    let Some(life) = life else {
        Pen::new(buffer, line(inner, 0)).put("Reading the log.", text.dim);
        return;
    };
    let note = note(picture, life);
    let room = usize::from(pen.room()).saturating_sub(text::width(&note) + 2);
    let name = text::clean(life.name.as_deref().unwrap_or("of which nothing is known")).into_owned();
    pen.put(&format!(" {} ", text::cut(&name, room)), text.strong).put(&note, text.dim);
    let plan = Plan::new(inner.height);
    let mut canvas = Canvas { buffer, area: inner, skin };
    state(&mut canvas, picture, life);
    counts(&mut canvas, life);
    canvas.take(plan.air);
    strip(&mut canvas, picture, life, plan.legend > 0);
    canvas.take(plan.air);
    percentiles(&mut canvas.pen(), "polls took", &life.lengths, skin);
    if plan.chart > 0 {
        let chart = canvas.take(plan.chart + 1);
        chart::render(canvas.buffer, chart, &life.lengths, skin);
    }
    percentiles(&mut canvas.pen(), "ready before them", &life.ready, skin);
    if plan.tables > 0 {
        canvas.take(plan.air);
        let tables = canvas.take(plan.tables + 1);
        tables::counts(canvas.buffer, tables, life, skin);
    }
    canvas.take(plan.air);
    let polls = canvas.take(plan.polls + 1);
    tables::polls(canvas.buffer, polls, (picture, life), chosen, skin);
}

/// What is not there yet, or not any more.
fn note(picture: &Picture, life: &Life) -> String {
    match (life.complete, life.forgotten) {
        (false, _) => "· the log is still being read ".to_owned(),
        (true, Some(forgotten)) => format!("· details from {} on ", clock(picture, forgotten)),
        (true, None) => String::new(),
    }
}

/// An instant of the lab's life.
fn clock(picture: &Picture, at: Nanos) -> String {
    let began = picture.at.saturating_sub(picture.header.elapsed);
    units::fine_clock(at.saturating_sub(began))
}

/// `☾ asleep 312 ms   spawned at 00:03.412 by server, 37.6 s ago`.
fn state(canvas: &mut Canvas<'_>, picture: &Picture, life: &Life) {
    let (text, skin) = (&canvas.skin.theme.text, canvas.skin);
    let mut pen = canvas.pen();
    match life.state {
        Some(state) => {
            let look = looks::task(state, skin);
            pen.put(look.mark, look.style).gap(1).put(&look.word, look.style);
            if let Some(since) = look.since {
                pen.gap(1).put(&units::counting(picture.at.saturating_sub(since)), look.style);
            }
        }
        None if life.spawned.is_some_and(|spawned| spawned > picture.at) => {
            pen.put("not spawned yet", text.warning);
        }
        None => {
            pen.put("ended, and not remembered: this is what the log has of it", text.warning);
        }
    }
    let Some(spawned) = life.spawned.filter(|spawned| *spawned <= picture.at) else { return };
    pen.gap(3).put("spawned ", text.dim).put(&clock(picture, spawned), text.normal);
    if let Some(parent) = &life.parent {
        pen.put(" by ", text.dim).put(parent, text.normal);
    }
    pen.put(&format!(", {} ago", units::duration(picture.at - spawned)), text.dim);
}

/// `412 polls, 1.24 s in all   398 wakes, 2 by itself   1 waker kept`.
fn counts(canvas: &mut Canvas<'_>, life: &Life) {
    let text = &canvas.skin.theme.text;
    let mut pen = canvas.pen();
    let own = if life.self_wakes > 0 { text.warning } else { text.dim };
    pen.put(&units::count(life.polls), text.strong).put(plural(life.polls, " poll"), text.dim);
    pen.put(", ", text.dim).put(&units::duration(life.polled), text.normal).put(" in all", text.dim).gap(3);
    pen.put(&units::count(life.wakes), text.strong).put(plural(life.wakes, " wake"), text.dim);
    pen.put(&format!(", {} by itself", units::count(life.self_wakes)), own).gap(3);
    if let Some(wakers) = life.wakers {
        pen.put(&wakers.to_string(), text.strong).put(plural(wakers.into(), " waker"), text.dim).put(" kept", text.dim);
    }
}

/// A word for one or for many.
fn plural(count: u64, word: &'static str) -> &'static str {
    match (count, word) {
        (1, _) => word,
        (_, " poll") => " polls",
        (_, " wake") => " wakes",
        _ => " wakers",
    }
}

/// All of its life on one line, its first and last instant, and what the signs mean.
fn strip(canvas: &mut Canvas<'_>, picture: &Picture, life: &Life, legend: bool) {
    let (text, skin) = (&canvas.skin.theme.text, canvas.skin);
    let mut pen = canvas.pen();
    for cell in &life.strip {
        let (sign, style, _) = looks::life(cell.foremost().unwrap_or(LifePart::Unknown), skin);
        pen.fill(sign, 1, style);
    }
    let end = if life.to < picture.at {
        format!("ended {}", clock(picture, life.to))
    } else if picture.is_past() {
        clock(picture, life.to)
    } else {
        "now".to_owned()
    };
    let axis = canvas.take(1);
    Pen::new(canvas.buffer, axis).put(&clock(picture, life.from), text.dim);
    Pen::new(canvas.buffer, axis).right(&end, axis.width, text.dim);
    if legend {
        let mut pen = canvas.pen();
        for part in LifePart::ALL {
            let (sign, style, word) = looks::life(part, skin);
            if usize::from(pen.room()) > word.len() + 1 {
                pen.put(sign, style).gap(1).put(word, text.dim).gap(2);
            }
        }
    }
}

/// `polls took   p50   40 µs   p90  0.2 ms   p99  3.1 ms   max  401 ms`.
fn percentiles(pen: &mut Pen<'_>, title: &str, of: &Distribution, skin: Skin) {
    let text = &skin.theme.text;
    let narrow = pen.room() < 74;
    pen.column(title, if narrow { 18 } else { 20 }, text.accent);
    let none = of.counts.iter().sum::<u64>() == 0;
    for (name, time) in [("p50", of.p50), ("p90", of.p90), ("p99", of.p99), ("max", of.max)] {
        let words = if none && time == 0 { "–".to_owned() } else { units::duration(time) };
        // Where there is little room, the longest of all says what the hundredth of them would.
        if narrow && name == "p99" {
            continue;
        }
        pen.put(name, text.dim).right(&words, 8, text.normal).gap(if narrow { 2 } else { 3 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_are_no_more_than_there_are() {
        for height in 12..60 {
            let plan = Plan::new(height);
            let chart = if plan.chart > 0 { plan.chart + 1 } else { 0 };
            let tables = if plan.tables > 0 { plan.tables + 1 } else { 0 };
            let all = 6 + plan.legend + chart + tables + plan.polls + 1 + 4 * plan.air;
            assert!(all <= height, "{plan:?} in {height}");
        }
        let Plan { air, chart, tables, .. } = Plan::new(SIZE.1 - 2);
        assert_eq!((air, chart, tables), (1, 4, 5));
    }
}
