//! What keys of the scenarios' panels ask of whoever runs the lab.

use crate::lessons::LessonCommand;

/// What a screen asks of the lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Blocking, or back to async.
    ToggleBlocking,
    /// The next wait strategy.
    NextWait,
    /// The next compute strategy.
    NextCompute,
    /// One worker more; the lab is rebuilt.
    MoreWorkers,
    /// One worker fewer; the lab is rebuilt.
    FewerWorkers,
    /// The other runtime flavor; the lab is rebuilt.
    NextFlavor,
    /// The lab is rebuilt and starts over, or runs its next round.
    Restart,
    /// Keep the present run, to compare it with the next.
    KeepRun,
    /// Something about a lesson.
    Lesson(LessonCommand),
}
