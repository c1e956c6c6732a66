//! Two swarms of one program whose tracker, relay and peers do anything.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| covey_fuzz::local_peer_operations(data));
