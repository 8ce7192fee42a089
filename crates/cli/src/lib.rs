//! The program `pollscope`: its command line, its commands, and what it reads from recordings and from other programs.
//!
//! [`cli`] says which options there are, [`app`] joins scope, scenario and screen for each command. [`attach`] shows
//! other programs: it makes pictures of them as a running scope does.

pub mod app;
pub mod attach;
pub mod cli;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod report;

#[cfg(test)]
#[path = "../../../tests/tried/mod.rs"]
mod tried;
