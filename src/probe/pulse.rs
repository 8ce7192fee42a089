//! The pulse: how late a timer on the observed runtime runs.

use std::{sync::atomic::Ordering, time::Duration};

use pollscope_core::trace::{
    clock::Nanos,
    event::Event,
    record::{ActivityId, Fact, NOBODY},
};

use super::{Probes, recorder};

/// The scope's pulse, which has not begun: dropping it lets another have it. Its number is nobody else's.
pub(super) struct Claim(Probes, ActivityId);

impl Claim {
    /// None where the scope has a pulse, or will have.
    pub(super) fn new(probes: &Probes) -> Option<Self> {
        // Nearly always there is one: no number is taken then.
        if probes.shared.pulse.load(Ordering::Relaxed) != NOBODY {
            return None;
        }
        let claimed = probes.shared.new_activity();
        replace(probes, NOBODY, claimed).then(|| Self(probes.clone(), claimed))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        replace(&self.0, self.1, NOBODY);
    }
}

/// Says that the pulse is over, whatever ends it.
struct Stopping(Probes, ActivityId);

impl Drop for Stopping {
    fn drop(&mut self) {
        self.0.emit(Event::PulseStopped { task: self.1 });
        // On a runtime without timers it panics. Then the scope has had its pulse: another would do the same there.
        if !std::thread::panicking() {
            replace(&self.0, self.1, NOBODY);
        }
    }
}

/// Whether the pulse was that one; it is the other now.
fn replace(probes: &Probes, old: ActivityId, new: ActivityId) -> bool {
    probes.shared.pulse.compare_exchange(old, new, Ordering::Relaxed, Ordering::Relaxed).is_ok()
}

/// Is due every `period` from its first poll on, and says each time how many due times have passed and
/// how late the oldest of them is. It ends when another begins: their lateness would be mixed.
pub(super) async fn run<F: Future>(probes: Probes, period: Nanos, sleep: impl Fn(Duration) -> F, claim: Option<Claim>) {
    // It is polled as the pulse's task.
    let Some(task) = recorder::current(&probes.shared) else { return };
    let clock = probes.clock().clone();
    let mut due = clock.now() + period;
    probes.shared.pulse.store(task, Ordering::Relaxed);
    drop(claim);
    probes.emit(Event::PulseStarted { task, first_due: due, period });
    let stopping = Stopping(probes, task);
    while stopping.0.shared.pulse.load(Ordering::Relaxed) == task {
        sleep(Duration::from_nanos(due.saturating_sub(clock.now()))).await;
        let Some(late) = clock.now().checked_sub(due) else { continue };
        let count = late / period + 1;
        let fact = Fact::Pulse { count: count as u32, late };
        recorder::with(&stopping.0.shared, |recorder| recorder.note(fact));
        due += count * period;
    }
}
