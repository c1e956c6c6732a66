//! Serving what was downloaded, for a while or until Ctrl-C.

use std::pin::pin;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use wire_protocol::control::FileCard;

use crate::failure::{Failure, Outcome};
use crate::online::Online;
use crate::report::{Progress, text};
use crate::session::GroupState;
use crate::share::{closing_words, show_event};
use crate::standing::find_card;
use crate::swarm::{Swarm, SwarmState};

/// How often figures are shown and events taken.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// A file that is served on.
pub struct Served {
    /// Its card when the download began.
    pub card: FileCard,
    pub swarm: Swarm,
}

/// Serves until Ctrl-C.
///
/// # Errors
/// What keeps it from serving on: that the person is not in the group any more, too.
pub async fn stay(online: &Online, served: Vec<Served>, group: watch::Receiver<GroupState>) -> Outcome {
    online.report.note("Serving it to the others until Ctrl-C.");
    let first = served.first().map(|served| served.card.clone());
    serve(online, served, group.clone(), std::future::pending()).await?;
    let state = group.borrow();
    match first.filter(|_| state.gone.is_some()) {
        Some(card) => find_card(&state, card.file, &card.name).map(|_| ()),
        None => Ok(()),
    }
}

/// Serves for so long. Ctrl-C ends it early; the download is done, so that is no failure.
///
/// # Errors
/// What keeps it from serving on.
pub async fn stay_for(
    online: &Online,
    served: Vec<Served>,
    group: watch::Receiver<GroupState>,
    duration: Duration,
) -> Outcome {
    if served.is_empty() || duration.is_zero() {
        leave(served).await;
        return Ok(());
    }
    let time = text::elapsed(duration);
    online
        .report
        .note(&format!("Keeping a copy for the others for {time} (--seed to stay, --no-seed to leave at once)."));
    serve(online, served, group, tokio::time::sleep(duration)).await
}

async fn serve(
    online: &Online,
    mut served: Vec<Served>,
    group: watch::Receiver<GroupState>,
    end: impl Future<Output = ()>,
) -> Outcome {
    let started = Instant::now();
    let outcome = tokio::select! {
        () = end => Ok(()),
        () = online.interrupt.asked() => Ok(()),
        outcome = show(online, &mut served, group) => outcome,
    };
    online.report.end_bar();
    for state in leave(served).await {
        if state.progress.sent > 0 {
            online.report.note(&closing_words(&state, started.elapsed()));
        }
    }
    outcome
}

async fn leave(served: Vec<Served>) -> Vec<SwarmState> {
    let mut states = Vec::new();
    for Served { swarm, .. } in served {
        states.push(swarm.stop().await);
    }
    states
}

/// Shows figures and events until something keeps it from serving on, or nothing is left to serve.
async fn show(online: &Online, served: &mut Vec<Served>, mut group: watch::Receiver<GroupState>) -> Outcome {
    let mut look = tokio::time::interval(LOOK_EVERY);
    let mut server = online.watch_server();
    group.mark_changed();
    loop {
        tokio::select! {
            _ = look.tick() => online.report.sharing(&sum(online, served)?),
            change = server.next() => change?,
            Ok(()) = group.changed() => {
                let state = group.borrow_and_update().clone();
                leave_removed(online, served, &state).await;
                if served.is_empty() {
                    return Ok(());
                }
            }
        }
    }
}

/// Serves on while `work` is done, but nothing that is taken out of the group meanwhile.
pub async fn during<T>(
    online: &Online,
    served: &mut Vec<Served>,
    mut group: watch::Receiver<GroupState>,
    work: impl Future<Output = T>,
) -> T {
    let mut work = pin!(work);
    group.mark_changed();
    loop {
        tokio::select! {
            done = &mut work => return done,
            Ok(()) = group.changed() => {
                let state = group.borrow_and_update().clone();
                leave_removed(online, served, &state).await;
            }
        }
    }
}

/// A file that is not in the group any more is nobody's to ask for: its download is done, so that is no failure.
async fn leave_removed(online: &Online, served: &mut Vec<Served>, group: &GroupState) {
    let mut removed = Vec::new();
    for Served { card, swarm } in std::mem::take(served) {
        match find_card(group, card.file, &card.name) {
            Ok(_) => served.push(Served { card, swarm }),
            Err(gone) => {
                online.report.note(&format!("Not served any more: {}.", gone.what));
                removed.push(Served { card, swarm });
            }
        }
    }
    leave(removed).await;
}

/// All swarms' figures together; shows what happened in them.
fn sum(online: &Online, served: &mut [Served]) -> Outcome<Progress> {
    let mut sum = Progress::default();
    for Served { swarm, .. } in served.iter_mut() {
        while let Ok(event) = swarm.events.try_recv() {
            show_event(&online.report, &event);
        }
        let state = swarm.state.borrow();
        if let Some(error) = &state.storage_failure {
            return Err(Failure::local_files("cannot read the file that is being served", error.clone()));
        }
        let progress = &state.progress;
        // Of several files what holds of each.
        (sum.copies_milli, sum.full_copies_without_you) = match sum.total {
            0 => (progress.copies_milli, progress.full_copies_without_you),
            _ => (
                sum.copies_milli.min(progress.copies_milli),
                sum.full_copies_without_you.min(progress.full_copies_without_you),
            ),
        };
        sum.done += progress.done;
        sum.verified += progress.verified;
        sum.total += progress.total;
        sum.sent += progress.sent;
        sum.up_bps += progress.up_bps;
        sum.peers.extend(progress.peers.iter().cloned());
    }
    Ok(sum)
}
