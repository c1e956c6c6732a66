//! Some do not play along.

use std::time::Duration;

use super::{Group, Links, Scenario};
use crate::conduct::Conduct;
use crate::node::NodeConfig;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// One slot, twenty peers that are interested and ask for nothing, twenty turns of 90 s: libtorrent's
/// test of its optimistic unchoke.
///
/// `Conduct::Asks` instead of `Conduct::Idle`, and a server that has the file: they use their slot, so that
/// it is not given to others.
pub fn optimistic_unchoke(conduct: Conduct) -> Scenario {
    let seeder = conduct == Conduct::Asks;
    let mut server = NodeConfig { seeder, ..NodeConfig::leecher(MIB, MIB) }.with_class("server");
    server.engine.upload_slots = 1;
    let idle = NodeConfig::leecher(MIB, MIB).with_conduct(conduct).with_class("idle");
    let mut scenario =
        Scenario::new("optimistic-unchoke", "one slot, twenty idle interested peers, twenty turns of 90 s", 16, 65_536)
            .with(Group::new(1, server))
            .with(Group::new(20, idle));
    scenario.limit = Duration::from_secs(20 * 90);
    scenario.runs_to_limit = true;
    scenario
}

/// One seeder with a tenth of all uplinks, twenty who contribute and five who never upload; four slots.
/// (Slower than its leechers it would leave them with nothing to trade.)
pub fn free_rider() -> Scenario {
    let mut node = NodeConfig::leecher(256 * KIB, 2 * MIB);
    node.engine.upload_slots = 4;
    let mut seeder = NodeConfig::seeder(512 * KIB, 2 * MIB);
    seeder.engine.upload_slots = 4;
    Scenario::new("free-rider", "one seeder, 20 contributors, 5 who never upload, four slots", 256, 128 * 1024)
        .with(Group::new(1, seeder))
        .with(Group::new(20, node.clone().with_class("contributors")))
        .with(Group::new(5, node.with_conduct(Conduct::FreeRider).with_class("free riders")))
}

/// Three seeders, one of which corrupts one block in `one_in`, and three leechers.
pub fn corrupter(one_in: u32) -> Scenario {
    let liar = NodeConfig::seeder(MIB, MIB).with_conduct(Conduct::Corrupt { one_in }).with_class("liars");
    Scenario::new("corrupter", "three seeders, one of which corrupts one block in 64; three leechers", 48, 128 * 1024)
        .with(Group::new(1, liar))
        .with(Group::new(1, NodeConfig::seeder(MIB, MIB)))
        .with(Group::new(1, NodeConfig::seeder(MIB / 4, MIB)))
        .with(Group::new(3, NodeConfig::leecher(MIB, 100 * MIB)))
}

/// One of every kind of misconduct among honest peers.
pub fn misconduct() -> Scenario {
    any_conducts(
        &[
            Conduct::Corrupt { one_in: 32 },
            Conduct::Silent,
            Conduct::Rejects,
            Conduct::SlowLoris,
            Conduct::FreeRider,
            Conduct::FalseHaves,
            Conduct::Floods,
            Conduct::Idle,
        ],
        2,
        8,
        64,
        128 * 1024,
    )
}

/// These conducts, so many honest seeders and leechers.
pub fn any_conducts(conducts: &[Conduct], seeders: usize, leechers: usize, pieces: u32, piece_len: u32) -> Scenario {
    let mut scenario = Scenario::new("misconduct", "every kind of misconduct among honest peers", pieces, piece_len)
        .linked(Links::Degree(40))
        .with(Group::new(seeders, NodeConfig::seeder(512 * KIB, MIB)))
        .with(Group::new(leechers, NodeConfig::leecher(256 * KIB, 2 * MIB)));
    for conduct in conducts {
        scenario = scenario.with(Group::new(1, misbehaving(*conduct)));
    }
    scenario
}

/// Those who promise everything have the look of a seeder.
fn misbehaving(conduct: Conduct) -> NodeConfig {
    let promises_all =
        matches!(conduct, Conduct::Corrupt { .. } | Conduct::Silent | Conduct::Rejects | Conduct::SlowLoris);
    let line = if promises_all { NodeConfig::seeder(MIB, MIB) } else { NodeConfig::leecher(MIB, MIB) };
    let mut node = line.with_conduct(conduct).with_class(class(conduct));
    if conduct == Conduct::SlowLoris {
        // One block of 16 KiB a minute.
        node.engine.limits.up = Some(16 * 1024 / 60);
    }
    node
}

fn class(conduct: Conduct) -> &'static str {
    match conduct {
        Conduct::Honest => "honest",
        Conduct::Corrupt { .. } => "corrupt",
        Conduct::Silent => "silent",
        Conduct::Rejects => "rejects",
        Conduct::SlowLoris => "slow loris",
        Conduct::FreeRider => "free riders",
        Conduct::FalseHaves => "false haves",
        Conduct::Floods => "floods",
        Conduct::Idle => "idle",
        Conduct::Asks => "asking",
        Conduct::Ordinary => "ordinary",
        Conduct::Bridges => "bridges",
    }
}
