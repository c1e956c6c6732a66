//! Which peers of a group ordinary clients have announced, with which passkey, and until when they are believed. What others see
//! of them is in the [swarms](super::swarms).

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;

use sha2::{Digest, Sha256};
use tokio::time::Instant;
use wire_protocol::control::{PeerName, Progress};
use wire_protocol::ids::{FileId, InfoHash, MemberKey, PeerId};

use crate::store::passkeys::PasskeyHash;

/// What an ordinary client announces.
#[derive(Debug, Clone)]
pub struct OrdinaryPeer {
    /// With which passkey.
    pub passkey: PasskeyHash,
    /// Whose that is.
    pub member: MemberKey,
    /// The file card.
    pub file: FileId,
    /// The file's.
    pub info_hash: InfoHash,
    /// Where it is seen, with the port that it says it accepts connections at.
    pub address: SocketAddr,
    /// Program and version.
    pub client: String,
    /// How far it is.
    pub progress: Progress,
}

impl OrdinaryPeer {
    /// Its name: that of its address in this torrent, whatever peer id it uses. Clients change theirs with every start, and are
    /// no other peers then.
    pub fn name(&self) -> PeerName {
        let digest = Sha256::new()
            .chain_update(b"covey announced peer v1")
            .chain_update(self.info_hash.0)
            .chain_update(self.address.to_string())
            .finalize();
        let mut peer = [0; 20];
        peer.copy_from_slice(&digest[..20]);
        PeerName { member: self.member, peer: PeerId(peer) }
    }
}

/// The announced peers of a group.
#[derive(Debug, Default)]
pub struct AnnouncedPeers {
    peers: BTreeMap<(FileId, PeerName), Term>,
    /// How many each passkey has announced.
    of_passkey: HashMap<PasskeyHash, usize>,
}

#[derive(Debug, Clone, Copy)]
struct Term {
    passkey: PasskeyHash,
    ends: Instant,
}

impl AnnouncedPeers {
    /// A peer is believed until then.
    pub fn put(&mut self, file: FileId, name: PeerName, passkey: PasskeyHash, ends: Instant) {
        if let Some(before) = self.peers.insert((file, name), Term { passkey, ends }) {
            self.forget_one_of(before.passkey);
        }
        *self.of_passkey.entry(passkey).or_default() += 1;
    }

    /// A peer has stopped.
    pub fn remove(&mut self, file: FileId, name: PeerName) {
        if let Some(term) = self.peers.remove(&(file, name)) {
            self.forget_one_of(term.passkey);
        }
    }

    /// Whether a peer is there by this passkey. One that takes another is new by it: that may have been revoked meanwhile.
    pub fn is_there_by(&self, file: FileId, name: PeerName, passkey: PasskeyHash) -> bool {
        self.peers.get(&(file, name)).is_some_and(|term| term.passkey == passkey)
    }

    /// How many a passkey has announced.
    pub fn count_of(&self, passkey: PasskeyHash) -> usize {
        self.of_passkey.get(&passkey).copied().unwrap_or_default()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.peers.is_empty()
    }

    /// Forgets peers whose time is over.
    pub fn take_ended(&mut self, now: Instant) -> Vec<(FileId, PeerName)> {
        self.take(|_, _, term| term.ends <= now)
    }

    /// Forgets what was announced with these passkeys.
    pub fn take_of(&mut self, passkeys: &[PasskeyHash]) -> Vec<(FileId, PeerName)> {
        self.take(|_, _, term| passkeys.contains(&term.passkey))
    }

    /// Forgets a member's peers.
    pub fn take_of_member(&mut self, member: MemberKey) -> Vec<(FileId, PeerName)> {
        self.take(|_, name, _| name.member == member)
    }

    /// Forgets the peers of files that are gone.
    pub fn retain_files(&mut self, is_there: impl Fn(FileId) -> bool) {
        self.take(|file, _, _| !is_there(file));
    }

    fn take(&mut self, mut is_gone: impl FnMut(FileId, PeerName, &Term) -> bool) -> Vec<(FileId, PeerName)> {
        let gone: Vec<_> = self.peers.extract_if(.., |(file, name), term| is_gone(*file, *name, term)).collect();
        gone.iter().for_each(|(_, term)| self.forget_one_of(term.passkey));
        gone.into_iter().map(|(at, _)| at).collect()
    }

    fn forget_one_of(&mut self, passkey: PasskeyHash) {
        if let Some(count) = self.of_passkey.get_mut(&passkey) {
            *count -= 1;
            if *count == 0 {
                self.of_passkey.remove(&passkey);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const FILE: FileId = FileId([1; 16]);

    fn name(member: u8, peer: u8) -> PeerName {
        PeerName { member: MemberKey([member; 32]), peer: PeerId([peer; 20]) }
    }

    #[test]
    fn peers_are_forgotten_with_their_time_their_passkey_their_member_or_their_file() {
        let (now, hour) = (Instant::now(), Duration::from_secs(3600));
        let [one, two] = [1, 2].map(|byte| PasskeyHash([byte; 32]));
        let mut peers = AnnouncedPeers::default();
        peers.put(FILE, name(1, 1), one, now + hour);
        peers.put(FILE, name(1, 1), one, now + 2 * hour);
        peers.put(FILE, name(1, 2), two, now + hour);
        peers.put(FILE, name(2, 3), PasskeyHash([3; 32]), now + 3 * hour);
        assert_eq!((peers.count_of(one), peers.count_of(two)), (1, 1));
        assert!(peers.is_there_by(FILE, name(1, 1), one) && !peers.is_there_by(FILE, name(1, 1), two));
        assert_eq!(peers.take_ended(now + hour), [(FILE, name(1, 2))], "the other one has announced again");
        assert_eq!(peers.take_of(&[two]), []);
        assert_eq!(peers.take_of(&[one]), [(FILE, name(1, 1))]);
        assert_eq!(peers.take_of_member(MemberKey([1; 32])), []);
        assert!(!peers.is_empty());
        peers.retain_files(|file| file != FILE);
        assert!(peers.is_empty() && peers.of_passkey.is_empty());
    }

    #[test]
    fn a_peer_is_its_address_in_a_torrent() {
        let peer = |address: &str, info_hash| OrdinaryPeer {
            passkey: PasskeyHash([1; 32]),
            member: MemberKey([1; 32]),
            file: FILE,
            info_hash: InfoHash([info_hash; 20]),
            address: address.parse().unwrap(),
            client: String::new(),
            progress: Progress::Preparing(0),
        };
        let name = peer("192.0.2.1:6881", 1).name();
        assert_eq!(peer("192.0.2.1:6881", 1).name(), name);
        for other in [peer("192.0.2.1:6882", 1), peer("192.0.2.2:6881", 1), peer("192.0.2.1:6881", 2)] {
            assert_ne!(other.name(), name);
        }
    }
}
