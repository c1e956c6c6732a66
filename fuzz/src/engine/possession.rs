//! Pieces come and go without being fetched, as those of a bridge do.

use peer_engine::{Command, PieceSet, PieceState};
use peer_wire::Behind;

use super::torrent::PIECES;
use super::world::World;

impl World {
    /// A piece comes by itself, unless it is being fetched.
    pub fn gain(&mut self, piece: u32) {
        if self.engine.piece_states()[piece as usize] != PieceState::Partial {
            self.stored.insert(piece);
            self.verified.insert(piece);
        }
        self.command(Command::Gained(only(piece)));
    }

    pub fn lose(&mut self, piece: u32) {
        if self.stored.remove(piece) {
            self.verified.remove(piece);
            self.remotes.iter_mut().for_each(|remote| remote.on_lost(piece));
        }
        self.command(Command::Lost(only(piece)));
    }

    /// So many peers stand behind it.
    pub fn stand_before(&mut self, count: u8) {
        let behind = |nth| Behind { client: format!("client {nth}"), is_banned: nth % 3 == 0 };
        self.command(Command::SetBehind((0..count).map(behind).collect()));
    }
}

fn only(piece: u32) -> PieceSet {
    let mut pieces = PieceSet::none(PIECES);
    pieces.insert(piece);
    pieces
}
