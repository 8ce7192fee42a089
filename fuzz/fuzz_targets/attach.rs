//! Any bytes; what must hold of them is in `pollscope::fuzzing`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pollscope::fuzzing::holds("attach", bytes));
