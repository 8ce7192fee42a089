//! What has which colour. A theme is one constant; the raw colours are private to it (`palette`).
//!
//! The theme knows roles (`alarm`, `dim`, `job`), not regions and not states: which state has which role is
//! said in [`looks`](super::looks).

mod depth;
mod palette;

use ratatui::style::{Color, Modifier, Style};

pub use self::depth::Depth;
pub(super) use self::depth::to_indexed;
use self::palette::Colours;

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
    /// Nothing is dim: for bad projectors and tired eyes.
    HighContrast,
    /// The terminal's own two colours.
    Mono,
}

impl ThemeName {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::Dark, Self::Light, Self::ColourBlind, Self::HighContrast, Self::Mono];

    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::ColourBlind => "colour-blind",
            Self::HighContrast => "high-contrast",
            Self::Mono => "mono",
        }
    }

    /// The theme after this one, round and round.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::ColourBlind,
            Self::ColourBlind => Self::HighContrast,
            Self::HighContrast => Self::Mono,
            Self::Mono => Self::Dark,
        }
    }
}

/// How each role looks.
#[derive(Debug)]
pub struct Theme {
    /// The whole screen.
    pub ground: Style,
    /// Header and footer.
    pub bar: Style,
    /// The selected row.
    pub selected: Style,
    /// Text.
    pub text: Texts,
    /// Lines.
    pub line: LineStyles,
    /// What a thread or task does.
    pub tint: Tints,
    /// Short words on a coloured ground.
    pub badge: Badges,
}

/// Text.
#[derive(Debug)]
pub struct Texts {
    /// What is read.
    pub normal: Style,
    /// What is read first.
    pub strong: Style,
    /// What is read last.
    pub dim: Style,
    /// Keys, titles, marks.
    pub accent: Style,
    /// What is as it should be.
    pub good: Style,
    /// What costs.
    pub warning: Style,
    /// What is stopped.
    pub alarm: Style,
}

/// Lines, which are no text.
#[derive(Debug)]
pub struct LineStyles {
    /// Borders while nothing is wrong.
    pub calm: Style,
    /// Borders of what is stopped.
    pub alarm: Style,
    /// The ground of a lane, the empty part of a gauge.
    pub track: Style,
}

/// What a thread or task does.
#[derive(Debug)]
pub struct Tints {
    /// Asleep in a poll.
    pub blocked: Tint,
    /// In a poll, on the CPU.
    pub hogged: Tint,
    /// In a poll, without a core.
    pub no_core: Tint,
    /// Not measured.
    pub unknown: Tint,
    /// In a short poll.
    pub polling: Tint,
    /// In a job.
    pub job: Tint,
    /// In the runtime's own work.
    pub runtime: Tint,
    /// Waiting for room in a queue.
    pub waits: Tint,
    /// On the CPU: more is not known.
    pub on_cpu: Tint,
}

/// One colour, as text or bar and as the ground of a texture.
#[derive(Clone, Copy, Debug)]
pub struct Tint {
    /// Coloured on the screen's ground.
    pub bar: Style,
    /// A texture on a coloured ground.
    pub fill: Style,
}

/// Short words on a coloured ground.
#[derive(Debug)]
pub struct Badges {
    /// What helps.
    pub good: Style,
    /// What is to be noticed.
    pub caution: Style,
    /// What harms.
    pub bad: Style,
}

impl Theme {
    /// The theme of that name.
    pub fn of(name: ThemeName) -> &'static Self {
        match name {
            ThemeName::Dark => &DARK,
            ThemeName::Light => &LIGHT,
            ThemeName::ColourBlind => &COLOUR_BLIND,
            ThemeName::HighContrast => &HIGH_CONTRAST,
            ThemeName::Mono => &MONO,
        }
    }

    /// The same for a terminal of so many colours: of sixteen, which the user has chosen, all themes are made.
    pub fn for_depth(name: ThemeName, depth: Depth) -> &'static Self {
        match (name, depth) {
            (ThemeName::Mono, _) | (_, Depth::Indexed | Depth::True) => Self::of(name),
            (_, Depth::Sixteen | Depth::Mono) => &SIXTEEN,
        }
    }
}

static DARK: Theme = coloured(&palette::DARK);
static LIGHT: Theme = coloured(&palette::LIGHT);
static COLOUR_BLIND: Theme = coloured(&palette::COLOUR_BLIND);
static HIGH_CONTRAST: Theme = coloured(&palette::HIGH_CONTRAST);
static SIXTEEN: Theme = coloured(&palette::SIXTEEN);

/// Weight and inversion instead of colours.
static MONO: Theme = Theme {
    ground: Style::new(),
    bar: Style::new(),
    selected: Style::new().add_modifier(Modifier::BOLD),
    text: Texts {
        normal: PLAIN,
        strong: BOLD,
        dim: DIM,
        accent: BOLD,
        good: PLAIN,
        warning: BOLD,
        alarm: BOLD.add_modifier(Modifier::UNDERLINED),
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

/// Words are written over borders, and must not stay as dim as those.
const PLAIN: Style = Style::new().remove_modifier(Modifier::DIM);
const BOLD: Style = PLAIN.add_modifier(Modifier::BOLD);
const DIM: Style = Style::new().add_modifier(Modifier::DIM);
const REVERSED: Style = PLAIN.add_modifier(Modifier::REVERSED);
const PLAIN_TINT: Tint = Tint { bar: PLAIN, fill: PLAIN };

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

    /// As it is, and by the nearest of xterm's colours.
    fn assert_legible(text: Color, ground: Color, least: f64, what: &str) {
        for (depth, contrast) in [
            ("as it is", contrast(text, ground)),
            ("in 256 colours", contrast(depth::in_xterms(text), depth::in_xterms(ground))),
        ] {
            assert!(contrast >= least, "{what}, {depth}: {contrast:.2}");
        }
    }

    #[test]
    fn every_text_is_legible_on_every_ground() {
        for (theme, least) in [(&DARK, 4.5), (&LIGHT, 4.5), (&COLOUR_BLIND, 4.5), (&HIGH_CONTRAST, 7.0)] {
            let assert_legible = |text, ground, what: &str| assert_legible(text, ground, least, what);
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
    fn words_on_borders_are_not_dim_without_colours() {
        let Theme { text, line, tint, .. } = &MONO;
        for word in [text.normal, text.strong, text.accent, text.good, text.alarm, tint.polling.bar, tint.blocked.fill]
        {
            assert!(!line.calm.patch(word).add_modifier.contains(Modifier::DIM), "{word:?}");
        }
    }

    #[test]
    fn a_theme_is_made_of_what_a_terminal_has() {
        for name in ThemeName::ALL {
            assert!(!format!("{:?}", Theme::for_depth(name, Depth::Sixteen)).contains("Rgb"), "{name:?}");
            assert!(std::ptr::eq(Theme::for_depth(name, Depth::Indexed), Theme::of(name)));
        }
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
