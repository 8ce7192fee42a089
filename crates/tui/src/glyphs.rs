//! The characters that pictures are made of, in three sets: Unicode, the same for screens without colours,
//! and plain ASCII.
//!
//! Every set is a row of constants, so that drawing a cell allocates nothing. Whatever text is left that is
//! not ASCII is replaced in the finished picture ([`to_ascii`]).

use ratatui::buffer::Buffer;

/// How full a cell is, from nearly empty to full.
pub(super) type Ladder = [&'static str; 8];

/// A set of characters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glyphs {
    /// Bars of tasks being polled, and of the pulse.
    pub(super) bar: Ladder,
    /// Bars of jobs.
    pub(super) job: Ladder,
    /// Bars of the runtime's own work.
    pub(super) runtime: Ladder,
    /// Bars where only the operating system was asked.
    pub(super) on_cpu: Ladder,
    /// Fills of cells that are mostly trouble.
    pub(super) fill: Fills,
    /// What stands before a word.
    pub(super) mark: Marks,
    /// Lines.
    pub(super) line: Lines,
    /// Four dots of a large letter, by bits: left, right, below them left, right; none where letters cannot be large.
    pub(super) dots: Option<&'static [&'static str; 16]>,
}

/// Fills of cells that are mostly trouble: textures, so that colour is not needed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fills {
    pub(super) blocked: &'static str,
    pub(super) hogged: &'static str,
    pub(super) no_core: &'static str,
    pub(super) unknown: &'static str,
    pub(super) waits: &'static str,
}

/// What stands before a word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks {
    pub(super) logo: &'static str,
    pub(super) selected: &'static str,
    pub(super) blocked: &'static str,
    pub(super) hogged: &'static str,
    pub(super) no_core: &'static str,
    pub(super) unknown: &'static str,
    pub(super) polling: &'static str,
    pub(super) ready: &'static str,
    pub(super) network: &'static str,
    pub(super) sleeping: &'static str,
    pub(super) held: &'static str,
    pub(super) job: &'static str,
    pub(super) delivering: &'static str,
    pub(super) done: &'static str,
    pub(super) failed: &'static str,
    pub(super) nothing: &'static str,
    pub(super) arrow: &'static str,
    pub(super) branch: &'static str,
}

/// Lines: borders, gauges, the ground of a lane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lines {
    pub(super) corners: [&'static str; 4],
    pub(super) across: &'static str,
    pub(super) down: &'static str,
    pub(super) ground: &'static str,
    pub(super) gauge_full: &'static str,
    pub(super) gauge_half: &'static str,
    pub(super) gauge_empty: &'static str,
    pub(super) stripe: &'static str,
    /// From a waker down or up to what is polled.
    pub(super) shaft: &'static str,
    pub(super) points_down: &'static str,
    pub(super) points_up: &'static str,
}

const QUADRANTS: [&str; 16] = [" ", "▘", "▝", "▀", "▖", "▌", "▞", "▛", "▗", "▚", "▐", "▜", "▄", "▙", "▟", "█"];

const EIGHTHS: Ladder = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// For terminals with Unicode and colours.
pub(super) static UNICODE: Glyphs = Glyphs {
    bar: EIGHTHS,
    job: EIGHTHS,
    runtime: ["⣀", "⣀", "⣤", "⣤", "⣶", "⣶", "⣿", "⣿"],
    on_cpu: EIGHTHS,
    fill: Fills { blocked: "╱", hogged: "▒", no_core: "×", unknown: "?", waits: "╌" },
    mark: Marks {
        logo: "◉",
        selected: "▸",
        blocked: "■",
        hogged: "▲",
        no_core: "×",
        unknown: "?",
        polling: "●",
        ready: "◌",
        network: "⇄",
        sleeping: "☾",
        held: "∥",
        job: "◆",
        delivering: "→",
        done: "✓",
        failed: "✗",
        nothing: "·",
        arrow: "→",
        branch: "└ ",
    },
    line: Lines {
        corners: ["╭", "╮", "╰", "╯"],
        across: "─",
        down: "│",
        ground: "▁",
        gauge_full: "━",
        gauge_half: "╸",
        gauge_empty: "─",
        stripe: "▌",
        shaft: "┊",
        points_down: "▾",
        points_up: "▴",
    },
    dots: Some(&QUADRANTS),
};

/// The same without colours: jobs are shades, so that they are no polls.
pub(super) static UNICODE_MONO: Glyphs = Glyphs {
    job: ["░", "░", "░", "▒", "▒", "▒", "▓", "▓"],
    on_cpu: ["⡀", "⡀", "⡄", "⡄", "⡆", "⡆", "⡇", "⡇"],
    fill: Fills { hogged: "▚", ..UNICODE.fill },
    line: Lines { ground: " ", ..UNICODE.line },
    ..UNICODE
};

/// For terminals without Unicode. The bars are letters that grow from the ground: heights, not shades.
pub(super) static ASCII: Glyphs = Glyphs {
    bar: ["_", ".", ".", "o", "o", "O", "8", "8"],
    job: ["_", "-", "-", "=", "=", "%", "%", "@"],
    runtime: [".", ".", ",", ",", ",", ";", ";", ";"],
    on_cpu: ["'", "'", "'", "\"", "\"", "\"", "\"", "\""],
    fill: Fills { blocked: "/", hogged: "#", no_core: "x", unknown: "?", waits: "~" },
    mark: Marks {
        logo: "(o)",
        selected: ">",
        blocked: "!",
        hogged: "#",
        no_core: "x",
        unknown: "?",
        polling: "*",
        ready: "o",
        network: "=",
        sleeping: "z",
        held: "H",
        job: "@",
        delivering: ">",
        done: "+",
        failed: "X",
        nothing: ".",
        arrow: "->",
        branch: "` ",
    },
    line: Lines {
        corners: ["+", "+", "+", "+"],
        across: "-",
        down: "|",
        ground: " ",
        gauge_full: "=",
        gauge_half: "-",
        gauge_empty: ".",
        stripe: "|",
        shaft: ":",
        points_down: "v",
        points_up: "^",
    },
    dots: None,
};

/// Replaces what is not ASCII in a finished picture.
pub(super) fn to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            let plain = plain(cell.symbol());
            cell.set_symbol(plain);
        }
    }
}

fn plain(symbol: &str) -> &'static str {
    match symbol {
        "·" | "…" => ".",
        "×" => "x",
        "−" => "-",
        "→" => ">",
        "µ" => "u",
        "≈" => "~",
        _ => "?",
    }
}
