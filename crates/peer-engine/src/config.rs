//! Every number that shapes the engine's behaviour, with its reason.

use std::time::Duration;

/// How the next piece is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PiecePolicy {
    /// Random for the first four pieces, then the rarest among what the peer has.
    #[default]
    RarestFirst,
    /// Any of what the peer has.
    Random,
    /// In order.
    Sequential,
}

/// Limits and times. [`Config::native`] and [`Config::browser`] are the two in use.
#[derive(Debug, Clone)]
pub struct Config {
    /// BEP 10 `v`: what peers show to people.
    pub client: String,
    /// How pieces are chosen.
    pub policy: PiecePolicy,
    /// Bytes requested and not yet received, over all peers. The only receive backpressure that a
    /// browser has, so it bounds its memory.
    pub requested_bytes_max: u64,
    /// Bytes received and not yet stored. Above it no request goes out; below three quarters they resume.
    pub unverified_bytes_max: u64,
    /// A peer's request window is its rate times this.
    pub request_queue_time: Duration,
    /// A peer's request window, blocks, whatever its rate.
    pub request_window_max: u32,
    /// BEP 10 `reqq`: requests of one peer that we keep waiting.
    pub request_queue_advertised: u32,
    /// Bytes loaded or being loaded for one peer ahead of what its link took.
    pub read_ahead_bytes: u32,
    /// Peers served at a time when more are interested, optimistic one included.
    pub upload_slots: u32,
    /// Keep links to other complete peers (a driver that seeds several links wants them gone).
    pub close_when_both_complete: bool,
}

impl Config {
    /// For a desktop program.
    pub fn native(client: &str) -> Self {
        Self {
            client: client.to_owned(),
            policy: PiecePolicy::default(),
            requested_bytes_max: 256 << 20,
            unverified_bytes_max: 256 << 20,
            request_queue_time: Duration::from_secs(3),
            // 24 MiB: a gigabit at 200 ms.
            request_window_max: 1_500,
            request_queue_advertised: 2_000,
            read_ahead_bytes: 2 << 20,
            upload_slots: 8,
            close_when_both_complete: true,
        }
    }

    /// For a tab, where what is requested must fit into memory.
    pub fn browser(client: &str) -> Self {
        Self {
            requested_bytes_max: 64 << 20,
            unverified_bytes_max: 64 << 20,
            request_queue_time: Duration::from_secs(1),
            request_window_max: 500,
            request_queue_advertised: 500,
            read_ahead_bytes: 1 << 20,
            ..Self::native(client)
        }
    }
}
