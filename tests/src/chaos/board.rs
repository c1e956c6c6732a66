//! What friends tell each other outside of Covey: links, groups' slugs, and who has asked.

use std::collections::{BTreeMap, BTreeSet};

use membership::KeptInvite;
use wire_protocol::ids::{GroupId, InviteId, MemberKey};
use wire_protocol::invite::SECRET_LEN;

/// Links that are remembered; those that are over stay for a while, to be refused.
const LINKS_MAX: usize = 60;

/// An invite that somebody passed on.
#[derive(Debug, Clone)]
pub struct Link {
    pub group: GroupId,
    pub slug: String,
    pub invite: InviteId,
    pub secret: [u8; SECRET_LEN],
    pub needs_accept: bool,
    /// Unix milliseconds by the server's clock; `None`: nobody was told.
    pub expires_at_ms: Option<u64>,
}

impl Link {
    /// As an admin keeps it who removes somebody.
    pub fn kept(&self) -> KeptInvite {
        KeptInvite { invite: self.invite, secret: self.secret, needs_accept: self.needs_accept }
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Board {
    pub links: Vec<Link>,
    /// Those that nobody has said to be closed, with their slugs.
    pub groups: BTreeMap<GroupId, String>,
    pub asking: BTreeSet<(GroupId, MemberKey)>,
    invites: BTreeMap<GroupId, usize>,
}

impl Board {
    /// Passes a link on.
    pub fn pass_on(&mut self, link: Link) {
        *self.invites.entry(link.group).or_default() += 1;
        if self.links.len() >= LINKS_MAX {
            self.links.remove(0);
        }
        self.links.push(link);
    }

    /// How many links of a group there ever were.
    pub fn invites_of(&self, group: GroupId) -> usize {
        self.invites.get(&group).copied().unwrap_or(0)
    }

    /// The group is closed. (The server makes those wait who come with wrong links all the time.)
    pub fn strike(&mut self, group: GroupId) {
        self.groups.remove(&group);
        self.links.retain(|link| link.group != group);
        self.asking.retain(|(of, _)| *of != group);
    }
}
