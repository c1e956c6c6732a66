//! Many come for one file.

use std::time::Duration;

use super::{Comes, Group, Links, Scenario};
use crate::node::{Leave, NodeConfig, Reach};
use crate::relay::RelayConfig;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// Links that a newcomer dials.
const DEGREE: usize = 40;

/// Links of a node among a thousand, about what a browser tab keeps. Half of them it dials itself.
const BIG_LINKS: usize = 20;

/// Equal leechers and one seeder with the same line, all at once: as hard to do in the best time as it
/// gets, because every uplink is needed all the time.
pub fn flash_crowd(leechers: usize, pieces: u32, piece_len: u32) -> Scenario {
    let (up, down) = (256 * KIB, MIB);
    Scenario::new("flash-crowd", "equal leechers and one equal seeder, all at once", pieces, piece_len)
        .with(Group::new(1, NodeConfig::seeder(up, down)))
        .with(Group::new(leechers, NodeConfig::leecher(up, down)))
        .linked(Links::Degree(DEGREE))
}

/// The only seeder is as slow as everybody and leaves as soon as every piece is out. (Faster leechers would
/// have everything that is out at any time, so that no policy had a choice.)
pub fn scarce_seeder(leechers: usize) -> Scenario {
    let seeder = NodeConfig::seeder(64 * KIB, MIB).with_leave(Leave::OneCopy);
    Scenario::new("scarce-seeder", "the only seeder is as slow as all and leaves after one copy", 128, 128 * 1024)
        .with(Group::new(1, seeder))
        .with(Group::new(leechers, NodeConfig::leecher(64 * KIB, MIB)))
}

/// Twenty browsers at home, nothing but the relay between them.
pub fn group_of_home_lines() -> Scenario {
    let home = NodeConfig::leecher(MIB, 6 * MIB).with_reach(Reach::RelayOnly);
    let mut scenario = Scenario::new("relay-only", "20 home lines that can only use the relay", 256, 256 * 1024)
        .with(Group::new(1, NodeConfig { class: "seeders", seeder: true, ..home.clone() }))
        .with(Group::new(19, home).coming(Comes::Within(Duration::from_secs(10))))
        .linked(Links::Degree(DEGREE));
    scenario.relay = RelayConfig { up: 125 * MIB, down: 125 * MIB };
    scenario
}

/// Leechers come one after the other and leave a while after they have everything.
pub fn steady_stream() -> Scenario {
    let leecher = NodeConfig::leecher(256 * KIB, MIB).with_leave(Leave::Completed(Duration::from_secs(30)));
    Scenario::new("steady-stream", "leechers come and go, one in ten crashes", 128, 128 * 1024)
        .with(Group::new(1, NodeConfig::seeder(512 * KIB, MIB)))
        .with(Group::new(90, leecher.clone()).coming(Comes::Steadily(Duration::from_secs(5))))
        .with(
            Group::new(10, leecher.with_class("crashers").with_leave(Leave::Vanishes(Duration::from_secs(20))))
                .coming(Comes::Steadily(Duration::from_secs(45))),
        )
        .linked(Links::Degree(DEGREE))
}

/// A thousand leechers and 64 MiB within ten seconds.
pub fn big() -> Scenario {
    let mut scenario = Scenario::new("big", "1,000 leechers, 64 MiB, 4 seeders", 256, 256 * 1024)
        .with(Group::new(4, NodeConfig::seeder(2 * MIB, 4 * MIB)))
        .with(Group::new(1_000, NodeConfig::leecher(512 * KIB, 4 * MIB)).coming(Comes::Within(Duration::from_secs(10))))
        .linked(Links::Degree(BIG_LINKS / 2));
    scenario.sample_every = Duration::from_secs(20);
    scenario
}
