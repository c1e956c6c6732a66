//! The same with one build and with the other, round after round.

use anyhow::Result;

use super::world::World;
use crate::report::{Aim, Comparison, Report, median};
use crate::rounds::order;

/// What each run told, one for each round.
pub struct Turns<T> {
    pub this: Vec<T>,
    other: Vec<T>,
}

/// Runs it with each build in turn; `run` is told which and in which round. What the other commit cannot do is noted.
///
/// # Errors
/// If this build cannot.
pub async fn take_turns<T>(
    world: &World<'_>,
    report: &mut Report,
    mut run: impl AsyncFnMut(usize, usize) -> Result<T>,
) -> Result<Turns<T>> {
    let mut turns = Turns { this: Vec::new(), other: Vec::new() };
    let mut contestants = world.builds.len();
    for round in 0..world.options.rounds {
        for turn in order(contestants, round) {
            match run(turn, round).await {
                Ok(told) if turn == 0 => turns.this.push(told),
                Ok(told) => turns.other.push(told),
                Err(error) if turn == 0 => return Err(error),
                Err(error) => {
                    report.note(format!("{} cannot do this: {error:#}", world.builds[turn].title()));
                    (contestants, turns.other) = (1, Vec::new());
                }
            }
        }
    }
    Ok(turns)
}

impl<T> Turns<T> {
    /// The middle one of this build's figures.
    pub fn median(&self, pick: impl Fn(&T) -> f64) -> f64 {
        median(self.this.iter().map(pick).collect())
    }

    /// Adds a comparison of both builds, if there are two.
    pub fn compare(&self, report: &mut Report, what: &str, unit: &'static str, aim: Aim, pick: impl Fn(&T) -> f64) {
        let figures = |runs: &[T]| runs.iter().map(&pick).collect();
        let (this, other) = (figures(&self.this), figures(&self.other));
        report.compare(Comparison { what: what.to_owned(), unit, this, other, aim });
    }
}
