//! What is asked about files.

use wire_protocol::control::{Reply, Request};
use wire_protocol::ids::{FileId, GroupId};

use super::{Ask, done};

/// Adds a file card, before its hash is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddFile {
    /// Where to.
    pub group: GroupId,
    /// Random.
    pub file: FileId,
    /// A bare file name.
    pub name: String,
    /// Bytes.
    pub size: u64,
}

impl Ask for AddFile {
    type Reply = ();

    fn request(self) -> Request {
        Request::AddFile { group: self.group, file: self.file, name: self.name, size: self.size }
    }

    fn read(reply: Reply) -> Option<()> {
        done(reply)
    }
}

/// Takes a file out of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemoveFile {
    /// Where it is.
    pub group: GroupId,
    /// Which one.
    pub file: FileId,
}

impl Ask for RemoveFile {
    type Reply = ();

    fn request(self) -> Request {
        Request::RemoveFile { group: self.group, file: self.file }
    }

    fn read(reply: Reply) -> Option<()> {
        done(reply)
    }
}
