//! Requests that change nothing: answered by the readers, beside the ledger.

use std::time::Instant;

use tracing::error;
use wire_protocol::control::{
    FileCard, INFO_PART_LEN_MAX, InvitePreview, LIST_LEN_MAX, PreviewFile, ReadPart, Refusal, Reply, Role,
};
use wire_protocol::ids::{FileId, GroupId, MemberKey, RequestId};

use super::change::Denied;
use super::change::invites::auth_hash;
use super::change::joining::check_open;
use super::refusals::Limited;
use super::swarm::Counts;
use super::{Tracker, refusals};
use crate::clock;
use crate::store::{events, files, groups, invites, join_requests, users};

impl Tracker {
    /// What an invite leads to, without joining.
    pub async fn preview(&self, member: MemberKey, slug: &str, auth: &[u8; 32]) -> Result<Reply, Refusal> {
        self.answer(self.read_preview(member, slug, auth).await)
    }

    /// The open invites of a group: a member's own, or for admins all.
    pub async fn list_invites(&self, member: MemberKey, group: GroupId) -> Result<Reply, Refusal> {
        self.answer(self.read_invites(member, group).await)
    }

    /// Who asks to join a group, for admins.
    pub async fn list_requests(&self, member: MemberKey, group: GroupId) -> Result<Reply, Refusal> {
        self.answer(self.read_requests(member, group).await)
    }

    /// What a person has asked to join.
    pub async fn list_own_requests(&self, member: MemberKey) -> Result<Reply, Refusal> {
        self.answer(self.read_own_requests(member).await)
    }

    /// A part of a file's info dictionary, for members.
    pub async fn read_info(
        &self,
        member: MemberKey,
        group: GroupId,
        file: FileId,
        offset: u32,
    ) -> Result<Reply, Refusal> {
        self.answer(self.read_info_part(member, group, file, offset).await)
    }

    /// The name under which a member is known, if at all, and their groups.
    ///
    /// # Errors
    /// The database failed.
    pub async fn read_member(&self, member: MemberKey) -> Result<(Option<String>, Vec<GroupId>), Refusal> {
        let start = Instant::now();
        let read = async {
            let mut db = self.store.read().await?;
            let name = users::display_name(&mut db, member).await?;
            let groups = groups::of_member(&mut db, member).await?;
            Ok::<_, sqlx::Error>((name, groups))
        }
        .await;
        self.metrics.db_read_seconds.observe_since(start);
        read.map_err(|error| self.failed(&error))
    }

    /// Whether a card of this member's has no torrent yet.
    ///
    /// # Errors
    /// The database failed.
    pub async fn waits_for_info(&self, member: MemberKey, file: FileId) -> Result<bool, Refusal> {
        let read = async { files::waits_for_info(&mut *self.store.read().await?, member, file).await };
        read.await.map_err(|error| self.failed(&error))
    }

    /// What a request got that was done before, once everything that the member has asked for is on disk. If that cannot
    /// be told: nothing.
    pub async fn earlier_reply(&self, member: MemberKey, id: RequestId) -> Option<Reply> {
        let _turn = self.ledger.turn(member).await;
        let read = async { events::reply(&mut *self.store.read().await?, member, id).await };
        read.await.inspect_err(|error| drop(self.failed(error))).ok()?
    }

    /// Whether a person has asked to join a group. If that cannot be told they have.
    pub async fn waits_to_join(&self, member: MemberKey) -> bool {
        let read = async { join_requests::count_of_member(&mut *self.store.read().await?, member).await };
        read.await.map_or(true, |count| count > 0)
    }

    async fn read_preview(&self, member: MemberKey, slug: &str, auth: &[u8; 32]) -> Result<Reply, Denied> {
        let start = Instant::now();
        let mut read = self.store.read_for_strangers().await?;
        let row = groups::by_slug(read.db(), slug).await?.ok_or_else(refusals::unknown_group)?;
        let (group, name) = (row.group, row.name);
        let invite = invites::find(read.db(), group, &auth_hash(auth)).await?.ok_or_else(refusals::bad_invite)?;
        let is_member = groups::role(read.db(), group, member).await?.is_some();
        if !is_member {
            check_open(&invite, clock::now_ms())?;
        }
        let needs_accept = !is_member && (invite.needs_accept || groups::was_removed(read.db(), group, member).await?);
        let invited_by = users::display_name(read.db(), invite.created_by).await?.unwrap_or_default();
        let cards = if needs_accept { Vec::new() } else { files::cards(read.db(), group).await? };
        drop(read);
        self.metrics.db_read_seconds.observe_since(start);
        let (members_online, files) = if needs_accept { (0, Vec::new()) } else { self.preview_files(group, cards) };
        Ok(Reply::Preview(InvitePreview { group, name, invited_by, needs_accept, members_online, files }))
    }

    /// How many members are online, and the files with their swarms.
    fn preview_files(&self, group: GroupId, cards: Vec<FileCard>) -> (u32, Vec<PreviewFile>) {
        let followed = self.hub.group(group);
        let counts = |file| followed.as_ref().map_or_else(Counts::default, |group| group.counts(file));
        let files = cards.into_iter().map(|card| {
            let Counts { seeders, leechers, .. } = counts(card.file);
            PreviewFile { card, seeders, leechers }
        });
        (followed.as_ref().map_or(0, |group| group.members_online()), files.collect())
    }

    async fn read_invites(&self, member: MemberKey, group: GroupId) -> Result<Reply, Denied> {
        let mut db = self.store.read().await?;
        let role = groups::role(&mut db, group, member).await?.ok_or_else(refusals::not_a_member)?;
        let by = (role != Role::Admin).then_some(member);
        Ok(Reply::Invites(invites::open(&mut db, group, by, clock::now_ms(), LIST_LEN_MAX).await?))
    }

    async fn read_requests(&self, member: MemberKey, group: GroupId) -> Result<Reply, Denied> {
        let mut db = self.store.read().await?;
        match groups::role(&mut db, group, member).await?.ok_or_else(refusals::not_a_member)? {
            Role::Admin => Ok(Reply::JoinRequests(join_requests::of_group(&mut db, group).await?)),
            Role::Member => Err(refusals::not_an_admin().into()),
        }
    }

    async fn read_own_requests(&self, member: MemberKey) -> Result<Reply, Denied> {
        let mut read = self.store.read_for_strangers().await?;
        Ok(Reply::MyRequests(join_requests::of_member(read.db(), member).await?))
    }

    async fn read_info_part(
        &self,
        member: MemberKey,
        group: GroupId,
        file: FileId,
        offset: u32,
    ) -> Result<Reply, Denied> {
        let start = Instant::now();
        let mut db = self.store.read().await?;
        if groups::role(&mut db, group, member).await?.is_none() {
            return Err(refusals::not_a_member().into());
        }
        if files::card(&mut db, group, file).await?.is_none() {
            return Err(refusals::unknown_file().into());
        }
        let part = files::info_part(&mut db, group, file, offset, INFO_PART_LEN_MAX).await?;
        let (info_len, bytes) = part.ok_or_else(refusals::not_hashed_yet)?;
        self.metrics.db_read_seconds.observe_since(start);
        if offset > info_len {
            return Err(refusals::bad_request("The description ends before this part.").into());
        }
        Ok(Reply::InfoPart(ReadPart { info_len, offset, bytes }))
    }

    fn answer(&self, outcome: Result<Reply, Denied>) -> Result<Reply, Refusal> {
        match outcome {
            Ok(reply) => {
                self.metrics.requests_ok.inc();
                Ok(reply)
            }
            Err(Denied::Refused(refusal) | Denied::Limited(Limited { refusal, .. })) => {
                self.metrics.requests_refused.inc();
                Err(refusal)
            }
            Err(Denied::Database(error)) => {
                self.metrics.requests_failed.inc();
                Err(self.failed(&error))
            }
        }
    }

    /// The database cannot be read.
    fn failed(&self, error: &sqlx::Error) -> Refusal {
        self.metrics.db_errors.inc();
        error!(%error, "cannot read the database");
        refusals::server_error()
    }
}
