//! Where keys go, and where a row of the table works.

/// Where keys go: the overlay, or else the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The dashboard.
    Dashboard,
    /// The timeline.
    Timeline,
    /// The list of tasks.
    Tasks,
    /// The help.
    Help,
    /// The formats of an export.
    Export,
    /// The line that a filter is written into.
    Filter,
    /// One task's life.
    Life,
    /// A place of a scenario.
    Own(OwnPlace),
}

/// A place of a scenario: one of its screens, a state of one, or one of its overlays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnPlace {
    /// Its name, which no other place has.
    pub name: &'static str,
    /// It lies over a screen.
    pub over: bool,
    /// It shows an instant: the keys of time work.
    pub timed: bool,
    /// The keys for pages go through a list or a text by pages.
    pub paged: bool,
}

/// The places that every screen has.
pub(super) const BASE: [Place; 6] =
    [Place::Dashboard, Place::Timeline, Place::Tasks, Place::Help, Place::Export, Place::Life];

/// Where a row of the table works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Places {
    /// Everywhere.
    Everywhere,
    /// On every screen that no overlay is over.
    Screens,
    /// On every screen that shows an instant.
    TimedScreens,
    /// Where an instant is shown.
    Timed,
    /// Where none is.
    Untimed,
    /// Where pages are pages.
    Paged,
    /// At these.
    At(&'static [Place]),
}

impl Places {
    /// Returns whether a place is among them. What is written into the line of a filter is no key.
    pub(super) fn contains(self, place: Place) -> bool {
        let (over, timed, paged) = match place {
            Place::Dashboard | Place::Tasks => (false, true, true),
            Place::Timeline => (false, true, false),
            Place::Help => (true, false, true),
            Place::Export => (true, false, false),
            Place::Life => (true, true, false),
            Place::Filter => return false,
            Place::Own(own) => (own.over, own.timed, own.paged),
        };
        match self {
            Self::Everywhere => true,
            Self::Screens => !over,
            Self::TimedScreens => !over && timed,
            Self::Timed => timed,
            Self::Untimed => !timed,
            Self::Paged => paged,
            Self::At(places) => places.contains(&place),
        }
    }

    /// The places that are named.
    pub(super) fn named(self) -> &'static [Place] {
        match self {
            Self::At(places) => places,
            _ => &[],
        }
    }
}
