//! What admins and makers of invites are told when they ask: who wants to join, and which invites are open. Events
//! only say that there is something new to ask for.

use std::collections::{BTreeMap, BTreeSet};

use membership::{Ask, ListInvites, ListRequests, MyRequests};
use wire_protocol::control::{InviteCard, JoinRequest, Role};
use wire_protocol::ids::GroupId;

use super::driver::Driver;
use super::pending::Purpose;

/// Groups whose requests are asked for. What waits for the tracker is bounded, and more are nobody's.
const BOARDS_MAX: usize = 64;

/// What is asked for anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Look {
    /// Who wants to join.
    Requests(GroupId),
    /// Which invites are open.
    Invites(GroupId),
    /// What this person asked for.
    Mine,
}

/// What was told last.
#[derive(Default)]
pub(super) struct Boards {
    pub(super) requests: BTreeMap<GroupId, Vec<JoinRequest>>,
    pub(super) invites: BTreeMap<GroupId, Vec<InviteCard>>,
    /// Asked for and not answered.
    asked: BTreeSet<Look>,
    /// Something changed while the answer was on its way: it is asked for again.
    stale: BTreeSet<Look>,
}

impl Boards {
    /// The group is gone.
    pub(super) fn forget(&mut self, group: GroupId) {
        self.requests.remove(&group);
        self.invites.remove(&group);
    }
}

impl Driver {
    /// Asks for something, once at a time.
    pub(super) fn look(&mut self, look: Look) {
        if !self.boards.asked.insert(look) {
            self.boards.stale.insert(look);
            return;
        }
        let request = match look {
            Look::Requests(group) => ListRequests { group }.request(),
            Look::Invites(group) => ListInvites { group }.request(),
            Look::Mine => MyRequests.request(),
        };
        self.ask_raw(request, Purpose::Look(look));
    }

    /// The answer is here, or will not come.
    pub(super) fn on_looked(&mut self, look: Look) {
        self.boards.asked.remove(&look);
        if self.boards.stale.remove(&look) {
            self.look(look);
        }
    }

    /// The tracker has told of every group: everything is asked for anew.
    pub(super) fn look_at_all(&mut self) {
        self.look(Look::Mine);
        let groups = self.conversation.groups().keys().copied();
        let admins: Vec<_> = groups.filter(|group| self.is_admin(*group)).take(BOARDS_MAX).collect();
        for group in admins {
            self.look(Look::Requests(group));
        }
        self.look_at_invites();
    }

    /// Of the group that is shown.
    pub(super) fn look_at_invites(&mut self) {
        if let Some(group) = self.open_group.filter(|group| self.conversation.groups().contains_key(group)) {
            self.look(Look::Invites(group));
        }
    }

    /// This person became an admin, or is none any more.
    pub(super) fn settle_board(&mut self, group: GroupId) {
        match (self.is_admin(group), self.boards.requests.contains_key(&group)) {
            (true, false) if self.conversation.is_synced() && self.boards.requests.len() < BOARDS_MAX => {
                self.look(Look::Requests(group));
            }
            (false, true) => {
                self.boards.requests.remove(&group);
            }
            _ => {}
        }
    }

    pub(super) fn is_admin(&self, group: GroupId) -> bool {
        let known = self.conversation.groups().get(&group);
        known.is_some_and(|known| known.role(self.conversation.member()) == Some(Role::Admin))
    }
}
