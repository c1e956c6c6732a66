//! The engine follows who reads: pieces come in order from there on as long as somebody plays, and then again in the order
//! that was chosen.

use local_peer::Input;
use peer_engine::{Command, PieceIndex, PiecePolicy};

use crate::playing::Readers;
use crate::worker::clock::Now;
use crate::worker::swarm::{Phase, Swarm};
use crate::worker::transfer::Transfer;

/// Of a film, until the player knows better: bytes per second.
const USUAL_RATE: u64 = 500_000;

/// How a swarm's files are played.
pub(in crate::worker) struct Played {
    pub(super) readers: Readers,
    pub(super) bytes_per_second: u64,
    /// Somebody plays it as soon as it comes.
    is_expected: bool,
    /// Piece and rate, as the engine was told; `None`: pieces come as they were chosen.
    told: Option<(u32, u64)>,
}

impl Default for Played {
    fn default() -> Self {
        Self { readers: Readers::default(), bytes_per_second: USUAL_RATE, is_expected: false, told: None }
    }
}

impl Played {
    /// Pieces come in the order of somebody who plays.
    pub(in crate::worker) fn is_followed(&self) -> bool {
        self.told.is_some()
    }

    /// The piece that a player waits for.
    pub(in crate::worker) fn waited_for(&self) -> Option<u32> {
        self.readers.waited_for()
    }
}

impl Swarm {
    pub(super) fn played_and_transfer(&mut self) -> (&mut Played, Option<&Transfer>) {
        let transfer = match &self.phase {
            Phase::Running(transfer) => Some(&**transfer),
            _ => None,
        };
        (&mut self.played, transfer)
    }

    /// Somebody plays it as soon as it comes.
    pub(in crate::worker) fn expect_player(&mut self) {
        self.played.is_expected = true;
    }

    /// Pieces begin to come: before anything is asked of anybody it is known what a player reads first.
    pub(in crate::worker) fn begin_for_player(&mut self, now: Now) {
        let first = self.playable.first().filter(|_| self.played.is_expected).map(|first| first.index);
        let engine = self.transfer().and_then(|transfer| transfer.peer.engine());
        if let (Some(first), Some(info)) = (first, engine.map(|engine| engine.info())) {
            let piece = info.pieces_of(first as usize).start;
            self.played.readers.expect(piece);
            self.follow_readers(now);
        }
    }

    /// Tells the engine where somebody reads. `true`: it was told.
    pub(super) fn follow_readers(&mut self, now: Now) -> bool {
        let Some(piece) = self.played.readers.wanted() else {
            return false;
        };
        let (place, was_told) = ((piece, self.played.bytes_per_second), self.played.told);
        let Some(transfer) = self.transfer_mut().filter(|transfer| !transfer.peer.is_complete()) else {
            return false;
        };
        if was_told == Some(place) {
            return false;
        }
        if was_told.is_none() {
            transfer.handle(Input::Command(Command::SetPolicy(PiecePolicy::Sequential)), now);
        }
        let (piece, bytes_per_second) = (PieceIndex(place.0), place.1);
        transfer.handle(Input::Command(Command::Play { piece, bytes_per_second }), now);
        self.played.told = Some(place);
        true
    }

    /// Nobody plays it any more.
    pub(super) fn end_playing(&mut self, now: Now) {
        let (played, policy) = (std::mem::take(&mut self.played), self.tuning.policy);
        if let Some(transfer) = self.transfer_mut().filter(|_| played.is_followed()) {
            transfer.handle(Input::Command(Command::SetPolicy(policy)), now);
        }
    }
}
