//! What tasks and jobs were called, also of those that ended long ago.

use std::{collections::BTreeMap, sync::Arc};

use crate::trace::record::ActivityId;

/// Names that are kept; of more the oldest are let go.
const KEPT: usize = 1 << 20;

/// Names by id. Ids grow, so the smallest is the oldest.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: BTreeMap<ActivityId, Arc<str>>,
}

impl Names {
    /// It is called so.
    pub(super) fn add(&mut self, id: ActivityId, name: &Arc<str>) {
        self.names.insert(id, Arc::clone(name));
        if self.names.len() > KEPT {
            self.names.pop_first();
        }
    }

    /// Its name; none where it is not known any more.
    pub(super) fn of(&self, id: ActivityId) -> Option<&Arc<str>> {
        self.names.get(&id)
    }
}
