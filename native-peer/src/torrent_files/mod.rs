//! `create` and `info`: torrent files and magnet links without a server.

mod create;
mod info;

pub use create::create;
pub use info::info;
