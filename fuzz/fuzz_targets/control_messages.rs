//! The control conversation, link tokens and invites.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| covey_fuzz::control_messages(data));
