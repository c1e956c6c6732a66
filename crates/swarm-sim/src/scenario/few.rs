//! A handful of peers, as in most groups.

use std::time::Duration;

use peer_engine::PiecePolicy;

use super::{Group, Links, Scenario};
use crate::node::NodeConfig;
use crate::player::PlayerConfig;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// Four seeders of different rates and one receiver.
pub fn equal_split() -> Scenario {
    let receiver = NodeConfig::leecher(MIB, 100 * MIB);
    [256 * KIB, 512 * KIB, MIB, 2 * MIB]
        .into_iter()
        .fold(
            Scenario::new("equal-split", "four seeders of different rates and one receiver", 256, 256 * 1024),
            |scenario, up| scenario.with(Group::new(1, NodeConfig::seeder(up, MIB))),
        )
        .with(Group::new(1, receiver))
        .with_policy(PiecePolicy::EqualSplit { by_rate: false })
}

/// Eight seeders of different rates and latencies, a few receivers at once, with and without the rule that
/// the least loaded is asked first.
pub fn least_loaded(is_on: bool) -> Scenario {
    loaded("least-loaded", "8 unequal seeders, 4 receivers, the least loaded asked first", 128, is_on)
}

/// The same with a file of two pieces.
pub fn small_file(is_on: bool) -> Scenario {
    loaded("small-file", "8 unequal seeders, 4 receivers, a file of 512 KiB", 2, is_on)
}

/// KiB per second and milliseconds, in no order.
const SEEDERS: [(u64, u64); 8] =
    [(512, 40), (128, 10), (1_024, 60), (256, 5), (256, 80), (1_024, 20), (128, 30), (512, 5)];

fn loaded(name: &'static str, about: &'static str, pieces: u32, is_on: bool) -> Scenario {
    let mut receiver = NodeConfig::leecher(MIB, 20 * MIB);
    receiver.engine.least_loaded_first = is_on;
    let mut scenario = Scenario::new(name, about, pieces, 256 * 1024).linked(Links::OnlySeeders);
    for (up, latency_ms) in SEEDERS {
        let mut seeder = NodeConfig::seeder(up * KIB, MIB);
        seeder.latency = Duration::from_millis(latency_ms);
        scenario = scenario.with(Group::new(1, seeder));
    }
    scenario.with(Group::new(4, receiver))
}

/// The film's bit rate, bytes per second: 2 Mbit/s.
const BIT_RATE: u64 = 250_000;

fn watcher(up: u64) -> NodeConfig {
    let player = PlayerConfig { bytes_per_second: BIT_RATE, start_pieces: 2 };
    let mut node = NodeConfig { player: Some(player), ..NodeConfig::leecher(up, 4 * MIB) }.with_class("watchers");
    node.engine.policy = PiecePolicy::Sequential;
    node
}

/// One watches; three seeders together have 1.5 times the bit rate.
pub fn streaming() -> Scenario {
    Scenario::new("streaming", "one watches from three seeders with 1.5 times the bit rate", 128, 256 * 1024)
        .with(Group::new(2, NodeConfig::seeder(BIT_RATE / 2 + BIT_RATE / 8, MIB)))
        .with(Group::new(1, NodeConfig::seeder(BIT_RATE / 4, MIB)))
        .with(Group::new(1, watcher(MIB)))
}

/// Ten watch at the same time; all uplinks together have 1.5 times what they watch. There are ten for the eight
/// slots of each seeder, and chance decides who gets those of both: the film starts when four pieces are there, so
/// that whoever has one of them is through the first seconds. (With two pieces there are a few stalls of 0.2 s.)
pub fn streaming_swarm() -> Scenario {
    let mut watcher = watcher(BIT_RATE / 2);
    watcher.player = watcher.player.map(|player| PlayerConfig { start_pieces: 4, ..player });
    Scenario::new("streaming-swarm", "ten watch together, uplinks of 1.5 times the bit rate for each", 128, 256 * 1024)
        .with(Group::new(2, NodeConfig::seeder(BIT_RATE * 5, MIB)))
        .with(Group::new(10, watcher))
}
