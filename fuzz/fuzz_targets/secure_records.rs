//! The records of a secure link.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| covey_fuzz::secure_records(data));
