//! What the program `pollscope` looks at: a runtime and a pool that can be rebuilt, and what runs in them.
//!
//! [`lab`] builds the observed runtime and pool; [`pipeline`] fetches repositories with the client of [`github`] and analyses
//! them; [`lessons`] run one idea each; [`usecases`] says which tool fits which work. This crate knows no screen and no command line.

pub mod github;
pub mod lab;
pub mod lessons;
pub mod pipeline;
pub mod usecases;
