//! The card of what is shared: a card is its torrent (decision 29), so a group has it once, whoever shares it.

use std::sync::Arc;
use std::time::Duration;

use membership::{AddFile, Group, RemoveFile};
use metainfo::Info;
use wire_protocol::control::{FileCard, SwarmName};
use wire_protocol::ids::{FileId, GroupId, InfoHash};
use wire_protocol::text::file_name;

use crate::failure::Outcome;
use crate::online::Online;
use crate::random;
use crate::server::request_failure;

/// For taking a card out when something else went wrong.
const PATIENCE: Duration = Duration::from_secs(2);

/// A card of a group, as this run found or made it.
#[derive(Debug, Clone)]
pub struct Card {
    pub swarm: SwarmName,
    name: String,
    len: u64,
    /// The torrent that it has.
    torrent: Option<InfoHash>,
    /// It is this person's, and nobody had anything of it when this run began.
    is_new: bool,
}

impl Card {
    /// The card that the group has of it: with its torrent if that is known, or one that this person left without one. If
    /// the torrent is not known, one of the same name and length is likely to be it. Or a new one.
    ///
    /// # Errors
    /// What the tracker refuses.
    pub async fn find_or_add(
        online: &Online,
        group: GroupId,
        name: &str,
        len: u64,
        info: Option<&Info>,
    ) -> Outcome<Self> {
        let known = known(online, group).await?;
        // The tracker's cards have names that every system takes.
        let shown = file_name(name);
        let own = online.own.key();
        let is_left =
            |card: &&FileCard| card.torrent.is_none() && card.added_by == own && card.size == len && card.name == shown;
        let same = match info {
            Some(info) => known.file_of(info.info_hash()),
            None => known.published(&shown, len),
        };
        if let Some(card) = same.or_else(|| known.files.iter().find(is_left)) {
            let (swarm, torrent) =
                (SwarmName { group, file: card.file }, card.torrent.map(|torrent| torrent.info_hash));
            return Ok(Self { swarm, name: name.to_owned(), len, torrent, is_new: torrent.is_none() });
        }
        Self::add(online, group, name, len).await
    }

    async fn add(online: &Online, group: GroupId, name: &str, len: u64) -> Outcome<Self> {
        let swarm = SwarmName { group, file: FileId(random::bytes()) };
        online.ask("the file", AddFile { group, file: swarm.file, name: name.to_owned(), size: len }).await?;
        Ok(Self { swarm, name: name.to_owned(), len, torrent: None, is_new: true })
    }

    /// Gives it its torrent. If the group has that already, this card is taken out again, and it is that one from here on.
    ///
    /// # Errors
    /// What the tracker refuses.
    pub async fn publish(&mut self, online: &Online, info: &Info) -> Outcome {
        let (group, info_hash) = (self.swarm.group, info.info_hash());
        if self.torrent == Some(info_hash) {
            return Ok(());
        }
        // Another program of this person's may have given it another one meanwhile.
        let is_taken =
            self.torrent.is_some() || known(online, group).await?.file(self.swarm.file).is_some_and(has_torrent);
        if is_taken {
            *self = Self::add(online, group, &self.name, self.len).await?;
        }
        let publishing = online.session.publish(self.swarm, info_hash, info.raw().clone(), info.layout().pieces());
        let published = online.guarded("the torrent", publishing).await?;
        published.map_err(|error| request_failure("the torrent", &error))?;
        self.torrent = Some(info_hash);
        if let Some(card) = known(online, group).await?.file_of(info_hash).filter(|card| card.file != self.swarm.file) {
            online.report.note("The group has it already: it is shared as the same file.");
            (self.swarm.file, self.is_new) = (card.file, false);
        }
        Ok(())
    }

    /// What nobody got anything of and nobody will leaves no card behind that others would wait at.
    pub async fn give_up(self, online: &Online) {
        if self.is_new {
            let SwarmName { group, file } = self.swarm;
            let _ = tokio::time::timeout(PATIENCE, online.session.ask(RemoveFile { group, file })).await;
        }
    }
}

/// The group's slug, and its cards of this person's that have the same name and another torrent.
pub async fn earlier_versions(online: &Online, card: &Card, info: &Info) -> Outcome<(String, Vec<FileCard>)> {
    let known = known(online, card.swarm.group).await?;
    let (own, shown) = (online.own.key(), file_name(&card.name));
    let is_other = |earlier: &FileCard| earlier.torrent.is_some_and(|torrent| torrent.info_hash != info.info_hash());
    let is_earlier = |earlier: &&FileCard| earlier.added_by == own && earlier.name == shown && is_other(earlier);
    Ok((known.slug.clone(), known.files.iter().filter(is_earlier).cloned().collect()))
}

fn has_torrent(card: &FileCard) -> bool {
    card.torrent.is_some()
}

async fn known(online: &Online, group: GroupId) -> Outcome<Arc<Group>> {
    let groups = online.groups().await?;
    Ok(groups.into_iter().find(|(id, _)| *id == group).map(|(_, group)| group).unwrap_or_default())
}
