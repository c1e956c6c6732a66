//! However a history went: once an honest seeder is there, the download completes, and the honest one is
//! not held to be a liar.

use bytes::{Bytes, BytesMut};
use peer_engine::{Command, Direction, Input, LinkKey, Opening, PieceSet, RateLimits};
use peer_wire::Message;
use peer_wire::PeerId;

use super::operation::flag;
use super::said::handshake;
use super::torrent::{PIECES, fill};
use super::world::World;

/// So often the driver may sleep before all is there. A silent peer is closed after two minutes.
const SLEEPS_MAX: usize = 400;

impl World {
    /// Everybody else leaves or falls silent, an honest seeder comes.
    pub fn finish(&mut self) {
        self.answer_all();
        if self.failed {
            return;
        }
        self.handle(Input::Command(Command::SetLimits(RateLimits::default())));
        self.handle(Input::Command(Command::SetWanted(PieceSet::all(PIECES))));
        if !self.leaves_links_open {
            while let Some(remote) = self.remotes.pop() {
                self.handle(Input::LinkClosed { link: remote.link });
            }
        }
        let mut seeder = None;
        for number in 0..SLEEPS_MAX {
            if self.stored.is_full() {
                return;
            }
            let link = match seeder.filter(|link| self.remotes.iter().any(|remote| remote.link == *link)) {
                Some(link) => link,
                None => self.open_honest(number as u16),
            };
            seeder = Some(link);
            self.receive_on(link, Bytes::from_static(&[0; 4]));
            while self.transmit_ready() | self.serve_honestly(link) {
                self.answer_all();
            }
            if !self.stored.is_full() {
                assert!(self.engine.poll_timeout().is_some(), "nothing is under way and nothing is waited for");
                self.pass_until_timeout();
            }
        }
        let (stats, peers, pieces) = (self.engine.stats(), self.engine.peers(), self.engine.piece_states());
        panic!("an honest seeder is there and the download does not complete:\n{stats:?}\n{peers:#?}\n{pieces:?}");
    }

    /// Under a new id: whoever used the others may be banned.
    fn open_honest(&mut self, number: u16) -> LinkKey {
        let mut id = [0xfe; 20];
        id[..2].copy_from_slice(&number.to_be_bytes());
        let id = PeerId(id);
        let link =
            self.open_link(Opening { direction: Direction::Accepted, peer: Some(id), identity: None, address: None });
        if let Some(remote) = self.remotes.iter_mut().find(|remote| remote.link == link) {
            remote.is_honest = true;
        }
        let mut greeting = BytesMut::from(&handshake(id, flag::FAST)[..]);
        Message::HaveAll.encode(&mut greeting);
        Message::Unchoke.encode(&mut greeting);
        self.receive_on(link, greeting.freeze());
        link
    }

    /// Answers everything that the honest seeder was asked. `false`: that was nothing.
    fn serve_honestly(&mut self, link: LinkKey) -> bool {
        let Some(remote) = self.remotes.iter_mut().find(|remote| remote.link == link) else {
            return false;
        };
        let asked = std::mem::take(&mut remote.asked);
        for block in &asked {
            let data = vec![fill(block.piece); block.len as usize].into();
            let mut bytes = BytesMut::new();
            Message::Piece { piece: block.piece, begin: block.begin, data }.encode(&mut bytes);
            self.receive_on(link, bytes.freeze());
        }
        !asked.is_empty()
    }
}
