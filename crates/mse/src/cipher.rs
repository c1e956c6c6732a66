//! The stream ciphers of a connection, one for each direction.

use std::fmt;

use peer_wire::InfoHash;
use rc4::{KeyInit, Rc4, StreamCipher};

use crate::hashes::hash;
use crate::key_exchange::KEY_LEN;

/// The first bytes of a key stream tell of the key.
const DISCARDED: usize = 1024;

/// RC4 as it goes on behind the handshake. Its state is a place in a stream: every byte of that direction goes through it, once.
pub struct Cipher(Rc4);

impl Cipher {
    fn new(key: &[u8; 20]) -> Self {
        let mut rc4 = Rc4::new_from_slice(key).expect("RC4 takes keys of 1 to 256 bytes");
        rc4.apply_keystream(&mut [0; DISCARDED]);
        Self(rc4)
    }

    /// Encrypts or decrypts the next bytes of the stream, in place.
    pub fn apply(&mut self, bytes: &mut [u8]) {
        self.0.apply_keystream(bytes);
    }
}

impl fmt::Debug for Cipher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Cipher(..)")
    }
}

/// Both directions of a connection.
#[derive(Debug)]
pub struct Ciphers {
    /// For what this side sends.
    pub send: Cipher,
    /// For what this side receives.
    pub receive: Cipher,
}

impl Ciphers {
    pub(crate) fn initiator(secret: &[u8; KEY_LEN], info_hash: InfoHash) -> Self {
        let key = |word| Cipher::new(&hash(word, [secret, &info_hash.0]));
        Self { send: key(b"keyA"), receive: key(b"keyB") }
    }

    pub(crate) fn responder(secret: &[u8; KEY_LEN], info_hash: InfoHash) -> Self {
        let Self { send, receive } = Self::initiator(secret, info_hash);
        Self { send: receive, receive: send }
    }
}
