//! The cipher of records: in place, with ring's assembly where there is one.

use crate::noise::TAG_LEN;

#[cfg(not(target_family = "wasm"))]
pub(crate) use native::RecordCipher;
#[cfg(target_family = "wasm")]
pub(crate) use portable::RecordCipher;

/// A Noise nonce: four zero bytes, and the number in little endian (Noise specification, section 12.3).
pub(crate) fn nonce_bytes(number: u64) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&number.to_le_bytes());
    nonce
}

#[cfg(not(target_family = "wasm"))]
mod native {
    use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, Tag, UnboundKey};

    use super::{TAG_LEN, nonce_bytes};

    /// ring keeps half a kilobyte for each key.
    pub(crate) struct RecordCipher(Box<LessSafeKey>);

    impl RecordCipher {
        pub(crate) fn new(key: &[u8; 32]) -> Self {
            let key = UnboundKey::new(&CHACHA20_POLY1305, key).expect("the cipher's keys have 32 bytes");
            Self(Box::new(LessSafeKey::new(key)))
        }

        pub(crate) fn seal(&self, number: u64, bytes: &mut [u8]) -> [u8; TAG_LEN] {
            let nonce = Nonce::assume_unique_for_key(nonce_bytes(number));
            let tag = self.0.seal_in_place_separate_tag(nonce, Aad::empty(), bytes);
            let tag = tag.expect("a record is shorter than 256 GiB");
            tag.as_ref().try_into().expect("the cipher's tags have 16 bytes")
        }

        pub(crate) fn open(&self, number: u64, bytes: &mut [u8], tag: &[u8; TAG_LEN]) -> bool {
            let nonce = Nonce::assume_unique_for_key(nonce_bytes(number));
            self.0.open_in_place_separate_tag(nonce, Aad::empty(), Tag::from(*tag), bytes, 0..).is_ok()
        }
    }
}

#[cfg(any(target_family = "wasm", test))]
pub(crate) mod portable {
    use chacha20poly1305::aead::inout::InOutBuf;
    use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, Key, KeyInit, Tag};

    use super::{TAG_LEN, nonce_bytes};

    pub(crate) struct RecordCipher(ChaCha20Poly1305);

    impl RecordCipher {
        pub(crate) fn new(key: &[u8; 32]) -> Self {
            Self(ChaCha20Poly1305::new(&Key::from(*key)))
        }

        pub(crate) fn seal(&self, number: u64, bytes: &mut [u8]) -> [u8; TAG_LEN] {
            let tag = self.0.encrypt_inout_detached(&nonce_bytes(number).into(), &[], InOutBuf::from(bytes));
            tag.expect("a record is shorter than 256 GiB").into()
        }

        pub(crate) fn open(&self, number: u64, bytes: &mut [u8], tag: &[u8; TAG_LEN]) -> bool {
            let (nonce, tag) = (nonce_bytes(number).into(), Tag::from(*tag));
            self.0.decrypt_inout_detached(&nonce, &[], InOutBuf::from(bytes), &tag).is_ok()
        }
    }
}
