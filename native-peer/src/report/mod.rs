//! What the person (stderr) and the script (stdout) get to know. Every text from strangers passes
//! [`text::printable`] here, the one door to the terminal.

mod human;
mod json;
mod qr;
pub mod text;

use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub use local_peer::{FullCopies, Path};
use wire_protocol::ids::{InfoHash, InviteId, PeerId};
use wire_protocol::invite::Invite;

use crate::failure::Failure;
use crate::reach::Reach;
use human::Human;

/// How much is said, and to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// NDJSON on stdout.
    pub json: bool,
    /// Errors only on stderr.
    pub quiet: bool,
}

/// What bytes go over, for people and scripts.
fn path_name(path: Path) -> &'static str {
    match path {
        Path::Direct => "direct",
        Path::Relay => "relay",
    }
}

/// Another peer, as shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerView {
    /// Its id on the peer wire.
    pub id: PeerId,
    /// What its person calls themselves.
    pub name: String,
    /// Its program and version.
    pub client: String,
    /// How it is connected.
    pub path: Path,
    /// Share of the file that it has, in thousandths.
    pub have_milli: u32,
    /// Bytes per second that it sends us.
    pub rate_down: u64,
    /// Bytes per second that we send it.
    pub rate_up: u64,
}

/// How a download or a sharing is going.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Bytes that are here, verified or not yet.
    pub done: u64,
    /// Bytes that are verified and stored: what a crash would leave.
    pub verified: u64,
    /// Bytes in all.
    pub total: u64,
    /// Bytes sent since the start.
    pub sent: u64,
    /// Bytes per second in.
    pub down_bps: u64,
    /// Bytes per second out.
    pub up_bps: u64,
    /// Copies of the file among the connected peers and us, in thousandths.
    pub copies_milli: u32,
    /// What the group has without us; `None`: not known now.
    pub full_copies_without_you: Option<FullCopies>,
    /// Who is connected.
    pub peers: Vec<PeerView>,
}

impl Progress {
    /// Copies that are online, ours included: those of connected peers, or full ones that the tracker lists, whom there may
    /// be no need to connect to.
    pub fn copies_online_milli(&self) -> u32 {
        let own = (self.verified * 1000).checked_div(self.total).unwrap_or(0) as u32;
        let listed = self.full_copies_without_you.map_or(0, |copies| copies.0.saturating_mul(1000).saturating_add(own));
        self.copies_milli.max(listed)
    }

    /// Time left at the present rate.
    pub fn eta(&self) -> Option<Duration> {
        (self.down_bps > 0)
            .then(|| Duration::from_secs((self.total - self.done.min(self.total)).div_ceil(self.down_bps)))
    }
}

/// A peer came or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerChange {
    /// Connected.
    Join,
    /// Gone.
    Leave,
}

/// A file that is complete.
#[derive(Debug, Clone)]
pub struct Finished<'a> {
    /// Where it is.
    pub path: &'a std::path::Path,
    pub bytes: u64,
    /// Bytes fetched by this run.
    pub fetched: u64,
    /// For so long.
    pub took: Duration,
    /// Pieces verified; all of them.
    pub pieces: u32,
}

/// An invite of this person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeInvite {
    pub link: Invite,
    /// Who reaches the server by it.
    pub reach: Reach,
    pub invite: InviteId,
    /// Unix milliseconds.
    pub expires_at_ms: u64,
    /// From now on.
    pub lasts: Duration,
    /// How many may still use it; `None`: any number.
    pub uses: Option<u32>,
    /// An admin has to let in whoever opens it.
    pub ask: bool,
}

/// The door to the terminal and to scripts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Report {
    human: Arc<Mutex<Human>>,
    json: bool,
}

impl Report {
    /// In this style.
    pub fn new(style: Style) -> Self {
        let mode = match (style.quiet, std::io::stderr().is_terminal()) {
            (true, _) => human::Mode::Quiet,
            (false, true) => human::Mode::Bars,
            (false, false) => human::Mode::Lines,
        };
        Self { human: Arc::new(Mutex::new(Human::new(mode))), json: style.json }
    }

    fn human(&self, say: impl FnOnce(&mut Human)) {
        say(&mut self.human.lock().expect("nothing panics while it holds this"));
    }

    fn json(&self, object: impl FnOnce() -> serde_json::Value) {
        if self.json {
            let mut stdout = std::io::stdout().lock();
            // Whoever read this is gone: that is not this program's failure.
            let _ = writeln!(stdout, "{}", object()).and_then(|()| stdout.flush());
        }
    }

    /// A sentence for the person.
    pub fn note(&self, text: &str) {
        self.human(|human| human.line(text));
    }

    /// A result on stdout that is text for people (`info`).
    pub fn result(&self, text: &str, object: impl FnOnce() -> serde_json::Value) {
        if self.json {
            self.json(object);
        } else {
            let _ = writeln!(std::io::stdout().lock(), "{text}");
        }
    }

    /// Something for scripts only.
    pub fn object(&self, object: impl FnOnce() -> serde_json::Value) {
        self.json(object);
    }

    /// The link to send; stdout gets nothing else.
    pub fn invite(&self, made: &MadeInvite, files: &[(String, u64)], qr: bool) {
        let invite = &made.link;
        self.human(|human| {
            for (name, size) in files {
                human.line(&format!("{}  {}", text::printable(name), text::size(*size)));
            }
            human.line("Invite:");
            if !std::io::stdout().is_terminal() || self.json {
                human.line(&format!("  {invite}"));
            }
        });
        if !self.json {
            let mut stdout = std::io::stdout().lock();
            let _ = writeln!(stdout, "{invite}").and_then(|()| stdout.flush());
        }
        self.human(|human| {
            human.line(&human::invite_terms(made));
            if let Some(code) = qr.then(|| qr::of(&invite.to_string())).flatten() {
                human.line(&code);
            }
            // Not with the link behind it: command lines are kept, and shown to everybody on the machine.
            human.line(&human::invite_advice(&made.reach));
            human.line("  native-peer download\n");
        });
        self.json(|| json::invite(made));
    }

    /// Hashing goes on.
    pub fn hashing(&self, done: u64, total: u64, bps: u64) {
        self.human(|human| human.hashing(done, total, bps));
        self.json(|| json::hash(done, total, bps));
    }

    /// Waiting for others; said again and again.
    pub fn waiting(&self, text: &str) {
        self.human(|human| human.waiting(text));
    }

    /// The torrent exists.
    pub fn ready(&self, info_hash: &InfoHash, pieces: u32, piece_len: u32) {
        self.human(|human| {
            human.end_bar();
            let what = if pieces == 1 { "piece" } else { "pieces" };
            human
                .line(&format!("Ready     {pieces} {what} of {}, info-hash {info_hash}", text::binary_size(piece_len)));
        });
        self.json(|| json::ready(info_hash, pieces, piece_len));
    }

    /// A peer came or went.
    pub fn peer(&self, peer: &PeerView, change: PeerChange) {
        self.human(|human| human.peer(peer, change));
        self.json(|| json::peer(peer, change));
    }

    /// A download goes on. `waits`: why nothing comes.
    pub fn downloading(&self, progress: &Progress, waits: Option<&str>) {
        self.human(|human| human.downloading(progress, waits));
        self.json(|| json::waiting_progress(progress, waits));
    }

    /// A sharing goes on.
    pub fn sharing(&self, progress: &Progress) {
        self.human(|human| human.sharing(progress));
        self.json(|| json::progress(progress));
    }

    /// A piece came with a wrong hash.
    pub fn piece_failed(&self, piece: u32, senders: &[(PeerId, String)]) {
        self.human(|human| {
            let names: Vec<String> = senders.iter().map(|(_, name)| text::printable(name)).collect();
            human.line(&format!("Piece {piece} from {} was bad; fetching it again.", names.join(", ")));
        });
        for (peer, name) in senders {
            self.json(|| json::piece_failed(piece, peer, name));
        }
    }

    /// A peer is not used again.
    pub fn peer_banned(&self, peer: &PeerId, name: &str, piece: u32) {
        self.human(|human| {
            human.line(&format!("{} sent bad data (piece {piece}) and is not used again.", text::printable(name)));
        });
        self.json(|| json::peer_banned(peer, name, piece));
    }

    /// A file is complete.
    pub fn done(&self, finished: &Finished<'_>) {
        self.human(|human| human.done(finished));
        self.json(|| json::done(finished));
    }

    /// The bar goes away.
    pub fn end_bar(&self) {
        self.human(Human::end_bar);
    }

    /// The command ends without success.
    pub fn error(&self, failure: &Failure) {
        self.human(|human| human.error(failure));
        self.json(|| json::error(failure));
    }
}
