//! `download`: look, join, fetch what is missing from everybody, keep serving for a while.

mod choice;
mod local;
mod seeding;
mod standing;
mod torrent;
mod transfer;

use wire_protocol::control::{InvitePreview, Reply, Request};
use wire_protocol::ids::GroupId;

use crate::cli::{Download, Seeding, Setup};
use crate::driver::Swarm;
use crate::failure::{Failure, Outcome};
use crate::online::Online;
use crate::report::{Report, text};

/// Runs the command.
///
/// # Errors
/// [`Failure`].
pub async fn download(plan: Download, setup: &Setup, report: Report) -> Outcome {
    let online = Online::start(setup, plan.server.clone(), report).await?;
    let preview = preview(&online, &plan).await?;
    note_preview(&online.report, &preview);
    let files = choice::choose(&preview, plan.file.as_deref())?;
    // From before joining, so that no end of it is missed.
    let view = online.session.watch_group(preview.group).await;
    let view = view.map_err(|over| Failure::unexpected(over.to_string()))?;
    let group = join(&online, &plan).await?;

    let mut swarms: Vec<Swarm> = Vec::new();
    let several = files.len() > 1;
    for card in files {
        let job = transfer::Transfer { online: &online, plan: &plan, group, view: &view, card: card.clone(), several };
        swarms.extend(job.run().await?);
    }
    match plan.seeding {
        Seeding::Stay => seeding::stay(&online, swarms).await,
        Seeding::For(duration) => seeding::stay_for(&online, swarms, duration).await,
    }
}

async fn preview(online: &Online, plan: &Download) -> Outcome<InvitePreview> {
    let request = Request::PreviewInvite { slug: plan.invite.slug().to_owned(), auth: plan.invite.auth_key() };
    match online.request("the invite", request).await? {
        Reply::Preview(preview) => Ok(preview),
        reply => Err(Failure::unexpected(format!("the server answered {reply:?}"))),
    }
}

async fn join(online: &Online, plan: &Download) -> Outcome<GroupId> {
    let request = Request::JoinGroup { slug: plan.invite.slug().to_owned(), auth: plan.invite.auth_key() };
    match online.request("joining", request).await? {
        Reply::Joined { group } => Ok(group),
        reply => Err(Failure::unexpected(format!("the server answered {reply:?}"))),
    }
}

fn note_preview(report: &Report, preview: &InvitePreview) {
    let (name, by) = (text::printable(&preview.name), text::printable(&preview.invited_by));
    report.note(&format!("{by} shares with \"{name}\""));
    for file in &preview.files {
        let people = (file.seeders + file.leechers) as usize;
        let copies = if file.seeders == 1 { "1 full copy".to_owned() } else { format!("{} full copies", file.seeders) };
        report.note(&format!(
            "{}  {}   {}, {copies} online",
            text::printable(&file.card.name),
            text::size(file.card.size),
            text::people(people),
        ));
    }
}
