//! The peer wire's decoder: any bytes in any split.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| covey_fuzz::peer_wire_decoder(data));
