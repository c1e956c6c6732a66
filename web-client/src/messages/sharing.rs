//! What this person shares out of this tab.

use serde::{Deserialize, Serialize};
use wire_protocol::ids::{FileId, GroupId};

use super::{PeerView, SwarmView};
use crate::sharing::LeftOut;
use crate::tuning::Tuning;

/// Where something is to be shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// In a group that is made for it.
    NewGroup,
    /// In this one.
    Group(GroupId),
}

/// What a person chose or dropped. The browser's own Files come beside the command, one for each path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picked {
    /// Of a single file its name; of one in a folder the folder's name, and the path below it.
    pub paths: Vec<Vec<String>>,
    /// What was not taken.
    pub left_out: LeftOut,
}

/// A file or a folder that is shared out of this tab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareView {
    pub group: GroupId,
    /// The card.
    pub file: FileId,
    /// A bare file name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// How many files a folder has; `None`: it is a single file.
    pub files: Option<u32>,
    /// How it is served.
    pub tuning: Tuning,
    /// How far it is.
    pub stage: ShareStage,
    /// Bytes sent.
    pub uploaded: u64,
    /// Bytes per second sent.
    pub rate_up: u64,
    /// Whom this tab is linked with, or was.
    pub peers: Vec<PeerView>,
    /// Other peers in the swarm, by what they have.
    pub swarm: SwarmView,
}

/// How far a share is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShareStage {
    /// Others are hashed before it.
    Waiting,
    /// It is read and hashed. The link to it is good already.
    Hashing {
        /// Bytes hashed.
        done: u64,
        /// Bytes hashed per second, lately.
        rate: u64,
    },
    /// The group is given the list of pieces.
    Publishing,
    /// Whoever wants it gets it.
    Serving,
    /// It is not shared any more: why, and what to do.
    Ended {
        /// For the person.
        reason: String,
    },
}
