//! The driver's state as the page's snapshot.

use js_sys::{ArrayBuffer, WebAssembly};
use membership::Group;
use peer_engine::{PeerStats, PieceState};
use wasm_bindgen::JsCast;
use wire_protocol::control::{FileCard, Member, Progress, Role, SwarmPeer};
use wire_protocol::ids::{GroupId, PeerId};

use super::clock::Now;
use super::driver::Driver;
use super::swarm::{Past, Phase, Swarm, preparing_per_mille};
use super::transfer::{Given, Transfer};
use crate::messages::{
    Connection, DownloadView, Figures, FileView, GroupView, MemberView, Path, PeerView, Snapshot, Stage, SwarmView,
};
use crate::piece_map::{Cell, cells};
use crate::screen::EXPLAIN_AFTER_MS;

impl Driver {
    /// Everything that the page shows.
    pub(super) fn view(&self, now: Now) -> Snapshot {
        let groups = self.conversation.groups().iter();
        Snapshot {
            display_name: self.conversation.display_name().to_owned(),
            connection: self.connection(now),
            landing: self.landing.clone(),
            open_group: self.open_group,
            groups: groups.map(|(id, group)| self.group_view(*id, group)).collect(),
            downloads: self.swarms.values().map(|swarm| self.download_view(swarm, now)).collect(),
            notices: self.notices.clone(),
            wasm_bytes: memory_len(),
        }
    }

    fn connection(&self, now: Now) -> Connection {
        let contact = &self.contact;
        if let Some(reason) = contact.refused.clone() {
            return Connection::Refused { reason };
        }
        let Some(since_ms) = contact.offline_since_ms else {
            return Connection::Online;
        };
        let for_ms = now.ms().saturating_sub(since_ms);
        match contact.reason.clone() {
            None if for_ms < EXPLAIN_AFTER_MS => Connection::Connecting,
            reason => Connection::Trouble {
                reason: reason.unwrap_or_else(|| "no answer yet".to_owned()),
                for_ms,
                retry_in_ms: contact.retry_at_ms.saturating_sub(now.ms()),
                was_online: contact.was_online,
            },
        }
    }

    fn group_view(&self, id: GroupId, group: &Group) -> GroupView {
        GroupView {
            group: id,
            slug: group.slug.clone(),
            name: group.name.clone(),
            invite: self.kept.invites.get(&group.slug).cloned(),
            members: group.members.iter().map(|member| self.member_view(group, member)).collect(),
            files: group.files.iter().map(|card| self.file_view(group, card)).collect(),
        }
    }

    fn member_view(&self, group: &Group, member: &Member) -> MemberView {
        let is_me = member.key == self.conversation.member();
        let is_sharing = group.swarms.values().flatten().any(|peer| peer.name.member == member.key);
        MemberView {
            key: member.key.short(),
            name: member.display_name.clone(),
            is_me,
            is_admin: member.role == Role::Admin,
            is_sharing: is_sharing || (is_me && self.swarms.values().any(|swarm| swarm.transfer().is_some())),
        }
    }

    fn file_view(&self, group: &Group, card: &FileCard) -> FileView {
        let peers = group.swarm(card.file);
        // The counts of a swarm that this tab is in count this tab.
        let (seeders, leechers) = match self.swarms.values().any(|swarm| swarm.file == card.file) {
            true => (count(peers, Progress::is_complete), count(peers, has_a_part)),
            false => (group.count(card.file).seeders, group.count(card.file).leechers),
        };
        FileView {
            file: card.file,
            name: card.name.clone(),
            size: card.size,
            info_hash: card.torrent.map(|torrent| torrent.info_hash.to_string()),
            added_by: group.name_of(card.added_by).to_owned(),
            seeders,
            leechers,
        }
    }

    fn download_view(&self, swarm: &Swarm, now: Now) -> DownloadView {
        let group = self.conversation.groups().get(&swarm.group);
        let others = group.map_or(&[][..], |group| group.swarm(swarm.file));
        let adder = group.and_then(|group| Some(group.name_of(group.file(swarm.file)?.added_by).to_owned()));
        let transfer = swarm.transfer();
        DownloadView {
            group: swarm.group,
            file: swarm.file,
            name: swarm.name.clone(),
            size: swarm.size,
            tuning: swarm.tuning,
            stage: stage(swarm, others, now),
            figures: transfer.map(figures).unwrap_or_default(),
            peers: transfer.map(|transfer| peer_views(swarm, transfer)).unwrap_or_default(),
            cells: transfer.map(cells_of).unwrap_or_default(),
            swarm: swarm_view(swarm, others, adder),
        }
    }
}

/// Bytes of WASM memory; it never shrinks.
fn memory_len() -> u64 {
    let memory: WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    u64::from(memory.buffer().unchecked_into::<ArrayBuffer>().byte_length())
}

fn count(peers: &[SwarmPeer], is: impl Fn(&Progress) -> bool) -> u32 {
    peers.iter().filter(|peer| is(&peer.progress)).count() as u32
}

fn has_a_part(progress: &Progress) -> bool {
    matches!(progress, Progress::Pieces { have, total } if 0 < *have && have < total)
}

fn stage(swarm: &Swarm, others: &[SwarmPeer], now: Now) -> Stage {
    match &swarm.phase {
        Phase::AwaitingTorrent => Stage::Preparing { per_mille: preparing_per_mille(others) },
        Phase::AwaitingInfo => Stage::Joining,
        Phase::Failed(reason) => Stage::Failed { reason: reason.clone() },
        Phase::Running(transfer) => match transfer.store.url() {
            Some(url) => Stage::Done { url: url.to_owned() },
            None => Stage::Fetching { quiet_ms: transfer.quiet_ms(now) },
        },
    }
}

fn figures(transfer: &Transfer) -> Figures {
    let stats = transfer.engine.stats();
    Figures {
        pieces: stats.pieces,
        pieces_have: stats.pieces_have,
        bytes: stats.bytes,
        bytes_have: stats.bytes_have,
        bytes_partial: stats.bytes_partial,
        downloaded: stats.downloaded,
        uploaded: stats.uploaded,
        wasted: stats.wasted,
        rate_down: stats.rate_down,
        rate_up: stats.rate_up,
        pieces_unavailable: stats.pieces_unavailable,
    }
}

fn cells_of(transfer: &Transfer) -> Vec<Cell> {
    let states = transfer.engine.piece_states().into_iter().map(|state| match state {
        PieceState::Missing { availability: 0 } => Cell::Unavailable,
        PieceState::Missing { .. } => Cell::Missing,
        PieceState::Partial => Cell::Partial,
        PieceState::Have => Cell::Have,
    });
    cells(&states.collect::<Vec<_>>())
}

fn peer_views(swarm: &Swarm, transfer: &Transfer) -> Vec<PeerView> {
    let pieces = u64::from(transfer.info.layout().pieces());
    let view = |stats: PeerStats| {
        let link = swarm.links.get(&stats.link)?;
        let before = swarm.past.get(&link.peer.name.peer).map(|past| past.given).unwrap_or_default();
        Some(PeerView {
            link: stats.link.0,
            name: link.name.clone(),
            client: link.peer.client.clone(),
            path: Path::Relay,
            have_per_mille: (u64::from(stats.pieces_have) * 1000 / pieces.max(1)) as u16,
            downloaded: before.downloaded + stats.downloaded,
            uploaded: before.uploaded + stats.uploaded,
            rate_down: stats.rate_down,
            rate_up: stats.rate_up,
            wants_from_us: stats.interested_in_us,
            is_linked: true,
        })
    };
    let mut views: Vec<_> = transfer.engine.peers().into_iter().filter_map(view).collect();
    let is_linked = |peer| swarm.links.values().any(|link| link.is_open() && link.peer.name.peer == peer);
    views.extend(
        swarm.past.iter().filter(|(peer, _)| !is_linked(**peer)).filter_map(|(peer, past)| past_view(*peer, past)),
    );
    views
}

/// Who gave or got something, and is gone.
fn past_view(peer: PeerId, past: &Past) -> Option<PeerView> {
    let Given { downloaded, uploaded } = past.given;
    // A key that no link has: links count up from 1, and this one has its highest bit set.
    let bytes = peer.0.last_chunk().expect("a peer id is longer than 8 bytes");
    (downloaded + uploaded > 0).then(|| PeerView {
        link: u64::from_be_bytes(*bytes) | 1 << 63,
        name: past.name.clone(),
        client: past.client.clone(),
        path: Path::Relay,
        have_per_mille: 0,
        downloaded,
        uploaded,
        rate_down: 0,
        rate_up: 0,
        wants_from_us: false,
        is_linked: false,
    })
}

fn swarm_view(swarm: &Swarm, others: &[SwarmPeer], adder: Option<String>) -> SwarmView {
    let seeders = count(others, Progress::is_complete);
    let mut gone_seeders = swarm.gone_seeders(others);
    if seeders == 0 && gone_seeders.is_empty() {
        gone_seeders.extend(adder);
    }
    SwarmView { seeders, leechers: count(others, has_a_part), gone_seeders, last_failure: swarm.last_failure.clone() }
}
