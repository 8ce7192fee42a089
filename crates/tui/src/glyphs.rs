//! The characters that pictures are made of, in three sets: Unicode, the same for screens without colours,
//! and plain ASCII.
//!
//! Every set is a row of constants, so that drawing a cell allocates nothing. Whatever text is left that is
//! not ASCII is replaced in the finished picture ([`to_ascii`]).

use ratatui::buffer::Buffer;

/// How full a cell is, from nearly empty to full.
pub type Ladder = [&'static str; 8];

/// A set of characters.
#[derive(Clone, Copy, Debug)]
pub struct Glyphs {
    /// Bars of tasks being polled, and of the pulse.
    pub bar: Ladder,
    /// Bars of jobs.
    pub job: Ladder,
    /// Bars of the runtime's own work.
    pub runtime: Ladder,
    /// Bars where only the operating system was asked.
    pub on_cpu: Ladder,
    /// Fills of cells that are mostly trouble.
    pub fill: Fills,
    /// What stands before a word.
    pub mark: Marks,
    /// Lines.
    pub line: Lines,
    /// Four dots of a large letter, by bits: left, right, below them left, right; none where letters cannot be large.
    pub dots: Option<&'static [&'static str; 16]>,
}

/// Fills of cells that are mostly trouble: textures, so that colour is not needed.
#[derive(Clone, Copy, Debug)]
pub struct Fills {
    /// Asleep in a poll.
    pub blocked: &'static str,
    /// In a poll, on the CPU.
    pub hogged: &'static str,
    /// In a poll, without a core.
    pub no_core: &'static str,
    /// Not measured.
    pub unknown: &'static str,
    /// Waiting for room in a queue.
    pub waits: &'static str,
}

/// What stands before a word.
#[derive(Clone, Copy, Debug)]
pub struct Marks {
    /// The program itself.
    pub logo: &'static str,
    /// The chosen line.
    pub selected: &'static str,
    /// Asleep in a poll.
    pub blocked: &'static str,
    /// In a poll, on the CPU.
    pub hogged: &'static str,
    /// In a poll, without a core.
    pub no_core: &'static str,
    /// Not measured.
    pub unknown: &'static str,
    /// In a short poll.
    pub polling: &'static str,
    /// Woken, not polled yet.
    pub ready: &'static str,
    /// Waiting for an answer.
    pub network: &'static str,
    /// Waiting for a timer.
    pub sleeping: &'static str,
    /// Held before a step.
    pub held: &'static str,
    /// In a job.
    pub job: &'static str,
    /// A result on its way.
    pub delivering: &'static str,
    /// Done.
    pub done: &'static str,
    /// Failed.
    pub failed: &'static str,
    /// Nothing in particular.
    pub nothing: &'static str,
    /// From one to the next.
    pub arrow: &'static str,
    /// A line below the one that it belongs to.
    pub branch: &'static str,
}

/// Lines: borders, gauges, the ground of a lane.
#[derive(Clone, Copy, Debug)]
pub struct Lines {
    /// The corners of a box: top left, top right, bottom left, bottom right.
    pub corners: [&'static str; 4],
    /// A horizontal line.
    pub across: &'static str,
    /// A vertical line.
    pub down: &'static str,
    /// The ground that a lane stands on.
    pub ground: &'static str,
    /// A full column of a gauge.
    pub gauge_full: &'static str,
    /// A half one.
    pub gauge_half: &'static str,
    /// An empty one.
    pub gauge_empty: &'static str,
    /// The stripe beside a sentence.
    pub stripe: &'static str,
    /// From a waker down or up to what is polled.
    pub shaft: &'static str,
    /// The point of an arrow that goes down.
    pub points_down: &'static str,
    /// The point of one that goes up.
    pub points_up: &'static str,
}

const QUADRANTS: [&str; 16] = [" ", "▘", "▝", "▀", "▖", "▌", "▞", "▛", "▗", "▚", "▐", "▜", "▄", "▙", "▟", "█"];

const EIGHTHS: Ladder = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// For terminals with Unicode and colours.
pub static UNICODE: Glyphs = Glyphs {
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
pub static UNICODE_MONO: Glyphs = Glyphs {
    job: ["░", "░", "░", "▒", "▒", "▒", "▓", "▓"],
    on_cpu: ["⡀", "⡀", "⡄", "⡄", "⡆", "⡆", "⡇", "⡇"],
    fill: Fills { hogged: "▚", ..UNICODE.fill },
    line: Lines { ground: " ", ..UNICODE.line },
    ..UNICODE
};

/// For terminals without Unicode. The bars are letters that grow from the ground: heights, not shades.
pub static ASCII: Glyphs = Glyphs {
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
pub fn to_ascii(buffer: &mut Buffer) {
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
