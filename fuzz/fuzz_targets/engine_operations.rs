//! The engine among peers that do anything.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| covey_fuzz::engine_operations(data));
