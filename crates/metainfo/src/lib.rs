//! Torrents: the info dictionary, its pieces and files, creating and verifying them, `.torrent` files and magnet links
//! (BEP 3, 9, 12, 19, 27, 47, 53). Of a hybrid torrent (BEP 52) the version 1 half is read.
//! It reads and writes no files: callers bring bytes and digests.
//!
//! An info-hash is the SHA-1 of the `info` dictionary's bytes *as they were received*. [`Info`] keeps
//! those bytes and never encodes them again: whoever made the torrent may have put keys into it that
//! this program does not know, and one byte of difference would be another swarm.
//!
//! Names come out as `peer_wire::text::file_name` makes them: whoever made the torrent is a stranger.
//!
//! Bencode is read with `bendy`, which hands out the raw bytes of a dictionary
//! (`DictDecoder::into_raw`), bounds the nesting, and refuses what is not canonical: two programs can
//! then not read one torrent in two ways.

#![warn(missing_docs)]

mod bencode;
mod builder;
mod error;
mod expected;
mod files;
mod info;
mod layout;
mod magnet;
mod metafile;
mod peer_address;
mod selection;
mod spans;
mod urls;

pub use builder::{INFO_LEN_MADE_MAX, InfoBuilder, NewFile};
pub use error::InfoError;
pub use expected::Expected;
pub use files::{FILES_MAX, FileEntry};
pub use info::{INFO_LEN_READ_MAX, Info};
pub use layout::{Layout, LayoutError, PIECE_LEN_MAX, PIECE_LEN_MIN, PIECES_MAX, choose_piece_len};
pub use magnet::{MAGNET_LEN_MAX, Magnet, MagnetError, is_magnet};
pub use metafile::{COMMENT_LEN_MAX, METAINFO_LEN_MAX, Metainfo};
pub use peer_address::{NotAnAddress, PeerAddress};
pub use selection::{FileSelection, SelectionError};
pub use spans::FileSpan;
pub use urls::{URL_LEN_MAX, URLS_MAX, is_tracker_url, is_web_seed_url};
