//! What each durable request changes. A change is drafted inside a transaction: it either happens
//! with its events and its stored reply, or not at all.

pub mod files;
pub mod groups;
pub mod invites;
pub mod joining;
pub mod keys;
pub mod kinds;
pub mod members;
pub mod passkeys;

use std::collections::{BTreeMap, BTreeSet};

use sqlx::SqliteConnection;
use wire_protocol::control::{GroupChange, GroupEvent, Refusal, Reply, Request, Role};
use wire_protocol::ids::{GroupId, MemberKey};

use super::bus::Span;
use super::notices::Notice;
use super::refusals::{self, Limited};
use super::rules::Rules;
use crate::names::NameTooLong;
use crate::store;

/// Why a change does not happen.
#[derive(Debug)]
pub enum Denied {
    /// The member's to mend.
    Refused(Refusal),
    /// Likewise, by removing something or waiting.
    Limited(Limited),
    /// The server's.
    Database(sqlx::Error),
}

impl From<Limited> for Denied {
    fn from(limited: Limited) -> Self {
        Self::Limited(limited)
    }
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<sqlx::Error> for Denied {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<NameTooLong> for Denied {
    fn from(bad: NameTooLong) -> Self {
        Self::Refused(refusals::bad_request(format!("This name cannot be used: {bad}.")))
    }
}

/// A change in the making.
#[derive(Debug)]
pub struct Draft<'a> {
    /// Inside a transaction.
    pub db: &'a mut SqliteConnection,
    /// Who does it.
    pub actor: MemberKey,
    /// When, Unix milliseconds.
    pub now_ms: u64,
    /// What whoever runs the server allows.
    pub rules: &'a Rules,
    /// The name of an actor who has not been here before.
    pub newcomer_name: &'a str,
    /// The events that it writes.
    pub moved: BTreeMap<GroupId, Span>,
    /// What some are told besides.
    pub notices: BTreeSet<Notice>,
}

impl<'a> Draft<'a> {
    /// An empty draft.
    pub fn new(
        db: &'a mut SqliteConnection,
        rules: &'a Rules,
        actor: MemberKey,
        newcomer_name: &'a str,
        now_ms: u64,
    ) -> Self {
        Self { db, actor, now_ms, rules, newcomer_name, moved: BTreeMap::new(), notices: BTreeSet::new() }
    }

    /// Takes the group's next number. Each must be used by one [`Draft::record`].
    pub async fn next_seq(&mut self, group: GroupId) -> sqlx::Result<u64> {
        store::groups::next_seq(self.db, group).await
    }

    /// Writes an event under its number; it is published once it is committed.
    pub async fn record(&mut self, group: GroupId, seq: u64, change: GroupChange) -> sqlx::Result<()> {
        let event = GroupEvent { group, seq, at_ms: self.now_ms, actor: self.actor, change };
        store::events::insert(self.db, &event).await?;
        self.moved.entry(group).or_insert(Span { first: seq, last: seq }).last = seq;
        Ok(())
    }

    /// Writes the next event.
    pub async fn record_next(&mut self, group: GroupId, change: GroupChange) -> sqlx::Result<()> {
        let seq = self.next_seq(group).await?;
        self.record(group, seq, change).await
    }

    /// The actor's role in an open group.
    ///
    /// # Errors
    /// Refuses whoever is not a member.
    pub async fn role(&mut self, group: GroupId) -> Result<Role, Denied> {
        let role = store::groups::role(self.db, group, self.actor).await?;
        role.ok_or_else(|| refusals::not_a_member().into())
    }

    /// Whether the actor is an admin of an open group.
    ///
    /// # Errors
    /// Refuses whoever is not.
    pub async fn check_admin(&mut self, group: GroupId) -> Result<(), Denied> {
        match self.role(group).await? {
            Role::Admin => Ok(()),
            Role::Member => Err(refusals::not_an_admin().into()),
        }
    }

    /// Whether `epoch` is that of an open group's key.
    ///
    /// # Errors
    /// Refuses any other.
    pub async fn check_epoch(&mut self, group: GroupId, epoch: u32) -> Result<(), Denied> {
        let row = store::groups::by_id(self.db, group).await?.ok_or_else(refusals::unknown_group)?;
        if row.epoch == epoch { Ok(()) } else { Err(refusals::stale_epoch().into()) }
    }
}

/// Drafts what a request asks for.
///
/// # Errors
/// [`Denied`]: nothing of it happens.
pub async fn apply(draft: &mut Draft<'_>, request: Request, info: Option<&[u8]>) -> Result<Reply, Denied> {
    match request {
        Request::CreateGroup { group, name, key, invite } => {
            groups::create(draft, group, &name, key.as_ref(), &invite).await
        }
        Request::LeaveGroup { group } => groups::leave(draft, group).await,
        Request::CloseGroup { group } => groups::close(draft, group).await,
        Request::JoinGroup { slug, auth, message } => joining::join(draft, &slug, &auth, &message).await,
        Request::AskToJoin { slug, message } => joining::ask_without_invite(draft, &slug, &message).await,
        Request::WithdrawRequest { group } => joining::withdraw(draft, group).await,
        Request::AcceptRequest { group, member, epoch, key } => {
            joining::accept(draft, group, member, epoch, key.as_ref()).await
        }
        Request::RefuseRequest { group, member } => joining::refuse(draft, group, member).await,
        Request::CreateInvite { group, invite } => invites::create(draft, group, &invite).await,
        Request::RevokeInvite { group, invite } => invites::revoke(draft, group, invite).await,
        Request::KeepKey { group, epoch, sealed } => keys::keep(draft, group, epoch, &sealed).await,
        Request::ForgetKey { group, epoch } => keys::forget(draft, group, epoch).await,
        Request::GiveKeys { group, epoch, keys } => keys::give(draft, group, epoch, &keys).await,
        Request::SetRole { group, member, role } => members::set_role(draft, group, member, role).await,
        Request::RemoveMember { group, member, epoch, keys, invites } => {
            members::remove(draft, group, member, epoch, &keys, &invites).await
        }
        Request::AddFile { group, file, name, size } => files::add(draft, group, file, &name, size).await,
        Request::PublishTorrent { group, file, info_hash, info_len, pieces } => {
            let torrent = wire_protocol::control::Torrent { info_hash, info_len, pieces };
            files::publish(draft, group, file, torrent, info).await
        }
        Request::RemoveFile { group, file } => files::remove(draft, group, file).await,
        Request::SetDisplayName { name } => {
            members::rename(draft, &crate::names::display_name(&name)).await?;
            Ok(Reply::Done)
        }
        Request::UnlockGroups { password } => draft.rules.admission.unlock(draft, &password).await,
        Request::MakePasskey { group } => passkeys::make(draft, group).await,
        Request::RevokePasskeys { group } => passkeys::revoke(draft, group).await,
        // Questions are answered beside the ledger.
        Request::PreviewInvite { .. }
        | Request::ReadInfo { .. }
        | Request::ListInvites { .. }
        | Request::ListRequests { .. }
        | Request::MyRequests => Err(refusals::bad_request("This is a question, not a change.").into()),
    }
}
