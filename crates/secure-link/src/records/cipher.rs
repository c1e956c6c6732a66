//! The ciphers of records: in place, with ring's assembly where there is one.

use crate::noise::TAG_LEN;

#[cfg(not(target_family = "wasm"))]
pub(crate) use native::RecordCipher;
#[cfg(target_family = "wasm")]
pub(crate) use portable::RecordCipher;

/// Which cipher a link's records have. Both have keys of 32 bytes and tags of 16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suite {
    /// Everywhere the same, and what the handshake has.
    ChaChaPoly,
    /// AES-256-GCM: several times as fast, where a processor has instructions for it.
    AesGcm,
}

impl Suite {
    /// What two ends have in common.
    pub(crate) fn of(ours: bool, theirs: bool) -> Self {
        if ours && theirs { Self::AesGcm } else { Self::ChaChaPoly }
    }

    /// A nonce as Noise has it: four zero bytes, and the number, in an order of the cipher's own (Noise specification,
    /// sections 12.3 and 12.4).
    pub fn nonce(self, number: u64) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&match self {
            Self::ChaChaPoly => number.to_le_bytes(),
            Self::AesGcm => number.to_be_bytes(),
        });
        nonce
    }
}

/// Whether this processor has instructions for AES-GCM: without them it is slow, and its timing tells of the key.
pub fn has_aes_instructions() -> bool {
    #[cfg(target_arch = "x86_64")]
    let has = std::arch::is_x86_feature_detected!("aes") && std::arch::is_x86_feature_detected!("pclmulqdq");
    #[cfg(target_arch = "aarch64")]
    let has = std::arch::is_aarch64_feature_detected!("aes") && std::arch::is_aarch64_feature_detected!("pmull");
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let has = false;
    has
}

#[cfg(not(target_family = "wasm"))]
mod native {
    use ring::aead::{AES_256_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, Tag, UnboundKey};

    use super::{Suite, TAG_LEN};

    /// ring keeps half a kilobyte for each key.
    pub(crate) struct RecordCipher {
        suite: Suite,
        key: Box<LessSafeKey>,
    }

    impl RecordCipher {
        pub(crate) fn new(suite: Suite, key: &[u8; 32]) -> Self {
            let algorithm = match suite {
                Suite::ChaChaPoly => &CHACHA20_POLY1305,
                Suite::AesGcm => &AES_256_GCM,
            };
            let key = UnboundKey::new(algorithm, key).expect("the ciphers' keys have 32 bytes");
            Self { suite, key: Box::new(LessSafeKey::new(key)) }
        }

        pub(crate) fn seal(&self, number: u64, bytes: &mut [u8]) -> [u8; TAG_LEN] {
            let tag = self.key.seal_in_place_separate_tag(self.nonce(number), Aad::empty(), bytes);
            let tag = tag.expect("a record is shorter than 64 GiB");
            tag.as_ref().try_into().expect("the ciphers' tags have 16 bytes")
        }

        pub(crate) fn open(&self, number: u64, bytes: &mut [u8], tag: &[u8; TAG_LEN]) -> bool {
            let tag = Tag::from(*tag);
            self.key.open_in_place_separate_tag(self.nonce(number), Aad::empty(), tag, bytes, 0..).is_ok()
        }

        fn nonce(&self, number: u64) -> Nonce {
            Nonce::assume_unique_for_key(self.suite.nonce(number))
        }
    }
}

#[cfg(any(target_family = "wasm", test))]
pub(crate) mod portable {
    use chacha20poly1305::aead::inout::InOutBuf;
    use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, Key, KeyInit, Tag};

    use super::{Suite, TAG_LEN};

    pub(crate) struct RecordCipher(ChaCha20Poly1305);

    impl RecordCipher {
        /// `suite` is never AES-GCM: that is the browser's.
        pub(crate) fn new(suite: Suite, key: &[u8; 32]) -> Self {
            debug_assert_eq!(suite, Suite::ChaChaPoly);
            Self(ChaCha20Poly1305::new(&Key::from(*key)))
        }

        pub(crate) fn seal(&self, number: u64, bytes: &mut [u8]) -> [u8; TAG_LEN] {
            let nonce = Suite::ChaChaPoly.nonce(number);
            let tag = self.0.encrypt_inout_detached(&nonce.into(), &[], InOutBuf::from(bytes));
            tag.expect("a record is shorter than 256 GiB").into()
        }

        pub(crate) fn open(&self, number: u64, bytes: &mut [u8], tag: &[u8; TAG_LEN]) -> bool {
            let (nonce, tag) = (Suite::ChaChaPoly.nonce(number).into(), Tag::from(*tag));
            self.0.decrypt_inout_detached(&nonce, &[], InOutBuf::from(bytes), &tag).is_ok()
        }
    }
}
