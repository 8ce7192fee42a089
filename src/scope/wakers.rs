//! How many wakers of each task others keep.

use std::collections::HashMap;

use crossbeam_channel::Receiver;
use pollscope_core::{model::Model, trace::record::ActivityId};

use crate::probe::Watched;

/// The tasks whose wakers are counted, and the counts that were last told.
#[derive(Debug, Default)]
pub(super) struct WakerCounts {
    watched: Vec<(Watched, Option<u32>)>,
}

impl WakerCounts {
    /// Takes in tasks that were polled for the first time.
    pub(super) fn adopt(&mut self, watches: &Receiver<Watched>) {
        self.watched.extend(watches.try_iter().map(|watched| (watched, None)));
    }

    /// Counts, forgets the tasks that are gone, and gives the counts that differ from those told before.
    ///
    /// A waker of ours that a nested probe wraps is kept by that probe: it is not somebody else's.
    /// A task that the model does not know yet is told of later.
    pub(super) fn changed(&mut self, model: &Model) -> impl Iterator<Item = (ActivityId, u32)> {
        self.watched.retain(|(watched, _)| watched.alive().is_some());
        let mut ours: HashMap<usize, u32> = HashMap::default();
        for (watched, _) in &self.watched {
            *ours.entry(watched.parent_key()).or_default() += 1;
        }
        self.watched.iter_mut().filter(|(watched, _)| model.knows_task(watched.task)).filter_map(
            move |(watched, told)| {
                let nested = ours.get(&watched.key()).copied().unwrap_or(0);
                let alive = (watched.alive()? as u32).saturating_sub(nested);
                (told.replace(alive) != Some(alive)).then_some((watched.task, alive))
            },
        )
    }
}
