//! Requests that change nothing: answered by the readers, beside the ledger.

use std::time::Instant;

use tracing::error;
use wire_protocol::control::{INFO_PART_LEN_MAX, InvitePreview, PreviewFile, ReadPart, Refusal, Reply};
use wire_protocol::ids::{FileId, GroupId, MemberKey};

use super::change::Denied;
use super::change::groups::auth_hash;
use super::swarm::Counts;
use super::{Tracker, refusals};
use crate::store::{files, groups, users};

impl Tracker {
    /// What an invite leads to, without joining.
    pub async fn preview(&self, slug: &str, auth: &[u8; 32]) -> Result<Reply, Refusal> {
        self.answer(self.read_preview(slug, auth).await)
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
        read.map_err(|failure| {
            self.metrics.db_errors.inc();
            error!(error = %failure, "cannot read a member");
            refusals::server_error()
        })
    }

    async fn read_preview(&self, slug: &str, auth: &[u8; 32]) -> Result<Reply, Denied> {
        let start = Instant::now();
        let mut db = self.store.read().await?;
        let row = groups::by_slug(&mut db, slug).await?.ok_or_else(refusals::unknown_group)?;
        let invited_by = groups::invited_by(&mut db, row.group, &auth_hash(auth)).await?;
        let invited_by = invited_by.ok_or_else(refusals::bad_invite)?;
        let cards = files::cards(&mut db, row.group).await?;
        self.metrics.db_read_seconds.observe_since(start);
        let group = row.group;
        let followed = self.hub.group(group);
        let counts = |file| followed.as_ref().map_or_else(Counts::default, |group| group.counts(file));
        let files = cards
            .into_iter()
            .map(|card| {
                let Counts { seeders, leechers, .. } = counts(card.file);
                PreviewFile { card, seeders, leechers }
            })
            .collect();
        let members_online = followed.map_or(0, |group| group.members_online());
        Ok(Reply::Preview(InvitePreview { group, name: row.name, invited_by, members_online, files }))
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
            Err(Denied::Refused(refusal)) => {
                self.metrics.requests_refused.inc();
                Err(refusal)
            }
            Err(Denied::Database(error)) => {
                self.metrics.requests_failed.inc();
                self.metrics.db_errors.inc();
                error!(%error, "the database failed");
                Err(refusals::server_error())
            }
        }
    }
}
