//! Serving what was downloaded, for a while or until Ctrl-C.

use std::time::{Duration, Instant};

use crate::driver::Swarm;
use crate::failure::{Failure, Outcome};
use crate::online::Online;
use crate::report::{Progress, text};
use crate::share::{farewell, show_event};

/// How often figures are shown and events taken.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Until Ctrl-C.
///
/// # Errors
/// What keeps it from serving on.
pub async fn stay(online: &Online, swarms: Vec<Swarm>) -> Outcome {
    online.report.note("Serving it to the others until Ctrl-C.");
    serve(online, swarms, std::future::pending()).await
}

/// For so long. Ctrl-C ends it early; the download is done, so that is no failure.
///
/// # Errors
/// What keeps it from serving on.
pub async fn stay_for(online: &Online, swarms: Vec<Swarm>, duration: Duration) -> Outcome {
    if swarms.is_empty() || duration.is_zero() {
        leave(swarms).await;
        return Ok(());
    }
    let time = text::elapsed(duration);
    online
        .report
        .note(&format!("Keeping a copy for the others for {time} (--seed to stay, --no-seed to leave at once)."));
    serve(online, swarms, tokio::time::sleep(duration)).await
}

async fn serve(online: &Online, mut swarms: Vec<Swarm>, end: impl Future<Output = ()>) -> Outcome {
    let started = Instant::now();
    let outcome = tokio::select! {
        () = end => Ok(()),
        () = online.interrupt.asked() => Ok(()),
        outcome = show(online, &mut swarms) => outcome,
    };
    online.report.end_bar();
    for state in leave(swarms).await {
        if state.progress.sent > 0 {
            online.report.note(&farewell(&state, started.elapsed()));
        }
    }
    outcome
}

async fn leave(swarms: Vec<Swarm>) -> Vec<crate::driver::SwarmState> {
    let mut states = Vec::new();
    for swarm in swarms {
        states.push(swarm.stop().await);
    }
    states
}

/// Until something keeps it from serving on.
async fn show(online: &Online, swarms: &mut [Swarm]) -> Outcome {
    let mut look = tokio::time::interval(LOOK_EVERY);
    let mut server = online.watch_server();
    loop {
        tokio::select! {
            _ = look.tick() => online.report.sharing(&sum(online, swarms)?),
            change = server.next() => change?,
        }
    }
}

/// All swarms' figures together; shows what happened in them.
fn sum(online: &Online, swarms: &mut [Swarm]) -> Outcome<Progress> {
    let mut sum = Progress::default();
    for swarm in swarms.iter_mut() {
        while let Ok(event) = swarm.events.try_recv() {
            show_event(&online.report, &event);
        }
        let state = swarm.state.borrow();
        if let Some(error) = &state.storage_failure {
            return Err(Failure::local_files("cannot read the file that is being served", error.clone()));
        }
        let progress = &state.progress;
        sum.copies_milli = match sum.total {
            0 => progress.copies_milli,
            _ => sum.copies_milli.min(progress.copies_milli),
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
