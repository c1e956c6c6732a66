//! The `--json` lines: one object each, `v` is the schema's version, `t` what it is.
//! Fields are added, never changed.

use serde_json::{Value, json};
use wire_protocol::ids::{InfoHash, PeerId};

use super::text::printable;
use super::{Finished, MadeInvite, PeerChange, PeerView, Progress, path_name};
use crate::failure::Failure;

pub fn invite(made: &MadeInvite) -> Value {
    json!({
        "v": 1, "t": "invite", "link": made.link.to_string(), "slug": made.link.slug(), "id": made.invite.to_string(),
        "ask": made.ask, "uses": made.uses, "expires_at_ms": made.expires_at_ms,
        "only_here": made.reach.is_only_here,
    })
}

pub fn hash(done: u64, total: u64, bps: u64) -> Value {
    json!({"v": 1, "t": "hash", "done": done, "total": total, "bps": bps})
}

pub fn ready(info_hash: &InfoHash, pieces: u32, piece_len: u32) -> Value {
    json!({"v": 1, "t": "ready", "info_hash": info_hash.to_string(), "pieces": pieces, "piece_len": piece_len})
}

pub fn peer(peer: &PeerView, change: PeerChange) -> Value {
    let event = match change {
        PeerChange::Join => "join",
        PeerChange::Leave => "leave",
    };
    json!({
        "v": 1, "t": "peer", "event": event, "id": peer.id.to_string(), "name": printable(&peer.name),
        "client": printable(&peer.client), "path": path_name(peer.path), "have": f64::from(peer.have_milli) / 1000.0,
    })
}

pub fn progress(progress: &Progress) -> Value {
    json!({
        "v": 1, "t": "progress", "done": progress.done, "verified": progress.verified, "total": progress.total,
        "down_bps": progress.down_bps, "up_bps": progress.up_bps, "sent": progress.sent,
        "eta_s": progress.eta().map(|eta| eta.as_secs()), "peers": progress.peers.len(),
        "copies": f64::from(progress.copies_online_milli()) / 1000.0,
        "full_copies_without_you": progress.full_copies_without_you.map(|copies| copies.0),
    })
}

/// Of a download.
pub fn waiting_progress(progress: &Progress, waits: Option<&str>) -> Value {
    let mut object = self::progress(progress);
    object["waits"] = json!(waits);
    object
}

pub fn piece_failed(piece: u32, peer: &PeerId, name: &str) -> Value {
    json!({"v": 1, "t": "piece_failed", "index": piece, "peer": peer.to_string(), "name": printable(name)})
}

pub fn peer_banned(peer: &PeerId, name: &str, piece: u32) -> Value {
    json!({"v": 1, "t": "peer_banned", "peer": peer.to_string(), "name": printable(name), "index": piece})
}

pub fn done(finished: &Finished<'_>) -> Value {
    json!({
        "v": 1, "t": "done", "path": finished.path.display().to_string(), "bytes": finished.bytes,
        "fetched": finished.fetched, "verified": finished.pieces,
    })
}

pub fn error(failure: &Failure) -> Value {
    json!({
        "v": 1, "t": "error", "code": failure.code, "exit": failure.exit, "message": failure.what,
        "advice": failure.advice,
    })
}
