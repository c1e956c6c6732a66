//! What a visitor sees before they are in a group.

use serde::{Deserialize, Serialize};
use wire_protocol::ids::GroupId;

/// What an invite leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Landing {
    /// The whole link; without a secret if there is none.
    pub invite: String,
    /// The group's two friendly words; empty if the link is damaged.
    pub slug: String,
    /// What is known.
    pub state: LandingState,
}

/// What is known of an invite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LandingState {
    /// The server has not answered yet.
    Asking,
    /// This is behind it.
    Offer(Offer),
    /// The person pressed the button; the server has not answered yet.
    Joining(Offer),
    /// A group by its address, without an invite, that this person is not in: they may ask.
    Stranger {
        /// The person pressed the button; the server has not answered yet.
        is_asking: bool,
    },
    /// An admin has to let this person in.
    Waiting(Asked),
    /// An admin said no.
    Refused(Asked),
    /// It leads nowhere.
    Failed(InviteProblem),
}

/// Why an invite leads nowhere. The words for each are in [`crate::screen`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum InviteProblem {
    /// The text is not an invite: why, one sentence.
    Malformed(String),
    /// Its secret is wrong.
    BadSecret,
    /// It was good once: one sentence.
    Over(String),
    /// The server knows no such group.
    UnknownGroup,
    /// Something else, which may pass: one sentence.
    Other(String),
}

/// A group as seen before joining.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Offer {
    /// `None` only before anything is known.
    pub id: Option<GroupId>,
    /// Whoever presses the button asks, and an admin answers; then there are no figures and files here.
    pub needs_accept: bool,
    /// The group's name.
    pub group: String,
    /// Who made the invite.
    pub invited_by: String,
    /// Members with a connection now.
    pub members_online: u32,
    pub files: Vec<OfferedFile>,
}

/// A file as seen before joining.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedFile {
    /// A bare file name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// It can be fetched: hashing has ended.
    pub is_ready: bool,
    /// Peers that have all of it.
    pub seeders: u32,
    /// Peers that have a part.
    pub leechers: u32,
}

/// A request to be let in, as the person who made it sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub group: GroupId,
    /// The group's two friendly words.
    pub slug: String,
    /// Its name, if an invite told it.
    pub name: Option<String>,
    /// Whose invite it was.
    pub invited_by: Option<String>,
    /// What the person said; may be empty.
    pub message: String,
}
