//! The swarms of one group's files.

use std::collections::{HashMap, HashSet};

use wire_protocol::control::{AnnounceRefusal, Progress, SwarmCount};
use wire_protocol::ids::FileId;

use super::session_id::SessionId;
use super::swarm::{Counts, Swarm, SwarmEntry};
use crate::limits::PEERS_PER_SWARM;

/// The swarms of one group's files.
#[derive(Debug, Default)]
pub struct Swarms {
    files: HashSet<FileId>,
    /// Those that have, or had, peers.
    by_file: HashMap<FileId, Swarm>,
    /// The moment of the last change; the first is 1.
    now: u64,
}

impl Swarms {
    /// These are the files, for whoever looks for the first time.
    pub fn set_files(&mut self, files: impl IntoIterator<Item = FileId>) {
        self.files = files.into_iter().collect();
    }

    /// A file is there.
    pub fn add_file(&mut self, file: FileId) {
        self.files.insert(file);
    }

    /// A file is gone, and its swarm with it.
    pub fn remove_file(&mut self, file: FileId) {
        self.files.remove(&file);
        self.by_file.remove(&file);
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
        let is_known = swarm.of_session(entry.session).is_some() || swarm.get(entry.peer.name).is_some();
        if !is_known && swarm.len() >= PEERS_PER_SWARM {
            return Err(AnnounceRefusal::SwarmFull);
        }
        swarm.put(entry, self.now);
        Ok(())
    }

    /// Takes a session's peer out of a swarm; whether it had one.
    pub fn withdraw(&mut self, file: FileId, session: SessionId) -> bool {
        self.now += 1;
        self.by_file.get_mut(&file).is_some_and(|swarm| swarm.remove(session, self.now))
    }

    /// Takes a session's peers out of all swarms; whether it had any.
    pub fn leave(&mut self, session: SessionId) -> bool {
        self.now += 1;
        self.by_file.values_mut().fold(false, |any, swarm| swarm.remove(session, self.now) || any)
    }
}

fn is_possible(progress: Progress) -> bool {
    match progress {
        Progress::Preparing(per_mille) => per_mille <= 1000,
        Progress::Pieces { have, total } => have <= total && total > 0,
    }
}
