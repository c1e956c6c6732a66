//! Giving the tracker a file's info dictionary: its parts, then the request that makes it the card's torrent.

use std::collections::VecDeque;

use bytes::Bytes;
use wire_protocol::control::{INFO_PART_LEN_MAX, InfoPart, Request, SwarmName};
use wire_protocol::ids::{InfoHash, RequestId};

/// Publications that may wait.
const PUBLICATIONS_MAX: usize = 64;

/// One info dictionary on its way.
#[derive(Debug)]
pub(crate) struct Publication {
    pub(crate) swarm: SwarmName,
    pub(crate) info_hash: InfoHash,
    pub(crate) info: Bytes,
    pub(crate) pieces: u32,
    /// The same on every connection, so that publishing has one effect.
    pub(crate) request: RequestId,
}

impl Publication {
    pub(crate) fn request(&self) -> Request {
        Request::PublishTorrent {
            group: self.swarm.group,
            file: self.swarm.file,
            info_hash: self.info_hash,
            info_len: self.info.len() as u32,
            pieces: self.pieces,
        }
    }
}

/// All publications; only the first is on its way.
#[derive(Debug, Default)]
pub(crate) struct Publishing {
    waiting: VecDeque<Publication>,
    /// Bytes of the first's info dictionary that this connection was given.
    offset: usize,
    /// Waits in the outbox.
    is_queued: bool,
}

impl Publishing {
    /// `false`: too many wait.
    pub(crate) fn add(&mut self, publication: Publication) -> bool {
        let has_room = self.waiting.len() < PUBLICATIONS_MAX;
        if has_room {
            self.waiting.push_back(publication);
        }
        has_room
    }

    pub(crate) fn contains(&self, swarm: SwarmName) -> bool {
        self.waiting.iter().any(|publication| publication.swarm == swarm)
    }

    /// Whether this one is on its way, not behind another.
    pub(crate) fn is_first(&self, swarm: SwarmName) -> bool {
        self.waiting.front().is_some_and(|first| first.swarm == swarm)
    }

    /// Whether the next part is to be put into the outbox.
    pub(crate) fn queue(&mut self) -> bool {
        let is_now = !self.is_queued && self.waiting.front().is_some_and(|first| self.offset < first.info.len());
        self.is_queued |= is_now;
        is_now
    }

    /// The next part, if one was queued.
    pub(crate) fn take_part(&mut self) -> Option<InfoPart> {
        self.is_queued = false;
        let first = self.waiting.front()?;
        let rest = first.info.get(self.offset..).filter(|rest| !rest.is_empty())?;
        let part = &rest[..rest.len().min(INFO_PART_LEN_MAX)];
        let offset = self.offset as u32;
        self.offset += part.len();
        Some(InfoPart { file: first.swarm.file, offset, bytes: part.to_vec() })
    }

    /// The publication whose parts are all sent: its request comes next.
    pub(crate) fn finished_parts(&self) -> Option<&Publication> {
        self.waiting.front().filter(|first| self.offset >= first.info.len())
    }

    /// The tracker answered; the next one may begin.
    pub(crate) fn finish(&mut self, swarm: SwarmName) {
        let is_first = self.is_first(swarm);
        self.waiting.retain(|publication| publication.swarm != swarm);
        if is_first {
            self.offset = 0;
        }
    }

    /// The connection is gone, and the parts it was given.
    pub(crate) fn restart(&mut self) {
        self.offset = 0;
        self.is_queued = false;
    }
}
