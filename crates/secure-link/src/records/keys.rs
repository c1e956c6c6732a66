//! What a handshake ends with.

use std::fmt;

use snow::HandshakeState;
use zeroize::Zeroizing;

use super::{Opener, Sealer, SecureLink, Suite};

/// The keys of both directions, and the cipher that the two ends have agreed on.
pub struct LinkKeys {
    suite: Suite,
    out: Zeroizing<[u8; 32]>,
    into: Zeroizing<[u8; 32]>,
}

impl LinkKeys {
    /// From a handshake that is over.
    pub(crate) fn new(noise: &mut HandshakeState, suite: Suite) -> Self {
        let (first, second) = noise.dangerously_get_raw_split();
        let (first, second) = (Zeroizing::new(first), Zeroizing::new(second));
        let (out, into) = if noise.is_initiator() { (first, second) } else { (second, first) };
        Self { suite, out, into }
    }

    /// Which cipher records have.
    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// Records are sealed and opened here. In WASM there is ChaCha20-Poly1305 only: a driver that says in its proof that it
    /// has AES uses the browser's.
    pub fn link(self) -> SecureLink {
        SecureLink { sealer: Sealer::new(self.suite, &self.out), opener: Opener::new(self.suite, &self.into) }
    }

    /// For a cipher that is not here: what is sealed is sealed with this.
    pub fn sealing(&self) -> &[u8; 32] {
        &self.out
    }

    /// What is opened is opened with this.
    pub fn opening(&self) -> &[u8; 32] {
        &self.into
    }
}

/// Without the keys.
impl fmt::Debug for LinkKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkKeys({:?})", self.suite)
    }
}
