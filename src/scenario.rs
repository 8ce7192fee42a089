//! Workloads that run in the lab.

pub mod lessons;
pub mod pipeline;
pub mod usecases;
