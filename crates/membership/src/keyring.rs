//! The keys of this member's groups: taken from invites and from other members, never from the server.

use std::collections::{BTreeMap, VecDeque};

use wire_protocol::control::{InviteKey, KeyFor, Role, Sealed};
use wire_protocol::ids::{GroupId, MemberKey};

use crate::group::{Group, SealedKey};
use crate::group_key::{
    ADMINS_MAX, Delivery, GroupKey, InviteContents, MemberSealError, open_for_invite, open_for_member, seal_for_invite,
    seal_for_member,
};
use crate::identity::MemberIdentity;
use crate::secrets::Secrets;

/// Invites that this member is joining by, or asking to.
const JOINING_MAX: usize = 16;

/// After so many keys that are not believed nobody is asked for another: whoever makes them would go on.
const REFUSED_MAX: u32 = 3;

/// All of them.
#[derive(Debug)]
pub(crate) struct Keyring {
    secrets: Secrets,
    keys: BTreeMap<GroupId, Held>,
    /// What opens the contents of the invites by which this member comes in.
    joining: VecDeque<[u8; 32]>,
}

#[derive(Debug, Default)]
struct Held {
    key: Option<GroupKey>,
    /// Admins whom the invite named: nobody else is believed by who has no key yet.
    admins: Vec<MemberKey>,
    /// The program keeps them: there is no key yet that this member has kept for itself.
    is_kept_by_program: bool,
    /// Keys that were not believed, one after the other.
    refused: u32,
}

/// What was in an invite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FromInvite {
    /// Nothing that opens, or nothing new.
    Nothing,
    /// The group's key, which is known from now on.
    Key,
    /// Who may give the key to this member, who has none yet.
    Admins(Vec<MemberKey>),
}

/// What became of a key that the server handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is the group's key from now on, and this member had sealed it.
    Own,
    /// It is the group's key from now on; another one had sealed it.
    FromOther,
    /// It is held already.
    Known,
    /// It is not believed.
    Refused(MemberSealError),
    /// So were several before it: nobody is asked for another.
    RefusedAgain(MemberSealError),
}

impl Keyring {
    /// `seed`: from the system's randomness.
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self { secrets: Secrets::new(seed), keys: BTreeMap::new(), joining: VecDeque::new() }
    }

    /// The key of a group, if it is of this epoch.
    pub(crate) fn key(&self, group: GroupId, epoch: u32) -> Option<&GroupKey> {
        self.keys.get(&group)?.key.as_ref().filter(|key| key.epoch() == epoch)
    }

    /// This member is not in the group any more. Whom an invite named counts until there is a key: else the server could
    /// take a newcomer out for a moment, and be believed itself.
    pub(crate) fn forget(&mut self, group: GroupId) {
        self.keys.retain(|id, held| *id != group || (held.key.is_none() && !held.admins.is_empty()));
    }

    // ------------------------------------------------------------ taking

    /// This member comes in by an invite with this seal key.
    pub(crate) fn expect_invite(&mut self, seal_key: [u8; 32]) {
        if self.joining.len() >= JOINING_MAX {
            self.joining.pop_front();
        }
        self.joining.push_back(seal_key);
    }

    /// What the invite carries.
    pub(crate) fn take_from_invite(&mut self, group: GroupId, carried: &InviteKey) -> FromInvite {
        let mut opened = self.joining.iter().filter_map(|key| open_for_invite(&carried.sealed.0, key, group).ok());
        let Some(InviteContents { key, admins, .. }) = opened.next() else {
            return FromInvite::Nothing;
        };
        let held = self.keys.entry(group).or_default();
        held.admins.clone_from(&admins);
        if key.is_some() && held.key.as_ref().map(GroupKey::epoch) < key.as_ref().map(GroupKey::epoch) {
            held.key = key;
            return FromInvite::Key;
        }
        match held.key {
            Some(_) => FromInvite::Nothing,
            None => {
                held.is_kept_by_program = true;
                FromInvite::Admins(admins)
            }
        }
    }

    /// Admins whom an invite named on another day.
    pub(crate) fn name_admins(&mut self, group: GroupId, mut admins: Vec<MemberKey>) {
        admins.truncate(ADMINS_MAX);
        self.keys.insert(group, Held { admins, is_kept_by_program: true, ..Held::default() });
    }

    /// The program need not keep anymore whom an invite named; `true`: it does so far.
    pub(crate) fn is_settled(&mut self, group: GroupId) -> bool {
        self.keys.get_mut(&group).is_some_and(|held| std::mem::take(&mut held.is_kept_by_program))
    }

    /// From now on the server's word has to do; `true`: the program keeps so far whom an invite named.
    pub(crate) fn forget_admins(&mut self, group: GroupId) -> bool {
        let was_kept = self.is_settled(group);
        if let Some(held) = self.keys.get_mut(&group) {
            held.admins.clear();
        }
        was_kept
    }

    /// A key that the server handed on, sealed to this member.
    pub(crate) fn take(&mut self, id: GroupId, group: &Group, sealed: &SealedKey, own: &MemberIdentity) -> Taken {
        let held = self.keys.entry(id).or_default();
        if held.key.as_ref().is_some_and(|key| key.epoch() >= sealed.epoch) {
            return Taken::Known;
        }
        let is_own = sealed.from == own.key();
        // The next one is confirmed by the present one. After several at once an admin's word has to do.
        let previous = held.key.as_ref().filter(|key| key.epoch().checked_add(1) == Some(sealed.epoch) && !is_own);
        let delivery = Delivery { group: id, recipient: own.key(), sender: sealed.from };
        let opened = match is_own || previous.is_some() || held.believes(sealed.from, group) {
            true => open_for_member(&sealed.sealed.0, previous, &delivery, own),
            false => Err(MemberSealError::NotConfirmed),
        };
        match opened {
            Ok(key) if key.epoch() == sealed.epoch => {
                (held.key, held.refused) = (Some(key), 0);
                if is_own { Taken::Own } else { Taken::FromOther }
            }
            Ok(key) => held.refuse(MemberSealError::OtherEpoch(key.epoch())),
            Err(error) => held.refuse(error),
        }
    }

    // ------------------------------------------------------------ giving

    /// A key for a new group, or one that follows the present one; it is held once the server hands it back.
    pub(crate) fn fresh(&mut self, epoch: u32) -> GroupKey {
        GroupKey::new(self.secrets.draw(), epoch)
    }

    /// Sealed to a member; `None`: theirs is no key that anything could be sealed to.
    pub(crate) fn seal(
        &mut self,
        key: &GroupKey,
        group: GroupId,
        to: MemberKey,
        own: &MemberIdentity,
    ) -> Option<Sealed> {
        let previous = key.epoch().checked_sub(1).and_then(|epoch| self.key(group, epoch)).cloned();
        let random = self.secrets.draw();
        seal_for_member(key, previous.as_ref(), group, to, own, random).ok().map(Sealed)
    }

    /// Sealed to each of them.
    pub(crate) fn seal_for_all(
        &mut self,
        key: &GroupKey,
        group: GroupId,
        to: impl IntoIterator<Item = MemberKey>,
        own: &MemberIdentity,
    ) -> Vec<KeyFor> {
        let sealed =
            to.into_iter().filter_map(|member| Some(KeyFor { member, sealed: self.seal(key, group, member, own)? }));
        sealed.collect()
    }

    /// The contents of an invite: the key, unless whoever comes has to be accepted first.
    pub(crate) fn seal_invite(
        &mut self,
        seal_key: &[u8; 32],
        group: GroupId,
        (key, is_shown): (&GroupKey, bool),
        admins: Vec<MemberKey>,
    ) -> Sealed {
        let contents = InviteContents { epoch: key.epoch(), key: is_shown.then(|| key.clone()), admins };
        let salt = self.secrets.draw();
        Sealed(seal_for_invite(seal_key, group, &contents, salt))
    }
}

impl Held {
    fn refuse(&mut self, error: MemberSealError) -> Taken {
        self.refused += 1;
        if self.refused > REFUSED_MAX { Taken::RefusedAgain(error) } else { Taken::Refused(error) }
    }

    /// Whether a key of this sender's is believed by who has none yet: the invite named them, or, if nothing but the
    /// server says who is who, they are an admin.
    fn believes(&self, sender: MemberKey, group: &Group) -> bool {
        match self.admins.is_empty() {
            false => self.admins.contains(&sender),
            true => group.role(sender) == Some(Role::Admin),
        }
    }
}
