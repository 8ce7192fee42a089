//! What has which colour. A theme is one constant; the raw colours are private, at the end of the file.
//!
//! The theme knows roles (`alarm`, `dim`, `job`), not regions and not states: which state has which role is
//! said in [`looks`](super::looks).

use ratatui::style::{Color, Modifier, Style};

/// The themes, in the order in which the key goes through them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeName {
    /// Light text on a dark ground.
    #[default]
    Dark,
    /// Dark text on a light ground.
    Light,
    /// Colours that people who see fewer of them can tell apart (after Okabe and Ito).
    ColourBlind,
    /// The terminal's own two colours.
    Mono,
}

impl ThemeName {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Dark, Self::Light, Self::ColourBlind, Self::Mono];

    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::ColourBlind => "colour-blind",
            Self::Mono => "mono",
        }
    }

    /// The theme to begin with: the one asked for, or else the default; without colours where they are not
    /// wanted (`NO_COLOR`) and none was asked for.
    pub fn pick(asked: Option<Self>, no_color: bool) -> Self {
        asked.unwrap_or(if no_color { Self::Mono } else { Self::default() })
    }

    /// The theme after this one, round and round.
    pub fn next(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::ColourBlind,
            Self::ColourBlind => Self::Mono,
            Self::Mono => Self::Dark,
        }
    }
}

/// How each role looks.
#[derive(Debug)]
pub(super) struct Theme {
    /// The whole screen.
    pub(super) ground: Style,
    /// Header and footer.
    pub(super) bar: Style,
    /// The selected row.
    pub(super) selected: Style,
    pub(super) text: Texts,
    pub(super) line: LineStyles,
    pub(super) tint: Tints,
    pub(super) badge: Badges,
}

/// Text.
#[derive(Debug)]
pub(super) struct Texts {
    pub(super) normal: Style,
    pub(super) strong: Style,
    pub(super) dim: Style,
    pub(super) accent: Style,
    pub(super) good: Style,
    pub(super) warning: Style,
    pub(super) alarm: Style,
}

/// Lines, which are no text.
#[derive(Debug)]
pub(super) struct LineStyles {
    /// Borders while nothing is wrong.
    pub(super) calm: Style,
    /// Borders of what is stopped.
    pub(super) alarm: Style,
    /// The ground of a lane, the empty part of a gauge.
    pub(super) track: Style,
}

/// What a thread or task does.
#[derive(Debug)]
pub(super) struct Tints {
    pub(super) blocked: Tint,
    pub(super) hogged: Tint,
    pub(super) no_core: Tint,
    pub(super) unknown: Tint,
    pub(super) polling: Tint,
    pub(super) job: Tint,
    pub(super) runtime: Tint,
    pub(super) waits: Tint,
    pub(super) on_cpu: Tint,
}

/// One colour, as text or bar and as the ground of a texture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tint {
    /// Coloured on the screen's ground.
    pub(super) bar: Style,
    /// A texture on a coloured ground.
    pub(super) fill: Style,
}

/// Short words on a coloured ground.
#[derive(Debug)]
pub(super) struct Badges {
    pub(super) good: Style,
    pub(super) caution: Style,
    pub(super) bad: Style,
}

impl Theme {
    /// The theme of that name.
    pub(super) fn of(name: ThemeName) -> &'static Self {
        match name {
            ThemeName::Dark => &DARK,
            ThemeName::Light => &LIGHT,
            ThemeName::ColourBlind => &COLOUR_BLIND,
            ThemeName::Mono => &MONO,
        }
    }
}

static DARK: Theme = coloured(&DARK_COLOURS);
static LIGHT: Theme = coloured(&LIGHT_COLOURS);
static COLOUR_BLIND: Theme = coloured(&COLOUR_BLIND_COLOURS);

/// Weight and inversion instead of colours.
static MONO: Theme = Theme {
    ground: Style::new(),
    bar: Style::new(),
    selected: Style::new().add_modifier(Modifier::BOLD),
    text: Texts {
        normal: Style::new(),
        strong: BOLD,
        dim: DIM,
        accent: BOLD,
        good: Style::new(),
        warning: BOLD,
        alarm: Style::new().add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED)),
    },
    line: LineStyles { calm: DIM, alarm: BOLD, track: DIM },
    tint: Tints {
        blocked: Tint { bar: BOLD, fill: REVERSED },
        hogged: Tint { bar: BOLD, fill: BOLD },
        no_core: Tint { bar: BOLD, fill: BOLD },
        unknown: Tint { bar: DIM, fill: DIM },
        polling: PLAIN_TINT,
        job: PLAIN_TINT,
        runtime: Tint { bar: DIM, fill: DIM },
        waits: PLAIN_TINT,
        on_cpu: Tint { bar: DIM, fill: DIM },
    },
    badge: Badges { good: REVERSED, caution: REVERSED, bad: REVERSED.add_modifier(Modifier::BOLD) },
};

const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);
const DIM: Style = Style::new().add_modifier(Modifier::DIM);
const REVERSED: Style = Style::new().add_modifier(Modifier::REVERSED);
const PLAIN_TINT: Tint = Tint { bar: Style::new(), fill: Style::new() };

const fn coloured(colours: &Colours) -> Theme {
    let Colours { ground, bar, selected, text, strong, dim, accent, good, warning, alarm, border, track, ink, .. } =
        *colours;
    Theme {
        ground: Style::new().fg(text).bg(ground),
        bar: Style::new().fg(text).bg(bar),
        selected: Style::new().bg(selected),
        text: Texts {
            normal: Style::new().fg(text),
            strong: Style::new().fg(strong).add_modifier(Modifier::BOLD),
            dim: Style::new().fg(dim),
            accent: Style::new().fg(accent).add_modifier(Modifier::BOLD),
            good: Style::new().fg(good),
            warning: Style::new().fg(warning),
            alarm: Style::new().fg(alarm).add_modifier(Modifier::BOLD),
        },
        line: LineStyles {
            calm: Style::new().fg(border),
            alarm: Style::new().fg(alarm),
            track: Style::new().fg(track),
        },
        tint: Tints {
            blocked: tint(alarm, ink),
            hogged: tint(colours.hogged, ink),
            no_core: tint(colours.no_core, ink),
            unknown: tint(dim, ink),
            polling: tint(colours.polling, ink),
            job: tint(colours.job, ink),
            runtime: tint(colours.runtime, ink),
            waits: tint(colours.waits, ink),
            on_cpu: tint(colours.runtime, ink),
        },
        badge: Badges { good: badge(good, ink), caution: badge(colours.hogged, ink), bad: badge(alarm, ink) },
    }
}

const fn tint(colour: Color, ink: Color) -> Tint {
    Tint { bar: Style::new().fg(colour), fill: Style::new().fg(ink).bg(colour) }
}

const fn badge(colour: Color, ink: Color) -> Style {
    Style::new().fg(ink).bg(colour).add_modifier(Modifier::BOLD)
}

/// The raw colours of a theme.
struct Colours {
    ground: Color,
    bar: Color,
    selected: Color,
    text: Color,
    strong: Color,
    dim: Color,
    accent: Color,
    good: Color,
    warning: Color,
    alarm: Color,
    hogged: Color,
    no_core: Color,
    polling: Color,
    job: Color,
    runtime: Color,
    waits: Color,
    border: Color,
    track: Color,
    /// Text on a coloured ground.
    ink: Color,
}

const fn rgb(hex: u32) -> Color {
    Color::Rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const DARK_COLOURS: Colours = Colours {
    ground: rgb(0x14_15_1b),
    bar: rgb(0x1d_1f_28),
    selected: rgb(0x23_26_32),
    text: rgb(0xd5_d8_e0),
    strong: rgb(0xff_ff_ff),
    dim: rgb(0x8a_8f_9d),
    accent: rgb(0x7c_c4_ff),
    good: rgb(0x84_d9_6c),
    warning: rgb(0xf4_e0_6d),
    alarm: rgb(0xff_5d_5d),
    hogged: rgb(0xff_b0_47),
    no_core: rgb(0xf0_6a_c8),
    polling: rgb(0x4a_d9_bd),
    job: rgb(0xb4_8c_ff),
    runtime: rgb(0x7f_8d_b8),
    waits: rgb(0xa8_9a_5c),
    border: rgb(0x44_48_55),
    track: rgb(0x2e_32_3d),
    ink: rgb(0x14_15_1b),
};

const LIGHT_COLOURS: Colours = Colours {
    ground: rgb(0xfb_fa_f7),
    bar: rgb(0xef_ed_e7),
    selected: rgb(0xe7_ec_f3),
    text: rgb(0x2c_2f_38),
    strong: rgb(0x00_00_00),
    dim: rgb(0x63_67_72),
    accent: rgb(0x0b_5c_ad),
    good: rgb(0x1b_74_2f),
    warning: rgb(0x7a_5c_00),
    alarm: rgb(0xc9_1d_2e),
    hogged: rgb(0x9c_54_00),
    no_core: rgb(0xa8_1d_83),
    polling: rgb(0x00_75_66),
    job: rgb(0x6a_3b_d1),
    runtime: rgb(0x52_60_85),
    waits: rgb(0x75_65_1c),
    border: rgb(0xb9_b8_b3),
    track: rgb(0xdc_da_d3),
    ink: rgb(0xff_ff_ff),
};

const COLOUR_BLIND_COLOURS: Colours = Colours {
    alarm: rgb(0xe8_6a_17),
    good: rgb(0x2d_b8_8f),
    warning: rgb(0xf0_e4_42),
    hogged: rgb(0xe6_b8_00),
    no_core: rgb(0xe0_8f_bd),
    polling: rgb(0x56_b4_e9),
    job: rgb(0x2d_b8_8f),
    runtime: rgb(0x8d_93_a3),
    accent: rgb(0x8c_c8_f0),
    ..DARK_COLOURS
};

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(colour: Color) -> f64 {
        let Color::Rgb(red, green, blue) = colour else { panic!("{colour:?} is no plain colour") };
        let [red, green, blue] = [red, green, blue].map(|channel| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// The contrast of two colours, by the Web Content Accessibility Guidelines.
    fn contrast(one: Color, other: Color) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    fn assert_legible(text: Color, ground: Color, what: &str) {
        let contrast = contrast(text, ground);
        assert!(contrast >= 4.5, "{what}: {contrast:.2}");
    }

    #[test]
    fn every_text_is_legible_on_every_ground() {
        for theme in [&DARK, &LIGHT, &COLOUR_BLIND] {
            let Theme { text, tint, badge, .. } = theme;
            let tints = [
                tint.blocked,
                tint.hogged,
                tint.no_core,
                tint.unknown,
                tint.polling,
                tint.job,
                tint.runtime,
                tint.waits,
            ];
            let texts = [text.normal, text.strong, text.dim, text.accent, text.good, text.warning, text.alarm];
            for ground in [theme.ground, theme.bar, theme.selected] {
                for style in texts.into_iter().chain(tints.map(|tint| tint.bar)) {
                    assert_legible(style.fg.unwrap(), ground.bg.unwrap(), &format!("{style:?} on {ground:?}"));
                }
            }
            for style in [badge.good, badge.caution, badge.bad] {
                assert_legible(style.fg.unwrap(), style.bg.unwrap(), &format!("{style:?}"));
            }
        }
    }

    #[test]
    fn no_color_is_heard_unless_a_theme_is_asked_for() {
        assert_eq!(ThemeName::pick(None, true), ThemeName::Mono);
        assert_eq!(ThemeName::pick(None, false), ThemeName::Dark);
        assert_eq!(ThemeName::pick(Some(ThemeName::Light), true), ThemeName::Light);
        assert!(!format!("{:?}", Theme::of(ThemeName::Mono)).contains("Rgb"));
    }

    #[test]
    fn the_key_goes_through_all_themes() {
        let mut name = ThemeName::default();
        for expected in ThemeName::ALL {
            assert_eq!(name, expected);
            name = name.next();
        }
        assert_eq!(name, ThemeName::default());
    }
}
