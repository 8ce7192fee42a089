//! The pipeline: repositories are fetched and analysed, and the results come together.

pub mod analyse;
