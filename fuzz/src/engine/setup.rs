//! What the engine is set to.

use peer_engine::{Config, PiecePolicy, SeedChoking};

use super::operation::Setup;
use super::torrent::BLOCK_LEN;

const SEED_CHOKING: [SeedChoking; 3] = [SeedChoking::RoundRobin, SeedChoking::FastestUpload, SeedChoking::AntiLeech];

pub fn config(setup: &Setup) -> Config {
    let mut config = Config::new("fuzz");
    config.policy = policy(setup.policy);
    if setup.is_tight {
        config.requested_bytes_max = u64::from(2 * BLOCK_LEN);
        // Below eleven blocks all pieces could lack one block each, and none be completed.
        config.unverified_bytes_max = 6 * config.requested_bytes_max;
        config.read_ahead_bytes = BLOCK_LEN;
        config.request_queue_advertised = 4;
    }
    config.request_pipeline = (setup.pipeline != 0).then(|| u32::from(setup.pipeline));
    config.upload_slots = u32::from(setup.upload_slots);
    config.seed_choking = SEED_CHOKING[usize::from(setup.seed_choking) % SEED_CHOKING.len()];
    config.links_max = u32::from(setup.links_max);
    config.fetch_only = setup.is_fetch_only;
    config.close_when_both_complete = !setup.keeps_complete_peers;
    config
}

pub fn policy(which: u8) -> PiecePolicy {
    PiecePolicy::NAMES[usize::from(which) % PiecePolicy::NAMES.len()].1
}

pub fn power(exponent: u8) -> Option<u64> {
    (exponent != 0).then(|| 1 << (exponent % 64))
}
