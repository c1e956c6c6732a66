//! Both sides of a secure link's handshake.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| covey_fuzz::secure_handshake(data));
