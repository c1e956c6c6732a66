//! Sharing out of this tab: the card and its link first, then the hashing, then serving until it is stopped or its file is
//! not what it was. The same steps, in the same words to the group, as `native-peer share` (decisions 29 and 35).
//!
//! ```text
//!                      ┌► Checking ─┐ (shared before)
//!   picked ──► Waiting ┴► Hashing ──┴► Hashed ──► Serving
//!                 │           │        (published)   │
//!                 └───────────┴────────────┴─────────┴──► Ended: said why, until the person closes it
//! ```

mod card;
mod content;
mod hashing;
mod kept;
mod picked;
mod serving;
mod view;

use std::rc::Rc;

use metainfo::{Info, InfoBuilder};
use wasm_bindgen::JsValue;
use wire_protocol::ids::PeerId;

pub(super) use content::Content;
use hashing::Hashing;
pub(super) use hashing::pieces_digests;
pub(super) use kept::KeptShares;
pub(super) use picked::{Gathered, ToShare};

use super::storage::SourceReader;
use crate::sharing::Pace;

/// What makes a swarm of this tab a share.
pub(super) struct Share {
    content: Rc<Content>,
    /// How many files a folder has; `None`: it is a single file.
    files: Option<u32>,
    /// The browser's handle of a single file, where it gave one.
    handle: Option<JsValue>,
    /// As which peer the group is told of it.
    local: PeerId,
    card: Card,
    step: Step,
    /// When it is looked next whether the files are still there, milliseconds, and from which one on.
    next_look: (u64, usize),
}

/// How the share stands to the card of its swarm.
#[derive(Debug, Clone, Copy, Default)]
struct Card {
    /// This tab made it, or goes on with one that this person left without a torrent: nobody had anything of it before.
    is_new: bool,
    /// The group has it, or had it.
    is_seen: bool,
    /// The tracker was given the torrent.
    is_published: bool,
    /// Per mille of the hashing, as the group was told.
    told: Option<u16>,
}

/// How far it is.
enum Step {
    /// Others are hashed before it.
    /// And its hashes, if it may be what was shared before.
    Waiting(Box<InfoBuilder>, Option<Box<Info>>),
    /// Some of its pieces are compared with those.
    Checking(Box<InfoBuilder>),
    /// Some digests are there.
    Hashing(Box<Hashed>),
    /// All of them are.
    Hashed(Info),
    /// The swarm's transfer runs.
    Serving(Rc<SourceReader>),
    /// Said why.
    Ended,
}

/// A torrent whose pieces are being hashed.
struct Hashed {
    builder: InfoBuilder,
    /// Pieces without a digest.
    left: u32,
    pace: Pace,
    /// Ends with this.
    _hashing: Hashing,
}

impl Share {
    /// It is read and hashed now.
    pub(super) fn is_hashing(&self) -> bool {
        matches!(self.step, Step::Hashing(_) | Step::Checking(_))
    }

    /// It is not shared any more.
    fn is_ended(&self) -> bool {
        matches!(self.step, Step::Ended)
    }

    /// When it is looked next whether the files are still there, milliseconds.
    pub(super) fn next_look_ms(&self) -> Option<u64> {
        matches!(self.step, Step::Hashed(_) | Step::Serving(_)).then_some(self.next_look.0)
    }
}
