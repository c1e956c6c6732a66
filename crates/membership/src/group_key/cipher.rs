//! ChaCha20-Poly1305 under keys that are used for one text, which is why the nonce can be zero.

use chacha20poly1305::aead::inout::InOutBuf;
use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, Key, KeyInit, Nonce, Tag};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// What a sealed text is longer, bytes.
pub(crate) const TAG_LEN: usize = 16;

/// HKDF-SHA256, for one text: everything that it is bound to stands in `info`.
pub(crate) fn derive<const LEN: usize>(salt: Option<&[u8]>, secret: &[u8; 32], info: &[&[u8]]) -> Zeroizing<[u8; LEN]> {
    let mut key = Zeroizing::new([0; LEN]);
    Hkdf::<Sha256>::new(salt, secret)
        .expand(&info.concat(), &mut *key)
        .expect("HKDF-SHA256 gives up to 8160 bytes, and keys and tags are shorter");
    key
}

/// The ciphertext with its tag behind it. `key` is used once.
pub(crate) fn seal(key: &[u8; 32], plain: &[u8]) -> Vec<u8> {
    let mut sealed = plain.to_vec();
    let tag = ChaCha20Poly1305::new(&Key::from(*key))
        .encrypt_inout_detached(&Nonce::default(), &[], InOutBuf::from(&mut sealed[..]))
        .expect("what is sealed here is shorter than 256 GiB");
    sealed.extend_from_slice(&tag);
    sealed
}

/// The plaintext, or `None` if another key sealed it or it was changed.
pub(crate) fn open(key: &[u8; 32], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (sealed, tag) = sealed.split_at_checked(sealed.len().checked_sub(TAG_LEN)?)?;
    let tag = Tag::try_from(tag).ok()?;
    let mut plain = Zeroizing::new(sealed.to_vec());
    ChaCha20Poly1305::new(&Key::from(*key))
        .decrypt_inout_detached(&Nonce::default(), &[], InOutBuf::from(&mut plain[..]), &tag)
        .ok()?;
    Some(plain)
}
