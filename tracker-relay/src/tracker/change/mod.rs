//! What each durable request changes. A change is drafted inside a transaction: it either happens
//! with its events and its stored reply, or not at all.

pub mod files;
pub mod groups;
pub mod members;

use std::collections::BTreeMap;

use sqlx::SqliteConnection;
use wire_protocol::control::{GroupChange, GroupEvent, Refusal, Reply, Request, Role};
use wire_protocol::ids::{GroupId, MemberKey};

use super::bus::Span;
use super::refusals;
use crate::names::NameTooLong;
use crate::store;

/// Why a change does not happen.
#[derive(Debug)]
pub enum Denied {
    /// The member's to mend.
    Refused(Refusal),
    /// The server's.
    Database(sqlx::Error),
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
    /// The name of an actor who has not been here before.
    pub newcomer_name: &'a str,
    /// The events that it writes.
    pub moved: BTreeMap<GroupId, Span>,
}

impl<'a> Draft<'a> {
    /// An empty draft.
    pub fn new(db: &'a mut SqliteConnection, actor: MemberKey, newcomer_name: &'a str, now_ms: u64) -> Self {
        Self { db, actor, now_ms, newcomer_name, moved: BTreeMap::new() }
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
}

/// Drafts what a request asks for.
///
/// # Errors
/// [`Denied`]: nothing of it happens.
pub async fn apply(draft: &mut Draft<'_>, request: Request, info: Option<Vec<u8>>) -> Result<Reply, Denied> {
    match request {
        Request::CreateGroup { group, name, invite_auth } => groups::create(draft, group, &name, &invite_auth).await,
        Request::JoinGroup { slug, auth } => groups::join(draft, &slug, &auth).await,
        Request::CreateInvite { group, auth } => groups::create_invite(draft, group, &auth).await,
        Request::LeaveGroup { group } => groups::leave(draft, group).await,
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
        // Questions are answered beside the ledger.
        Request::PreviewInvite { .. } | Request::ReadInfo { .. } => {
            Err(refusals::bad_request("This is a question, not a change.").into())
        }
    }
}
