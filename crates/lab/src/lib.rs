//! What the program `pollscope` looks at: a runtime and a pool that can be rebuilt, and what runs in them.
//!
//! [`lab`] builds the observed runtime and pool; [`pipeline`] fetches repositories with the client of [`github`] and analyses
//! them; [`lessons`] run one idea each; [`usecases`] says which tool fits which work. This crate knows no screen and no command line.

pub mod command;
mod duration;
mod float;
pub mod github;
pub mod lab;
pub mod lessons;
pub mod panels;
pub mod pipeline;
pub mod settings;
pub mod usecases;

use pollscope_core::model::scenario::Scenarios;

/// Returns the folds of the pipeline and of the lessons, for whatever shows or sums up a log.
pub fn scenarios() -> Scenarios {
    Scenarios::of([Box::new(pipeline::PipelineFold::default()) as _, Box::new(lessons::LessonFold::default()) as _])
}

#[cfg(test)]
#[path = "../../../tests/tried/mod.rs"]
mod tried;
