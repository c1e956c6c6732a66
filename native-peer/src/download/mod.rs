//! `download`: look, join, fetch what is missing from everybody, keep serving for a while.

mod choice;
pub mod local;
pub mod patience;
pub mod piping;
pub mod place;
mod seeding;
mod several;
mod torrent;
mod transfer;
mod turns;
mod verdict;

use membership::{Join, JoinOutcome, PreviewInvite};
use tokio::sync::watch;
use wire_protocol::control::{FileCard, InvitePreview};
use wire_protocol::ids::GroupId;
use wire_protocol::invite::Invite;

use crate::cli::{Download, JoinTarget, Seeding, Setup};
use crate::failure::{Failure, Outcome};
use crate::groups::wait_for_admin;
use crate::online::Online;
use crate::report::{FullCopies, Report, text};
use crate::session::GroupState;
use several::Errand;
pub use torrent::{check_info, find_info};
pub use transfer::{Step, Transfer};

/// A group that this person is in, and which of its files are meant.
struct Chosen {
    group: GroupId,
    view: watch::Receiver<GroupState>,
    files: Vec<FileCard>,
}

/// Runs the command.
///
/// # Errors
/// [`Failure`].
pub async fn download(plan: Download, setup: &Setup, report: Report) -> Outcome {
    let online = Online::start(setup, plan.server.clone(), report).await?;
    let Chosen { group, view, files } = match &plan.target {
        JoinTarget::Invite(invite) => come_in(&online, &plan, invite).await?,
        JoinTarget::Slug(slug) => look_in(&online, &plan, slug).await?,
    };
    if files.len() > 1 && plan.fetch.is_piped() {
        return Err(Failure::usage("only one file can go to stdout", "Choose one of the group's with --file NAME."));
    }
    let errand = Errand { online: &online, plan: &plan, group, view: &view };
    let served = Box::pin(errand.run(files)).await?;
    match plan.fetch.seeding {
        Seeding::Stay => seeding::stay(&online, served, view).await,
        Seeding::For(duration) => seeding::stay_for(&online, served, view, duration).await,
    }
}

/// Joins by an invite, or waits until an admin says so.
async fn come_in(online: &Online, plan: &Download, invite: &Invite) -> Outcome<Chosen> {
    let (slug, auth) = (invite.slug().to_owned(), invite.auth_key());
    let preview = online.ask("the invite", PreviewInvite { slug, auth }).await?;
    note_preview(&online.report, &preview);
    // Known before joining: a name that no file has is said at once.
    if !preview.needs_accept {
        choice::choose(&cards_of(&preview), &preview.name, plan.file.as_deref())?;
    }
    // From before joining, so that no answer and no end is missed.
    let view = watch_group(online, preview.group).await?;
    let join = Join { invite: invite.clone(), message: plan.message.clone() };
    let group = match online.ask("joining", join).await? {
        JoinOutcome::Joined { group } => group,
        JoinOutcome::Asked { group } => {
            wait_for_admin(online, (group, invite.slug()), view.clone(), plan.fetch.timeout).await?;
            group
        }
    };
    let files = match preview.needs_accept {
        false => choice::choose(&cards_of(&preview), &preview.name, plan.file.as_deref())?,
        true => {
            let known = view.borrow().group.clone().unwrap_or_default();
            choice::choose(&known.files, &known.name, plan.file.as_deref())?
        }
    };
    Ok(Chosen { group, view, files })
}

/// A group that this person is in already.
async fn look_in(online: &Online, plan: &Download, slug: &str) -> Outcome<Chosen> {
    let groups = online.groups().await?;
    let found = groups.into_iter().find(|(_, known)| known.slug == slug);
    let (group, known) = found.ok_or_else(|| {
        Failure::unknown_group(
            format!("you are not in the group {slug} at {}", online.session.server().as_str()),
            format!(
                "Download with an invite, or ask to join with `native-peer group join {slug}`; `native-peer group list` \
                 shows your groups, --server names another server."
            ),
        )
    })?;
    let files = choice::choose(&known.files, &known.name, plan.file.as_deref())?;
    Ok(Chosen { group, view: watch_group(online, group).await?, files })
}

async fn watch_group(online: &Online, group: GroupId) -> Outcome<watch::Receiver<GroupState>> {
    Ok(online.session.watch_group(group).await?)
}

fn cards_of(preview: &InvitePreview) -> Vec<FileCard> {
    preview.files.iter().map(|file| file.card.clone()).collect()
}

fn note_preview(report: &Report, preview: &InvitePreview) {
    let (name, by) = (text::printable(&preview.name), text::printable(&preview.invited_by));
    report.note(&format!("{by} shares with \"{name}\""));
    for file in &preview.files {
        let people = (file.seeders + file.leechers) as usize;
        let copies = FullCopies(file.seeders);
        report.note(&format!(
            "{}  {}   {}, {copies} online",
            text::printable(&file.card.name),
            text::size(file.card.size),
            text::people(people),
        ));
    }
}
