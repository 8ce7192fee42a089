//! Telemetry that is full all the time, for the test that no result is lost with it.

use pollscope::{
    probe::{Outlets, Probes},
    scope::Scope,
};
use pollscope_core::trace::event::Event;

/// Probes whose channel is full, and that nobody drains.
#[derive(Debug)]
pub(super) struct FullTelemetry {
    probes: Probes,
    outlets: Outlets,
}

impl FullTelemetry {
    /// Fills a channel.
    pub(super) fn new() -> Self {
        let (probes, outlets) = Probes::new();
        while outlets.take_lost_events() == 0 {
            probes.emit(Event::ToldAnew);
        }
        Self { probes, outlets }
    }

    /// Returns the probes whose events are all lost.
    pub(super) fn probes(&self) -> &Probes {
        &self.probes
    }

    /// Tells the scope how many events were lost since the last call, as its own collector would.
    pub(super) fn count_losses(&self, scope: &Scope) {
        scope.probes().emit(Event::EventsLost { count: self.outlets.take_lost_events() });
    }
}
