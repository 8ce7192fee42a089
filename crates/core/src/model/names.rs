//! What tasks and jobs were called, also of those that ended long ago.

use std::{collections::BTreeMap, sync::Arc};

use crate::trace::record::ActivityId;

/// What a name takes besides its letters, in bytes: a place in the tree, and the text's own header.
const NAME: usize = 56;

/// Names by id. Ids grow, so the smallest is the oldest: where there is no room, those are let go.
#[derive(Debug)]
pub(super) struct Names {
    by_id: BTreeMap<ActivityId, Arc<str>>,
    bytes: usize,
    most: usize,
}

impl Names {
    /// As many names as take at most so many bytes.
    pub(super) fn within(most: usize) -> Self {
        Self { by_id: BTreeMap::new(), bytes: 0, most }
    }

    /// It is called so.
    pub(super) fn add(&mut self, id: ActivityId, name: &Arc<str>) {
        self.bytes += NAME + name.len();
        if let Some(before) = self.by_id.insert(id, Arc::clone(name)) {
            self.bytes -= NAME + before.len();
        }
        while self.bytes > self.most
            && let Some((_, oldest)) = self.by_id.pop_first()
        {
            self.bytes -= NAME + oldest.len();
        }
    }

    /// What they take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Its name; none where it is not known any more.
    pub(super) fn of(&self, id: ActivityId) -> Option<&Arc<str>> {
        self.by_id.get(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_make_room() {
        let mut names = Names::within(10 * (NAME + 4));
        for id in 0..100 {
            names.add(id, &format!("{id:04}").into());
            names.add(id, &format!("{id:04}").into());
        }
        assert_eq!((names.of(89), names.of(90).map(AsRef::as_ref)), (None, Some("0090")));
        assert_eq!(names.bytes(), 10 * (NAME + 4));
        names.add(100, &"x".repeat(10_000).into());
        assert_eq!((names.bytes(), names.of(99)), (0, None));
    }
}
