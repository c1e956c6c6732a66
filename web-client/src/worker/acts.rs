//! What the person does in a group, carried out, and what came of it.

use membership::{
    Accept, CloseGroup, InviteTerms, KeptInvite, LeaveGroup, NewLink, Question, RefuseRequest, Remove, RemoveFile,
    RevokeInvite, RevokePasskeys, SetRole,
};
use wire_protocol::control::{GoneReason, Refusal, RefusalCode, Reply, Role};
use wire_protocol::ids::{FileId, GroupId, InviteId, MemberKey, RequestId};

use super::boards::Look;
use super::crypto::random;
use super::driver::Driver;
use super::pending::Purpose;
use super::vault::Link;
use crate::invite_links::going_on;
use crate::messages::{Act, InviteWish};
use crate::screen::acts::{gone, not_done};
use crate::screen::own_client;
use crate::screen::people::name_of;
use crate::screen::refusals::refusal_line;

/// What was done, until the tracker has answered.
pub(super) struct Deed {
    group: GroupId,
    act: Act,
    /// Of the group's key when it was asked.
    epoch: u32,
    /// Whom or what it is about, as they were called then.
    whom: String,
    /// The link that is being made.
    link: Option<(InviteId, Link)>,
}

impl Deed {
    /// It is the answer to somebody who asks to join.
    pub(super) fn answers(&self, group: GroupId, asker: MemberKey) -> bool {
        self.group == group && (self.act == Act::Accept(asker) || self.act == Act::Refuse(asker))
    }

    /// It takes this file out of its group.
    pub(super) fn removes(&self, file: FileId) -> bool {
        self.act == Act::RemoveFile(file)
    }
}

impl Driver {
    /// Does it, if the person is in the group.
    pub(super) fn act(&mut self, group: GroupId, act: Act) {
        let Some(epoch) = self.epoch(group) else {
            return;
        };
        let whom = self.whom(group, &act);
        let (id, link) = self.pose(group, &act);
        self.pending.add(id, Purpose::Act(Box::new(Deed { group, act, epoch, whom, link })));
    }

    fn epoch(&self, group: GroupId) -> Option<u32> {
        self.conversation.groups().get(&group).map(|known| known.epoch)
    }

    /// Does again what came too late because somebody was removed meanwhile, once this browser knows of that.
    pub(super) fn act_again(&mut self) {
        for deed in std::mem::take(&mut self.stale) {
            let Some(epoch) = self.epoch(deed.group) else {
                continue;
            };
            if epoch == deed.epoch {
                self.stale.push(deed);
                continue;
            }
            let is_done = matches!(deed.act, Act::Remove { member, .. } if !self.is_member(deed.group, member));
            if !is_done {
                self.act(deed.group, deed.act);
            }
        }
    }

    fn is_member(&self, group: GroupId, member: MemberKey) -> bool {
        let known = self.conversation.groups().get(&group);
        known.is_some_and(|known| known.members.iter().any(|listed| listed.key == member))
    }

    /// The request, and the link that it makes.
    fn pose(&mut self, group: GroupId, act: &Act) -> (RequestId, Option<(InviteId, Link)>) {
        let open = match act {
            Act::Remove { member, revokes_invites: false } => self.open_invites(group, *member),
            _ => Vec::new(),
        };
        let conversation = &mut self.conversation;
        let id = match *act {
            Act::Invite(wish) => {
                let (id, invite, link) = self.make_link(group, wish);
                return (id, Some((invite, link)));
            }
            Act::Promote(member) => SetRole { group, member, role: Role::Admin }.pose(conversation),
            Act::Demote(member) => SetRole { group, member, role: Role::Member }.pose(conversation),
            Act::Accept(member) => Accept { group, member }.pose(conversation),
            Act::Refuse(member) => RefuseRequest { group, member }.pose(conversation),
            Act::Remove { member, .. } => Remove { group, member, open }.pose(conversation),
            Act::RemoveFile(file) => RemoveFile { group, file }.pose(conversation),
            Act::Revoke(invite) => RevokeInvite { group, invite }.pose(conversation),
            Act::EndOwnTorrents => RevokePasskeys { group }.pose(conversation),
            Act::Close => CloseGroup { group }.pose(conversation),
            Act::Leave => LeaveGroup { group }.pose(conversation),
        };
        (id, None)
    }

    /// Makes an invite whose secret is known here alone.
    fn make_link(&mut self, group: GroupId, wish: InviteWish) -> (RequestId, InviteId, Link) {
        let InviteWish { lifetime_s, uses, needs_accept } = wish;
        let (invite, secret) = (InviteId(random()), random());
        let terms = InviteTerms { invite, secret, lifetime_s, uses, needs_accept };
        let slug = self.conversation.groups().get(&group).map(|known| known.slug.clone()).unwrap_or_default();
        (NewLink { group, terms }.pose(&mut self.conversation), invite, Link { slug, secret })
    }

    /// Open invites that this browser can seal anew.
    fn open_invites(&self, group: GroupId, removed: MemberKey) -> Vec<KeptInvite> {
        let cards = self.boards.invites.get(&group).map_or(&[][..], Vec::as_slice);
        going_on(cards, removed, |invite| self.kept.links.get(&invite).map(|link| link.secret))
    }

    fn whom(&self, group: GroupId, act: &Act) -> String {
        let Some(known) = self.conversation.groups().get(&group) else {
            return String::new();
        };
        match act {
            Act::Promote(member) | Act::Demote(member) | Act::Remove { member, .. } => name_of(known, *member),
            Act::Accept(asker) | Act::Refuse(asker) => {
                let requests = self.boards.requests.get(&group).map_or(&[][..], Vec::as_slice);
                let request = requests.iter().find(|request| request.member == *asker);
                request.map(|request| request.display_name.clone()).unwrap_or_default()
            }
            Act::RemoveFile(file) => known.file(*file).map(|card| card.name.clone()).unwrap_or_default(),
            Act::Invite(_) | Act::Revoke(_) | Act::EndOwnTorrents | Act::Leave | Act::Close => known.name.clone(),
        }
    }

    /// The tracker has done it, or not.
    pub(super) fn on_acted(&mut self, deed: Deed, outcome: Result<Reply, Refusal>) {
        if matches!(&outcome, Err(refusal) if refusal.code == RefusalCode::StaleEpoch) {
            self.stale.push(deed);
            return self.act_again();
        }
        let Deed { group, act, whom, link, .. } = deed;
        match outcome {
            Ok(_) => {
                if let Some((invite, link)) = link {
                    self.kept.add_link(invite, link);
                }
                if act == Act::EndOwnTorrents {
                    self.notice(own_client::ended(&whom));
                }
            }
            Err(refusal) => {
                self.notice(not_done(&act, &whom, &refusal_line(&refusal)));
                // Somebody else was faster: what is shown is not how it is.
                if refusal.code == RefusalCode::UnknownRequest {
                    self.look(Look::Requests(group));
                }
            }
        }
    }

    // ------------------------------------------------------------ a group is gone

    /// Its downloads end, nothing of it is shown, and the person hears why.
    pub(super) fn on_group_gone(&mut self, group: GroupId, why: GoneReason) {
        self.end_group(group);
        if let Some((slug, name)) = self.group_names.remove(&group) {
            self.kept.forget_group(&slug);
            self.notice(gone(&name, why));
        }
    }

    /// Nobody tells of it any more.
    pub(super) fn end_group(&mut self, group: GroupId) {
        for key in self.swarms.keys_of(group) {
            if let Some(swarm) = self.swarms.remove(key) {
                self.leave(swarm.id);
            }
        }
        self.boards.forget(group);
        if self.open_group == Some(group) {
            self.open_group = None;
        }
        self.settle_watches();
        self.urgent = true;
    }
}
