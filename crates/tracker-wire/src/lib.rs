#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod announce;
mod announcer;
pub mod http;
mod retry;
pub mod udp;

pub use announce::{Announce, Counts, Event, Transferred};
pub use announcer::{Announcer, AnnouncerConfig, Ask, AskId, TRACKERS_MAX, Terms, URL_LEN_MAX};
pub use retry::RetryIn;

/// Peers of one answer that are kept; trackers send 50 to 200.
pub const PEERS_MAX: usize = 2000;
/// Info-hashes of one scrape.
pub const SCRAPE_MAX: usize = 64;
/// Characters of a sentence of the tracker's that are kept.
const TEXT_CHARS_MAX: usize = 200;

/// A sentence of the tracker's, safe to show.
fn sentence(text: &[u8]) -> String {
    peer_wire::text::display_text(&String::from_utf8_lossy(text), TEXT_CHARS_MAX)
}
