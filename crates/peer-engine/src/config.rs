//! Every number that shapes the engine's behaviour, with its reason.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// How the next piece is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum PiecePolicy {
    /// Random for the first four pieces, then the rarest among what the peer has.
    #[default]
    RarestFirst,
    /// Any of what the peer has.
    Random,
    /// In order within a window ahead of the read position (`Command::Play`; without a player the first
    /// missing piece), rarest-first behind it.
    Sequential,
    /// Each holder first gets one contiguous share of what is missing; whoever runs out takes over half of
    /// the largest remaining share. For few seeders and one receiver: with several leechers
    /// everybody holds the same pieces.
    EqualSplit {
        /// Shares follow the holders' measured rates instead of being equal.
        by_rate: bool,
    },
}

impl PiecePolicy {
    /// Every policy by the name that people type.
    pub const NAMES: [(&'static str, PiecePolicy); 5] = [
        ("rarest-first", PiecePolicy::RarestFirst),
        ("random", PiecePolicy::Random),
        ("sequential", PiecePolicy::Sequential),
        ("equal-split", PiecePolicy::EqualSplit { by_rate: false }),
        ("equal-split=rate", PiecePolicy::EqualSplit { by_rate: true }),
    ];
}

impl fmt::Display for PiecePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMES.iter().find(|(_, policy)| policy == self).map_or("", |(name, _)| name);
        f.write_str(name)
    }
}

/// The text names no piece policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no piece policy; there are rarest-first, random, sequential, equal-split and equal-split=rate")]
pub struct UnknownPolicy(String);

impl FromStr for PiecePolicy {
    type Err = UnknownPolicy;

    fn from_str(text: &str) -> Result<Self, UnknownPolicy> {
        let named = Self::NAMES.iter().find(|(name, _)| *name == text);
        named.map(|(_, policy)| *policy).ok_or_else(|| UnknownPolicy(text.to_owned()))
    }
}

/// Whom a seeder serves when more peers want to be served than there are slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SeedChoking {
    /// In turn: who was served a minute makes room for who waited longest.
    #[default]
    RoundRobin,
    /// Who takes the most.
    FastestUpload,
    /// Who has just begun or has nearly finished (Chow, Golubchik, Misra): peers in the middle can trade
    /// with each other. What we sent counts as what they have, so that hiding it does not help.
    AntiLeech,
}

/// What peers say to each other of third ones (`ut_pex`, BEP 11). In a private torrent it is nothing, whatever is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerExchange {
    /// Nothing: not even that it could be.
    Off,
    /// They may tell us; we tell nobody.
    Heard,
    /// We tell those of whom we know the address ([`Opening::address`](crate::Opening::address)) of others like them.
    Told,
}

/// Bytes per second; `None`: no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RateLimits {
    /// Blocks sent.
    pub up: Option<u64>,
    /// Blocks requested.
    pub down: Option<u64>,
}

/// Limits and times. [`Config::new`] and [`Config::for_memory`] are where to begin:
///
/// ```
/// let mut config = peer_engine::Config::new("my-client 1.0");
/// config.upload_slots = 4;
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// BEP 10 `v`: what peers show to people.
    pub client: String,
    /// BEP 10 `p`: where this peer accepts connections, for peers that connect the other way.
    pub listen_port: Option<u16>,
    /// Whether peers tell each other of others.
    pub peer_exchange: PeerExchange,
    /// How pieces are chosen.
    pub policy: PiecePolicy,
    /// Bytes requested and not yet received, over all peers. The only receive backpressure that a
    /// browser has, so it bounds its memory.
    pub requested_bytes_max: u64,
    /// Bytes received and not yet stored. Above it no piece is begun; below three quarters they are again.
    pub unverified_bytes_max: u64,
    /// A peer's request window is its rate times this.
    pub request_queue_time: Duration,
    /// A peer's request window, blocks, whatever its rate.
    pub request_window_max: u32,
    /// BEP 10 `reqq`: requests of one peer that we keep waiting.
    pub request_queue_advertised: u32,
    /// Of several holders the one with the least outstanding load is asked first. Off only to measure what
    /// that is worth.
    pub least_loaded_first: bool,
    /// A fixed number of outstanding requests per peer instead of a window that adapts.
    pub request_pipeline: Option<u32>,
    /// Bytes loaded or being loaded for one peer ahead of what its link took.
    pub read_ahead_bytes: u32,
    /// Peers served at a time when more are interested, optimistic one included.
    pub upload_slots: u32,
    /// Whom a seeder serves.
    pub seed_choking: SeedChoking,
    /// Upload and download limits.
    pub limits: RateLimits,
    /// Links above nine tenths of this make room now and then for others that may be better.
    pub links_max: u32,
    /// Fetches for others: it shows no pieces and serves nobody, since what it has may be gone in a moment, and it stays
    /// interested in whoever has any, since being unchoked again takes a seeder up to 10 s.
    pub fetch_only: bool,
    /// Links between two complete peers are closed: they have nothing to say to each other.
    pub close_when_both_complete: bool,
}

impl Config {
    /// Pieces go to a disk, and memory is plenty: up to 512 MiB of pieces that are not stored yet.
    pub fn new(client: &str) -> Self {
        Self {
            client: client.to_owned(),
            listen_port: None,
            peer_exchange: PeerExchange::Told,
            policy: PiecePolicy::default(),
            requested_bytes_max: 256 << 20,
            unverified_bytes_max: 256 << 20,
            request_queue_time: Duration::from_secs(3),
            // 24 MiB: a gigabit at 200 ms.
            request_window_max: 1_500,
            request_queue_advertised: 2_000,
            least_loaded_first: true,
            request_pipeline: None,
            read_ahead_bytes: 2 << 20,
            upload_slots: 8,
            seed_choking: SeedChoking::default(),
            limits: RateLimits::default(),
            links_max: 80,
            fetch_only: false,
            close_when_both_complete: true,
        }
    }

    /// Memory is scarce, as in a browser's tab: up to 128 MiB of pieces that are not stored yet, shorter queues,
    /// fewer links. Addresses are of no use there.
    pub fn for_memory(client: &str) -> Self {
        Self {
            peer_exchange: PeerExchange::Off,
            requested_bytes_max: 64 << 20,
            unverified_bytes_max: 64 << 20,
            request_queue_time: Duration::from_secs(1),
            request_window_max: 500,
            request_queue_advertised: 500,
            read_ahead_bytes: 1 << 20,
            links_max: 24,
            ..Self::new(client)
        }
    }
}
