//! Why there is no encrypted connection.

/// Why a handshake fails. The connection is closed without a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MseError {
    /// 0, 1, or not below the prime: the shared secret would be one that everybody knows.
    #[error("the other side's public key is not one")]
    WeakKey,
    /// What belongs behind the padding did not come: it is another protocol, or another torrent.
    #[error("what should follow the padding is not there")]
    NotFound,
    /// It wants a torrent that is not served here.
    #[error("it wants a torrent that is not served here")]
    NotServed,
    /// What should be zeros after decryption is not.
    #[error("what arrived does not decrypt")]
    Decrypt,
    /// Padding with a length in front, longer than [`crate::PADDING_MAX`].
    #[error("padding of {0} bytes is too long")]
    PaddingTooLong(u16),
    /// The sides offer no method in common, or one was selected that was not offered.
    #[error("there is no method that both sides take")]
    NoCommonMethod,
}
