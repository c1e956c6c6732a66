//! Bytes that nobody can guess, as many as are needed, from 32 that the driver drew.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

const INFO: &[u8] = b"covey conversation secrets v1\0";

/// HKDF-SHA256 of the seed, another one for each call.
pub(crate) struct Secrets {
    seed: Zeroizing<[u8; 32]>,
    drawn: u64,
}

impl Secrets {
    /// `seed`: from the system's randomness, never used before.
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self { seed: Zeroizing::new(seed), drawn: 0 }
    }

    /// The next ones.
    pub(crate) fn draw<const LEN: usize>(&mut self) -> [u8; LEN] {
        self.drawn += 1;
        let mut bytes = [0; LEN];
        Hkdf::<Sha256>::new(None, &*self.seed)
            .expand(&[INFO, &self.drawn.to_be_bytes()].concat(), &mut bytes)
            .expect("HKDF-SHA256 gives up to 8160 bytes, and keys and salts are shorter");
        bytes
    }
}

/// Without the seed.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({} drawn)", self.drawn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_draws_are_alike_and_another_seed_gives_others() {
        let mut secrets = Secrets::new([1; 32]);
        let (first, second): ([u8; 32], [u8; 32]) = (secrets.draw(), secrets.draw());
        assert_ne!(first, second);
        assert_ne!(Secrets::new([2; 32]).draw::<32>(), first);
        assert_eq!(Secrets::new([1; 32]).draw::<32>(), first);
        assert_eq!(format!("{secrets:?}"), "Secrets(2 drawn)");
    }
}
