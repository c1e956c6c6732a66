//! Random times in integers: every machine draws the same.

use std::time::Duration;

/// Time to the next arrival of a Poisson stream: exponential with this mean. John von Neumann's method of
/// 1951 needs comparisons only: the length of a falling run of uniform numbers says whether the first of
/// them is kept.
pub(crate) fn exponential(mean: Duration, rng: &mut fastrand::Rng) -> Duration {
    let mean = mean.as_micros();
    let mut whole: u128 = 0;
    loop {
        let first = rng.u64(..);
        let (mut last, mut run) = (first, 1u32);
        loop {
            let next = rng.u64(..);
            if next > last {
                break;
            }
            last = next;
            run += 1;
        }
        if run % 2 == 1 {
            let micros = whole * mean + ((mean * u128::from(first)) >> 64);
            return Duration::from_micros(micros.min(u128::from(u64::MAX / 4)) as u64);
        }
        whole += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_and_the_tail_are_those_of_an_exponential() {
        let mut rng = fastrand::Rng::with_seed(3);
        let draws: Vec<u64> =
            (0..20_000).map(|_| exponential(Duration::from_secs(1), &mut rng).as_micros() as u64).collect();
        let mean = draws.iter().sum::<u64>() / 20_000;
        assert!((980_000..1_020_000).contains(&mean), "{mean}");
        // e^-2 is 13.5 %.
        let late = draws.iter().filter(|micros| **micros > 2_000_000).count();
        assert!((2_550..2_860).contains(&late), "{late}");
    }
}
