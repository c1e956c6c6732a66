//! `group`: what a person does with groups and their members. Nothing here opens a port.

mod commands;
pub mod find;
mod joining;
mod removal;
mod show;
mod torrent;

pub use joining::{enter, wait_for_admin};

use membership::NewGroup;
use wire_protocol::ids::GroupId;

use crate::cli::{GroupPlan, GroupTask, InviteWish, Setup};
use crate::failure::Outcome;
use crate::report::{Report, text};
use crate::server::Server;
use crate::{invites, random};

/// Runs the command.
///
/// # Errors
/// [`crate::failure::Failure`].
pub async fn group(plan: GroupPlan, setup: &Setup, report: Report) -> Outcome {
    let server = Server::start(setup, plan.server, report).await?;
    match plan.task {
        GroupTask::Create { name, invite } => create(&server, name, &invite).await?,
        GroupTask::List => commands::list(&server).await?,
        GroupTask::Join { target, message } => joining::join(&server, target, message).await?,
        GroupTask::In { group, task } => {
            let (group, known) = find::group(&server.groups().await?, &group)?;
            commands::run(&server, group, &known, task).await?;
        }
    }
    server.settle().await
}

async fn create(server: &Server, name: String, wish: &InviteWish) -> Outcome {
    let has_one = server.groups().await?.iter().any(|(_, group)| group.name == name);
    let (group, terms) = (GroupId(random::bytes()), invites::terms(wish));
    let slug = server.make_group(NewGroup { group, name: name.clone(), terms }).await?;
    let expires_at_ms = invites::now_ms() + u64::from(terms.lifetime_s) * 1000;
    let made = invites::kept(server, group, &slug, &terms, expires_at_ms).await?;
    let shown = text::printable(&name);
    server.report.note(&format!("The group \"{shown}\" is there, and you are its admin. Its two words: {slug}"));
    if has_one {
        server.report.note("You have another group of this name: call them by their two words.");
    }
    server.report.object(|| {
        serde_json::json!({
            "v": 1, "t": "group", "slug": slug, "name": shown, "role": "admin", "members": 1, "files": 0,
        })
    });
    server.report.invite(&made, &[], wish.qr);
    Ok(())
}
