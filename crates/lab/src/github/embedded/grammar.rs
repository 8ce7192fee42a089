//! Expands the word lists of `assets/embedded` into text. `words.txt` explains their notation.
//!
//! Knows nothing of issues: which section is expanded, and how often, is the caller's matter.

use std::{collections::HashMap, sync::LazyLock};

use fastrand::Rng;

const LISTS: [&str; 6] = [
    include_str!("../../../assets/embedded/words.txt"),
    include_str!("../../../assets/embedded/logs.txt"),
    include_str!("../../../assets/embedded/issues.txt"),
    include_str!("../../../assets/embedded/pulls.txt"),
    include_str!("../../../assets/embedded/unicode.txt"),
    include_str!("../../../assets/embedded/people.txt"),
];

type Sections = HashMap<&'static str, Vec<&'static str>>;

static SECTIONS: LazyLock<Sections> = LazyLock::new(|| {
    let mut sections = Sections::new();
    for list in LISTS {
        read(list, &mut sections);
    }
    sections
});

/// A `#` opens a comment only before the first section: afterwards it is Markdown.
fn read(list: &'static str, sections: &mut Sections) {
    let mut name = None;
    for line in list.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(heading) = heading(line) {
            name = Some(heading);
        } else if let Some(name) = name {
            sections.entry(name).or_default().push(line);
        }
    }
}

/// A title may begin with a bracket too, so the whole line has to be a name in brackets.
fn heading(line: &str) -> Option<&str> {
    let name = line.strip_prefix('[')?.strip_suffix(']')?;
    name.bytes().all(is_name_byte).then_some(name)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte == b'_'
}

/// Writes one text. Whatever it chose for `@name` stays the same for its lifetime.
pub(super) struct Writer<'r> {
    rng: &'r mut Rng,
    kept: Vec<(&'static str, String)>,
}

impl<'r> Writer<'r> {
    /// A writer for whom `@crate` is `crate_name`.
    pub(super) fn new(rng: &'r mut Rng, crate_name: &str) -> Self {
        Self { rng, kept: vec![("crate", crate_name.to_owned())] }
    }

    /// One choice of `section`, fully expanded; nothing if there is no such section.
    pub(super) fn write(&mut self, section: &str) -> String {
        let mut text = String::new();
        self.choose(section, &mut text);
        text
    }

    /// The generator, for decisions that belong to the same text.
    pub(super) fn rng(&mut self) -> &mut Rng {
        self.rng
    }

    fn choose(&mut self, section: &str, out: &mut String) {
        let Some(lines) = SECTIONS.get(section) else { return };
        let line = lines[self.rng.usize(..lines.len())];
        self.expand(line, out);
    }

    fn expand(&mut self, line: &'static str, out: &mut String) {
        let mut rest = line;
        while let Some(at) = rest.find(['$', '@', '^', '\\']) {
            out.push_str(&rest[..at]);
            let (piece, after) = Piece::at_start_of(&rest[at..]);
            self.put(&piece, out);
            rest = after;
        }
        out.push_str(rest);
    }

    fn put(&mut self, piece: &Piece, out: &mut String) {
        match *piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Char(c) => out.push(c),
            Piece::Slot { slot, capital } => {
                let start = out.len();
                self.fill(slot, out);
                if capital && let Some(first) = out.get_mut(start..=start) {
                    first.make_ascii_uppercase();
                }
            }
        }
    }

    fn fill(&mut self, slot: Slot, out: &mut String) {
        match slot {
            Slot::Number(low, high) => out.push_str(&self.rng.u32(low..=high).to_string()),
            Slot::Fresh(name) => self.choose(name, out),
            Slot::Same(name) => {
                if let Some((_, text)) = self.kept.iter().find(|(kept, _)| *kept == name) {
                    out.push_str(text);
                } else {
                    let text = self.write(name);
                    out.push_str(&text);
                    self.kept.push((name, text));
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Slot {
    Number(u32, u32),
    Fresh(&'static str),
    Same(&'static str),
}

enum Piece {
    Slot { slot: Slot, capital: bool },
    Char(char),
    Text(&'static str),
}

impl Piece {
    /// The piece that `text` begins with, where a special character stands, and what follows it. A special
    /// character that opens nothing stands for itself.
    fn at_start_of(text: &'static str) -> (Self, &'static str) {
        let bare = text.strip_prefix('^');
        if let Some((slot, after)) = slot(bare.unwrap_or(text)) {
            return (Self::Slot { slot, capital: bare.is_some() }, after);
        }
        if let Some((c, after)) = escape(text) {
            return (Self::Char(c), after);
        }
        let (itself, after) = text.split_at(1);
        (Self::Text(itself), after)
    }
}

fn slot(text: &'static str) -> Option<(Slot, &'static str)> {
    let after = text.strip_prefix(['$', '@'])?;
    if let Some(range) = after.strip_prefix('(') {
        let (range, after) = range.split_once(')')?;
        let (low, high) = range.split_once("..")?;
        return Some((Slot::Number(low.parse().ok()?, high.parse().ok()?), after));
    }
    let end = after.bytes().position(|byte| !is_name_byte(byte)).unwrap_or(after.len());
    // In `$module_$method` the underscore is text.
    let (name, after) = after.split_at(after[..end].trim_end_matches('_').len());
    let slot = if text.starts_with('@') { Slot::Same(name) } else { Slot::Fresh(name) };
    (!name.is_empty()).then_some((slot, after))
}

fn escape(text: &'static str) -> Option<(char, &'static str)> {
    let after = text.strip_prefix('\\')?;
    if let Some(hex) = after.strip_prefix("u{") {
        let (hex, after) = hex.split_once('}')?;
        return Some((char::from_u32(u32::from_str_radix(hex, 16).ok()?)?, after));
    }
    let c = match after.chars().next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '\\' => '\\',
        _ => return None,
    };
    Some((c, &after[1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every slot that a line opens.
    fn slots(line: &'static str) -> Vec<Slot> {
        let (mut rest, mut found) = (line, Vec::new());
        while let Some(at) = rest.find(['$', '@', '^', '\\']) {
            let (piece, after) = Piece::at_start_of(&rest[at..]);
            if let Piece::Slot { slot, .. } = piece {
                found.push(slot);
            }
            rest = after;
        }
        found
    }

    #[test]
    fn every_slot_names_a_section_or_a_range_that_is_not_empty() {
        for (section, lines) in SECTIONS.iter() {
            for line in lines {
                for slot in slots(line) {
                    match slot {
                        Slot::Number(low, high) => assert!(low < high, "[{section}] {line}"),
                        Slot::Same("crate") => {}
                        Slot::Fresh(name) | Slot::Same(name) => {
                            assert!(SECTIONS.contains_key(name), "[{section}] asks for [{name}]: {line}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn no_section_leads_back_to_itself() {
        fn descend(section: &'static str, above: &[&str]) {
            assert!(!above.contains(&section), "[{section}] below {above:?}");
            let above = [above, &[section]].concat();
            for slot in SECTIONS.get(section).into_iter().flatten().flat_map(|line| slots(line)) {
                if let Slot::Fresh(name) | Slot::Same(name) = slot {
                    descend(name, &above);
                }
            }
        }
        for section in ["issue_body", "long_section", "pull_body", "issue_title", "hostile_title", "aside"] {
            descend(section, &[]);
        }
    }

    #[test]
    fn a_kept_choice_stays_and_a_capital_is_made() {
        let mut rng = Rng::with_seed(3);
        let mut writer = Writer::new(&mut rng, "ferrule");
        let mut text = String::new();
        writer.expand("@component|@component|^@crate|\\u{1b}|$(7..7)|$ 5 ^", &mut text);
        let parts: Vec<_> = text.split('|').collect();
        assert_eq!(parts[0], parts[1]);
        assert_eq!(parts[2..], ["Ferrule", "\u{1b}", "7", "$ 5 ^"]);
    }
}
