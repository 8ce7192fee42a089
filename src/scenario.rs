//! Workloads that run in the lab.

pub mod pipeline;
