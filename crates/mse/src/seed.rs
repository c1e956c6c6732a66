//! Where a handshake's randomness comes from.

use std::fmt;

use crate::PADDING_MAX;

/// Random bytes that a handshake needs.
pub const SEED_LEN: usize = PRIVATE_LEN + 2 + PADDING_MAX;
/// 160 bits: more than the prime is worth.
pub(crate) const PRIVATE_LEN: usize = 20;

/// Fresh random bytes, good for one handshake.
pub struct Seed([u8; SEED_LEN]);

impl Seed {
    pub fn new(bytes: [u8; SEED_LEN]) -> Self {
        Self(bytes)
    }

    /// The exponent of the key exchange.
    pub(crate) fn private(&self) -> [u8; PRIVATE_LEN] {
        self.0[..PRIVATE_LEN].try_into().expect("so many bytes")
    }

    /// Between none and [`PADDING_MAX`].
    pub(crate) fn padding(&self) -> &[u8] {
        let (len, padding) = self.0[PRIVATE_LEN..].split_at(2);
        let len = usize::from(u16::from_be_bytes([len[0], len[1]]));
        &padding[..len % (PADDING_MAX + 1)]
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Seed(..)")
    }
}
