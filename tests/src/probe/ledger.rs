//! Keeps the books of what one side of a link asked of the other.

use std::collections::BTreeSet;

use peer_wire::{BLOCK_LEN_MAX, Block, Message};

/// Requests of one side, and what became of them.
#[derive(Debug, Default)]
pub struct Ledger {
    queued: BTreeSet<Block>,
    /// The most that waited at a time.
    pub most: usize,
    /// Requests in all.
    pub asked: usize,
    /// What no client may do: it asked for more than a block at once, or for one that it waits for.
    pub faults: Vec<String>,
}

impl Ledger {
    /// What waits for an answer, in the order of the torrent.
    pub fn queued(&self) -> Vec<Block> {
        self.queued.iter().copied().collect()
    }

    /// Nothing waits any more.
    pub fn on_closed(&mut self) {
        self.queued.clear();
    }

    /// The side that asks says this.
    pub fn on_asker(&mut self, message: &Message) {
        match message {
            Message::Request(block) => self.on_request(*block),
            Message::Cancel(block) => {
                self.queued.remove(block);
            }
            _ => {}
        }
    }

    fn on_request(&mut self, block: Block) {
        if block.len > BLOCK_LEN_MAX {
            self.faults.push(format!("{block:?} is too long"));
        }
        if !self.queued.insert(block) {
            self.faults.push(format!("{block:?} was asked for and had not come"));
        }
        self.asked += 1;
        self.most = self.most.max(self.queued.len());
    }

    /// The side that is asked says this. `is_fast`: a choke alone rejects nothing.
    pub fn on_asked(&mut self, message: &Message, is_fast: bool) {
        match message {
            Message::Piece { piece, begin, data } => {
                self.queued.remove(&Block { piece: *piece, begin: *begin, len: data.len() as u32 });
            }
            Message::Reject(block) => {
                self.queued.remove(block);
            }
            Message::Choke if !is_fast => self.queued.clear(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: Block = Block { piece: 3, begin: 0, len: BLOCK_LEN_MAX };

    #[test]
    fn a_block_may_be_asked_for_again_once_it_was_answered() {
        let mut ledger = Ledger::default();
        for answer in [Message::Reject(BLOCK), Message::Piece { piece: 3, begin: 0, data: vec![0; 16_384].into() }] {
            ledger.on_asker(&Message::Request(BLOCK));
            ledger.on_asked(&answer, true);
        }
        assert_eq!((ledger.faults.len(), ledger.most, ledger.queued()), (0, 1, vec![]));
        ledger.on_asker(&Message::Request(BLOCK));
        ledger.on_asked(&Message::Choke, true);
        ledger.on_asker(&Message::Request(BLOCK));
        assert_eq!(ledger.faults.len(), 1);
    }
}
