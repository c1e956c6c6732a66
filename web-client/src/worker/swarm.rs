//! One file's swarm: from the wish to have it, over its list of pieces, to a transfer.

use local_peer::{CandidateList, Identity, Input, Source};
use membership::candidates::candidate;
use membership::{Credentials, Group, info_of};
use metainfo::Info;
use peer_engine::Command;
use wire_protocol::control::{FileCard, Progress, SwarmName, SwarmPeer};
use wire_protocol::ids::InfoHash;

use super::clock::{Now, ServerClock};
use super::crypto::has_aes;
use super::playing::Played;
use super::saving::Saving;
use super::sharing::Share;
use super::transfer::Transfer;
use crate::messages::Playable;
use crate::screen::downloads::list_unusable_line;
use crate::screen::people::name_of;
use crate::storing::Place;
use crate::storing::record::StoredFile;
use crate::tuning::Tuning;
use crate::words::words;

/// How far it is.
pub(super) enum Phase {
    /// Whoever adds the file is still hashing it.
    AwaitingTorrent,
    /// The list of pieces is on its way.
    AwaitingInfo,
    /// It is here, and the place for the pieces is being opened.
    Opening,
    /// This tab itself hashes it, or gives the group its list of pieces.
    Sharing,
    /// Pieces come and go.
    Running(Box<Transfer>),
    /// Cannot go on: why.
    Failed(String),
}

/// A file that this tab fetches or serves.
pub(super) struct Swarm {
    /// What the tracker calls it.
    pub(super) id: SwarmName,
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) tuning: Tuning,
    pub(super) phase: Phase,
    /// Once its list of pieces is here.
    pub(super) torrent: Option<InfoHash>,
    /// Where its pieces are, once that is known.
    pub(super) place: Option<Place>,
    /// It is shared out of this tab.
    pub(super) share: Option<Box<Share>>,
    /// It is saved where the person chose.
    pub(super) saving: Option<Saving>,
    /// Who plays it.
    pub(super) played: Played,
    /// What of it can be played, once its list of pieces is here.
    pub(super) playable: Vec<Playable>,
    /// The list as it was handed in last.
    listed: CandidateList,
}

impl Swarm {
    /// For a file card.
    pub(super) fn new(id: SwarmName, card: &FileCard, tuning: Tuning) -> Self {
        let (name, size) = (card.name.clone(), card.size);
        Self::begin(id, (name, size), tuning, Phase::AwaitingTorrent, None)
    }

    /// For a file that an earlier visit kept, of whose card nobody may tell now.
    pub(super) fn of_stored(id: SwarmName, stored: &StoredFile, tuning: Tuning) -> Self {
        Self::begin(id, (stored.name.clone(), stored.size), tuning, Phase::Opening, None)
    }

    /// For something that is shared out of this tab, whether it has its card yet or not.
    pub(super) fn of_share(id: SwarmName, name: String, size: u64, tuning: Tuning, share: Share) -> Self {
        Self::begin(id, (name, size), tuning, Phase::Sharing, Some(Box::new(share)))
    }

    fn begin(
        id: SwarmName,
        (name, size): (String, u64),
        tuning: Tuning,
        phase: Phase,
        share: Option<Box<Share>>,
    ) -> Self {
        let (played, playable, listed) = (Played::default(), Vec::new(), CandidateList::default());
        Self {
            id,
            name,
            size,
            tuning,
            phase,
            torrent: None,
            place: None,
            share,
            saving: None,
            played,
            playable,
            listed,
        }
    }

    /// Once pieces come and go.
    pub(super) fn transfer(&self) -> Option<&Transfer> {
        match &self.phase {
            Phase::Running(transfer) => Some(transfer),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub(super) fn transfer_mut(&mut self) -> Option<&mut Transfer> {
        match &mut self.phase {
            Phase::Running(transfer) => Some(transfer),
            _ => None,
        }
    }

    /// The torrent whose pieces are on the browser's disk because of it.
    pub(super) fn on_disk(&self) -> Option<InfoHash> {
        self.torrent.filter(|_| matches!(self.place, Some(Place::Disk | Place::Database)))
    }

    /// Fetches and serves it differently from now on. The engine hears only of what changed: a policy begins
    /// anew when it is set.
    pub(super) fn tune(&mut self, tuning: Tuning, now: Now) {
        let before = std::mem::replace(&mut self.tuning, tuning);
        let is_followed = self.played.is_followed();
        let Some(transfer) = self.transfer_mut() else {
            return;
        };
        // As long as somebody plays, pieces come in their order.
        if tuning.policy != before.policy && !is_followed {
            transfer.handle(Input::Command(Command::SetPolicy(tuning.policy)), now);
        }
        if tuning.limits() != before.limits() {
            transfer.handle(Input::Command(Command::SetLimits(tuning.limits())), now);
        }
    }

    /// How this tab proves itself to the others, and the tracker's time.
    pub(super) fn identify(&mut self, own: Option<Credentials>, clock: ServerClock) {
        let group = self.id.group;
        let Phase::Running(transfer) = &mut self.phase else {
            return;
        };
        let Some(info_hash) = transfer.peer.engine().map(|engine| engine.info().info_hash()) else {
            return;
        };
        let own = own.map(|own| own.in_swarm(group, info_hash, transfer.peer.local(), has_aes()));
        transfer.set_own(own, clock);
    }

    /// Who is in it, and what they are called.
    pub(super) fn see(&mut self, group: &Group, now: Now) {
        let Phase::Running(transfer) = &mut self.phase else {
            return;
        };
        let people = group.members.iter().map(|member| Identity(member.key.0)).collect();
        transfer.handle(Input::People(people), now);
        let listed = group.swarm(self.id.file).iter();
        let candidates = listed.map(|listed| candidate(listed, &name_of(group, listed.name.member)));
        if let Some(candidates) = self.listed.next(candidates) {
            self.listed = candidates.clone();
            transfer.handle(Input::Listed { source: Source::Group, candidates }, now);
        }
    }
}

/// Per mille that whoever adds the file has hashed.
pub(super) fn preparing_per_mille(peers: &[SwarmPeer]) -> Option<u16> {
    let preparing = peers.iter().filter_map(|peer| match peer.progress {
        Progress::Preparing(per_mille) => Some(per_mille),
        Progress::Pieces { .. } => None,
    });
    preparing.max()
}

/// The list of pieces, if it is the one of the card.
///
/// # Errors
/// A sentence for the person.
pub(super) fn check_info(card: &FileCard, raw: bytes::Bytes) -> Result<Info, String> {
    let Some(torrent) = card.torrent else {
        return Err(words().downloads_list_too_early().to_string());
    };
    info_of(card, &torrent, raw).map_err(|error| list_unusable_line(&error))
}
