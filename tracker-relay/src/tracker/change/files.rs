//! File cards and their torrents.

use bytes::Bytes;
use metainfo::Expected;
use sha1::{Digest, Sha1};
use wire_protocol::control::{FileCard, GroupChange, Reply, Role, Torrent};
use wire_protocol::ids::{FileId, GroupId};
use wire_protocol::text::file_name;

use super::{Denied, Draft};
use crate::limits::{FILE_CARD_BYTES, FILE_SIZE_MAX, FILES_BYTES_PER_GROUP, FILES_PER_GROUP, Limit};
use crate::store::{files, quotas};
use crate::tracker::refusals;
use crate::tracker::rules::Quotas;

/// Adds a card, before its hash is known.
pub async fn add(draft: &mut Draft<'_>, group: GroupId, file: FileId, name: &str, size: u64) -> Result<Reply, Denied> {
    draft.role(group).await?;
    let name = file_name(name);
    if size == 0 || size > FILE_SIZE_MAX {
        return Err(refusals::bad_request("An empty file cannot be shared, nor one of more than 8 PiB.").into());
    }
    check_room_for_file(draft, group, &name).await?;
    let seq = draft.next_seq(group).await?;
    let card = FileCard { file, name, size, added_by: draft.actor, added_at_ms: draft.now_ms, torrent: None };
    if !files::insert(draft.db, group, &card, seq).await? {
        return Err(refusals::bad_request("There is a file with this id in the group already. Add it anew.").into());
    }
    draft.record(group, seq, GroupChange::File(card)).await?;
    Ok(Reply::Done)
}

async fn check_room_for_file(draft: &mut Draft<'_>, group: GroupId, name: &str) -> Result<(), Denied> {
    let count = files::count_files(draft.db, group).await? + 1;
    let names_len = u64::from(files::names_len(draft.db, group).await?) + name.len() as u64;
    let len = u64::from(count) * FILE_CARD_BYTES + names_len;
    if count > FILES_PER_GROUP || len > FILES_BYTES_PER_GROUP {
        let full = refusals::full(
            Limit::FilesOfGroup,
            "This group has as many files as it can hold. Remove one, or make another group.",
        );
        return Err(full.into());
    }
    Ok(())
}

/// Gives a card its torrent. Only whoever added the card knows the file, so only they may. A card is its torrent: one that
/// the group has already is not there twice, and the card of whoever comes second is taken out again.
pub async fn publish(
    draft: &mut Draft<'_>,
    group: GroupId,
    file: FileId,
    torrent: Torrent,
    info: Option<&[u8]>,
) -> Result<Reply, Denied> {
    draft.role(group).await?;
    let card = files::card(draft.db, group, file).await?.ok_or_else(refusals::unknown_file)?;
    if card.added_by != draft.actor {
        return Err(refusals::not_yours().into());
    }
    if let Some(known) = card.torrent {
        return republish(known, torrent);
    }
    let info = info.ok_or_else(|| {
        refusals::bad_request(
            "The torrent's description did not arrive (the connection broke in between). Send it again.",
        )
    })?;
    check_info(&card, &torrent, info)?;
    if files::by_info_hash(draft.db, group, torrent.info_hash).await?.is_some() {
        return take_out(draft, group, file).await;
    }
    check_quotas(draft, torrent.info_len).await?;
    files::publish(draft.db, group, &card, &torrent, info).await?;
    draft.record_next(group, GroupChange::File(FileCard { torrent: Some(torrent), ..card })).await?;
    Ok(Reply::Done)
}

/// Dictionaries stay as long as their cards do.
async fn check_quotas(draft: &mut Draft<'_>, len: u32) -> Result<(), Denied> {
    let Quotas { of_member, of_all } = draft.rules.quotas;
    let (theirs, all) = quotas::taken(draft.db, draft.actor).await?;
    if theirs + u64::from(len) > of_member {
        let sentence = "The torrents of your files take as much room on this server as they may. Remove some of your files first, \
                        or choose longer pieces.";
        return Err(refusals::full(Limit::InfoBytesOfMember, sentence).into());
    }
    if all + u64::from(len) > of_all {
        let sentence =
            "This server has no room for more torrents. Remove files that nobody needs, and tell whoever runs it.";
        return Err(refusals::full(Limit::InfoBytes, sentence).into());
    }
    Ok(())
}

/// A card's torrent never changes; the same one again is fine.
fn republish(known: Torrent, again: Torrent) -> Result<Reply, Denied> {
    if known == again {
        return Ok(Reply::Done);
    }
    Err(refusals::bad_request("The file has changed since it was added. Add it as a new file.").into())
}

/// Members write the torrent's file under the card's name and make room for the card's size: it must be that file.
fn check_info(card: &FileCard, torrent: &Torrent, info: &[u8]) -> Result<(), Denied> {
    if info.len() != torrent.info_len as usize || <[u8; 20]>::from(Sha1::digest(info)) != torrent.info_hash.0 {
        return Err(refusals::bad_request("The torrent's description arrived damaged. Send it again.").into());
    }
    let Torrent { info_hash, pieces, .. } = *torrent;
    let expected = Expected { info_hash, name: &card.name, total_len: card.size, pieces };
    match expected.parse(Bytes::copy_from_slice(info)) {
        Ok(_) => Ok(()),
        Err(error) => {
            let sentence = format!("This is not a torrent of the file that was added: {error}. Add the file anew.");
            Err(refusals::bad_request(sentence).into())
        }
    }
}

/// Takes a card out: whoever added it, or an admin.
pub async fn remove(draft: &mut Draft<'_>, group: GroupId, file: FileId) -> Result<Reply, Denied> {
    let role = draft.role(group).await?;
    let card = files::card(draft.db, group, file).await?.ok_or_else(refusals::unknown_file)?;
    if card.added_by != draft.actor && role != Role::Admin {
        return Err(refusals::not_yours().into());
    }
    take_out(draft, group, file).await
}

async fn take_out(draft: &mut Draft<'_>, group: GroupId, file: FileId) -> Result<Reply, Denied> {
    files::delete(draft.db, group, file).await?;
    draft.record_next(group, GroupChange::FileRemoved(file)).await?;
    Ok(Reply::Done)
}
