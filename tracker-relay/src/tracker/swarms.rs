//! The swarms of one group's files.

use std::collections::{HashMap, HashSet};

use tokio::time::Instant;
use wire_protocol::control::{AnnounceRefusal, Listen, Offers, PeerName, Progress, Source, SwarmCount, SwarmPeer};
use wire_protocol::ids::{FileId, MemberKey};

use super::announced::{AnnouncedPeers, OrdinaryPeer};
use super::reach::Reach;
use super::session_id::SessionId;
use super::swarm::{Counts, Swarm, SwarmEntry};
use crate::limits::{PEERS_PER_PASSKEY, PEERS_PER_SWARM};
use crate::store::passkeys::PasskeyHash;

/// The swarms of one group's files.
#[derive(Debug, Default)]
pub struct Swarms {
    files: HashSet<FileId>,
    /// Those that have, or had, peers.
    by_file: HashMap<FileId, Swarm>,
    /// Those of ordinary clients.
    announced: AnnouncedPeers,
    /// The moment of the last change; the first is 1.
    now: u64,
}

impl Swarms {
    /// These are the files.
    pub fn set_files(&mut self, files: impl IntoIterator<Item = FileId>) {
        self.files = files.into_iter().collect();
        self.by_file.retain(|file, _| self.files.contains(file));
        self.announced.retain_files(|file| self.files.contains(&file));
    }

    /// A file is there.
    pub fn add_file(&mut self, file: FileId) {
        self.files.insert(file);
    }

    /// A file is gone, and its swarm with it.
    pub fn remove_file(&mut self, file: FileId) {
        self.files.remove(&file);
        self.by_file.remove(&file);
        self.announced.retain_files(|other| other != file);
    }

    /// Whether the group has this file.
    pub fn has_file(&self, file: FileId) -> bool {
        self.files.contains(&file)
    }

    /// A file's swarm, if anybody has been in it.
    pub fn get(&self, file: FileId) -> Option<&Swarm> {
        self.by_file.get(&file)
    }

    /// All swarms that anybody has been in.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Swarm)> {
        self.by_file.iter().map(|(file, swarm)| (*file, swarm))
    }

    /// How many are in those swarms in which that changed after `since`; `None`: in those that have peers.
    pub fn counts_since(&self, since: Option<u64>) -> Vec<SwarmCount> {
        let counts = self.by_file.iter().map(|(&file, swarm)| (file, swarm.counts()));
        let news = counts.filter(|(_, (counts, changed))| match since {
            Some(since) => *changed > since,
            None => *counts != Counts::default(),
        });
        news.map(|(file, (Counts { seeders, leechers, preparing }, _))| SwarmCount {
            file,
            seeders,
            leechers,
            preparing,
        })
        .collect()
    }

    /// The moment of the last change.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// Puts a peer into a file's swarm, or tells how far it is.
    ///
    /// # Errors
    /// [`AnnounceRefusal`].
    pub fn announce(&mut self, file: FileId, entry: SwarmEntry) -> Result<(), AnnounceRefusal> {
        if !self.has_file(file) {
            return Err(AnnounceRefusal::NoSuchFile);
        }
        if !is_possible(entry.peer.progress) {
            return Err(AnnounceRefusal::BadProgress);
        }
        self.now += 1;
        let swarm = self.by_file.entry(file).or_insert_with(|| Swarm::new(self.now - 1));
        let has_one = entry.session.is_some_and(|session| swarm.of_session(session).is_some());
        let is_known = has_one || swarm.get(entry.peer.name).is_some();
        if !is_known && swarm.len() >= PEERS_PER_SWARM {
            return Err(AnnounceRefusal::SwarmFull);
        }
        swarm.put(entry, self.now);
        Ok(())
    }

    /// An ordinary client goes into a swarm, or tells how far it is; whether it is new there.
    ///
    /// # Errors
    /// [`AnnounceRefusal`].
    pub fn announce_ordinary(&mut self, peer: &OrdinaryPeer, ends: Instant) -> Result<bool, AnnounceRefusal> {
        let name = peer.name();
        let is_new = !self.announced.is_there_by(peer.file, name, peer.passkey);
        if is_new && self.announced.count_of(peer.passkey) >= PEERS_PER_PASSKEY {
            return Err(AnnounceRefusal::TooMany);
        }
        let listen = Listen { port: peer.address.port(), local: Vec::new() };
        let reach = Reach::new(Some(&listen), peer.address.ip());
        let seen = SwarmPeer {
            name,
            client: peer.client.clone(),
            progress: peer.progress,
            tcp: Vec::new(),
            offers: Offers { plain: true, bridge: false },
            source: Source::Announced,
        };
        self.announce(peer.file, SwarmEntry { session: None, peer: seen, reach })?;
        self.announced.put(peer.file, name, peer.passkey, ends);
        Ok(is_new)
    }

    /// An ordinary client has stopped; whether it was there.
    pub fn stop_ordinary(&mut self, file: FileId, name: PeerName) -> bool {
        self.announced.remove(file, name);
        self.take_out(vec![(file, name)])
    }

    /// Those ordinary clients leave whose time is over; whether any did.
    pub fn end_announced(&mut self, now: Instant) -> bool {
        let gone = self.announced.take_ended(now);
        self.take_out(gone)
    }

    /// What was announced with these passkeys leaves; whether there was any of it.
    pub fn revoke(&mut self, passkeys: &[PasskeyHash]) -> bool {
        let gone = self.announced.take_of(passkeys);
        self.take_out(gone)
    }

    /// What was announced with a member's passkeys leaves; whether there was any of it.
    pub fn remove_member(&mut self, member: MemberKey) -> bool {
        let gone = self.announced.take_of_member(member);
        self.take_out(gone)
    }

    /// Whether ordinary clients are in any swarm.
    pub fn has_announced(&self) -> bool {
        !self.announced.is_empty()
    }

    fn take_out(&mut self, gone: Vec<(FileId, PeerName)>) -> bool {
        self.now += 1;
        let mut is_changed = false;
        for (file, name) in gone {
            is_changed |= self.by_file.get_mut(&file).is_some_and(|swarm| swarm.remove_announced(name, self.now));
        }
        is_changed
    }

    /// Takes a session's peer out of a swarm; whether it had one.
    pub fn withdraw(&mut self, file: FileId, session: SessionId) -> bool {
        self.now += 1;
        self.by_file.get_mut(&file).is_some_and(|swarm| swarm.remove(session, self.now))
    }

    /// Takes a session's peers out of all swarms; whether it had any.
    pub fn leave(&mut self, session: SessionId) -> bool {
        self.now += 1;
        let mut is_changed = false;
        for swarm in self.by_file.values_mut() {
            is_changed |= swarm.remove(session, self.now);
        }
        is_changed
    }
}

fn is_possible(progress: Progress) -> bool {
    match progress {
        Progress::Preparing(per_mille) => per_mille <= 1000,
        Progress::Pieces { have, total } => have <= total && total > 0,
    }
}
