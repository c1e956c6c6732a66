//! Coming into a group: at once, or when an admin says so.

use std::time::Duration;

use membership::{AskToJoin, Join, JoinOutcome, MyRequests, WithdrawRequest};
use serde_json::json;
use tokio::sync::watch;
use wire_protocol::ids::GroupId;
use wire_protocol::invite::Invite;

use super::commands::named;
use crate::cli::JoinTarget;
use crate::failure::{Failure, Outcome};
use crate::report::text::{counted, elapsed, people};
use crate::server::Server;
use crate::session::GroupState;

/// For the group's state, which comes before the answer that we are in it.
const STATE_PATIENCE: Duration = Duration::from_secs(5);

/// Joins, or asks to.
pub async fn join(server: &Server, target: JoinTarget, message: String) -> Outcome {
    let (slug, outcome) = match target {
        JoinTarget::Invite(invite) => {
            let slug = invite.slug().to_owned();
            (slug, server.ask("joining", Join { invite, message }).await?)
        }
        JoinTarget::Slug(slug) => {
            let outcome = server.ask("asking to join", AskToJoin { slug: slug.clone(), message }).await?;
            (slug, outcome)
        }
    };
    match outcome {
        JoinOutcome::Joined { group } => say_joined(server, group, &slug).await,
        JoinOutcome::Asked { .. } => {
            server.report.object(|| json!({"v": 1, "t": "asked", "slug": slug}));
            server.report.note(&format!(
                "You have asked to join {slug}. An admin of the group has to let you in; `native-peer group list` shows \
                 whether they have."
            ));
            Ok(())
        }
    }
}

/// The group that an invite opens, with its slug; joins it if need be.
///
/// # Errors
/// The server does not let this person in, or an admin has to.
pub async fn enter(server: &Server, invite: &Invite) -> Outcome<(GroupId, String)> {
    let slug = invite.slug();
    if let Some((group, _)) = server.groups().await?.into_iter().find(|(_, known)| known.slug == slug) {
        return Ok((group, slug.to_owned()));
    }
    let join = Join { invite: invite.clone(), message: String::new() };
    match server.ask("joining", join).await? {
        JoinOutcome::Joined { group } => {
            say_joined(server, group, slug).await?;
            Ok((group, slug.to_owned()))
        }
        JoinOutcome::Asked { .. } => {
            Err(Failure::not_allowed(format!("an admin of {slug} has to let you in first"), STAYS))
        }
    }
}

async fn say_joined(server: &Server, group: GroupId, slug: &str) -> Outcome {
    let view = server.session.watch_group(group).await;
    let mut view = view?;
    let told = tokio::time::timeout(STATE_PATIENCE, view.wait_for(|state| state.group.is_some()));
    let known = server.guarded("joining", told).await?.ok().and_then(|state| state.ok()?.group.clone());
    let Some(known) = known else {
        return Err(Failure::unexpected("the server let you in, and does not say where"));
    };
    server.report.object(|| json!({"v": 1, "t": "joined", "slug": slug, "name": known.name}));
    server.report.note(&format!(
        "You are in {} now: {}, {}.",
        named(&known),
        people(known.members.len()),
        counted(known.files.len(), "file"),
    ));
    Ok(())
}

/// Waits until an admin answers this person's request to join.
///
/// # Errors
/// They say no, nobody answers in time, or the person ends the wait.
pub async fn wait_for_admin(
    server: &Server,
    (group, slug): (GroupId, &str),
    mut view: watch::Receiver<GroupState>,
    timeout: Option<Duration>,
) -> Outcome {
    server.report.object(|| json!({"v": 1, "t": "asked", "slug": slug}));
    server.report.note(
        "You have asked to join. The download begins as soon as an admin of the group lets you in; Ctrl-C ends the wait.",
    );
    let end = async {
        match timeout {
            Some(timeout) => tokio::time::sleep(timeout).await,
            None => std::future::pending().await,
        }
    };
    let mut end = std::pin::pin!(end);
    let mut status = server.session.status();
    let mut watch = server.watch_server();
    let mut was_online = true;
    loop {
        {
            let state = view.borrow_and_update();
            if state.group.is_some() && state.gone.is_none() {
                server.report.note("You have been let in.");
                return Ok(());
            }
            if state.is_refused {
                break;
            }
        }
        tokio::select! {
            changed = view.changed() => changed.map_err(|_| Failure::unexpected("the session is over"))?,
            change = watch.next() => change?,
            () = &mut end => return Err(not_answered(timeout.unwrap_or_default())),
            () = server.interrupt.asked() => return Err(Failure::interrupted("stopped before an admin let you in", STAYS)),
        }
        // An answer while we were away is not told again.
        let is_online = status.borrow_and_update().is_online;
        if is_online && !was_online && was_refused(server, group).await? {
            break;
        }
        was_online = is_online;
    }
    // It has been seen; failing to say so changes nothing.
    let _ = server.ask("the answer", WithdrawRequest { group }).await;
    Err(Failure::not_allowed(
        "an admin of the group did not let you in",
        "Ask whoever sent the invite; you may run the same command again, which asks again.",
    ))
}

const STAYS: &str = "Your request stays with the admins: run the same command again once they have let you in.";

fn not_answered(timeout: Duration) -> Failure {
    Failure::no_source(format!("no admin of the group answered within {}", elapsed(timeout)), STAYS)
}

async fn was_refused(server: &Server, group: GroupId) -> Outcome<bool> {
    let requests = server.ask("your requests", MyRequests).await?;
    Ok(requests.iter().any(|request| request.group == group && request.is_refused))
}
