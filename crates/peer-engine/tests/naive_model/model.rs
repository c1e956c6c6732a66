//! What the picker knows, kept in the plainest way, and what it may choose: lists that are searched from end
//! to end.

use std::collections::{BTreeMap, BTreeSet};

use metainfo::Layout;
use peer_engine::{LinkKey, PiecePolicy};
use peer_wire::Block;

/// Until so many pieces are here, rarity does not count.
const RANDOM_FIRST: usize = 4;

/// A block of a piece that is being fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slot {
    Free,
    /// One, or in endgame two.
    Asked(Vec<LinkKey>),
    From(LinkKey),
}

/// A piece that is being fetched.
#[derive(Debug, Clone)]
pub struct Begun {
    pub slots: Vec<Slot>,
    pub owner: Option<LinkKey>,
    pub exclusive: bool,
}

/// A piece is in exactly one of these.
#[derive(Debug, Clone)]
pub enum State {
    Open,
    Begun(Begun),
    Verifying,
    Have,
}

/// Who could be asked, as the picker sees it.
#[derive(Debug, Clone)]
pub struct Peer {
    pub pieces: Vec<bool>,
    /// It had everything when it came.
    pub is_seeder: bool,
    /// What it is asked for, in order.
    pub asked: Vec<Block>,
}

/// How a peer is asked.
#[derive(Debug, Clone, Copy)]
pub struct Asking {
    pub link: LinkKey,
    pub on_parole: bool,
    pub may_begin: bool,
}

/// Everything.
#[derive(Debug)]
pub struct Model {
    pub layout: Layout,
    pub policy: PiecePolicy,
    pub states: Vec<State>,
    pub wanted: Vec<bool>,
    pub suspects: BTreeSet<u32>,
    pub peers: BTreeMap<LinkKey, Peer>,
}

/// How long a peer needs for what it is asked for: any number will do.
pub fn wait_ms(link: LinkKey) -> u64 {
    link.0 * 7_919 % 5
}

impl Begun {
    fn free(&self) -> usize {
        self.slots.iter().filter(|slot| **slot == Slot::Free).count()
    }
}

impl Model {
    pub fn new(layout: Layout, policy: PiecePolicy) -> Self {
        let states = vec![State::Open; layout.pieces() as usize];
        let wanted = vec![true; layout.pieces() as usize];
        Self { layout, policy, states, wanted, suspects: BTreeSet::new(), peers: BTreeMap::new() }
    }

    pub fn availability(&self, piece: u32) -> u32 {
        self.peers.values().filter(|peer| peer.pieces[piece as usize]).count() as u32
    }

    pub fn is_open(&self, piece: u32) -> bool {
        matches!(self.states[piece as usize], State::Open) && self.wanted[piece as usize]
    }

    fn open(&self) -> Vec<u32> {
        (0..self.layout.pieces()).filter(|piece| self.is_open(*piece)).collect()
    }

    /// What nobody fills and nobody wants is dropped.
    pub fn set_wanted(&mut self, wanted: Vec<bool>) {
        self.wanted = wanted;
        for piece in self.orphans() {
            if !self.wanted[piece as usize] {
                self.reset(piece);
            }
        }
    }

    /// Pieces of which `is` holds.
    pub fn pieces_with(&self, is: impl Fn(&State) -> bool) -> Vec<u32> {
        (0..self.layout.pieces()).filter(|piece| is(&self.states[*piece as usize])).collect()
    }

    pub fn begun(&self, piece: u32) -> Option<&Begun> {
        match &self.states[piece as usize] {
            State::Begun(begun) => Some(begun),
            _ => None,
        }
    }

    fn begun_mut(&mut self, piece: u32) -> Option<&mut Begun> {
        match &mut self.states[piece as usize] {
            State::Begun(begun) => Some(begun),
            _ => None,
        }
    }

    /// Begun pieces of which `is` holds.
    fn begun_with(&self, is: impl Fn(&Begun) -> bool) -> Vec<u32> {
        self.pieces_with(|state| matches!(state, State::Begun(begun) if is(begun)))
    }

    /// Bytes that came for a begun piece.
    pub fn bytes_received(&self, piece: u32) -> u64 {
        let slots = self.begun(piece).map_or(&[][..], |begun| &begun.slots);
        let came = (0..).zip(slots).filter(|(_, slot)| matches!(slot, Slot::From(_)));
        came.map(|(index, _)| u64::from(self.layout.block(piece, index).len)).sum()
    }

    /// Who is asked for what, in order.
    pub fn requests(&self) -> Vec<(LinkKey, Block)> {
        let mut requests = Vec::new();
        for piece in self.begun_with(|_| true) {
            let slots = self.begun(piece).map_or(&[][..], |begun| &begun.slots);
            for (index, slot) in (0..).zip(slots) {
                if let Slot::Asked(links) = slot {
                    requests.extend(links.iter().map(|link| (*link, self.layout.block(piece, index))));
                }
            }
        }
        requests.sort();
        requests
    }

    // ------------------------------------------------------------ what may be chosen

    /// Every block that may be asked of a peer now, given the piece that it is filling and what it advises.
    pub fn legal(&self, asking: Asking, current: Option<u32>, advice: &[u32]) -> Vec<Block> {
        let pieces = self.legal_pieces(asking, current, advice);
        if !pieces.is_empty() {
            return pieces.into_iter().flat_map(|piece| self.free_blocks(piece)).collect();
        }
        if asking.on_parole { Vec::new() } else { self.legal_in_endgame(asking.link) }
    }

    /// Its own piece; else what there is for it, or a piece that it advises and only complete peers have.
    fn legal_pieces(&self, asking: Asking, current: Option<u32>, advice: &[u32]) -> Vec<u32> {
        let own = self.begun_with(|begun| begun.owner == Some(asking.link) && begun.free() > 0);
        if let Some(current) = current.filter(|current| own.contains(current)) {
            return vec![current];
        }
        if !own.is_empty() {
            return own;
        }
        let mut pieces = self.legal_other_pieces(asking);
        if self.may_begin(asking) && !asking.on_parole {
            let seeders = self.peers.values().filter(|peer| peer.is_seeder).count() as u32;
            let alone = |piece: &&u32| {
                self.is_open(**piece)
                    && self.peers[&asking.link].pieces[**piece as usize]
                    && self.availability(**piece) <= seeders.max(1)
            };
            pieces.extend(advice.iter().filter(alone));
        }
        pieces
    }

    /// With nothing begun a piece may be, whatever the budgets say.
    fn may_begin(&self, asking: Asking) -> bool {
        asking.may_begin || self.begun_with(|_| true).is_empty()
    }

    /// An orphan, a new one, one that others fill: the first of these that there is.
    fn legal_other_pieces(&self, asking: Asking) -> Vec<u32> {
        let Asking { link, on_parole, .. } = asking;
        let of_peer = |pieces: Vec<u32>| -> Vec<u32> {
            pieces.into_iter().filter(|piece| self.peers[&link].pieces[*piece as usize]).collect()
        };
        let orphans = of_peer(self.begun_with(|begun| begun.owner.is_none() && begun.free() > 0));
        if !orphans.is_empty() && !on_parole {
            return orphans;
        }
        let open = of_peer(self.open());
        if self.may_begin(asking) && !open.is_empty() {
            return self.legal_to_begin(open);
        }
        if on_parole {
            return Vec::new();
        }
        let joined = of_peer(self.begun_with(|begun| !begun.exclusive && begun.free() > 0));
        let free = |piece: &u32| self.begun(*piece).map_or(0, Begun::free);
        let most = joined.iter().map(free).max();
        joined.into_iter().filter(|piece| Some(free(piece)) == most).collect()
    }

    /// Suspects first; any of the first four pieces; then the rarest.
    fn legal_to_begin(&self, open: Vec<u32>) -> Vec<u32> {
        let suspects: Vec<u32> = open.iter().copied().filter(|piece| self.suspects.contains(piece)).collect();
        if !suspects.is_empty() {
            return suspects;
        }
        let have = self.pieces_with(|state| matches!(state, State::Have)).len();
        if self.policy == PiecePolicy::Random || have < RANDOM_FIRST {
            return open;
        }
        let rarest = open.iter().map(|piece| self.availability(*piece)).min();
        open.into_iter().filter(|piece| Some(self.availability(*piece)) == rarest).collect()
    }

    fn free_blocks(&self, piece: u32) -> Vec<Block> {
        let slots = self.begun(piece).map(|begun| begun.slots.clone());
        let slots = slots.unwrap_or_else(|| vec![Slot::Free; self.layout.blocks(piece) as usize]);
        let free = (0..).zip(slots).filter(|(_, slot)| *slot == Slot::Free);
        free.map(|(index, _)| self.layout.block(piece, index)).collect()
    }

    /// Nothing is left to ask for and the peer is asked for nothing: of the blocks that one other is asked for,
    /// those that are waited for the longest.
    fn legal_in_endgame(&self, link: LinkKey) -> Vec<Block> {
        let nothing_is_left = self.open().is_empty() && self.begun_with(|begun| begun.free() > 0).is_empty();
        if !nothing_is_left || !self.peers[&link].asked.is_empty() {
            return Vec::new();
        }
        let mut blocks = Vec::new();
        for (other, block) in self.requests() {
            let begun = self.begun(block.piece).expect("requests are for begun pieces");
            let is_for_peer = self.peers[&link].pieces[block.piece as usize] && !begun.exclusive;
            let slot = &begun.slots[self.index(&block)];
            if is_for_peer && *slot == Slot::Asked(vec![other]) && other != link {
                blocks.push((wait_ms(other), block));
            }
        }
        let longest = blocks.iter().map(|(wait, _)| *wait).max();
        blocks.into_iter().filter(|(wait, _)| Some(*wait) == longest).map(|(_, block)| block).collect()
    }

    // ------------------------------------------------------------ what happens

    pub fn index(&self, block: &Block) -> usize {
        self.layout.block_index(block).expect("a block of the torrent") as usize
    }

    /// The picker chose this.
    pub fn on_picked(&mut self, asking: Asking, block: Block) {
        let (piece, index, link) = (block.piece, self.index(&block), asking.link);
        if self.is_open(piece) {
            let slots = vec![Slot::Free; self.layout.blocks(piece) as usize];
            let exclusive = asking.on_parole || self.suspects.contains(&piece);
            self.states[piece as usize] = State::Begun(Begun { slots, owner: Some(link), exclusive });
        }
        let begun = self.begun_mut(piece).expect("just begun");
        match &mut begun.slots[index] {
            Slot::Asked(links) => links.push(link),
            slot => {
                *slot = Slot::Asked(vec![link]);
                // An orphan is adopted.
                begun.owner.get_or_insert(link);
            }
        }
        self.peer_mut(link).asked.push(block);
    }

    /// A block came. Returns who else was asked, and whether it was the last.
    pub fn on_received(&mut self, link: LinkKey, block: Block) -> (Vec<LinkKey>, bool) {
        let index = self.index(&block);
        let begun = self.begun_mut(block.piece).expect("asked for");
        let before = std::mem::replace(&mut begun.slots[index], Slot::From(link));
        let is_last = begun.slots.iter().all(|slot| matches!(slot, Slot::From(_)));
        let Slot::Asked(mut links) = before else { panic!("{block:?} was not asked for") };
        links.iter().for_each(|link| self.peer_mut(*link).asked.retain(|asked| *asked != block));
        links.retain(|other| *other != link);
        (links, is_last)
    }

    /// A peer will not send a block.
    pub fn on_released(&mut self, link: LinkKey, block: Block) {
        self.peer_mut(link).asked.retain(|asked| *asked != block);
        let index = self.index(&block);
        let Some(begun) = self.begun_mut(block.piece) else {
            return;
        };
        let Slot::Asked(links) = &mut begun.slots[index] else {
            return;
        };
        links.retain(|other| *other != link);
        if links.is_empty() {
            begun.slots[index] = Slot::Free;
            self.on_abandoned(link, block.piece);
        }
    }

    /// A peer stops filling a piece.
    pub fn on_abandoned(&mut self, link: LinkKey, piece: u32) {
        let Some(begun) = self.begun_mut(piece).filter(|begun| begun.owner == Some(link)) else {
            return;
        };
        begun.owner = None;
        if begun.exclusive {
            self.reset(piece);
        }
    }

    /// Back to open; what was asked for is not waited for any more.
    pub fn reset(&mut self, piece: u32) {
        self.states[piece as usize] = State::Open;
        self.peers.values_mut().for_each(|peer| peer.asked.retain(|block| block.piece != piece));
    }

    /// What a liar sent is forgotten. Returns bytes.
    pub fn on_liar(&mut self, liar: LinkKey) -> u64 {
        let before = self.bytes_partial();
        for state in &mut self.states {
            if let State::Begun(begun) = state {
                begun.slots.iter_mut().filter(|slot| **slot == Slot::From(liar)).for_each(|slot| *slot = Slot::Free);
            }
        }
        before - self.bytes_partial()
    }

    /// Begun pieces without an owner that have a free block.
    pub fn orphans(&self) -> Vec<u32> {
        self.begun_with(|begun| begun.owner.is_none() && begun.free() > 0)
    }

    pub fn bytes_partial(&self) -> u64 {
        (0..self.layout.pieces()).map(|piece| self.bytes_received(piece)).sum()
    }

    pub fn peer_mut(&mut self, link: LinkKey) -> &mut Peer {
        self.peers.get_mut(&link).expect("a peer that is there")
    }
}
