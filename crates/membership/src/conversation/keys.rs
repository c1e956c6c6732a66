//! Keys of groups: what this member makes, takes, gives, and proves itself with.

use ed25519_dalek::VerifyingKey;
use wire_protocol::control::{KeyFor, NewInvite, Reply, Request, ResealedInvite, Role};
use wire_protocol::ids::{GroupId, InviteId, MemberKey, RequestId};
use wire_protocol::invite::{Invite, SECRET_LEN, auth_key, seal_key};

use super::Conversation;
use crate::credentials::Credentials;
use crate::event::ConversationEvent;
use crate::group::SealedKey;
use crate::group_key::GroupKey;
use crate::keyring::{FromInvite, Taken};
use crate::requests::Purpose;

/// Members who are given a key in one request: their sealed keys fit into a message.
const GIVEN_AT_ONCE: usize = 128;

/// An invite as the person wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InviteTerms {
    /// Random.
    pub invite: InviteId,
    /// Random; it never leaves the people who share the link.
    pub secret: [u8; SECRET_LEN],
    /// How long it is good for, seconds.
    pub lifetime_s: u32,
    /// How many may come by it; `None`: any number.
    pub uses: Option<u32>,
    /// Whoever opens it asks to join, and an admin answers.
    pub needs_accept: bool,
}

/// An open invite that goes on when somebody is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptInvite {
    pub invite: InviteId,
    /// As its link has it.
    pub secret: [u8; SECRET_LEN],
    /// Whoever opens it asks to join: it carries no key.
    pub needs_accept: bool,
}

impl Conversation {
    // ------------------------------------------------------------ what is known

    /// What this member proves itself with in a group. `None`: the tracker has not said yet that it is in it, or the
    /// group's key is not known here (yet).
    pub fn credentials(&self, group: GroupId) -> Option<Credentials> {
        let known = self.groups.known().get(&group)?;
        let key = self.keyring.key(group, known.epoch)?;
        Some(Credentials {
            identity: self.member.signing_key().clone(),
            tracker: VerifyingKey::from_bytes(&self.tracker_key()?).ok()?,
            ticket: known.ticket.as_ref()?.to_vec(),
            key: key.key().clone(),
            epoch: key.epoch(),
        })
    }

    /// Whom an invite named when this member asked to join by it, before this program was started:
    /// [`ConversationEvent::AdminsNamed`]. Before the first connection.
    pub fn name_admins(&mut self, group: GroupId, admins: Vec<MemberKey>) {
        self.keyring.name_admins(group, admins);
    }

    // ------------------------------------------------------------ what the person wants

    /// Makes a group with a key of its own, and its first invite: [`crate::NewGroup`].
    pub(crate) fn create_group(&mut self, group: GroupId, name: String, terms: &InviteTerms) -> RequestId {
        let key = self.keyring.fresh(0);
        let own = self.keyring.seal(&key, group, self.member.key(), &self.member);
        let invite = self.seal_terms(group, terms, Some(&key), vec![self.member.key()], 0);
        self.request(Request::CreateGroup { group, name, key: own, invite })
    }

    /// Makes an invite that carries the group's key, if that is known here: [`crate::NewLink`].
    pub(crate) fn create_invite(&mut self, group: GroupId, terms: &InviteTerms) -> RequestId {
        let known = self.groups.known().get(&group);
        let epoch = known.map_or(0, |known| known.epoch);
        let key = self.keyring.key(group, epoch).cloned();
        let invite = self.seal_terms(group, terms, key.as_ref(), self.admins_of(group), epoch);
        self.request(Request::CreateInvite { group, invite })
    }

    /// Joins by an invite, or asks to: [`crate::Join`].
    pub(crate) fn join(&mut self, invite: &Invite, message: String) -> RequestId {
        self.keyring.expect_invite(invite.seal_key());
        self.request(Request::JoinGroup { slug: invite.slug().to_owned(), auth: invite.auth_key(), message })
    }

    /// Takes somebody in who asked, and gives them the key: [`crate::Accept`].
    pub(crate) fn accept_request(&mut self, group: GroupId, member: MemberKey) -> RequestId {
        let epoch = self.groups.known().get(&group).map_or(0, |known| known.epoch);
        let key = self.keyring.key(group, epoch).cloned();
        let key = key.and_then(|key| self.keyring.seal(&key, group, member, &self.member));
        self.request(Request::AcceptRequest { group, member, epoch, key })
    }

    /// Removes a member, and gives the group a new key, which the others get: [`crate::Remove`].
    pub(crate) fn remove_member(&mut self, group: GroupId, member: MemberKey, open: &[KeptInvite]) -> RequestId {
        let known = self.groups.known().get(&group).cloned().unwrap_or_default();
        let epoch = known.epoch.saturating_add(1);
        let key = self.keyring.fresh(epoch);
        let staying = known.members.iter().map(|member| member.key).filter(|key| *key != member);
        let keys = self.keyring.seal_for_all(&key, group, staying, &self.member);
        let mut admins = self.admins_of(group);
        admins.retain(|admin| *admin != member);
        let invites = open.iter().map(|KeptInvite { invite, secret, needs_accept }| ResealedInvite {
            invite: *invite,
            sealed: self.keyring.seal_invite(&seal_key(secret), group, (&key, !needs_accept), admins.clone()),
        });
        let invites = invites.collect();
        self.request(Request::RemoveMember { group, member, epoch, keys, invites })
    }

    fn seal_terms(
        &mut self,
        group: GroupId,
        terms: &InviteTerms,
        key: Option<&GroupKey>,
        admins: Vec<MemberKey>,
        epoch: u32,
    ) -> NewInvite {
        let InviteTerms { invite, secret, lifetime_s, uses, needs_accept } = *terms;
        let sealed = key.map(|key| self.keyring.seal_invite(&seal_key(&secret), group, (key, !needs_accept), admins));
        NewInvite { invite, auth: auth_key(&secret), lifetime_s, uses, needs_accept, epoch, sealed }
    }

    /// This member first: it is the one whom whoever gets the invite knows.
    fn admins_of(&self, group: GroupId) -> Vec<MemberKey> {
        let members = self.groups.known().get(&group).map_or(&[][..], |known| &known.members);
        let admins = members.iter().filter(|member| member.role == Role::Admin).map(|member| member.key);
        let mut admins: Vec<_> = admins.collect();
        admins.sort_by_key(|admin| *admin != self.member.key());
        admins
    }

    // ------------------------------------------------------------ what the tracker hands on

    /// What the reply to an attempt to come in carries.
    pub(super) fn take_invite_key(&mut self, reply: &Reply) {
        let (Reply::Joined { group, key: Some(carried) } | Reply::Asked { group, key: Some(carried) }) = reply else {
            return;
        };
        match self.keyring.take_from_invite(*group, carried) {
            FromInvite::Key => self.keep_key(*group),
            FromInvite::Admins(admins) => {
                self.events.push(ConversationEvent::AdminsNamed { group: *group, admins });
                // A key that came before is believed by now, perhaps.
                let sealed = self.groups.known().get(group).and_then(|known| known.key.clone());
                if let Some(sealed) = sealed {
                    self.take_key(*group, &sealed);
                }
            }
            FromInvite::Nothing => {}
        }
    }

    /// This member has kept the group's key for itself: nobody has to be believed any more.
    pub(super) fn settle_admins(&mut self, group: GroupId) {
        if self.keyring.is_settled(group) {
            self.events.push(ConversationEvent::AdminsNamed { group, admins: Vec::new() });
        }
    }

    /// This member wants nothing more of an invite that named admins.
    pub(super) fn forget_admins(&mut self, group: GroupId) {
        if self.keyring.forget_admins(group) {
            self.events.push(ConversationEvent::AdminsNamed { group, admins: Vec::new() });
        }
    }

    /// A key that is sealed to this member.
    pub(super) fn take_key(&mut self, id: GroupId, sealed: &SealedKey) {
        let Some(group) = self.groups.known().get(&id).cloned() else {
            return;
        };
        match self.keyring.take(id, &group, sealed, &self.member) {
            Taken::Own => {
                self.events.push(ConversationEvent::CredentialsChanged(id));
                self.settle_admins(id);
            }
            Taken::FromOther => self.keep_key(id),
            Taken::Known | Taken::RefusedAgain(_) => {}
            // Whoever sealed it is not believed, or has made a mistake: others are asked.
            Taken::Refused(_) => {
                let request = Request::ForgetKey { group: id, epoch: sealed.epoch };
                self.ask_for_itself(request);
            }
        }
    }

    /// From now on this person's other devices have it from this member itself.
    fn keep_key(&mut self, group: GroupId) {
        self.events.push(ConversationEvent::CredentialsChanged(group));
        let epoch = self.groups.known().get(&group).map_or(0, |known| known.epoch);
        let Some(key) = self.keyring.key(group, epoch).cloned() else {
            return;
        };
        if let Some(sealed) = self.keyring.seal(&key, group, self.member.key(), &self.member) {
            self.ask_for_itself(Request::KeepKey { group, epoch, sealed });
        }
    }

    /// Some members have no key: an admin who has it gives it to them. (Of nobody else would they take it.)
    pub(super) fn give_keys(&mut self, group: GroupId, epoch: u32, members: Vec<MemberKey>) {
        let is_admin =
            self.groups.known().get(&group).is_some_and(|known| known.role(self.member.key()) == Some(Role::Admin));
        let Some(key) = self.keyring.key(group, epoch).filter(|_| is_admin).cloned() else {
            return;
        };
        let members = members.into_iter().take(GIVEN_AT_ONCE);
        let keys: Vec<KeyFor> = self.keyring.seal_for_all(&key, group, members, &self.member);
        if !keys.is_empty() {
            self.ask_for_itself(Request::GiveKeys { group, epoch, keys });
        }
    }

    /// Nobody waits for the answer.
    fn ask_for_itself(&mut self, request: Request) {
        if !self.requests.is_full() {
            let id = self.new_request_id();
            self.add_request(id, request, Purpose::Itself);
        }
    }
}
