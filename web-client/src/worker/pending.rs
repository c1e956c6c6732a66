//! Questions that the tracker has not answered yet, and what each was for.

use std::collections::BTreeMap;

use membership::{
    AddFile, Ask, AskToJoin, Join, ListInvites, ListRequests, MyRequests, NewGroup, PreviewInvite, UnlockGroups, answer,
};
use metainfo::Info;
use wire_protocol::control::{Refusal, Reply, Request, SwarmName};
use wire_protocol::ids::{FileId, GroupId, MemberKey, RequestId};
use wire_protocol::invite::Invite;

use super::acts::Deed;
use super::boards::Look;
use super::driver::Driver;
use super::making::NewcomersLink;
use crate::tuning::Tuning;

/// What a request was for.
pub(super) enum Purpose {
    /// The landing page.
    Preview(String),
    /// The landing page, which shows an older answer.
    Refresh(String),
    /// The button on it.
    Join(Invite, Wish),
    /// The same, without an invite: the slug, and what was said.
    AskToJoin(String, String),
    /// The password that making a group of this name takes.
    Unlock(String),
    /// A group with its first link.
    MakeGroup(NewcomersLink),
    /// The card of something that is shared.
    AddCard(SwarmName),
    /// A list that is shown.
    Look(Look),
    /// A passkey for the torrent file of this.
    OwnTorrent(Box<Info>),
    /// Something that the person does in a group.
    Act(Box<Deed>),
}

/// What somebody who joins wants.
pub(super) struct Wish {
    /// For the admins, where they are asked.
    pub(super) message: String,
    /// How the one file is fetched.
    pub(super) tuning: Tuning,
    /// To play it as it comes.
    pub(super) plays: bool,
}

/// All that wait.
#[derive(Default)]
pub(super) struct Pending(BTreeMap<RequestId, Purpose>);

impl Pending {
    pub(super) fn add(&mut self, id: RequestId, purpose: Purpose) {
        self.0.insert(id, purpose);
    }

    /// A better answer to what is shown is on its way.
    pub(super) fn has_refresh(&self) -> bool {
        self.0.values().any(|purpose| matches!(purpose, Purpose::Refresh(_)))
    }

    /// An answer to somebody who asks to join is on its way.
    pub(super) fn answers(&self, group: GroupId, member: MemberKey) -> bool {
        self.0.values().any(|purpose| matches!(purpose, Purpose::Act(deed) if deed.answers(group, member)))
    }

    /// This person is removing this file.
    pub(super) fn removes(&self, file: FileId) -> bool {
        self.0.values().any(|purpose| matches!(purpose, Purpose::Act(deed) if deed.removes(file)))
    }
}

impl Driver {
    /// Asks what an invite leads to.
    pub(super) fn ask_for_preview(&mut self, invite: &Invite, purpose: Purpose) {
        let question = PreviewInvite { slug: invite.slug().to_owned(), auth: invite.auth_key() };
        self.ask_raw(question.request(), purpose);
    }

    pub(super) fn ask_raw(&mut self, request: Request, purpose: Purpose) {
        let id = self.conversation.request(request);
        self.pending.add(id, purpose);
    }

    pub(super) fn on_reply(&mut self, id: RequestId, outcome: Result<Reply, Refusal>) {
        let Some(purpose) = self.pending.0.remove(&id) else {
            return;
        };
        self.urgent = true;
        match purpose {
            Purpose::Preview(invite) => self.on_previewed(invite, answer::<PreviewInvite>(outcome)),
            Purpose::Refresh(invite) => self.on_refreshed(invite, answer::<PreviewInvite>(outcome)),
            Purpose::Join(invite, wish) => self.on_join_answered(&invite, wish, answer::<Join>(outcome)),
            Purpose::AskToJoin(slug, message) => self.on_ask_answered(&slug, message, answer::<AskToJoin>(outcome)),
            Purpose::Unlock(name) => self.on_unlocked(name, answer::<UnlockGroups>(outcome)),
            Purpose::MakeGroup(made) => self.on_made(made, answer::<NewGroup>(outcome)),
            Purpose::AddCard(id) => self.on_card_added(id, answer::<AddFile>(outcome)),
            Purpose::OwnTorrent(info) => self.on_passkey(*info, outcome),
            Purpose::Act(deed) => self.on_acted(*deed, outcome),
            Purpose::Look(look) => self.on_look_answered(look, outcome),
        }
    }

    /// What was told before stays if there is no answer: the next change asks again.
    fn on_look_answered(&mut self, look: Look, outcome: Result<Reply, Refusal>) {
        match look {
            Look::Requests(group) => {
                if let (Ok(list), true) = (answer::<ListRequests>(outcome), self.is_admin(group)) {
                    self.boards.requests.insert(group, list);
                }
            }
            Look::Invites(group) => {
                let slug = self.conversation.groups().get(&group).map(|known| known.slug.clone());
                if let (Ok(list), Some(slug)) = (answer::<ListInvites>(outcome), slug) {
                    let open: Vec<_> = list.iter().map(|card| card.invite).collect();
                    self.kept.keep_links(&slug, &open);
                    self.boards.invites.insert(group, list);
                }
            }
            Look::Mine => {
                if let Ok(list) = answer::<MyRequests>(outcome) {
                    self.asking.replace(list);
                    self.begin_again();
                    self.settle_landing();
                }
            }
        }
        self.on_looked(look);
    }
}
