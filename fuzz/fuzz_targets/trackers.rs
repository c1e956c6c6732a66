//! Queries, answers and packets of trackers.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| covey_fuzz::trackers(data));
