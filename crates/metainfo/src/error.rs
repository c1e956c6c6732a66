//! What can be wrong with a torrent.

use crate::layout::LayoutError;

/// Why bytes are not a torrent that can be used. All are the torrent's maker's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InfoError {
    /// Longer than [`crate::INFO_LEN_READ_MAX`], or than [`crate::METAINFO_LEN_MAX`].
    #[error("the torrent file is too long ({0} bytes)")]
    TooLong(usize),
    /// Not bencode, not canonical bencode, nested too deep, or cut off.
    #[error("not a torrent: {0}")]
    NotBencode(String),
    /// Bytes behind the info dictionary.
    #[error("there are bytes behind the info dictionary")]
    TrailingBytes,
    /// A key that every torrent has.
    #[error("not a torrent: it has no `{0}`")]
    Missing(&'static str),
    /// A key with a value of another kind.
    #[error("not a torrent: its `{0}` is not what it should be")]
    WrongType(&'static str),
    /// BEP 52 without the older format beside it.
    #[error("this is a version 2 torrent only: ask for a version 1 or hybrid torrent of it, or make one with `create`")]
    OnlyV2,
    /// Its lengths make no sense.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// `pieces` is not 20 bytes for each piece.
    #[error("the torrent has {found} bytes of piece hashes instead of {expected}")]
    PiecesLen {
        /// 20 × pieces.
        expected: u64,
        /// What is there.
        found: usize,
    },
    /// More than 65 536.
    #[error("the torrent has too many files")]
    TooManyFiles,
    /// More than 32 folders.
    #[error("the torrent has a file in too many folders")]
    PathTooDeep,
    /// [`crate::InfoBuilder`]: not a path below a folder, or two files of one path.
    #[error("`{0}` cannot be the path of a file in a torrent")]
    BadPath(String),
    /// [`crate::Expected`]: it is another torrent. Says in what it differs.
    #[error("the torrent's {0} is not the one that was announced")]
    Differs(&'static str),
    /// [`crate::InfoBuilder`]: a digest was not set. The program's fault.
    #[error("piece {0} has no hash yet")]
    DigestMissing(u32),
    /// [`crate::InfoBuilder`]: the info dictionary would be too long.
    #[error("{0} pieces are too many to share: choose longer pieces")]
    TooManyPieces(u32),
}

impl From<bendy::decoding::Error> for InfoError {
    fn from(error: bendy::decoding::Error) -> Self {
        Self::NotBencode(error.to_string())
    }
}
