//! Serving what was downloaded, for a while or until Ctrl-C.

use std::time::Duration;

use crate::driver::Swarm;
use crate::failure::Outcome;
use crate::online::Online;
use crate::report::{Progress, text};
use crate::share::show_event;

/// How often figures are shown and events taken.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Until Ctrl-C.
///
/// # Errors
/// None at present.
pub async fn stay(online: &Online, swarms: Vec<Swarm>) -> Outcome {
    online.report.note("Serving it to the others until Ctrl-C.");
    serve(online, swarms, None).await;
    Ok(())
}

/// For so long. Ctrl-C ends it early; the download is done, so that is no failure.
///
/// # Errors
/// None at present.
pub async fn stay_for(online: &Online, swarms: Vec<Swarm>, duration: Duration) -> Outcome {
    if swarms.is_empty() {
        return Ok(());
    }
    if duration.is_zero() {
        leave(swarms).await;
        return Ok(());
    }
    let time = text::elapsed(duration);
    online
        .report
        .note(&format!("Keeping a copy for the others for {time} (--seed to stay, --no-seed to leave at once)."));
    serve(online, swarms, Some(duration)).await;
    Ok(())
}

async fn serve(online: &Online, mut swarms: Vec<Swarm>, duration: Option<Duration>) {
    let end = async {
        match duration {
            Some(duration) => tokio::time::sleep(duration).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = end => {}
        () = online.interrupt.asked() => {}
        () = show(online, &mut swarms) => {}
    }
    online.report.end_bar();
    leave(swarms).await;
}

async fn leave(swarms: Vec<Swarm>) {
    for swarm in swarms {
        swarm.stop().await;
    }
}

async fn show(online: &Online, swarms: &mut [Swarm]) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        look.tick().await;
        let mut sum = Progress::default();
        for swarm in swarms.iter_mut() {
            while let Ok(event) = swarm.events.try_recv() {
                show_event(&online.report, &event);
            }
            let progress = swarm.state.borrow().progress.clone();
            sum.done += progress.done;
            sum.verified += progress.verified;
            sum.total += progress.total;
            sum.sent += progress.sent;
            sum.up_bps += progress.up_bps;
            sum.copies_milli =
                if sum.copies_milli == 0 { progress.copies_milli } else { sum.copies_milli.min(progress.copies_milli) };
            sum.peers.extend(progress.peers);
        }
        online.report.sharing(&sum);
    }
}
