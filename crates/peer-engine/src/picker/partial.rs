//! A piece that is being fetched: who was asked for which block, and what has come.

use bytes::Bytes;
use metainfo::Layout;
use peer_wire::Block;
use peer_wire::PeerId;

use crate::ids::{Identity, LinkKey};
use crate::output::PieceData;

/// Requesters of one block at a time: the first, and in endgame a second.
const REQUESTERS_MAX: usize = 2;

/// Who sent a block: kept after the link is gone, because the hash comes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sender {
    /// The link it came over.
    pub link: LinkKey,
    /// From its handshake.
    pub peer: PeerId,
    /// Who runs it.
    pub identity: Option<Identity>,
}

/// A piece with all its blocks, not yet verified.
#[derive(Debug, Clone)]
pub struct Complete {
    /// Its blocks in order.
    pub data: PieceData,
    /// Per block, the index of its sender.
    sent_by: Vec<u16>,
    /// Everybody who sent a part, once.
    pub senders: Vec<Sender>,
}

impl Complete {
    /// The blocks in order with who sent them.
    pub fn blocks(&self) -> impl Iterator<Item = (&Bytes, Sender)> {
        self.data.iter().zip(&self.sent_by).map(|(data, at)| (data, self.senders[*at as usize]))
    }
}

/// One piece under way.
#[derive(Debug)]
pub struct Partial {
    slots: Vec<Slot>,
    free: u32,
    missing: u32,
    /// No free slot lies before this one.
    first_free: usize,
    /// Who fills it. Others come in only when nothing else is left.
    pub owner: Option<LinkKey>,
    /// Only the owner may fill it: the last attempt had several senders and a wrong hash.
    pub exclusive: bool,
    senders: Vec<Sender>,
}

#[derive(Debug, Default)]
struct Slot {
    requesters: [Option<LinkKey>; REQUESTERS_MAX],
    received: Option<(Bytes, u16)>,
}

impl Slot {
    fn is_free(&self) -> bool {
        self.received.is_none() && self.requesters[0].is_none()
    }
}

impl Partial {
    pub fn new(blocks: u32, owner: LinkKey, exclusive: bool) -> Self {
        Self {
            slots: (0..blocks).map(|_| Slot::default()).collect(),
            free: blocks,
            missing: blocks,
            first_free: 0,
            owner: Some(owner),
            exclusive,
            senders: Vec::new(),
        }
    }

    /// Blocks nobody was asked for.
    pub fn free(&self) -> u32 {
        self.free
    }

    /// Every block is here.
    pub fn is_complete(&self) -> bool {
        self.missing == 0
    }

    pub fn bytes_received(&self) -> u64 {
        self.slots.iter().filter_map(|slot| slot.received.as_ref()).map(|(data, _)| data.len() as u64).sum()
    }

    /// Gives the next free block to `link`.
    pub fn take_free(&mut self, link: LinkKey) -> Option<u32> {
        let index = (self.first_free..self.slots.len()).find(|index| self.slots[*index].is_free())?;
        self.slots[index].requesters[0] = Some(link);
        self.first_free = index + 1;
        self.free -= 1;
        Some(index as u32)
    }

    /// Blocks that exactly one other peer was asked for, with that peer.
    pub fn asked_once_of_others(&self, link: LinkKey) -> impl Iterator<Item = (u32, LinkKey)> + '_ {
        self.slots.iter().enumerate().filter_map(move |(index, slot)| match slot {
            Slot { requesters: [Some(other), None], received: None } if *other != link => Some((index as u32, *other)),
            _ => None,
        })
    }

    /// A second peer is asked for this block (endgame).
    pub fn ask_again(&mut self, index: u32, link: LinkKey) {
        self.slots[index as usize].requesters[1] = Some(link);
    }

    /// `link` will not send this block. `true` if the block is free now.
    pub fn release(&mut self, index: u32, link: LinkKey) -> bool {
        let slot = &mut self.slots[index as usize];
        let Some(at) = slot.requesters.iter().position(|requester| *requester == Some(link)) else {
            return false;
        };
        slot.requesters[at] = None;
        slot.requesters.sort_by_key(Option::is_none);
        let is_free = slot.is_free();
        if is_free {
            self.free += 1;
            self.first_free = self.first_free.min(index as usize);
        }
        is_free
    }

    /// A block came. `None` if it is here already; else who else was asked for it.
    pub fn receive(&mut self, index: u32, data: Bytes, sender: Sender) -> Option<Vec<LinkKey>> {
        let slot = &mut self.slots[index as usize];
        if slot.received.is_some() {
            return None;
        }
        if slot.is_free() {
            self.free -= 1;
        }
        let others = std::mem::take(&mut slot.requesters).into_iter().flatten().filter(|link| *link != sender.link);
        let others = others.collect();
        let at = self.senders.iter().position(|known| *known == sender).unwrap_or_else(|| {
            self.senders.push(sender);
            self.senders.len() - 1
        });
        slot.received = Some((data, at as u16));
        self.missing -= 1;
        Some(others)
    }

    /// Forgets what came from peers that turned out to lie. Returns bytes dropped.
    pub fn drop_received(&mut self, is_liar: impl Fn(&Sender) -> bool) -> u64 {
        let mut dropped = 0;
        for (index, slot) in self.slots.iter_mut().enumerate() {
            if let Some((data, _)) = slot.received.take_if(|(_, at)| is_liar(&self.senders[*at as usize])) {
                dropped += data.len() as u64;
                self.free += 1;
                self.missing += 1;
                self.first_free = self.first_free.min(index);
            }
        }
        dropped
    }

    /// The blocks in order and who sent each. Only when complete.
    pub fn into_complete(self) -> Complete {
        let (data, sent_by) = self.slots.into_iter().filter_map(|slot| slot.received).unzip();
        Complete { data, sent_by, senders: self.senders }
    }

    /// Everything that is asked for: who, and which block.
    pub fn requests(&self, piece: u32, layout: &Layout) -> Vec<(LinkKey, Block)> {
        let of_slot = |(index, slot): (usize, &Slot)| {
            let block = layout.block(piece, index as u32);
            slot.requesters.into_iter().flatten().map(move |link| (link, block)).collect::<Vec<_>>()
        };
        self.slots.iter().enumerate().flat_map(of_slot).collect()
    }
}
