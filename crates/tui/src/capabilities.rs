//! What the terminal says that it can: by the environment, which costs nothing; it is never asked.

use supports_color::Stream;

use super::theme::{Depth, ThemeName};

/// What the terminal can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// How many colours it has.
    pub depth: Depth,
    /// Its ground is light.
    pub is_light: bool,
    /// It writes Unicode.
    pub unicode: bool,
}

impl Capabilities {
    /// Those of the terminal that the standard output is.
    pub fn of_the_terminal() -> Self {
        let depth = match supports_color::on(Stream::Stdout) {
            None => Depth::Mono,
            Some(level) if level.has_16m => Depth::True,
            Some(level) if level.has_256 => Depth::Indexed,
            Some(_) => Depth::Sixteen,
        };
        Self::of(depth, |name| std::env::var(name).ok())
    }

    fn of(depth: Depth, variable: impl Fn(&str) -> Option<String>) -> Self {
        let is_set = |name: &&str| variable(name).is_some_and(|value| !value.is_empty());
        // Where nobody says anything, as in most containers, Unicode is usual.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find(|name| is_set(name)).and_then(|name| variable(name));
        let unicode = locale.is_none_or(|locale| {
            let locale = locale.to_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        // `15;0` or `0;default;15`: the last is the ground, of the sixteen colours.
        let ground = variable("COLORFGBG").and_then(|value| value.rsplit(';').next()?.parse::<u8>().ok());
        Self { depth, is_light: ground.is_some_and(|ground| ground == 7 || (9..=15).contains(&ground)), unicode }
    }

    /// The theme to begin with: the one asked for, or else the one that fits.
    pub fn theme(self, asked: Option<ThemeName>) -> ThemeName {
        asked.unwrap_or(match (self.depth, self.is_light) {
            (Depth::Mono, _) => ThemeName::Mono,
            (_, true) => ThemeName::Light,
            (_, false) => ThemeName::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Capabilities {
        let value = |name: &str| variables.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned());
        Capabilities::of(Depth::True, value)
    }

    #[test]
    fn unicode_is_written_unless_the_locale_says_otherwise() {
        for locale in [&[][..], &[("LANG", "de_CH.UTF-8")], &[("LC_ALL", "C.utf8"), ("LANG", "C")], &[("LC_ALL", "")]] {
            assert!(of(locale).unicode, "{locale:?}");
        }
        for locale in
            [&[("LANG", "C")][..], &[("LC_ALL", "POSIX"), ("LANG", "en_US.UTF-8")], &[("LC_CTYPE", "ja_JP.eucJP")]]
        {
            assert!(!of(locale).unicode, "{locale:?}");
        }
    }

    #[test]
    fn a_light_ground_gets_the_light_theme() {
        for (ground, expected) in [
            ("0;15", ThemeName::Light),
            ("0;default;7", ThemeName::Light),
            ("15;0", ThemeName::Dark),
            ("7;8", ThemeName::Dark),
            ("default", ThemeName::Dark),
        ] {
            assert_eq!(of(&[("COLORFGBG", ground)]).theme(None), expected, "{ground}");
        }
        assert_eq!(of(&[("COLORFGBG", "0;15")]).theme(Some(ThemeName::Mono)), ThemeName::Mono);
    }

    #[test]
    fn no_colours_are_heard_unless_a_theme_is_asked_for() {
        let none = Capabilities { depth: Depth::Mono, ..of(&[]) };
        assert_eq!(none.theme(None), ThemeName::Mono);
        assert_eq!(none.theme(Some(ThemeName::Light)), ThemeName::Light);
    }
}
