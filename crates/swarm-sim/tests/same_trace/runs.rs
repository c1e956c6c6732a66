//! Runs whose whole course is compared between machines, one line of text for each.

use std::fmt::{self, Write};
use std::time::Duration;

use peer_engine::PiecePolicy;
use swarm_sim::{Outcome, Scenario, Simulation, scenario};

/// Between two looks into the engines, in things that happened.
const LOOK_EVERY: u64 = 500;

/// FNV-1a, 64 bits.
struct Digest(u64);

impl Write for Digest {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(())
    }
}

/// What came of each run: a digest of when everything happened and of everything that the engines said of
/// themselves on the way, then the figures.
pub fn lines() -> Vec<String> {
    let misconduct = scenario::misconduct();
    let by_rate = scenario::equal_split().with_policy(PiecePolicy::EqualSplit { by_rate: true });
    vec![
        line(&misconduct, 1, 40),
        line(&misconduct.clone().with_policy(PiecePolicy::Random), 2, 40),
        line(&scenario::corrupter(4), 3, 30),
        line(&scenario::streaming(), 4, 120),
        line(&by_rate, 5, 20),
        line(&scenario::least_loaded(false), 6, 40),
        line(&scenario::group_of_home_lines(), 7, 30),
        line(&scenario::steady_stream(), 8, 120),
        line(&scenario::bridge(), 9, 40),
    ]
}

fn line(scenario: &Scenario, seed: u64, seconds: u64) -> String {
    let mut simulation = scenario.simulation(seed);
    let mut digest = Digest(0xcbf2_9ce4_8422_2325);
    simulation.run_until(Duration::from_secs(seconds), |simulation| {
        look(simulation, &mut digest).expect("a digest takes any text");
        false
    });
    let outcome = Outcome::of(&simulation, scenario.bounds(), true);
    format!("{}, seed {seed}, {seconds} s: digest {:016x}, {outcome:?}", scenario.name, digest.0)
}

fn look(simulation: &Simulation, digest: &mut Digest) -> fmt::Result {
    write!(digest, "{} ", simulation.now().0)?;
    if !simulation.happened().is_multiple_of(LOOK_EVERY) {
        return Ok(());
    }
    for node in simulation.nodes() {
        write!(digest, "{:?}", simulation.record(node))?;
        if let Some(engine) = simulation.engine(node) {
            write!(digest, "{:?}{:?}{:?}", engine.stats(), engine.peers(), engine.piece_states())?;
        }
    }
    Ok(())
}
