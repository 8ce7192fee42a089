//! The program `pollscope`.

use std::process::ExitCode;

fn main() -> ExitCode {
    pollscope_cli::app::run()
}
