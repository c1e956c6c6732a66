//! Who runs when: two builds take turns, and whoever was second is first in the next round, so that neither has
//! the warmer machine.

/// The order of the contestants in a round.
pub fn order(contestants: usize, round: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..contestants).collect();
    if round % 2 == 1 {
        order.reverse();
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_was_second_is_first_in_the_next_round() {
        assert_eq!((0..3).map(|round| order(2, round)).collect::<Vec<_>>(), [[0, 1], [1, 0], [0, 1]]);
        assert_eq!(order(1, 1), [0]);
    }
}
