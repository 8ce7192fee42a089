//! The dashboard for the back row: the scenario's words, how late the pulse is, the lanes that matter, and what is seen, in
//! large type. The lane of whoever is at fault is in a spotlight.
//!
//! ```text
//!  ▛▀▖▌  ▞▀▖▞▀▖▌ ▌▜▘▙ ▌▞▀▖                          ▌ ▌▗▌ ▞▀▖   ▞▀▖ ▞▀▖
//!  ▙▄▘▌  ▌ ▌▌  ▙▞ ▐ ▌▌▌▌▄▖                          ▝▀▌ ▌ ▞▄▖   ▌▌▌ ▝▀▖  late
//!
//!  ▌ worker 0   ▂▂╱╱╱╱╱╱╱╱╱╱╱╱▂▂╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱   312 ms
//!    worker 1   ▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂   poll
//!
//!  ▌ Both workers sleep inside a poll.
//! ```

use pollscope_core::{
    model::picture::{Lane, Picture, PollClass, ThreadNow},
    trace::event::ThreadKind,
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::{
    big::{self, Size},
    dashboard::{lane::Brush, pulse},
    header,
    looks::{self, Skin},
    overlay::Span,
    pen::{Pen, inset, line},
    state::Time,
    text, units,
};

/// Columns at both sides.
const MARGIN: u16 = 2;
/// Lines of a lane at most, its air among them.
const HIGHEST: u16 = 8;
/// From that height on, the banner may be huge.
const TALL: u16 = 48;

/// Words that say something.
const CLAUSE: usize = 4;

/// Where the parts are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Regions {
    area: Rect,
    banner: Rect,
    lanes: Rect,
    sentence: Rect,
    /// Columns before and behind a lane's cells.
    label: u16,
    now: u16,
}

impl Regions {
    /// The parts in an area, which is all of the screen.
    pub(super) fn new(area: Rect) -> Self {
        let inner = inset(area, MARGIN);
        let banner = Rect { y: area.y + 1, height: if area.height >= TALL { 8 } else { 4 }, ..inner };
        // By the height of the screen alone, so that nothing moves when another sentence comes.
        let height = match area.height {
            ..20 => 4,
            20..24 => 8,
            24..TALL => 12,
            TALL.. => 16,
        };
        let sentence = Rect { y: area.bottom().saturating_sub(height + 1), height, ..inner };
        let top = banner.bottom() + 1;
        let lanes = Rect { y: top, height: sentence.y.saturating_sub(top + 1), ..inner };
        let (label, now) = if area.width >= 110 { (36, 30) } else { (12, 14) };
        Self { area, banner, lanes, sentence, label, now }
    }

    /// The cells of a lane.
    pub(super) fn cells(&self) -> u16 {
        self.lanes.width.saturating_sub(self.label + self.now + 2)
    }
}

/// A sentence in the largest type in which it fits, as lines. One that is too long for large type is read by nobody at the
/// back: what it says first stands for it, where that is a clause of its own.
fn set(sentence: &str, (width, height): (u16, u16)) -> (Size, Vec<String>) {
    let lines = |words: &str, size: Size| {
        let lines = big::wrap(words, usize::from(width / size.width("n")));
        let fits = lines.len() * usize::from(size.lines()) <= height.into();
        let whole = lines.iter().all(|line| size.width(line) <= width);
        (fits && whole && size.has(words)).then_some((size, lines))
    };
    // A program's or a task's name is none.
    let is_clause =
        |at: usize| sentence[at + 1..].starts_with(' ') && sentence[..at].split_whitespace().count() >= CLAUSE;
    let clauses = sentence.rmatch_indices([',', ':', ';']).filter(|(at, _)| is_clause(*at));
    let shorter = clauses.filter_map(|(at, _)| lines(&format!("{}.", &sentence[..at]), Size::Large));
    let whole = [Size::Huge, Size::Large].into_iter().filter_map(|size| lines(sentence, size));
    whole.chain(shorter).next().unwrap_or_else(|| (Size::Plain, big::wrap(sentence, width.into())))
}

/// What is presented.
#[derive(Debug)]
pub(super) struct Presented<'a> {
    pub(super) picture: &'a Picture,
    pub(super) time: &'a Time,
    /// The scenario's words.
    pub(super) banner: Option<Span>,
}

/// Draws it.
pub(super) fn render(buffer: &mut Buffer, regions: &Regions, presented: &Presented<'_>, skin: Skin) {
    let Presented { picture, time, banner } = presented;
    if let Some((words, style)) = header::behind(time, skin) {
        Pen::new(buffer, line(regions.area, 0)).right(&words, regions.area.width, style);
    }
    if let Some(banner) = banner {
        draw_banner(buffer, regions.banner, picture, banner, skin);
    }
    draw_lanes(buffer, regions, picture, skin);
    let area = regions.sentence;
    let (stripe, lead) = looks::mood(picture.sentence.mood, skin);
    for row in 0..area.height {
        Pen::new(buffer, line(area, row)).put(skin.glyphs.line.stripe, stripe);
    }
    let words = Rect { x: area.x + 2, width: area.width.saturating_sub(2), ..area };
    let (size, lines) = set(&text::clean(&picture.sentence.lead), (words.width, words.height));
    for (row, shown) in (0..).zip(lines) {
        big::put(buffer, below(words, row * size.lines()), &shown, size, lead, skin.glyphs);
    }
}

/// The scenario's words at the left, how late the pulse is at the right.
fn draw_banner(buffer: &mut Buffer, area: Rect, picture: &Picture, (words, style): &Span, skin: Skin) {
    let sizes = [Size::Huge, Size::Large];
    let size = Size::fitting(&sizes, words, (area.width, area.height));
    big::put(buffer, area, words, size, *style, skin.glyphs);
    let (_, late, style) = pulse::now(&picture.pulse, skin);
    let left = area.width.saturating_sub(size.width(words) + size.lines());
    let smaller = if size == Size::Huge { &sizes[..] } else { &sizes[1..] };
    let size = Size::fitting(smaller, &late, (left, area.height));
    let width = size.width(&late).min(area.width);
    let right = Rect { x: area.right() - width, width, ..below(area, (area.height - size.lines()) / 2) };
    big::put(buffer, right, &late, size, style, skin.glyphs);
}

/// The lanes of those that share the work; of more than there is room for, the one in the spotlight is among them.
fn draw_lanes(buffer: &mut Buffer, regions: &Regions, picture: &Picture, skin: Skin) {
    let works =
        |lane: &&Lane| matches!(lane.kind, ThreadKind::Worker | ThreadKind::Rayon) && !lane.left_over && !lane.ended;
    let lanes: Vec<_> = picture.lanes.iter().filter(works).collect();
    let room = usize::from(regions.lanes.height);
    let height = (room / lanes.len().max(1)).clamp(1, HIGHEST.into());
    let spot = spotlight(picture, &lanes);
    let first = spot.map_or(0, |spot| (spot + 1).saturating_sub(room / height));
    let brush = Brush::new(skin);
    for (row, (place, lane)) in lanes.iter().enumerate().skip(first).take(room / height).enumerate() {
        let area = Rect { height: height as u16, ..below(regions.lanes, (row * height) as u16) };
        draw_lane(buffer, area, regions, (lane, spot.map(|spot| spot == place)), &brush, skin);
    }
}

fn draw_lane(
    buffer: &mut Buffer,
    area: Rect,
    regions: &Regions,
    (lane, in_spot): (&Lane, Option<bool>),
    brush: &Brush,
    skin: Skin,
) {
    let texts = &skin.theme.text;
    let bar = Rect { height: if area.height > 1 { area.height - 1 } else { 1 }, ..area };
    let label_style = if in_spot == Some(false) { texts.dim } else { texts.strong };
    let look = looks::thread(&lane.now, lane.kind, skin);
    if in_spot == Some(true) {
        for row in 0..bar.height {
            Pen::new(buffer, line(bar, row)).put(skin.glyphs.line.stripe, skin.theme.line.alarm);
        }
    }
    let sizes = [Size::Large];
    let label = Rect { x: bar.x + 2, width: regions.label - 2, ..bar };
    put_in_the_middle(buffer, label, &lane.label, (&sizes, label_style), skin);
    let cells = Rect { x: bar.x + regions.label, width: regions.cells(), ..bar };
    brush.draw(buffer, cells, &lane.cells, area.height > bar.height);
    let now = Rect { x: cells.right() + 2, width: regions.now, ..bar };
    let (words, style) = match look.since {
        Some(since) => (units::counting(since), look.style),
        None => (look.word.into_owned(), look.style),
    };
    let sizes = if in_spot == Some(true) { &sizes[..] } else { &[] };
    put_in_the_middle(buffer, now, &words, (sizes, style), skin);
}

/// In the largest of these sizes that fits, in the middle of the lines.
fn put_in_the_middle(buffer: &mut Buffer, area: Rect, words: &str, (sizes, style): (&[Size], Style), skin: Skin) {
    let size = Size::fitting(sizes, words, (area.width, area.height));
    let area = below(area, (area.height - size.lines().min(area.height)) / 2);
    big::put(buffer, area, words, size, style, skin.glyphs);
}

/// The lane that matters: that of the worst finding that holds, or else of the longest poll that blocks or hogs.
fn spotlight(picture: &Picture, lanes: &[&Lane]) -> Option<usize> {
    let found = picture.findings.iter().filter(|finding| finding.active).find_map(|finding| {
        let thread = finding.thread.as_deref()?;
        lanes.iter().position(|lane| lane.label == thread)
    });
    let stuck = |lane: &Lane| match lane.now {
        ThreadNow::Polling(_, since, PollClass::Blocked | PollClass::CpuBound) | ThreadNow::Unseen(since) => {
            Some(since)
        }
        _ => None,
    };
    let longest =
        || (0..lanes.len()).filter(|lane| stuck(lanes[*lane]).is_some()).max_by_key(|lane| stuck(lanes[*lane]));
    found.or_else(longest)
}

/// The part of an area that is so many lines down.
fn below(area: Rect, lines: u16) -> Rect {
    let lines = lines.min(area.height);
    Rect { y: area.y + lines, height: area.height - lines, ..area }
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};

    #[test]
    fn the_lane_of_whoever_is_at_fault_is_in_the_spotlight() {
        let picture = sample::blocked();
        let lanes: Vec<_> = picture.lanes.iter().collect();
        let spot = spotlight(&picture, &lanes).unwrap();
        assert!(matches!(lanes[spot].now, ThreadNow::Polling(_, _, PollClass::Blocked)), "{:?}", lanes[spot]);
        let calm = sample::flowing();
        assert_eq!(spotlight(&calm, &calm.lanes.iter().collect::<Vec<_>>()), None);
    }

    #[test]
    fn its_parts_are_apart_at_every_size() {
        for (width, height) in [(60, 16), (80, 24), (120, 40), (200, 60), (240, 20)] {
            let regions = Regions::new(Rect::new(0, 0, width, height));
            assert!(regions.banner.bottom() <= regions.lanes.y, "{regions:?}");
            assert!(regions.lanes.bottom() <= regions.sentence.y && regions.lanes.height > 0, "{regions:?}");
            assert!(regions.sentence.bottom() <= height && regions.cells() >= 20, "{regions:?}");
        }
    }

    #[test]
    fn a_sentence_is_in_large_type_on_a_small_screen() {
        let small = |sentence| set(sentence, (74, 12));
        assert_eq!(small("Both workers sleep inside a poll.").0, Size::Large);
        let (size, lines) = small("Twelve tasks share two workers, and the workers are idle 95% of the time.");
        assert_eq!((size, lines.join(" ").as_str()), (Size::Large, "Twelve tasks share two workers."));
        let (size, lines) = small("server: Tasks are ready and nobody at all is free to poll any of them.");
        assert_eq!((size, lines.len()), (Size::Plain, 1));
        let (size, lines) = small("A name of sixty letters that nobody wants to read from afar is what it is, 7:30.");
        assert_eq!((size, lines.len()), (Size::Plain, 2));
    }
}
