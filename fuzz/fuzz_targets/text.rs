//! Any bytes; what must hold of them is in `pollscope_cli::fuzzing`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pollscope_cli::fuzzing::holds("text", bytes));
