//! Liars are found, honest peers never blamed.

use std::time::Duration;

use swarm_sim::{Conduct, NodeConfig, Simulation, torrent};

const MIB: u64 = 1 << 20;
const MINUTES: Duration = Duration::from_secs(1_200);

#[test]
fn a_corrupt_piece_closes_its_sender() {
    let mut simulation = Simulation::new(torrent(64, 262_144), 1).with_checks();
    let liar = simulation.add(NodeConfig::seeder(MIB, MIB).with_conduct(Conduct::Corrupt { one_in: 1 }));
    simulation.add(NodeConfig::seeder(MIB, MIB));
    let leecher = simulation.add(NodeConfig::leecher(MIB, 100 * MIB));
    simulation.introduce_all();
    assert!(simulation.run_to_completion(MINUTES));
    let bans: Vec<_> = simulation.report().bans.iter().map(|ban| (ban.at, ban.who)).collect();
    assert_eq!(bans, [(leecher.0, liar.0)]);
}

#[test]
fn a_banned_member_may_not_come_back() {
    let mut simulation = Simulation::new(torrent(16, 65_536), 2);
    let liar = simulation.add(NodeConfig::seeder(MIB, MIB).with_conduct(Conduct::Corrupt { one_in: 1 }));
    let leecher = simulation.add(NodeConfig::leecher(MIB, 100 * MIB));
    simulation.introduce(leecher, liar);
    assert!(simulation.run_until(MINUTES, |simulation| !simulation.report().bans.is_empty()));
    simulation.introduce(leecher, liar);
    simulation.run_for(Duration::from_secs(60));
    assert_eq!(simulation.stats(leecher).peers, 0);
    assert_eq!(simulation.stats(leecher).pieces_have, 0);
}

#[test]
fn honest_peers_are_never_banned_and_liars_soon_are() {
    for seed in 0..60 {
        let mut simulation = Simulation::new(torrent(48, 131_072), seed);
        let liar =
            simulation.add(NodeConfig::seeder(MIB, MIB).with_conduct(Conduct::Corrupt { one_in: 2 + seed as u32 % 5 }));
        simulation.add(NodeConfig::seeder(MIB, MIB));
        simulation.add(NodeConfig::seeder(MIB / 4, MIB));
        let leechers = [0, 1].map(|_| simulation.add(NodeConfig::leecher(MIB, 100 * MIB)));
        simulation.introduce_all();
        assert!(simulation.run_to_completion(MINUTES), "seed {seed}");
        let report = simulation.report();
        assert!(report.bans.iter().all(|ban| ban.who == liar.0), "seed {seed}: {report:?}");
        for leecher in leechers {
            let failed = report.failed_pieces.iter().filter(|failed| failed.at == leecher.0).count();
            assert!(failed <= 12, "seed {seed}: {failed} bad pieces before the liar was out");
        }
    }
}
