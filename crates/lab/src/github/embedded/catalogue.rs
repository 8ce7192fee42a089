//! The sixteen embedded repositories: their names, sizes and peculiarities, fixed by design.
//!
//! The sizes give 57 pages over all listings with `state=all&per_page=100`: enough to watch for a while,
//! little enough for a round of seconds. Owners and names are invented, so that nothing invented is ever
//! shown under a real one; `owner/name` is at most 24 characters, the width of a column on the screen.
//! Knows nothing of texts.

/// One repository as designed.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) owner: &'static str,
    /// The name that is asked for.
    pub(super) asked: &'static str,
    /// The name that it has: another than `asked` where it was renamed.
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    /// How many issues, without pull requests.
    pub(super) issues: u64,
    pub(super) pulls: u64,
    /// The age at the reference date.
    pub(super) age_days: u64,
    pub(super) quirk: Quirk,
}

/// What sets a repository apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quirk {
    None,
    /// The older half has labels as plain strings.
    PlainLabels,
    IssuesDisabled,
}

impl Row {
    /// By its old name or its new one, in any case, as at GitHub.
    pub(super) fn is_named(&self, owner: &str, name: &str) -> bool {
        let is = |own: &str| own.eq_ignore_ascii_case(name);
        self.owner.eq_ignore_ascii_case(owner) && (is(self.asked) || is(self.name))
    }

    /// What `use` lines in its texts say.
    pub(super) fn crate_name(&self) -> String {
        self.name.replace('-', "_")
    }
}

const fn row(owner: &'static str, name: &'static str, sizes: (u64, u64), age: u64, text: &'static str) -> Row {
    Row {
        owner,
        asked: name,
        name,
        description: text,
        issues: sizes.0,
        pulls: sizes.1,
        age_days: age,
        quirk: Quirk::None,
    }
}

/// In the order in which they are asked for. Large and small ones take turns, as they would in the wild.
pub(super) const CATALOGUE: [Row; 16] = [
    row("lanternworks", "ferrule", (402, 183), 2100, "A connection pool that tells you why it waits"),
    row("copperwren", "gantry-cli", (61, 27), 620, "Deploys by moving one container at a time"),
    row("quietharbor", "tidepool-rs", (318, 160), 1750, "An embedded time series store"),
    row("oxbowlabs", "sluicegate", (160, 58), 980, "Rate limits for services that share a budget"),
    row("hollowpine", "quillcheck", (43, 20), 400, "Spell checking for doc comments"),
    row("brasskettle", "tokenmill", (250, 112), 1500, "A tokeniser generator without build scripts"),
    row("paleorchard", "seedling", (0, 0), 12, "A template for new services"),
    Row { quirk: Quirk::PlainLabels, ..row("northmoss", "ember-queue", (207, 104), 3000, "A durable job queue") },
    row("cindervale", "parsley-io", (195, 88), 1300, "Zero-copy parsers for line protocols"),
    row("thistleforge", "notchfs", (12, 5), 150, "A file system in user space, for tests"),
    Row {
        asked: "cogwheel-rs",
        ..row("ambercove", "cogspindle", (62, 29), 1100, "State machines from a table, checked at compile time")
    },
    row("marblefinch", "loomwire", (170, 71), 1200, "Message passing over shared memory"),
    Row {
        quirk: Quirk::IssuesDisabled,
        ..row("stonelark", "veldtproxy", (0, 64), 700, "A small reverse proxy; issues live elsewhere")
    },
    row("saltspire", "wickerdb", (120, 54), 890, "A key-value store on top of plain files"),
    row("duskmeadow", "pebblefmt", (30, 12), 310, "Formats configuration files"),
    row("wintergable", "sleetlog", (58, 24), 540, "Structured logs with a budget"),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn pages(entries: u64) -> u64 {
        entries.div_ceil(100).max(1)
    }

    #[test]
    fn the_sizes_are_as_designed() {
        let listings: Vec<Vec<u64>> = CATALOGUE
            .iter()
            .map(|row| match row.quirk {
                Quirk::IssuesDisabled => vec![pages(row.pulls)],
                _ => vec![pages(row.issues + row.pulls), pages(row.pulls)],
            })
            .collect();
        assert_eq!(listings.iter().flatten().sum::<u64>(), 57);
        assert_eq!(listings.iter().flatten().max(), Some(&6));
        assert!(listings.iter().filter(|pages| pages.iter().any(|pages| *pages >= 3)).count() >= 6);
        assert_eq!(CATALOGUE.iter().filter(|row| row.asked != row.name).count(), 1);
    }

    #[test]
    fn names_are_short_and_their_own() {
        for row in &CATALOGUE {
            let text = format!("{}/{}", row.owner, row.asked);
            assert!(text.is_ascii() && text.len() <= 24 && row.name.len() <= row.asked.len(), "{text}");
        }
        assert_eq!(CATALOGUE.iter().map(|row| row.name).collect::<HashSet<_>>().len(), CATALOGUE.len());
    }
}
