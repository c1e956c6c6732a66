//! Announces and scrapes of members' ordinary clients: who they are by their passkey, and what they are told.

use std::net::{IpAddr, SocketAddr};

use peer_wire::client_of;
use tokio::time::Instant;
use tracing::error;
use tracker_wire::http::Listed;
use tracker_wire::{Announce, Counts as ScrapeCounts, Event, RetryIn};
use wire_protocol::control::{AnnounceRefusal, Passkey, Progress};
use wire_protocol::ids::{FileId, GroupId, InfoHash, MemberKey};

use super::Tracker;
use super::announced::OrdinaryPeer;
use super::bus::Span;
use super::swarm::{Counts, Swarm, SwarmEntry};
use crate::limits::{CLIENT_CHARS_MAX, PEERS_TOLD, PEERS_TOLD_MAX};
use crate::random;
use crate::store::passkeys::{self, PasskeyHash};
use crate::store::{files, groups};

/// What an ordinary client is told.
#[derive(Debug)]
pub struct Told {
    /// It was not in the swarm before, or by another passkey.
    pub is_new: bool,
    /// Everybody.
    pub counts: Counts,
    /// Some.
    pub peers: Vec<Listed>,
}

/// Why an ordinary client is told nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTold {
    /// No such passkey, or not any more.
    #[error("This passkey is not valid (any more). Download the torrent file from your group again.")]
    WrongPasskey,
    /// Too many of those from this address.
    #[error("There are too many announces with wrong passkeys from your address. Wait a minute.")]
    TooManyWrong,
    /// The passkey's group has no such torrent.
    #[error("Your group does not have this torrent (any more).")]
    UnknownTorrent,
    /// More than one a minute.
    #[error("You announce too often. Wait a little.")]
    TooFast,
    /// As many peers as a passkey, or a swarm, may have.
    #[error("There are as many peers as there may be. Stop some torrents, or try again later.")]
    Full,
    /// The server's fault.
    #[error("The server has a problem. Try again later.")]
    Failed,
}

impl NotTold {
    /// When the client may try again (BEP 31).
    pub fn retry(self) -> RetryIn {
        match self {
            Self::WrongPasskey | Self::UnknownTorrent => RetryIn::Never,
            Self::TooManyWrong | Self::TooFast => RetryIn::Minutes(1),
            Self::Full | Self::Failed => RetryIn::Minutes(15),
        }
    }
}

/// What the database knows of an announce, all of one moment.
struct Known {
    group: GroupId,
    member: MemberKey,
    torrent: files::Shared,
    seq: u64,
    files: Vec<FileId>,
}

impl Tracker {
    /// An announce of an ordinary client that is seen at `observed`.
    ///
    /// # Errors
    /// [`NotTold`].
    pub async fn announce_ordinary(
        &self,
        passkey: &Passkey,
        announce: &Announce,
        observed: IpAddr,
    ) -> Result<Told, NotTold> {
        let now = Instant::now();
        self.announce_rates.take(observed, now)?;
        let count_wrong = |why: &NotTold| {
            if *why == NotTold::WrongPasskey {
                self.announce_rates.count_wrong(observed, now);
            }
        };
        let passkey = PasskeyHash::of(passkey);
        let known = self.read_known(passkey, announce.info_hash).await.inspect_err(count_wrong)?;
        let is_last = announce.event == Some(Event::Stopped);
        // Whoever goes may always say so.
        if !is_last {
            self.announce_rates.take_of(passkey, announce.info_hash, now)?;
        }
        let peer = OrdinaryPeer {
            passkey,
            member: known.member,
            file: known.torrent.file,
            info_hash: announce.info_hash,
            address: SocketAddr::new(observed.to_canonical(), announce.port),
            client: client_of(&announce.peer_id, CLIENT_CHARS_MAX),
            progress: progress(&known.torrent, announce.transferred.left),
        };
        let numwant = announce.numwant.map_or(PEERS_TOLD, |wanted| wanted as usize).min(PEERS_TOLD_MAX);
        let Known { group, seq, files, .. } = known;
        let (told, span) =
            self.hub.announce_ordinary(group, (seq, files), |it| it.announce_ordinary(&peer, is_last, numwant, now));
        self.publish_again(group, span);
        let told = told.map_err(|refusal| match refusal {
            AnnounceRefusal::NoSuchFile | AnnounceRefusal::BadProgress => NotTold::UnknownTorrent,
            AnnounceRefusal::TooMany | AnnounceRefusal::SwarmFull => NotTold::Full,
        })?;
        // Revoked since it was read: whoever revoked it has looked for its peers perhaps before this one was there.
        if told.is_new && self.read_owner(passkey).await?.is_none() {
            if let Some(followed) = self.hub.group(group) {
                followed.revoke(&[passkey]);
            }
            return Err(NotTold::WrongPasskey);
        }
        Ok(told)
    }

    /// Something that cannot be a passkey was given as one.
    pub fn count_no_passkey(&self, observed: IpAddr) -> NotTold {
        let now = Instant::now();
        match self.announce_rates.take(observed, now) {
            Ok(()) => self.announce_rates.count_wrong(observed, now),
            Err(why) => return why,
        }
        NotTold::WrongPasskey
    }

    /// How many are in the swarms of these torrents, those of the passkey's group.
    ///
    /// # Errors
    /// [`NotTold`].
    pub async fn scrape(
        &self,
        passkey: &Passkey,
        info_hashes: &[InfoHash],
        observed: IpAddr,
    ) -> Result<Vec<(InfoHash, ScrapeCounts)>, NotTold> {
        let now = Instant::now();
        self.announce_rates.take(observed, now)?;
        let Some((group, _)) = self.read_owner(PasskeyHash::of(passkey)).await? else {
            self.announce_rates.count_wrong(observed, now);
            return Err(NotTold::WrongPasskey);
        };
        let read = async {
            let mut read = self.store.read_for_strangers().await?;
            let mut found = Vec::new();
            for info_hash in info_hashes {
                if let Some(shared) = files::by_info_hash(read.db(), group, *info_hash).await? {
                    found.push((*info_hash, shared.file));
                }
            }
            Ok(found)
        };
        let followed = self.hub.group(group);
        let counts = |file| followed.as_ref().map_or_else(Counts::default, |it| it.counts(file));
        let found = self.read(read.await)?;
        Ok(found
            .into_iter()
            .map(|(info_hash, file)| {
                let Counts { seeders, leechers, .. } = counts(file);
                (info_hash, ScrapeCounts { seeders, leechers, downloaded: 0 })
            })
            .collect())
    }

    async fn read_owner(&self, passkey: PasskeyHash) -> Result<Option<(GroupId, MemberKey)>, NotTold> {
        let read = async { passkeys::owner(self.store.read_for_strangers().await?.db(), passkey).await };
        self.read(read.await)
    }

    async fn read_known(&self, passkey: PasskeyHash, info_hash: InfoHash) -> Result<Known, NotTold> {
        let read = async {
            let mut read = self.store.read_for_strangers().await?;
            let mut db = sqlx::Connection::begin(read.db()).await?;
            let Some((group, member)) = passkeys::owner(&mut db, passkey).await? else {
                return Ok(Err(NotTold::WrongPasskey));
            };
            let torrent = files::by_info_hash(&mut db, group, info_hash).await?;
            let (Some(row), Some(torrent)) = (groups::by_id(&mut db, group).await?, torrent) else {
                return Ok(Err(NotTold::UnknownTorrent));
            };
            let files = files::ids(&mut db, group).await?;
            db.commit().await?;
            Ok(Ok(Known { group, member, torrent, seq: row.head_seq, files }))
        };
        self.read(read.await)?
    }

    fn read<T>(&self, read: sqlx::Result<T>) -> Result<T, NotTold> {
        read.map_err(|failure| {
            self.metrics.db_errors.inc();
            error!(error = %failure, "cannot read for an announce");
            NotTold::Failed
        })
    }

    fn publish_again(&self, group: GroupId, span: Option<Span>) {
        if let Some(span) = span {
            self.bus.moved(group, span);
        }
    }
}

/// How far a client is that lacks `left` bytes, in pieces: those it may have at most.
fn progress(torrent: &files::Shared, left: u64) -> Progress {
    let (total, size) = (u64::from(torrent.pieces), torrent.size.max(1));
    let have = u128::from(size.saturating_sub(left)) * u128::from(total) / u128::from(size);
    let have = if left == 0 { total } else { (have as u64).min(total.saturating_sub(1)) };
    Progress::Pieces { have: have as u32, total: torrent.pieces }
}

/// Whom an ordinary client is told of: ordinary clients, and members' programs that take plain connections, where they can be
/// tried from where it is. Seeders do not look for seeders.
pub fn list(swarm: &Swarm, receiver: &OrdinaryPeer, numwant: usize) -> Vec<Listed> {
    let own = receiver.name().peer;
    let is_useful = |entry: &&SwarmEntry| {
        let is_other = entry.session.is_some() || entry.peer.name.peer != own;
        let has_pieces = matches!(entry.peer.progress, Progress::Pieces { .. });
        let lacks = !(receiver.progress.is_complete() && entry.peer.progress.is_complete());
        entry.peer.offers.plain && is_other && has_pieces && lacks
    };
    let mut listed = Vec::new();
    for entry in swarm.peers().filter(is_useful) {
        // Clients that check what they were told would not know an announced peer by the id that was made up for it.
        let peer_id = entry.session.map(|_| entry.peer.name.peer);
        for address in entry.seen_from(receiver.address.ip()).tcp {
            listed.push(Listed { address, peer_id });
        }
    }
    if listed.len() > numwant {
        // Others are told of others.
        let first = random::below(listed.len());
        listed.rotate_left(first);
        listed.truncate(numwant);
    }
    listed
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::limits::ANNOUNCED_KEPT;
    use crate::metrics::Metrics;
    use crate::tracker::hub::Hub;
    use crate::tracker::link_book::LinkBook;

    const GROUP: GroupId = GroupId([1; 16]);
    const FILE: FileId = FileId([2; 16]);

    fn peer(address: &str) -> OrdinaryPeer {
        OrdinaryPeer {
            passkey: PasskeyHash([1; 32]),
            member: MemberKey([1; 32]),
            file: FILE,
            info_hash: InfoHash([3; 20]),
            address: address.parse().unwrap(),
            client: String::new(),
            progress: Progress::Pieces { have: 0, total: 2 },
        }
    }

    #[test]
    fn who_has_not_announced_for_two_intervals_is_gone_and_an_empty_group_with_it() {
        let links =
            LinkBook::new(Duration::from_secs(60), crate::limits::links_waiting(), Arc::new(Metrics::default()));
        let (hub, now) = (Hub::new(Arc::new(links)), Instant::now());
        let announce = |address: &str, at: Instant| {
            let one = |followed: &crate::tracker::followed::FollowedGroup| {
                followed.announce_ordinary(&peer(address), false, 50, at)
            };
            hub.announce_ordinary(GROUP, (1, vec![FILE]), one).0.unwrap().peers.len()
        };
        assert_eq!(announce("192.0.2.1:6881", now), 0);
        let later = now + ANNOUNCED_KEPT - Duration::from_secs(1);
        assert_eq!(announce("192.0.2.2:6881", later), 1);
        hub.end_announced(later);
        assert_eq!(hub.count_swarms(), (1, 2));
        hub.end_announced(now + ANNOUNCED_KEPT);
        assert_eq!(hub.count_swarms(), (1, 1));
        hub.end_announced(later + ANNOUNCED_KEPT);
        assert!(hub.group(GROUP).is_none());
    }

    #[test]
    fn progress_is_complete_only_with_nothing_left() {
        let torrent = files::Shared { file: FILE, size: 1000, pieces: 10 };
        let have = |left| match progress(&torrent, left) {
            Progress::Pieces { have, total: 10 } => have,
            other => panic!("{other:?}"),
        };
        assert_eq!([0, 1, 500, 1000, 9000, u64::MAX].map(have), [10, 9, 5, 0, 0, 0]);
    }
}
