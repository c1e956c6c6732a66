//! Both sides of a handshake, for tests.

use mse::{Established, Progress, SEED_LEN, Seed};

/// With this byte all through the private key, and so much padding.
pub fn seed(private: u8, padding: u16) -> Seed {
    let mut bytes = [private; SEED_LEN];
    bytes[20..22].copy_from_slice(&padding.to_be_bytes());
    Seed::new(bytes)
}

pub fn more<Side>(progress: Progress<Side>) -> (Side, Vec<u8>) {
    let Progress::More { side, send } = progress else { panic!("it is over") };
    (side, send)
}

pub fn done<Side>(progress: Progress<Side>) -> (Vec<u8>, Established) {
    let Progress::Done { send, established } = progress else { panic!("it is not over") };
    (send, *established)
}
