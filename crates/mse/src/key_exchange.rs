//! Diffie-Hellman over the 768-bit prime of the specification, with generator 2. Constant time in the private exponent.

use std::fmt;

use crypto_bigint::modular::{ConstMontyForm, ConstMontyParams};
use crypto_bigint::{U192, U768, const_monty_params};

use crate::error::MseError;
use crate::seed::PRIVATE_LEN;

/// A public key or shared secret, bytes.
pub const KEY_LEN: usize = 96;
const PRIVATE_BITS: u32 = PRIVATE_LEN as u32 * 8;

const_monty_params!(
    Prime,
    U768,
    "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74\
     020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437\
     4fe1356d6d51c245e485b576625e7ec6f44c42e9a63a36210000000000090563"
);

type Residue = ConstMontyForm<Prime, { U768::LIMBS }>;

/// One side's half of the exchange.
pub(crate) struct KeyPair {
    private: U192,
    pub public: [u8; KEY_LEN],
}

impl KeyPair {
    pub fn new(private: [u8; PRIVATE_LEN]) -> Self {
        let mut bytes = [0; U192::BYTES];
        bytes[U192::BYTES - PRIVATE_LEN..].copy_from_slice(&private);
        let private = U192::from_be_slice(&bytes);
        let public = Residue::new(&U768::from_u8(2)).pow_bounded_exp(&private, PRIVATE_BITS);
        Self { private, public: to_bytes(&public) }
    }

    /// The shared secret, S.
    pub fn agree(&self, theirs: &[u8; KEY_LEN]) -> Result<[u8; KEY_LEN], MseError> {
        let theirs = U768::from_be_slice(theirs);
        let prime = Prime::PARAMS.modulus().get();
        let largest = prime.wrapping_sub(&U768::ONE);
        if theirs <= U768::ONE || theirs >= largest {
            return Err(MseError::WeakKey);
        }
        Ok(to_bytes(&Residue::new(&theirs).pow_bounded_exp(&self.private, PRIVATE_BITS)))
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeyPair(..)")
    }
}

fn to_bytes(number: &Residue) -> [u8; KEY_LEN] {
    let mut bytes = [0; KEY_LEN];
    // The least significant word first.
    for (chunk, word) in
        bytes.rchunks_exact_mut(crypto_bigint::Word::BITS as usize / 8).zip(number.retrieve().to_words())
    {
        chunk.copy_from_slice(&word.to_be_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_with_which_everybody_would_know_the_secret_are_refused() {
        let own = KeyPair::new([7; PRIVATE_LEN]);
        let prime = Prime::PARAMS.modulus().get();
        let bytes = |number: U768| {
            let mut bytes = [0; KEY_LEN];
            bytes.copy_from_slice(&number.to_be_bytes()[..]);
            bytes
        };
        let weak =
            [U768::ZERO, U768::ONE, prime.wrapping_sub(&U768::ONE), prime, prime.wrapping_add(&U768::ONE), U768::MAX];
        for number in weak {
            assert_eq!(own.agree(&bytes(number)), Err(MseError::WeakKey), "{number}");
        }
        assert!(own.agree(&bytes(U768::from_u8(2))).is_ok());
    }

    #[test]
    fn both_sides_agree() {
        let (one, other) = (KeyPair::new([1; PRIVATE_LEN]), KeyPair::new([0xff; PRIVATE_LEN]));
        assert_eq!(one.agree(&other.public), other.agree(&one.public));
        assert_ne!(one.public, other.public);
    }
}
