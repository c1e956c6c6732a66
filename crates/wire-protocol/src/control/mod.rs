//! The control conversation: one WebSocket per member, path `/control`, subprotocol
//! [`SUBPROTOCOL`], one [`envelope`] in each binary message. docs/protocol.md, section 2, draws it.
//!
//! - [`login`]: Hello, Login, Welcome, and what is signed; [`origin`]: what a client dialed.
//! - [`request`]: durable changes and questions, and their answers; [`refusal`]: why not.
//! - [`groups`], [`invites`], [`joining`], [`keys`], [`files`], [`swarms`], [`links`], [`password`], [`passkey`]: what the
//!   messages are about.
//! - [`message`]: the two sides' messages; [`envelope`]: how they are written; [`limits`]: every bound.
//!
//! Rules for whoever changes these types (postcard is positional and not self-describing):
//! enums only grow at the end; a struct that is already in use never changes; fixed-width integers
//! only; no maps, no recursion, no zero-sized elements in a `Vec`. Golden bytes of every variant
//! are in `tests/it/golden.rs` and docs/protocol.md.

mod envelope;
mod files;
mod groups;
mod invites;
mod joining;
mod keys;
mod limits;
mod links;
mod login;
mod message;
mod origin;
mod passkey;
mod password;
mod refusal;
mod request;
mod swarms;

pub use envelope::{DecodeError, decode_from_member, decode_from_tracker, encode_from_member, encode_from_tracker};
pub use files::{FileCard, InfoPart, ReadPart, Torrent};
pub use groups::{GoneReason, GroupChange, GroupEvent, GroupSnapshot, Member, Role};
pub use invites::{InviteCard, InviteKey, InvitePreview, NewInvite, PreviewFile, ResealedInvite};
pub use joining::{JoinRequest, MyRequest};
pub use keys::{KeyFor, Sealed};
pub use limits::*;
pub use links::{Dial, DialRefusal, LinkGrant};
pub use login::{Hello, Login, ResumePoint, Welcome, login_digest};
pub use message::{MemberToTracker, TrackerToMember};
pub use origin::{NotAnOrigin, ORIGIN_LEN_MAX, Origin};
pub use passkey::Passkey;
pub use password::Password;
pub use refusal::{Refusal, RefusalCode};
pub use request::{Reply, Request};
pub use swarms::{
    Announce, AnnounceRefusal, AnnounceRefused, Listen, Offers, PeerName, Progress, Source, SwarmCount, SwarmCounts,
    SwarmName, SwarmPeer, SwarmPeers,
};

/// WebSocket subprotocol of the control connection.
pub const SUBPROTOCOL: &str = "covey-control.v2";
