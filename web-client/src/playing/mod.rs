//! What is decided when a film or a song is played while it comes ([decision 36](../../../docs/decisions/0036-playing.md)).
//!
//! ```text
//!   <video src="/play/FILE/0">                      service worker                        worker (the peer)
//!        │  bytes=N-  ─────────────────────────────►  a port for each range  ──► page ──►  waits for the piece,
//!        │  ◄─────────────────────────────────────  body, as it is pulled  ◄───────────    moves the window
//! ```

mod address;
mod head;
mod media;
mod pieces;
mod playable;
mod range;
mod readers;
mod srt;
mod subtitles;

pub use address::{MediaAddress, What};
pub use head::Head;
pub use media::{Kind, Media, is_subtitles};
pub use pieces::{Chunk, FileSpan};
pub use playable::playable_of;
pub use range::Asked;
pub use readers::Readers;
pub use srt::to_webvtt;
pub use subtitles::{Subtitles, subtitles_of};
