//! Info dictionaries, torrent files and extension handshakes.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| covey_fuzz::bencode(data));
