//! The relay: relayed links pass through one downlink and one uplink that all of them share.

use std::time::Duration;

use peer_engine::Timestamp;

/// What the relay's own line can do, bytes per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelayConfig {
    /// From it to the nodes.
    pub up: u64,
    /// From the nodes to it.
    pub down: u64,
}

impl Default for RelayConfig {
    /// A gigabit each way.
    fn default() -> Self {
        Self { up: 125_000_000, down: 125_000_000 }
    }
}

/// Two queues, first come, first served.
#[derive(Debug, Default)]
pub(crate) struct Relay {
    pub config: RelayConfig,
    down_free_at: Timestamp,
    up_free_at: Timestamp,
    /// Bytes passed on.
    pub carried: u64,
}

impl Relay {
    /// A message came whole to its door: when has the last byte left again?
    pub fn pass(&mut self, len: usize, now: Timestamp) -> Timestamp {
        self.carried += len as u64;
        self.down_free_at = self.down_free_at.max(now) + transfer_time(len, self.config.down);
        self.up_free_at = self.up_free_at.max(self.down_free_at) + transfer_time(len, self.config.up);
        self.up_free_at
    }
}

/// How long so many bytes take. Never zero, so that what follows on a line follows in time.
pub(crate) fn transfer_time(len: usize, bytes_per_second: u64) -> Duration {
    Duration::from_micros((len as u64 * 1_000_000).div_ceil(bytes_per_second.max(1)).max(1))
}
