//! The torrents that this program has given to files, for a server that comes back without them: one that was restored from
//! an earlier copy knows the file's card and not its torrent, and whoever opens it would wait for ever.

use std::collections::BTreeMap;

use bytes::Bytes;
use wire_protocol::control::{FileCard, SwarmName};
use wire_protocol::ids::{GroupId, InfoHash};

/// What a file was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torrent {
    pub info_hash: InfoHash,
    pub info: Bytes,
    pub pieces: u32,
}

/// By file.
#[derive(Debug, Default)]
pub struct Published(BTreeMap<SwarmName, Given>);

#[derive(Debug)]
struct Given {
    torrent: Torrent,
    /// The server has said that it has it.
    is_known: bool,
}

impl Published {
    /// It is on its way to the server.
    pub fn give(&mut self, swarm: SwarmName, torrent: Torrent) {
        self.0.insert(swarm, Given { torrent, is_known: false });
    }

    /// What the server said to it.
    pub fn answered(&mut self, swarm: SwarmName, is_taken: bool) {
        match self.0.get_mut(&swarm) {
            Some(given) if is_taken => given.is_known = true,
            // It would not be taken the next time either.
            _ => self.forget(swarm),
        }
    }

    /// The file is shared no more.
    pub fn forget(&mut self, swarm: SwarmName) {
        self.0.remove(&swarm);
    }

    /// What a group's files have lost; it counts as on its way again.
    pub fn take_lost(&mut self, group: GroupId, files: &[FileCard]) -> Vec<(SwarmName, Torrent)> {
        let lacking = files.iter().filter(|card| card.torrent.is_none());
        let swarms = lacking.map(|card| SwarmName { group, file: card.file });
        let mut lost = Vec::new();
        for swarm in swarms {
            if let Some(given) = self.0.get_mut(&swarm).filter(|given| given.is_known) {
                given.is_known = false;
                lost.push((swarm, given.torrent.clone()));
            }
        }
        lost
    }
}

#[cfg(test)]
mod tests {
    use wire_protocol::ids::{FileId, MemberKey};

    use super::*;

    const GROUP: GroupId = GroupId([1; 16]);
    const SWARM: SwarmName = SwarmName { group: GROUP, file: FileId([2; 16]) };

    fn card(torrent: Option<wire_protocol::control::Torrent>) -> FileCard {
        let name = "movie.mp4".to_owned();
        FileCard { file: SWARM.file, name, size: 1, added_by: MemberKey([3; 32]), added_at_ms: 0, torrent }
    }

    #[test]
    fn a_torrent_that_the_server_has_lost_is_given_again_once_until_it_is_taken() {
        let mut published = Published::default();
        let torrent = Torrent { info_hash: InfoHash([4; 20]), info: Bytes::from_static(b"info"), pieces: 1 };
        published.give(SWARM, torrent.clone());
        assert!(published.take_lost(GROUP, &[card(None)]).is_empty(), "on its way for the first time");
        published.answered(SWARM, true);
        assert_eq!(published.take_lost(GROUP, &[card(None)]), [(SWARM, torrent.clone())]);
        assert!(published.take_lost(GROUP, &[card(None)]).is_empty(), "on its way");
        published.answered(SWARM, true);
        let has = wire_protocol::control::Torrent { info_hash: torrent.info_hash, info_len: 4, pieces: 1 };
        assert!(published.take_lost(GROUP, &[card(Some(has))]).is_empty());
        assert_eq!(published.take_lost(GROUP, &[card(None)]).len(), 1);
        published.answered(SWARM, false);
        assert!(published.take_lost(GROUP, &[card(None)]).is_empty(), "it was refused");
    }
}
