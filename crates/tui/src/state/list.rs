//! A list that may be longer than its place on the screen: which line is chosen, which are in sight.

/// A step in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// A line up.
    Up,
    /// A line down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the first line.
    First,
    /// To the last.
    Last,
    /// A column to the left.
    Left,
    /// A column to the right.
    Right,
}

/// A list that may be longer than its place on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The first line that is shown.
    pub first: usize,
    /// The chosen line.
    pub selected: Option<usize>,
    len: usize,
    height: usize,
}

impl List {
    /// A list of which that line is chosen, where it has as many.
    pub fn with(selected: Option<usize>) -> Self {
        Self { selected, ..Self::default() }
    }

    /// Adapts to how long the list is now and how many lines are shown. Without a chosen line it goes to
    /// `follow`, if given.
    pub fn fit(&mut self, len: usize, height: usize, follow: Option<usize>) {
        (self.len, self.height) = (len, height);
        self.selected = self.selected.map(|at| at.min(len.saturating_sub(1))).filter(|_| len > 0);
        if let (None, Some(follow)) = (self.selected, follow) {
            self.first = follow;
        }
        self.show_selected();
    }

    /// The lines that are shown.
    pub fn shown(&self) -> std::ops::Range<usize> {
        self.first..(self.first + self.height).min(self.len)
    }

    fn show_selected(&mut self) {
        if let Some(at) = self.selected {
            self.first = self.first.clamp((at + 1).saturating_sub(self.height.max(1)), at);
        }
        self.first = self.first.min(self.len.saturating_sub(self.height));
    }

    /// Moves the selection; the first step of all selects the first line that is shown.
    pub fn select(&mut self, by: Move) {
        let last = self.len.saturating_sub(1);
        let at = match (self.selected, by) {
            (_, Move::First) => 0,
            (_, Move::Last) => last,
            (None, _) => self.first,
            (Some(at), by) => moved(at, by, self.height).min(last),
        };
        self.selected = (self.len > 0).then_some(at);
        self.show_selected();
    }

    /// Moves what is shown.
    pub fn scroll(&mut self, by: Move) {
        let last = self.len.saturating_sub(self.height);
        self.first = match by {
            Move::First => 0,
            Move::Last => last,
            by => moved(self.first, by, self.height).min(last),
        };
    }
}

fn moved(at: usize, by: Move, page: usize) -> usize {
    match by {
        Move::Up => at.saturating_sub(1),
        Move::Down => at + 1,
        Move::PageUp => at.saturating_sub(page.max(1)),
        Move::PageDown => at + page.max(1),
        Move::First => 0,
        Move::Last => usize::MAX,
        Move::Left | Move::Right => at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(len: usize, height: usize) -> List {
        let mut list = List::default();
        list.fit(len, height, None);
        list
    }

    #[test]
    fn the_selection_stays_in_sight() {
        let mut list = list(10, 4);
        for (by, selected, first) in [
            (Move::Down, 0, 0),
            (Move::Down, 1, 0),
            (Move::PageDown, 5, 2),
            (Move::Last, 9, 6),
            (Move::Down, 9, 6),
            (Move::PageUp, 5, 5),
            (Move::First, 0, 0),
            (Move::Up, 0, 0),
        ] {
            list.select(by);
            assert_eq!((list.selected, list.first), (Some(selected), first), "{by:?}");
        }
    }

    #[test]
    fn a_list_that_shrinks_keeps_a_selection_that_exists() {
        let mut list = list(10, 4);
        list.select(Move::Last);
        list.fit(3, 4, None);
        assert_eq!((list.selected, list.shown()), (Some(2), 0..3));
        list.fit(0, 4, None);
        assert_eq!((list.selected, list.shown()), (None, 0..0));
    }

    #[test]
    fn without_a_selection_the_list_follows() {
        let mut list = list(10, 4);
        list.fit(10, 4, Some(5));
        assert_eq!(list.shown(), 5..9);
        list.fit(10, 4, Some(9));
        assert_eq!(list.shown(), 6..10);
        list.select(Move::Down);
        list.fit(10, 4, Some(0));
        assert_eq!(list.selected, Some(6));
    }
}
