//! Events, samples and players.

use local_peer::{Event, Input, PeerId};
use peer_engine::{Command, PieceIndex};

use super::{Happening, Simulation};
use crate::node::{Leave, NodeKey};
use crate::outcome::Spread;
use crate::player::Step;
use crate::report::{Ban, Completion, FailedPiece};

impl Simulation {
    pub(super) fn on_event(&mut self, node: NodeKey, event: &Event) {
        self.tell_of_seeders(node, event);
        let words = match event {
            Event::PeerJoined { link, who } => [1, link.0, number(&who.peer) as u64],
            Event::PeerLeft { link, totals, .. } => [7, link.0, totals.downloaded + totals.uploaded],
            Event::NotReached { to, path, .. } => [8, to.peer.map_or(0, |peer| number(&peer) as u64), *path as u64],
            Event::PieceVerified { piece } => {
                self.on_piece(node, piece.0);
                [2, u64::from(piece.0), 0]
            }
            Event::PieceFailed { piece, senders } => {
                let senders = senders.iter().map(|who| number(&who.peer)).collect();
                self.report.failed_pieces.push(FailedPiece { at: node.0, piece: piece.0, senders });
                [3, u64::from(piece.0), 0]
            }
            Event::PeerBanned { who, piece } => {
                self.on_ban(node, number(&who.peer), piece.0);
                [4, u64::from(piece.0), number(&who.peer) as u64]
            }
            Event::Completed => {
                self.on_completed(node);
                [5, 0, 0]
            }
            Event::StorageFailed(_) => [6, 0, 0],
        };
        self.report.mix(&[self.now.0, node.0 as u64]);
        self.report.mix(&words);
    }

    fn on_ban(&mut self, at: NodeKey, who: usize, piece: u32) {
        let failed = self.report.failed_pieces.iter();
        let bad_pieces = failed.filter(|failed| failed.at == at.0 && failed.senders.contains(&who)).count() as u32;
        self.report.bans.push(Ban { at: at.0, who, piece, bad_pieces });
    }

    fn on_piece(&mut self, node: NodeKey, piece: u32) {
        let now = self.now;
        self.nodes[node.0].record.first_piece_at.get_or_insert(now);
        if self.nodes[node.0].player.as_ref().is_some_and(|player| player.waiting_since.is_some()) {
            self.play(node);
        }
        let is_kept = self.nodes[node.0].bridge.is_none();
        let Some((unspread, left)) = self.unspread.as_mut().filter(|_| is_kept) else {
            return;
        };
        if std::mem::take(&mut unspread[piece as usize]) {
            *left -= 1;
        }
        if *left == 0 {
            self.unspread = None;
            self.on_one_copy();
        }
    }

    /// Every piece is out.
    fn on_one_copy(&mut self) {
        self.report.one_copy_at = Some(self.now);
        for key in 0..self.nodes.len() {
            if self.nodes[key].config.leave == Leave::OneCopy {
                self.later(std::time::Duration::ZERO, Happening::Leaves(NodeKey(key)));
            }
        }
    }

    fn on_completed(&mut self, node: NodeKey) {
        let this = &mut self.nodes[node.0];
        this.record.completed_at = Some(self.now);
        if this.config.conduct.is_waited_for() {
            self.unfinished -= 1;
            self.report.completed_at.insert(node.0, self.now.0);
            self.report.completions.push(Completion { node: node.0, at: self.now, sent: self.sent });
        }
        if let Leave::Completed(after) = this.config.leave {
            self.later(after, Happening::Leaves(node));
        }
    }

    /// A piece came for which somebody waits, or the next one is due.
    pub(super) fn play(&mut self, node: NodeKey) {
        let layout = *self.info.layout();
        let this = &mut self.nodes[node.0];
        let (Some(player), Some(engine)) = (&mut this.player, this.mind.engine()) else {
            return;
        };
        if !this.alive {
            return;
        }
        let has = |piece| engine.have().contains(piece);
        let len = layout.piece_len(player.next.min(layout.pieces() - 1));
        let step = player.step(has, len, layout.pieces(), self.now);
        let (next, rate) = (player.next, player.config.bytes_per_second);
        if let Step::Plays(takes) = step {
            self.later(takes, Happening::Plays(node));
            // The engine learns where the film is: its window moves, and it knows when each piece is due.
            let piece = (next - 1).min(layout.pieces() - 1);
            let command = Command::Play { piece: PieceIndex(piece), bytes_per_second: rate };
            self.later(std::time::Duration::ZERO, Happening::Answers(node, Input::Command(command)));
        }
    }

    /// Looks who is interested in whom.
    pub(super) fn sample(&mut self) {
        for node in self.nodes.iter().filter(|node| node.alive && !node.mind.is_complete()) {
            let Some(engine) = node.mind.engine() else {
                continue;
            };
            for peer in engine.peers() {
                let other = number(&peer.peer);
                // Seeders have no interests, and everybody is interested in them.
                if self.nodes[other].config.seeder {
                    continue;
                }
                let Some(link) = node.links.get(&peer.link) else {
                    continue;
                };
                let link = &mut self.links[link.0];
                let side = usize::from(link.ends[1].node.0 != other);
                let end = &mut link.ends[side];
                end.sampled += 1;
                end.interested += u32::from(peer.interesting);
            }
        }
        if let Some(every) = self.sample_every {
            self.later(every, Happening::Samples);
        }
    }
}

impl Simulation {
    /// Interest among leechers, in samples: medians over the nodes of the median over its links of its
    /// own interest and of the others' interest in it. Links of fewer than two samples do not count
    /// (Legout and others leave out those below 10 s).
    pub(crate) fn entropy(&self) -> (f64, f64) {
        let mut own: Vec<Vec<f64>> = vec![Vec::new(); self.nodes.len()];
        let mut others = own.clone();
        for link in &self.links {
            for (side, end) in link.ends.iter().enumerate().filter(|(_, end)| end.sampled >= 2) {
                let share = f64::from(end.interested) / f64::from(end.sampled);
                own[end.node.0].push(share);
                others[link.ends[1 - side].node.0].push(share);
            }
        }
        (median_of_medians(own), median_of_medians(others))
    }
}

fn median_of_medians(shares: Vec<Vec<f64>>) -> f64 {
    let medians = shares.into_iter().filter(|shares| !shares.is_empty()).map(|shares| Spread::of(shares).median);
    Spread::of(medians.collect()).median
}

/// The node with this id.
pub(super) fn number(peer: &PeerId) -> usize {
    let [.., a, b, c, d] = peer.0;
    u32::from_be_bytes([a, b, c, d]) as usize
}
