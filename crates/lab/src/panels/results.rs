//! What the pipeline has found out, one block a repository.
//!
//! ```text
//! ╭ results ─────────────────────────────────────────────────────────────╮
//! │ ✓ harbor/lantern      812 issues  301 pulls  open 12 days, closed 3  │
//! │   near-duplicates     #12 ≈ #340 0.94   #77 ≈ #78 0.81               │
//! │   labels              bug 120 · docs 31                              │
//! │   words               waker · budget · park                          │
//! ╰──────────────────────────────────────────────────────────────────────╯
//! ```

use std::sync::Arc;

use pollscope_core::{model::picture::Picture, text::clean};
use pollscope_tui::{
    layout::centred,
    looks::Skin,
    overlay::Line,
    scenario::{OwnPlace, Place, ScenarioOverlay},
    text, units,
};
use ratatui::layout::Rect;

use super::shown::pipeline;
use crate::pipeline::{NearDuplicate, RepoResult, ResultState};

/// The overlay's name.
pub(super) const RESULTS: &str = "results";

/// Where keys go while it is in front.
pub(super) const PLACE: Place = Place::Own(OwnPlace { name: RESULTS, over: true, timed: true, paged: true });

/// How many of a kind are named.
const NAMED: usize = 8;

/// How many pairs are named.
const MOST_PAIRS: usize = 20;

/// Columns of a pair.
const PAIR: usize = 21;

/// Columns of what stands at the left.
const LABEL: usize = 17;

/// What the pipeline has found out.
#[derive(Debug)]
pub(super) struct ResultsOverlay;

impl ScenarioOverlay for ResultsOverlay {
    fn name(&self) -> &'static str {
        RESULTS
    }

    fn title(&self) -> &'static str {
        "results"
    }

    fn place(&self) -> Place {
        PLACE
    }

    fn area(&self, middle: Rect) -> Rect {
        if middle.width < 140 { middle } else { centred(middle, 130, 50) }
    }

    fn lines(&self, picture: &Picture, width: u16, skin: Skin<'_>) -> Vec<Line> {
        if pipeline(picture).results.is_empty() {
            return vec![vec![("no repository is through yet".to_owned(), skin.theme.text.dim)]];
        }
        pipeline(picture).results.iter().flat_map(|result| block(result, width.into(), skin)).collect()
    }
}

fn block(result: &Arc<RepoResult>, width: usize, skin: Skin) -> Vec<Line> {
    let mut lines = vec![head(result, skin)];
    if let Some(reason) = &result.reason {
        lines.push(vec![("  ".to_owned(), skin.theme.text.dim), (reason.clone(), skin.theme.text.warning)]);
    }
    let labels: Vec<_> =
        result.labels.iter().take(NAMED).map(|(label, count)| format!("{} {count}", short(label))).collect();
    let words: Vec<_> = result.words.iter().take(NAMED).map(|(word, _)| short(word)).collect();
    lines.extend(pairs(&result.near_duplicates, width, skin));
    lines.extend(listed("labels", &labels, result.labels.len(), " · ", skin));
    lines.extend(listed("words", &words, result.words.len(), " · ", skin));
    lines.push(Line::new());
    lines
}

fn head(result: &RepoResult, skin: Skin) -> Line {
    let (text, mark) = (&skin.theme.text, &skin.glyphs.mark);
    let (mark, style) = match result.state {
        ResultState::Ok | ResultState::IssuesDisabled => (mark.done, text.good),
        ResultState::Empty => (mark.done, text.dim),
        ResultState::Failed => (mark.failed, text.alarm),
    };
    let cut = if result.cut { "+" } else { "" };
    let mut line = vec![
        (format!("{mark} "), style),
        (short(&result.repo), text.strong),
        (format!("   {} issues   {} pulls{cut}", result.issues, result.pulls), text.normal),
    ];
    for (words, days) in [("open for", result.open_days_median), ("closed after", result.close_days_median)] {
        if let Some(days) = days {
            line.push((format!("   {words} "), text.dim));
            line.push((units::days(days), text.normal));
        }
    }
    if let Some(old) = &result.renamed_from {
        line.push((format!("   was {}", short(old)), text.dim));
    }
    line
}

/// The most that one name takes.
fn short(name: &str) -> String {
    text::cut(&clean(name), 32).into_owned()
}

/// The likeliest pairs, as many on a line as fit.
fn pairs(pairs: &[NearDuplicate], width: usize, skin: Skin) -> Vec<Line> {
    let text = &skin.theme.text;
    let on_a_line = (width.saturating_sub(LABEL + 2) / PAIR).max(1);
    let mut sorted: Vec<_> = pairs.iter().collect();
    sorted.sort_by(|one, other| other.similarity.total_cmp(&one.similarity));
    sorted.truncate(MOST_PAIRS);
    let mut lines: Vec<Line> = Vec::new();
    for some in sorted.chunks(on_a_line) {
        let label = if lines.is_empty() { "near-duplicates" } else { "" };
        let words: Vec<String> = some.iter().map(|near| format!("{:<PAIR$}", pair(near))).collect();
        lines.push(vec![(format!("  {label:<LABEL$}"), text.dim), (words.concat().trim_end().to_owned(), text.normal)]);
    }
    let more = pairs.len().saturating_sub(MOST_PAIRS);
    if let Some(last) = lines.last_mut().filter(|_| more > 0) {
        last.push((format!("   + {more} more"), text.dim));
    }
    lines
}

fn pair(pair: &NearDuplicate) -> String {
    format!("#{} ≈ #{} {:.2}", pair.a, pair.b, pair.similarity)
}

/// A line of names, if there are any, and how many more there are.
fn listed(label: &str, names: &[String], all: usize, between: &str, skin: Skin) -> Option<Line> {
    let text = &skin.theme.text;
    let more = all - names.len();
    let mut line = vec![(format!("  {label:<LABEL$}"), text.dim), (names.join(between), text.normal)];
    if more > 0 {
        line.push((format!("   + {more} more"), text.dim));
    }
    (!names.is_empty()).then_some(line)
}
