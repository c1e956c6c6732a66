//! `create` and `info`: torrent files and magnet links without a server.

mod create;
mod info;
mod output;

pub use create::create;
pub use info::info;
pub use output::{Output, Readers};
