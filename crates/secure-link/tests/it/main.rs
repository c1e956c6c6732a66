//! Two members, and everybody who would like to be one of them.

#[path = "../../../peer-wire/tests/it/documented.rs"]
#[expect(dead_code, reason = "the chapters that others write")]
mod documented;
mod golden;
mod handshake;
mod impostors;
mod records;
mod secrecy;
mod world;

#[cfg(not(target_family = "wasm"))]
mod elsewhere;
#[cfg(not(target_family = "wasm"))]
mod hostile;
