//! Who is banned, who is on parole, and how a liar among several senders is found.
//!
//! ```text
//!   a piece's hash is wrong
//!     one sender       ─► it lied: banned
//!     several senders  ─► all on parole: from now on each gets pieces of its own, so that the next wrong
//!                         hash has one name; digests of its blocks are kept
//!   the piece comes again, from one peer alone
//!     right            ─► whoever sent a block with another digest lied: banned; the others are cleared
//!     wrong            ─► one sender, as above
//! ```
//! An honest peer is never banned: a ban needs a wrong piece that it sent alone, or a block of it that
//! differs from the verified one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use peer_wire::PeerId;
use sha1::{Digest, Sha1};

use crate::ids::Identity;
use crate::picker::Sender;

/// Blocks of failed pieces that are remembered: 64 pieces of 1,024 blocks are about 7 MB.
const EVIDENCE_BLOCKS_MAX: usize = 64 * 1_024;
/// Names that are remembered of each kind. Then the oldest is forgotten: whoever was banned so many liars ago
/// may lie once more.
const NAMES_MAX: usize = 4_096;

/// The latest names, each once.
#[derive(Debug)]
struct Names<T> {
    known: BTreeSet<T>,
    /// Oldest first.
    order: VecDeque<T>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self { known: BTreeSet::new(), order: VecDeque::new() }
    }
}

impl<T: Ord + Copy> Names<T> {
    fn insert(&mut self, name: T) {
        if !self.known.insert(name) {
            return;
        }
        self.order.push_back(name);
        if self.order.len() > NAMES_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    fn remove(&mut self, name: &T) {
        if self.known.remove(name) {
            self.order.retain(|known| known != name);
        }
    }

    fn contains(&self, name: &T) -> bool {
        self.known.contains(name)
    }
}

/// A block of a piece whose hash was wrong.
#[derive(Debug)]
struct Evidence {
    index: usize,
    sender: Sender,
    digest: [u8; 20],
}

/// The engine's memory of who lied.
#[derive(Debug, Default)]
pub struct Trust {
    banned_peers: Names<PeerId>,
    banned_identities: Names<Identity>,
    parole: Names<PeerId>,
    evidence: BTreeMap<u32, Vec<Evidence>>,
}

impl Trust {
    pub fn ban(&mut self, peer: PeerId, identity: Option<Identity>) {
        self.banned_peers.insert(peer);
        if let Some(identity) = identity {
            self.banned_identities.insert(identity);
        }
        self.parole.remove(&peer);
    }

    pub fn ban_identity(&mut self, identity: Identity) {
        self.banned_identities.insert(identity);
    }

    pub fn is_banned(&self, peer: Option<PeerId>, identity: Option<Identity>) -> bool {
        peer.is_some_and(|peer| self.banned_peers.contains(&peer))
            || identity.is_some_and(|identity| self.banned_identities.contains(&identity))
    }

    /// Gets pieces of its own only.
    pub fn is_on_parole(&self, peer: PeerId) -> bool {
        self.parole.contains(&peer)
    }

    /// A piece of several senders had a wrong hash: `blocks` in order, with who sent each.
    pub fn on_shared_failure<'a>(&mut self, piece: u32, blocks: impl Iterator<Item = (&'a Bytes, Sender)>) {
        let evidence: Vec<Evidence> = blocks
            .enumerate()
            .map(|(index, (data, sender))| Evidence { index, sender, digest: Sha1::digest(data).into() })
            .collect();
        evidence.iter().for_each(|evidence| self.parole.insert(evidence.sender.peer));
        // A piece whose one sender leaves in the middle can fail again and again.
        let known: usize = self.evidence.values().map(Vec::len).sum();
        if known + evidence.len() <= EVIDENCE_BLOCKS_MAX {
            self.evidence.entry(piece).or_default().extend(evidence);
        }
    }

    /// The piece's hash is right. Returns who had sent something else for it before.
    pub fn on_verified(&mut self, piece: u32, blocks: &[Bytes], senders: &[Sender]) -> Vec<Sender> {
        if let [alone] = senders {
            self.parole.remove(&alone.peer);
        }
        let Some(evidence) = self.evidence.remove(&piece) else {
            return Vec::new();
        };
        let right: Vec<[u8; 20]> = blocks.iter().map(|block| Sha1::digest(block).into()).collect();
        let is_lie = |evidence: &&Evidence| right.get(evidence.index) != Some(&evidence.digest);
        let mut liars: Vec<Sender> = evidence.iter().filter(is_lie).map(|evidence| evidence.sender).collect();
        liars.sort_by_key(|sender| sender.peer);
        liars.dedup_by_key(|sender| sender.peer);
        let cleared = evidence.iter().map(|evidence| evidence.sender.peer);
        let cleared = cleared.filter(|peer| !liars.iter().any(|liar| liar.peer == *peer));
        cleared.for_each(|peer| {
            self.parole.remove(&peer);
        });
        liars
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::LinkKey;

    fn peer(number: u32) -> PeerId {
        let mut id = [0; 20];
        id[..4].copy_from_slice(&number.to_be_bytes());
        PeerId(id)
    }

    fn sender(number: u32) -> Sender {
        Sender { link: LinkKey(u64::from(number)), peer: peer(number), identity: None }
    }

    /// Whoever can make new peer ids made a set that only grew.
    #[test]
    fn the_oldest_of_very_many_bans_and_suspicions_is_forgotten() {
        let mut trust = Trust::default();
        let many = NAMES_MAX as u32 + 10;
        let block = Bytes::from_static(b"block");
        for number in 0..many {
            trust.ban(peer(number), Some(Identity([(number % 256) as u8; 32])));
            trust.on_shared_failure(0, [(&block, sender(many + number))].into_iter());
        }
        assert!(!trust.is_banned(Some(peer(9)), None) && trust.is_banned(Some(peer(10)), None));
        assert!(trust.is_banned(None, Some(Identity([0; 32]))), "a name counts once");
        assert!(!trust.is_on_parole(peer(many)) && trust.is_on_parole(peer(2 * many - 1)));
        assert_eq!(trust.banned_peers.order.len(), trust.banned_peers.known.len());
    }

    #[test]
    fn who_is_cleared_is_forgotten_at_once() {
        let mut trust = Trust::default();
        let (right, wrong) = (Bytes::from_static(b"right"), Bytes::from_static(b"wrong"));
        trust.on_shared_failure(3, [(&right, sender(1)), (&wrong, sender(2))].into_iter());
        let liars = trust.on_verified(3, &[right.clone(), right], &[sender(3)]);
        assert_eq!(liars, [sender(2)]);
        assert!(!trust.is_on_parole(peer(1)));
        assert_eq!(trust.parole.order.len(), 1);
    }

    /// A piece that fails with several senders again and again added its blocks each time.
    #[test]
    fn evidence_of_one_piece_is_bounded_too() {
        let mut trust = Trust::default();
        let block = Bytes::from_static(b"block");
        for _ in 0..100 {
            trust.on_shared_failure(0, (0..1_024).map(|_| (&block, sender(1))));
        }
        assert_eq!(trust.evidence[&0].len(), EVIDENCE_BLOCKS_MAX);
    }
}
