//! The raw colours of the themes. Nobody but the theme sees them.
#![expect(clippy::unreadable_literal, reason = "six digits are how a colour is written")]

use ratatui::style::Color;

/// The raw colours of a theme.
pub(super) struct Colours {
    pub(super) ground: Color,
    pub(super) bar: Color,
    pub(super) selected: Color,
    pub(super) text: Color,
    pub(super) strong: Color,
    pub(super) dim: Color,
    pub(super) accent: Color,
    pub(super) good: Color,
    pub(super) warning: Color,
    pub(super) alarm: Color,
    pub(super) hogged: Color,
    pub(super) no_core: Color,
    pub(super) polling: Color,
    pub(super) job: Color,
    pub(super) runtime: Color,
    pub(super) waits: Color,
    pub(super) border: Color,
    pub(super) track: Color,
    /// Text on a coloured ground.
    pub(super) ink: Color,
}

const fn rgb(hex: u32) -> Color {
    Color::Rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

pub(super) const DARK: Colours = Colours {
    ground: rgb(0x14151b),
    bar: rgb(0x1d1f28),
    selected: rgb(0x232632),
    text: rgb(0xd5d8e0),
    strong: rgb(0xffffff),
    dim: rgb(0x8a8f9d),
    accent: rgb(0x7cc4ff),
    good: rgb(0x84d96c),
    warning: rgb(0xf4e06d),
    alarm: rgb(0xff5d5d),
    hogged: rgb(0xffb047),
    no_core: rgb(0xf06ac8),
    polling: rgb(0x4ad9bd),
    job: rgb(0xb48cff),
    runtime: rgb(0x8899c6),
    waits: rgb(0xa89a5c),
    border: rgb(0x444855),
    track: rgb(0x2e323d),
    ink: rgb(0x14151b),
};

pub(super) const LIGHT: Colours = Colours {
    ground: rgb(0xfbfaf7),
    bar: rgb(0xefede7),
    selected: rgb(0xe7ecf3),
    text: rgb(0x2c2f38),
    strong: rgb(0x000000),
    dim: rgb(0x636772),
    accent: rgb(0x0b5cad),
    good: rgb(0x0c5f2a),
    warning: rgb(0x7a5c00),
    alarm: rgb(0xc91d2e),
    hogged: rgb(0x884600),
    no_core: rgb(0xa81d83),
    polling: rgb(0x00645a),
    job: rgb(0x5c33b8),
    runtime: rgb(0x526085),
    waits: rgb(0x75651c),
    border: rgb(0xb9b8b3),
    track: rgb(0xdcdad3),
    ink: rgb(0xffffff),
};

pub(super) const COLOUR_BLIND: Colours = Colours {
    alarm: rgb(0xf58218),
    good: rgb(0x2db88f),
    warning: rgb(0xf0e442),
    hogged: rgb(0xe6b800),
    no_core: rgb(0xe08fbd),
    polling: rgb(0x56b4e9),
    job: rgb(0x2db88f),
    runtime: rgb(0x8d93a3),
    accent: rgb(0x8cc8f0),
    ..DARK
};

pub(super) const HIGH_CONTRAST: Colours = Colours {
    ground: rgb(0x000000),
    bar: rgb(0x000000),
    selected: rgb(0x1c1c2e),
    text: rgb(0xffffff),
    dim: rgb(0xc8ccd6),
    accent: rgb(0x9fd6ff),
    good: rgb(0x8dff70),
    warning: rgb(0xfff07a),
    alarm: rgb(0xffa29a),
    hogged: rgb(0xffc04d),
    no_core: rgb(0xff9de2),
    polling: rgb(0x5cf5d6),
    job: rgb(0xd3b8ff),
    runtime: rgb(0xa9b8e8),
    waits: rgb(0xd8c878),
    border: rgb(0x9aa0ae),
    track: rgb(0x5a6070),
    ink: rgb(0x000000),
    ..DARK
};

/// The terminal's own sixteen, as its user has chosen them.
pub(super) const SIXTEEN: Colours = Colours {
    ground: Color::Reset,
    bar: Color::Reset,
    selected: Color::Reset,
    text: Color::Reset,
    strong: Color::Reset,
    dim: Color::DarkGray,
    accent: Color::Cyan,
    good: Color::Green,
    warning: Color::Yellow,
    alarm: Color::Red,
    hogged: Color::Yellow,
    no_core: Color::Magenta,
    polling: Color::Cyan,
    job: Color::Blue,
    runtime: Color::DarkGray,
    waits: Color::DarkGray,
    border: Color::DarkGray,
    track: Color::DarkGray,
    ink: Color::Black,
};
