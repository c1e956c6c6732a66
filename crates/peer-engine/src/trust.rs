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

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use peer_wire::PeerId;
use sha1::{Digest, Sha1};

use crate::ids::Identity;
use crate::picker::Sender;

/// Failed pieces whose blocks are remembered. 64 pieces of 1,024 blocks are about 7 MB.
const EVIDENCE_PIECES_MAX: usize = 64;

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
    banned_peers: BTreeSet<PeerId>,
    banned_identities: BTreeSet<Identity>,
    parole: BTreeSet<PeerId>,
    evidence: BTreeMap<u32, Vec<Evidence>>,
}

impl Trust {
    pub fn ban(&mut self, peer: PeerId, identity: Option<Identity>) {
        self.banned_peers.insert(peer);
        self.banned_identities.extend(identity);
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
        self.parole.extend(evidence.iter().map(|evidence| evidence.sender.peer));
        if self.evidence.len() < EVIDENCE_PIECES_MAX {
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
