//! The program `pollscope`: its command line, its commands, and what it reads from recordings and from other programs.
//!
//! [`cli`] says which options there are, [`app`] joins scope, scenario and screen for each command. [`replayer`] shows a
//! recording, [`attach`] shows other programs; both make pictures as a running scope does ([`show`]).

pub mod app;
pub mod attach;
pub mod cli;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod replayer;
pub mod report;
pub mod show;

#[cfg(test)]
#[path = "../../../tests/tried/mod.rs"]
mod tried;
