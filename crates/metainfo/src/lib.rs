//! Torrents: the info dictionary, its pieces and files, creating and verifying them (BEP 3, 27).
//! It reads and writes no files: callers bring bytes and digests.

mod layout;

pub use layout::{Layout, LayoutError, PIECE_LEN_MAX, PIECE_LEN_MIN, PIECES_MAX, choose_piece_len};
