//! `group torrent`: files of a group for ordinary BitTorrent clients, which announce at the server with a passkey.

use std::path::PathBuf;

use membership::{Group, MakePasskey, PersonalTorrent, RevokePasskeys};
use metainfo::{Info, Metainfo};
use serde_json::json;
use wire_protocol::control::{FileCard, SwarmName};
use wire_protocol::ids::GroupId;

use super::commands::{did_with, named};
use super::find;
use crate::download::check_info;
use crate::failure::{Failure, Outcome};
use crate::report::text::printable;
use crate::server::{Server, request_failure};
use crate::torrent_files::{Output, Readers};

/// What it means, for the person.
const WARNING: &str = "Whoever has this file can announce as you, and see who shares it and from which addresses; ordinary clients \
                       send what they send unencrypted. Give it to nobody; `group torrent --revoke` ends it.";

/// Writes a `.torrent` file with an announce address that is the person's own.
pub async fn write(server: &Server, group: GroupId, known: &Group, typed: &str, output: Option<PathBuf>) -> Outcome {
    let card = find::file(&known.files, typed)?;
    let info = fetch(server, group, card).await?;
    let path = output.unwrap_or_else(|| PathBuf::from(PersonalTorrent::file_name(&info)));
    // Before a passkey is made: of too many the oldest is revoked.
    let output = Output::look(&path, Readers::Oneself)?;
    let passkey = server.ask("a passkey", MakePasskey { group }).await?;
    let is_private = info.is_private();
    let torrent = PersonalTorrent::new(info.clone(), server.session.server().as_str(), passkey);
    output.write(&Metainfo::from(info), &torrent.encode())?;
    let (name, shown) = (printable(&card.name), path.display().to_string());
    did_with(server, known, "torrent", json!({"name": name, "id": card.file.to_string(), "path": shown}));
    server
        .report
        .note(&format!("{name} of {} is in {shown}, for your own BitTorrent client.\n{WARNING}", named(known)));
    if !is_private {
        server.report.note(
            "This torrent is not private: a client may tell strangers of it. Switch DHT, peer exchange and local peer \
             discovery off before you add it.",
        );
    }
    Ok(())
}

/// Ends all that were written.
pub async fn revoke(server: &Server, group: GroupId, known: &Group) -> Outcome {
    server.ask("revoking the torrent files", RevokePasskeys { group }).await?;
    did_with(server, known, "revoke-torrents", json!({}));
    let group = named(known);
    server.report.note(&format!("Clients with .torrent files that you made of {group} are refused from now on."));
    Ok(())
}

async fn fetch(server: &Server, group: GroupId, card: &FileCard) -> Outcome<Info> {
    let name = printable(&card.name);
    let Some(torrent) = card.torrent else {
        let what = format!("{name} is still being read by whoever shares it");
        return Err(Failure::no_source(what, "Try again when it can be downloaded."));
    };
    let fetching = server.session.fetch_info(SwarmName { group, file: card.file });
    let fetched = server.guarded("fetching the torrent", fetching).await?;
    let raw = fetched.map_err(|error| request_failure("the torrent", &error))?;
    check_info(card, &torrent, raw)
}
