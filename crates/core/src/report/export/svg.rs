//! The threads over time as a picture for a slide or a page: one SVG file without scripts or fonts of its own.
//!
//! ```text
//! wait blocking · compute rayon · multi-thread ×2 · rayon ×4 · 12.3 s
//! ▨ blocked  ▒ hogged  █ polling …
//! worker 0   ▁▁▨▨▨▨▁▁█▁▁▁▨▨▨▨▁▁▁   61%
//! rayon 0    ▁▁▁▁▁▁▁▁▁▁███▁▁▁▁▁▁   14%
//!            0 s    2 s    4 s
//! ```
//!
//! Colours follow the reader's light or dark theme, and paper is light; the states that are trouble have a
//! texture besides, for print without colours. It knows the model's picture, and no screen.

use std::{
    error::Error,
    fmt,
    io::{self, Write},
};

use super::ExportError;
use crate::{
    model::{
        Model,
        picture::{Cell, Lane, LaneState, View},
        scenario::Scenarios,
    },
    trace::{
        clock::{MICRO, MILLI, Nanos, SECOND},
        log::Batch,
    },
};

/// Cells of a lane, and which part of the memory all of them take at most.
const CELLS: u16 = 1200;
const FOR_CELLS: usize = 4;
/// The picture's width, and where lanes begin and end in it.
const WIDTH: u32 = 1600;
const LEFT: u32 = 200;
const LANES: u32 = 1320;
/// Above the first lane, a lane with its gap, and below the last.
const TOP: u32 = 120;
const ROW: u32 = 28;
const BAR: u32 = 22;
const BOTTOM: u32 = 56;
/// Letters of a label that there is room for.
const LABEL: usize = 24;
/// A cell is drawn as high as it was busy, in so many steps; below one it is idle.
const STEPS: u32 = 4;

/// Draws the present lab's threads, from its beginning to the end of the trace. The scenarios say how it was set up. Histories take at most half of `memory`
/// bytes.
///
/// # Errors
///
/// The first that `batches` gives, and those of the writer.
pub fn svg<E: Error + 'static>(
    batches: impl IntoIterator<Item = Result<Batch, E>>,
    scenarios: Scenarios,
    mut out: impl Write,
    memory: usize,
) -> Result<(), ExportError<E>> {
    let mut model = Model::within(memory).with_scenarios(scenarios);
    for batch in batches {
        model.apply(&batch.map_err(ExportError::Read)?);
    }
    let small = View { window: 1, lane_cells: 0, pulse_cells: 0, ..View::default() };
    let known = model.picture(&small);
    let window = known.header.elapsed.max(1);
    // Of so many threads that there is no room for all cells each is drawn coarser.
    let room = memory / FOR_CELLS / size_of::<Cell>() / known.lanes.len().max(1);
    let lane_cells = u16::try_from(room).unwrap_or(CELLS).clamp(1, CELLS);
    let picture = model.picture(&View { window, lane_cells, ..small });
    let has_run = picture.header.elapsed > 0;
    let title = if has_run { title(model.summary().heading().as_deref(), window) } else { "Nothing ran.".to_owned() };
    draw(&title, &picture.lanes, window, &mut out)?;
    Ok(out.flush()?)
}

fn draw(title: &str, lanes: &[Lane], window: Nanos, out: &mut impl Write) -> io::Result<()> {
    let bottom = TOP + lanes.len() as u32 * ROW;
    let height = bottom + BOTTOM;
    writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" font-family="sans-serif">"#
    )?;
    writeln!(out, "<title>Pollscope: {}</title>", Escaped(title))?;
    style(out)?;
    writeln!(out, r#"<rect class="ground" width="{WIDTH}" height="{height}"/>"#)?;
    writeln!(out, r#"<text class="title" x="24" y="42">{}</text>"#, Escaped(title))?;
    legend(out)?;
    axis(window, bottom, out)?;
    for (number, lane) in lanes.iter().enumerate() {
        draw_lane(lane, TOP + number as u32 * ROW, out)?;
    }
    writeln!(out, "</svg>")
}

/// How it was set up, and for how long it ran.
fn title(setup: Option<&str>, window: Nanos) -> String {
    let setup = setup.map_or_else(String::new, |setup| format!("{setup} · "));
    format!("{setup}{}.{} s", window / SECOND, window % SECOND / (SECOND / 10))
}

/// The colours of all but the states.
struct Paper {
    ground: &'static str,
    text: &'static str,
    dim: &'static str,
    /// Of an idle lane.
    track: &'static str,
    grid: &'static str,
}

const LIGHT: Paper = Paper { ground: "#ffffff", text: "#1b1f2a", dim: "#5a6274", track: "#eef0f5", grid: "#d5d9e3" };
const DARK: Paper = Paper { ground: "#12151d", text: "#e8ebf3", dim: "#9aa3b8", track: "#1c212d", grid: "#343b4c" };

/// How a state looks: in ink on ground, each for light and for dark.
struct Look {
    state: LaneState,
    class: &'static str,
    label: &'static str,
    /// What is drawn in ink on each 6×6 of the ground; nothing where the ink alone fills it.
    texture: &'static str,
    light: (&'static str, &'static str),
    dark: (&'static str, &'static str),
}

const NONE: &str = "";
const HATCH: &str = r#"<path d="M-1 1L1-1M0 6L6 0M5 7L7 5" class="line"/>"#;
const DOTS: &str = r#"<circle cx="1.5" cy="1.5" r="1.2"/><circle cx="4.5" cy="4.5" r="1.2"/>"#;
const UPRIGHT: &str = r#"<path d="M1.5 0V6M4.5 0V6" class="line"/>"#;
const LEVEL: &str = r#"<path d="M0 1.5H6M0 4.5H6" class="line"/>"#;
const OTHER_HATCH: &str = r#"<path d="M-1 5L1 7M0 0L6 6M5 -1L7 1" class="line"/>"#;

const fn look(
    state: LaneState,
    (class, label): (&'static str, &'static str),
    texture: &'static str,
    light: (&'static str, &'static str),
    dark: (&'static str, &'static str),
) -> Look {
    Look { state, class, label, texture, light, dark }
}

/// All states, in the order of the legend: in greys they go from dark trouble to light routine.
const LOOKS: [Look; LaneState::ALL.len()] = [
    look(LaneState::Blocked, ("blocked", "blocked"), HATCH, ("#b3141a", "#f7c9c7"), ("#ff7a76", "#541b1c")),
    look(LaneState::Hogged, ("hogged", "hogged"), DOTS, ("#8a4a00", "#ffd79a"), ("#ffb047", "#523405")),
    look(LaneState::NoCore, ("no-core", "no core"), UPRIGHT, ("#9c1a79", "#f5cbe8"), ("#f06ac8", "#4f1941")),
    look(LaneState::Unknown, ("unknown", "long, unknown"), OTHER_HATCH, ("#4d4d4d", "#e2e2e2"), ("#c8c8c8", "#3c3c3c")),
    look(LaneState::Polling, ("polling", "polling"), NONE, ("#007566", NONE), ("#4ad9bd", NONE)),
    look(LaneState::Job, ("job", "job"), NONE, ("#9d83e0", NONE), ("#8f6fe0", NONE)),
    look(LaneState::Runtime, ("runtime", "runtime"), NONE, ("#b4bdd2", NONE), ("#66739c", NONE)),
    look(LaneState::WaitsForRoom, ("waits", "waits for room"), LEVEL, ("#6b5c12", "#f0e7b5"), ("#c9ba76", "#3d3714")),
    look(LaneState::OnCpu, ("on-cpu", "on the CPU"), NONE, ("#8792ad", NONE), ("#8792ad", NONE)),
];

fn class(state: LaneState) -> &'static str {
    LOOKS.iter().find(|look| look.state == state).map_or(NONE, |look| look.class)
}

/// Colours by rules of their own, without variables: not every program that prints an SVG knows those.
fn style(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "<style>")?;
    writeln!(out, ".title{{font-size:24px;font-weight:bold}}.label{{font-size:15px}}.small{{font-size:14px}}")?;
    writeln!(out, ".line{{fill:none;stroke-width:1.6}}.grid{{stroke-width:1}}")?;
    theme(&LIGHT, |look| look.light, out)?;
    writeln!(out, "@media screen and (prefers-color-scheme:dark){{")?;
    theme(&DARK, |look| look.dark, out)?;
    writeln!(out, "}}\n</style>\n<defs>")?;
    for Look { class, texture, .. } in LOOKS.iter().filter(|look| !look.texture.is_empty()) {
        writeln!(
            out,
            r#"<pattern id="{class}" class="ink-{class}" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="on-{class}" width="6" height="6"/>{texture}</pattern>"#
        )?;
    }
    writeln!(out, "</defs>")
}

fn theme(
    Paper { ground, text, dim, track, grid }: &Paper,
    colours: impl Fn(&Look) -> (&'static str, &'static str),
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, ".ground{{fill:{ground}}}text{{fill:{text}}}.small{{fill:{dim}}}")?;
    writeln!(out, ".track{{fill:{track}}}.grid{{stroke:{grid}}}")?;
    for look in &LOOKS {
        let (class, (ink, ground)) = (look.class, colours(look));
        if look.texture.is_empty() {
            writeln!(out, ".{class}{{fill:{ink}}}")?;
        } else {
            writeln!(out, ".{class}{{fill:url(#{class})}}")?;
            writeln!(out, ".ink-{class}{{fill:{ink};stroke:{ink};stroke-width:0}}.on-{class}{{fill:{ground}}}")?;
        }
    }
    Ok(())
}

fn legend(out: &mut impl Write) -> io::Result<()> {
    let mut x = 24;
    for look in &LOOKS {
        writeln!(out, r#"<rect class="{}" x="{x}" y="66" width="30" height="18"/>"#, look.class)?;
        writeln!(out, r#"<text class="label" x="{}" y="80">{}</text>"#, x + 37, look.label)?;
        x += 64 + 8 * look.label.len() as u32;
    }
    writeln!(out, r#"<text class="small" x="{x}" y="80">height: share of the time · %: busy in all</text>"#)
}

/// The time since the lab began, in steps of 1, 2 or 5.
fn axis(window: Nanos, bottom: u32, out: &mut impl Write) -> io::Result<()> {
    let step = step(window);
    for at in (0..=window).step_by(step as usize) {
        let x = f64::from(LEFT) + at as f64 / window as f64 * f64::from(LANES);
        writeln!(out, r#"<path class="grid" d="M{x:.1} {}V{}"/>"#, TOP - 6, bottom + 6)?;
        let y = bottom + 26;
        writeln!(out, r#"<text class="small" x="{x:.1}" y="{y}" text-anchor="middle">{}</text>"#, instant(at, step))?;
    }
    Ok(())
}

fn step(window: Nanos) -> Nanos {
    let powers = (0..).map(|power| 10 * MICRO.saturating_mul(10_u64.saturating_pow(power)));
    let mut steps = powers.flat_map(|power| [power, power.saturating_mul(2), power.saturating_mul(5)]);
    steps.find(|step| window / step <= 12).unwrap_or(window).max(1)
}

/// As a tick's label: in the unit in which steps are whole.
fn instant(at: Nanos, step: Nanos) -> String {
    if step >= SECOND {
        format!("{} s", at / SECOND)
    } else if step >= MILLI {
        format!("{} ms", at / MILLI)
    } else {
        format!("{} µs", at / MICRO)
    }
}

fn draw_lane(lane: &Lane, y: u32, out: &mut impl Write) -> io::Result<()> {
    let label: String = match lane.label.char_indices().nth(LABEL) {
        Some((end, _)) => format!("{}…", &lane.label[..end]),
        None => lane.label.clone(),
    };
    writeln!(out, r#"<g class="lane"><title>{}</title>"#, Escaped(&lane.label))?;
    let (middle, edge) = (y + 16, LEFT - 10);
    writeln!(out, r#"<text class="label" x="{edge}" y="{middle}" text-anchor="end">{}</text>"#, Escaped(&label))?;
    writeln!(out, r#"<rect class="track" x="{LEFT}" y="{y}" width="{LANES}" height="{BAR}"/>"#)?;
    let width = f64::from(LANES) / lane.cells.len().max(1) as f64;
    for (look, from, count) in runs(&lane.cells) {
        let Some((state, steps)) = look else { continue };
        let height = BAR * steps / STEPS;
        let (x, width) = (f64::from(LEFT) + from as f64 * width, count as f64 * width);
        let (class, y) = (class(state), y + BAR - height);
        writeln!(out, r#"<rect class="{class}" x="{x:.1}" y="{y}" width="{width:.1}" height="{height}"/>"#)?;
    }
    let (x, busy) = (LEFT + LANES + 10, lane.busy * 100.0);
    writeln!(out, r#"<text class="small" x="{x}" y="{middle}">{busy:.0}%</text></g>"#)
}

/// What a cell looks like: what took most of it, and how high it is; none where it was idle.
type CellLook = Option<(LaneState, u32)>;

fn cell_look(cell: &Cell) -> CellLook {
    let steps = (u32::from(cell.busy()) * STEPS + 127) / 255;
    let most = LaneState::ALL.into_iter().rev().max_by_key(|state| cell.share(*state))?;
    (steps > 0).then_some((most, steps))
}

/// Neighbouring cells that look the same, as one: what, the first, how many.
fn runs(cells: &[Cell]) -> impl Iterator<Item = (CellLook, usize, usize)> {
    let mut from = 0;
    let same = |a: &Cell, b: &Cell| cell_look(a) == cell_look(b);
    cells.chunk_by(same).map(move |run| {
        let first = from;
        from += run.len();
        (cell_look(&run[0]), first, run.len())
    })
}

/// Text from outside: no markup, and none of the characters that XML does not know.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        self.0.chars().try_for_each(|letter| match letter {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}'),
            _ if letter.is_control() => f.write_char('\u{fffd}'),
            _ => f.write_char(letter),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};
    use crate::trace::{
        event::{TaskKind, ThreadKind},
        record::{Fact, Outcome, Record},
    };

    fn drawn(batches: Vec<Batch>) -> String {
        let mut out = Vec::new();
        svg(sample::read(batches), Scenarios::default(), &mut out, sample::MEMORY).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn scripted() -> Vec<Batch> {
        let events = [
            (0, sample::lab(1)),
            (0, sample::thread(0, ThreadKind::Worker, "tokio")),
            (0, sample::thread(1, ThreadKind::Scenario, "<script> & \"co\"\u{7}")),
            (0, sample::task(1, "sleeper", TaskKind::Task, None)),
        ];
        let records = [
            (0, 1, Fact::Worker { index: Some(0) }),
            (0, 600 * MILLI, Fact::Spent { cpu_us: 0, waited_us: Some(0) }),
            (0, 600 * MILLI, sample::poll(1, 400 * MILLI, Outcome::Pending, false)),
            (0, 1000 * MILLI, Fact::Park),
        ];
        let records: Vec<_> = records.into_iter().map(|(thread, at, fact)| (thread, Record::new(at, fact))).collect();
        sample::batches(&events, &records, 100 * MILLI)
    }

    /// The contrast of two colours, by the Web Content Accessibility Guidelines.
    fn contrast(one: &str, other: &str) -> f64 {
        let luminance = |colour: &str| {
            let share = |at: usize| f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            let linear =
                |share: f64| if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) };
            0.2126 * linear(share(1)) + 0.7152 * linear(share(3)) + 0.0722 * linear(share(5))
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn texts_and_the_textures_of_trouble_are_legible_on_light_and_dark_paper() {
        for paper in [&LIGHT, &DARK] {
            let colours = |look: &Look| if paper.ground == LIGHT.ground { look.light } else { look.dark };
            let textured = LOOKS.iter().filter(|look| !look.texture.is_empty()).map(colours);
            let pairs = textured.flat_map(|(ink, own)| [(ink, own), (ink, paper.track)]);
            for (ink, ground) in pairs.chain([(paper.text, paper.ground), (paper.dim, paper.ground)]) {
                assert!(contrast(ink, ground) >= 4.5, "{ink} on {ground}: {:.2}", contrast(ink, ground));
            }
        }
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
    }

    /// Every element that is opened is closed, in order; attributes are quoted.
    fn assert_well_formed(text: &str) {
        let mut open = Vec::new();
        for part in text.split('<').skip(1) {
            let (tag, rest) = part.split_once('>').unwrap();
            assert!(!rest.contains('>'), "{rest}");
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            let name = tag.split([' ', '/']).next().unwrap();
            if let Some(closed) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(closed));
            } else if !tag.ends_with('/') {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "{open:?}");
        assert!(!text.chars().any(|letter| letter.is_control() && letter != '\n'));
    }

    #[test]
    fn a_lane_is_a_row_and_names_are_no_markup() {
        let text = drawn(scripted());
        assert_well_formed(&text);
        assert_eq!(text.matches("class=\"lane\"").count(), 2);
        assert!(text.contains("&lt;script&gt; &amp; &quot;co&quot;\u{fffd}") && !text.contains("<script"));
        assert!(text.contains("<title>Pollscope: 1.1 s</title>"), "no scenario says how it was set up");
    }

    #[test]
    fn a_blocked_worker_is_one_hatched_bar() {
        let text = drawn(scripted());
        // From 200 to 600 ms of 1.1 s: the first and last cell may hold some of what was beside it.
        let bars = text.matches("<rect class=\"blocked\"").count();
        assert!((2..=4).contains(&bars), "{bars} with the legend's");
        assert!(text.contains("<pattern id=\"blocked\""));
    }

    #[test]
    fn random_traces_and_none_are_well_formed() {
        for seed in 0..5 {
            assert_well_formed(&drawn(sample::random(seed)));
        }
        assert_well_formed(&drawn(Vec::new()));
        assert!(drawn(Vec::new()).contains("Nothing ran."));
    }

    #[test]
    fn ticks_are_few_and_round() {
        for (window, expected) in [(12 * SECOND, SECOND), (950 * MILLI, 100 * MILLI), (3600 * SECOND, 500 * SECOND)] {
            assert_eq!(step(window), expected);
        }
        assert_eq!(step(1), 10 * MICRO);
    }
}
