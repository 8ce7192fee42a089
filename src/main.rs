//! The `pollscope` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    pollscope::app::run()
}
