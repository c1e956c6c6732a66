//! How fast a file can get to everybody at all: what every run is compared with.

use std::fmt;

/// Lower bounds of the time until the last leecher has the file, seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Bits as a fluid: see [`kumar_ross`].
    pub kumar_ross_s: f64,
    /// Pieces are passed on whole: see [`store_and_forward`]. `None` where capacities differ.
    pub store_and_forward_s: Option<f64>,
}

impl Bounds {
    /// The larger one, seconds.
    pub fn best_s(&self) -> f64 {
        self.store_and_forward_s.unwrap_or(0.0).max(self.kumar_ross_s)
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kumar-Ross {:.1} s", self.kumar_ross_s)?;
        self.store_and_forward_s.map_or(Ok(()), |seconds| write!(f, ", store-and-forward {seconds:.1} s"))
    }
}

/// Kumar and Ross, "Peer-Assisted File Distribution: The Minimum Distribution Time", HotWeb 2006, with
/// several seeders S and leechers L:
///
/// ```text
///   T ≥ max( F / u(S),  F / min d(L),  |L| F / (u(S) + u(L)) )
/// ```
///
/// F: the file, bytes. The first: every byte leaves a seeder once. The second: the slowest downlink
/// takes it all. The third: every byte that a leecher gets was uploaded by somebody. Reachable if
/// bits can be passed on as they come.
///
/// # Panics
/// Without leechers or seeders.
pub fn kumar_ross(file: u64, seeders_up: &[u64], leechers_up: &[u64], leechers_down: &[u64]) -> f64 {
    let file = file as f64;
    let from_seeders: u64 = seeders_up.iter().sum();
    let slowest = *leechers_down.iter().min().expect("somebody downloads");
    let everybody = from_seeders + leechers_up.iter().sum::<u64>();
    assert!(from_seeders > 0, "somebody has the file");
    let copies = leechers_up.len() as f64;
    (file / from_seeders as f64).max(file / slowest as f64).max(copies * file / everybody as f64)
}

/// Mundinger, Weber, Weiss, "Optimal scheduling of peer-to-peer file dissemination", Journal of
/// Scheduling 11 (2008): one seeder, N leechers, everybody with the same uplink u, the file in M parts that
/// are passed on whole. Rounds of one part each are needed until the last has the last part:
///
/// ```text
///   T ≥ (M + ⌊log2 N⌋) rounds of F / (M u)   =   (1 + ⌊log2 N⌋ / M) F / u
/// ```
pub fn store_and_forward(file: u64, up: u64, leechers: usize, parts: u32) -> f64 {
    let rounds = f64::from(parts) + f64::from(leechers.max(1).ilog2());
    rounds / f64::from(parts) * file as f64 / up as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_term_of_kumar_and_ross_can_decide() {
        assert_eq!(kumar_ross(1_000, &[10], &[100; 9], &[1_000; 9]), 100.0, "the seeder");
        assert_eq!(kumar_ross(1_000, &[100], &[100; 9], &[1_000, 5]), 200.0, "a downlink");
        assert_eq!(kumar_ross(1_000, &[100], &[0; 9], &[1_000; 9]), 90.0, "all uplinks");
    }

    #[test]
    fn passing_whole_parts_on_costs_a_few_rounds() {
        let seconds = store_and_forward(256, 1, 100, 256);
        assert_eq!(seconds, 262.0);
    }
}
