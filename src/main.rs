//! The `pollscope` program.

fn main() {}
