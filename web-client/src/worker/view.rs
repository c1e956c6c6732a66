//! The driver's state as the page's snapshot.

use js_sys::{ArrayBuffer, WebAssembly};
use local_peer::{Given, PeerSnapshot};
use peer_engine::{Engine, PieceState, Stats};
use wasm_bindgen::JsCast;
use wire_protocol::control::SwarmPeer;
use wire_protocol::ids::PeerId;

use super::clock::Now;
use super::driver::Driver;
use super::saving::Saving;
use super::swarm::{Phase, Swarm, preparing_per_mille};
use super::transfer::Transfer;
use crate::messages::{
    Behind, Connection, DownloadView, Figures, FilesView, Path, PeerView, Snapshot, Stage, SwarmView, Wait,
};
use crate::piece_map::{Cell, cells};
use crate::saving::{is_folder, ready, wanted};
use crate::screen::EXPLAIN_AFTER_MS;
use crate::screen::people::name_of;
use crate::words::words;

impl Driver {
    /// Everything that the page shows.
    pub(super) fn view(&self, now: Now) -> Snapshot {
        let groups = self.conversation.groups().iter();
        let downloads = self.swarms.iter().filter(|swarm| swarm.share.is_none());
        Snapshot {
            display_name: self.conversation.display_name().to_owned(),
            connection: self.connection(now),
            keeping: self.kept.keeping(),
            landing: self.landing.clone(),
            making: self.making.clone(),
            open_group: self.open_group,
            is_opening: self.wanted_group.is_some(),
            is_synced: self.conversation.is_synced(),
            groups: groups.map(|(id, group)| self.group_view(*id, group)).collect(),
            downloads: downloads.map(|swarm| self.download_view(swarm, now)).collect(),
            stored: self.stored_views(),
            shares: self.share_views(now),
            shared_before: self.shared_views(),
            asked: self.asking.views(),
            notices: self.notices.all().to_vec(),
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
                reason: reason.unwrap_or_else(|| words().contact_no_answer_yet().to_string()),
                for_ms,
                retry_in_ms: contact.retry_at_ms.saturating_sub(now.ms()),
                was_online: contact.was_online,
                found: contact.found.clone(),
            },
        }
    }

    fn download_view(&self, swarm: &Swarm, now: Now) -> DownloadView {
        let group = self.conversation.groups().get(&swarm.id.group);
        let others = group.map_or(&[][..], |group| group.swarm(swarm.id.file));
        let adder = group.and_then(|group| Some(name_of(group, group.file(swarm.id.file)?.added_by)));
        let transfer = swarm.transfer();
        let seen = transfer.map(|transfer| transfer.peer.snapshot(now.timestamp())).unwrap_or_default();
        let pieces = seen.stats.pieces;
        DownloadView {
            group: swarm.id.group,
            file: swarm.id.file,
            name: swarm.name.clone(),
            size: swarm.size,
            tuning: swarm.tuning,
            stage: stage(swarm, others, &seen),
            place: swarm.place,
            files: transfer.and_then(files_view),
            saving: swarm.saving.as_ref().map(Saving::view),
            playable: swarm.playable.clone(),
            wait: wait_of(swarm, &seen),
            figures: figures(&seen.stats),
            cells: transfer.map(cells_of).unwrap_or_default(),
            swarm: swarm_view(&seen, adder),
            peers: seen.peers.into_iter().filter_map(|peer| peer_view(peer, pieces)).collect(),
        }
    }
}

/// What whoever plays it waits for.
fn wait_of(swarm: &Swarm, seen: &local_peer::Snapshot) -> Option<Wait> {
    let (piece, engine) = (swarm.played.waited_for()?, swarm.transfer()?.peer.engine()?);
    let has_it = |link| engine.pieces_of(link).is_some_and(|pieces| pieces.contains(piece));
    let people = seen.peers.iter().filter(|peer| peer.link.is_some_and(has_it)).count();
    Some(Wait { people: people as u32 })
}

/// Bytes of WASM memory; it never shrinks.
fn memory_len() -> u64 {
    let memory: WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    u64::from(memory.buffer().unchecked_into::<ArrayBuffer>().byte_length())
}

fn stage(swarm: &Swarm, others: &[SwarmPeer], seen: &local_peer::Snapshot) -> Stage {
    match &swarm.phase {
        Phase::AwaitingTorrent => Stage::Preparing { per_mille: preparing_per_mille(others) },
        Phase::AwaitingInfo | Phase::Opening | Phase::Sharing => Stage::Joining,
        Phase::Failed(reason) => Stage::Failed { reason: reason.clone() },
        Phase::Running(transfer) => match transfer.storage.url() {
            Some(url) => Stage::Done { url: url.to_owned() },
            None => Stage::Fetching { waiting: seen.waiting, quiet_ms: seen.quiet.as_millis() as u64 },
        },
    }
}

fn figures(stats: &Stats) -> Figures {
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
    }
}

/// Of a folder which files can be saved.
fn files_view(transfer: &Transfer) -> Option<FilesView> {
    let engine = transfer.peer.engine().filter(|engine| is_folder(engine.info()))?;
    let count = wanted(engine.info()).count() as u32;
    Some(FilesView { count, ready: ready(engine.info(), engine.have()) })
}

fn cells_of(transfer: &Transfer) -> Vec<Cell> {
    let states = transfer.peer.engine().map(Engine::piece_states).unwrap_or_default();
    let states = states.into_iter().map(|state| match state {
        PieceState::Missing { availability: 0 } => Cell::Unavailable,
        PieceState::Missing { .. } => Cell::Missing,
        PieceState::Partial => Cell::Partial,
        PieceState::Have => Cell::Have,
    });
    cells(&states.collect::<Vec<_>>())
}

/// `None`: gone, and gave or got nothing.
pub(super) fn peer_view(peer: PeerSnapshot, pieces: u32) -> Option<PeerView> {
    let Given { downloaded, uploaded } = peer.given;
    let is_shown = peer.link.is_some() || downloaded + uploaded > 0;
    is_shown.then(|| PeerView {
        link: peer.link.map_or_else(|| key_of_gone(peer.who.peer), |link| link.0),
        have_per_mille: (u64::from(peer.pieces_have) * 1000 / u64::from(pieces.max(1))) as u16,
        path: match peer.who.path {
            _ if !peer.behind.is_empty() => Path::Bridge,
            local_peer::Path::Relay => Path::Relay,
            local_peer::Path::Direct => Path::Direct,
        },
        behind: peer.behind.into_iter().map(behind).collect(),
        name: peer.who.name,
        client: peer.who.client,
        downloaded,
        uploaded,
        rate_down: peer.rate_down,
        rate_up: peer.rate_up,
        wants_from_us: peer.wants_from_us,
        is_linked: peer.link.is_some(),
    })
}

fn behind(behind: local_peer::Behind) -> Behind {
    Behind { client: behind.client, is_banned: behind.is_banned }
}

/// A key that no link has: links count up from 1, and this one has its highest bit set.
fn key_of_gone(peer: PeerId) -> u64 {
    let bytes = peer.0.last_chunk().expect("a peer id is longer than 8 bytes");
    u64::from_be_bytes(*bytes) | 1 << 63
}

/// Nobody who has all of it was seen: whoever added the file has it.
pub(super) fn swarm_view(seen: &local_peer::Snapshot, adder: Option<String>) -> SwarmView {
    let mut gone_seeders = seen.gone_seeders.clone();
    if seen.seeders == 0 && gone_seeders.is_empty() {
        gone_seeders.extend(adder);
    }
    SwarmView {
        seeders: seen.seeders as u32,
        leechers: seen.leechers as u32,
        full_copies: seen.full_copies_without_us,
        gone_seeders,
        sent_bad: seen.sent_bad.clone(),
    }
}
