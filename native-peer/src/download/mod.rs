//! `download`: look, join, fetch what is missing from everybody, keep serving for a while.

mod choice;
mod local;
mod seeding;
mod torrent;
mod transfer;

use membership::{Join, JoinOutcome, PreviewInvite};
use wire_protocol::control::InvitePreview;

use crate::cli::{Download, Seeding, Setup};
use crate::failure::{Failure, Outcome};
use crate::online::Online;
use crate::report::{Report, text};
use seeding::Served;

/// Runs the command.
///
/// # Errors
/// [`Failure`].
pub async fn download(plan: Download, setup: &Setup, report: Report) -> Outcome {
    let online = Online::start(setup, plan.server.clone(), report).await?;
    let (slug, auth) = (plan.invite.slug().to_owned(), plan.invite.auth_key());
    let preview = online.ask("the invite", PreviewInvite { slug, auth }).await?;
    note_preview(&online.report, &preview);
    if preview.needs_accept {
        online.ask("asking to join", Join { invite: plan.invite.clone(), message: String::new() }).await?;
        return Err(not_let_in_yet());
    }
    let files = choice::choose(&preview, plan.file.as_deref())?;
    // From before joining, so that no end of it is missed.
    let view = online.session.watch_group(preview.group).await;
    let view = view.map_err(|over| Failure::unexpected(over.to_string()))?;
    let joined = online.ask("joining", Join { invite: plan.invite.clone(), message: String::new() }).await?;
    let JoinOutcome::Joined { group, .. } = joined else {
        return Err(not_let_in_yet());
    };

    let mut served = Vec::new();
    let several = files.len() > 1;
    for card in files {
        let job = transfer::Transfer { online: &online, plan: &plan, group, view: &view, card: card.clone(), several };
        let swarm = seeding::during(&online, &mut served, view.clone(), job.run()).await?;
        served.extend(swarm.map(|swarm| Served { card: card.clone(), swarm }));
    }
    match plan.seeding {
        Seeding::Stay => seeding::stay(&online, served, view).await,
        Seeding::For(duration) => seeding::stay_for(&online, served, view, duration).await,
    }
}

fn not_let_in_yet() -> Failure {
    Failure::not_allowed(
        "an admin of the group has to let you in first",
        "Your request is with them. Run the same command again once they have accepted it.",
    )
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
