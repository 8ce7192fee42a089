//! The formats that what is looked at can be exported in: a list to choose from.

use pollscope_core::model::picture::ExportFormat;

use super::{looks::Skin, overlay::Line, state::List};

/// The overlay's title.
pub(super) const TITLE: &str = "Export";

/// One format.
struct Row {
    format: ExportFormat,
    name: &'static str,
    what: &'static str,
}

/// The formats, in the order of the list.
const ROWS: &[Row] = &[
    Row { format: ExportFormat::Perfetto, name: "perfetto", what: "every poll, job and wake, for ui.perfetto.dev" },
    Row { format: ExportFormat::Svg, name: "svg", what: "the lanes of the lab, for a slide or for print" },
    Row { format: ExportFormat::Csv, name: "csv", what: "tables of tasks, polls and threads, in a folder" },
    Row { format: ExportFormat::Json, name: "json", what: "the report, figure by figure" },
];

/// How many there are.
pub(super) fn count() -> usize {
    ROWS.len()
}

/// The format of a line.
pub(super) fn format(line: usize) -> Option<ExportFormat> {
    ROWS.get(line).map(|row| row.format)
}

/// The lines of the list.
pub(super) fn lines(list: &List, skin: Skin) -> Vec<Line> {
    let text = &skin.theme.text;
    let line = |(place, row): (usize, &Row)| {
        let chosen = list.selected == Some(place);
        let mark = if chosen { skin.glyphs.mark.selected } else { " " };
        let style = if chosen { text.strong } else { text.normal };
        vec![(format!("{mark} "), text.accent), (format!("{:10}", row.name), style), (row.what.to_owned(), text.dim)]
    };
    ROWS.iter().enumerate().map(line).collect()
}
