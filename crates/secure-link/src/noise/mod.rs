//! The Noise handshake of `snow`, with the implementations that the workspace has anyway, and randomness that is
//! handed in.

mod provider;

use hkdf::Hkdf;
use sha2::Sha256;
use snow::{Builder, HandshakeState};
use zeroize::Zeroizing;

use provider::Provider;

/// Wire format: it is hashed into every handshake.
pub(crate) const PROTOCOL: &str = "Noise_XXpsk3_25519_ChaChaPoly_BLAKE2s";
/// An X25519 key, bytes.
pub(crate) const KEY_LEN: usize = 32;
/// An authentication tag, bytes.
pub(crate) const TAG_LEN: usize = 16;

/// The randomness of one handshake: 32 bytes fresh from the system's own. Two handshakes of one seed are two with the
/// same keys, which undoes both; so it cannot be copied.
pub struct Seed(Zeroizing<[u8; 32]>);

impl Seed {
    /// `bytes` are used for nothing else.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    fn derive(&self, info: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, &*self.0).expand(info, &mut *key).expect("32 bytes is a valid HKDF-SHA256 length");
        key
    }
}

/// Without the secret.
impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(..)")
    }
}

/// Begins a handshake. The static key is as fresh as the ephemeral one: who somebody is, is said by what they sign
/// over it, so that no key is seen twice and nothing has to be kept.
pub(crate) fn handshake(initiates: bool, prologue: &[u8], psk: &[u8; 32], seed: &Seed) -> HandshakeState {
    let own = seed.derive(b"covey link static v1");
    let provider = Provider::new(seed.derive(b"covey link ephemeral v1"));
    let params = PROTOCOL.parse().expect("a name that the Noise specification has");
    let build = || {
        let builder = Builder::with_resolver(params, Box::new(provider))
            .prologue(prologue)?
            .psk(3, psk)?
            .local_private_key(&*own)?;
        if initiates { builder.build_initiator() } else { builder.build_responder() }
    };
    build().expect("the pattern needs a static key and a psk at 3, and each is set once")
}

/// Writes one handshake message.
pub(crate) fn write(noise: &mut HandshakeState, payload: &[u8]) -> Vec<u8> {
    // The longest has both public keys, one of them sealed.
    let mut message = vec![0; 2 * KEY_LEN + 2 * TAG_LEN + payload.len()];
    let len = noise.write_message(payload, &mut message).expect("it is our turn, there is room, and the psk is set");
    message.truncate(len);
    message
}

/// Reads one handshake message: its payload, or `None` if it is damaged, of another handshake, or by somebody
/// without the group's key.
pub(crate) fn read(noise: &mut HandshakeState, message: &[u8]) -> Option<Vec<u8>> {
    let mut payload = vec![0; message.len()];
    let len = noise.read_message(message, &mut payload).ok()?;
    payload.truncate(len);
    Some(payload)
}

/// The other side's static key, once it has sent it.
pub(crate) fn remote_static(noise: &HandshakeState) -> Option<[u8; KEY_LEN]> {
    noise.get_remote_static()?.try_into().ok()
}

/// What both have said so far.
pub(crate) fn hash(noise: &HandshakeState) -> [u8; 32] {
    noise.get_handshake_hash().try_into().expect("BLAKE2s has 32 bytes")
}

/// Our own static key's public half, which `snow` does not tell.
pub(crate) fn own_static(seed: &Seed) -> [u8; KEY_LEN] {
    provider::public(&seed.derive(b"covey link static v1"))
}
