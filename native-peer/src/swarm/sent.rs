//! Which pieces were read for others lately: what is looked at when one of them ends a link, for whoever is sent bad data
//! does that, and nobody's word is needed to look.

use std::collections::VecDeque;

use peer_engine::Job;

/// Pieces that are remembered.
const PIECES_MAX: usize = 64;

/// The latest pieces, each once, the newest last.
#[derive(Debug, Default)]
pub struct SentPieces(VecDeque<u32>);

impl SentPieces {
    pub fn note(&mut self, job: &Job) {
        let Job::Load { piece, .. } = job else { return };
        if self.0.back() == Some(&piece.0) {
            return;
        }
        self.0.retain(|known| *known != piece.0);
        self.0.push_back(piece.0);
        if self.0.len() > PIECES_MAX {
            self.0.pop_front();
        }
    }

    /// Those since the last time, the newest last.
    pub fn take(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.0).into()
    }
}

#[cfg(test)]
mod tests {
    use peer_engine::{JobId, PieceIndex};

    use super::*;

    #[test]
    fn the_latest_pieces_are_known_once_each_until_they_are_taken() {
        let mut sent = SentPieces::default();
        let load = |sent: &mut SentPieces, piece| {
            sent.note(&Job::Load { job: JobId(0), piece: PieceIndex(piece), begin: 0, len: 1, who: None });
        };
        [0, 1, 1, 0, 2].into_iter().for_each(|piece| load(&mut sent, piece));
        assert_eq!(sent.take(), [1, 0, 2]);
        assert!(sent.take().is_empty());
        (0..100).for_each(|piece| load(&mut sent, piece));
        assert_eq!(sent.take(), (36..100).collect::<Vec<_>>());
    }
}
