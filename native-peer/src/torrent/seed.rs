//! `seed`: serves what a torrent file describes to any BitTorrent client.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use metainfo::{Info, Metainfo};

use super::{Desk, Search, note_torrent, origin};
use crate::cli::{Seed, Setup};
use crate::download::local::{Wanted, verify};
use crate::failure::{Failure, Outcome};
use crate::report::{Report, text};
use crate::share::{closing_words, show_event};
use crate::storage::{Content, Target, finished};
use crate::swarm::{OrdinaryClients, Swarm, SwarmConfig};
use crate::web_seed;

/// How often trackers' words are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Runs the command.
///
/// # Errors
/// [`Failure`].
pub async fn seed(plan: Seed, setup: &Setup, report: Report) -> Outcome {
    let Metainfo { info, trackers, .. } = origin::read(&plan.torrent)?;
    let path = plan.path.clone().unwrap_or_else(|| beside(&plan.torrent, &info));
    let desk = Desk::open(setup, report).await?;
    let wanted = Wanted::all(&info);
    let content = open(&info, &path, &wanted)?;
    let pieces = wanted.pieces.iter().collect();
    let have = desk.guarded("checking it", verify(&desk.report, &info, &content, pieces, &path)).await??;
    if !have.is_full() {
        let (right, all) = (have.count(), info.layout().pieces());
        let advice = format!("{right} of {all} pieces are right. `download` completes it: give it the folder with -o.");
        return Err(Failure::bad_data(format!("{} is not what the torrent describes", path.display()), advice));
    }
    let info = Arc::new(info);
    let (info_hash, is_private) = (info.info_hash(), info.is_private());
    let search = Search { info_hash, is_private, tiers: &trackers, sources: &plan.peers, named: &[], left: 0 };
    let config = SwarmConfig {
        outside: Some(desk.look_for_peers(search).await),
        info: info.clone(),
        have,
        wanted: None,
        content: content.into(),
        local: desk.local,
        group: None,
        tuning: plan.tuning,
        ordinary: OrdinaryClients::Anybody,
        direct: true,
        bridge: None,
        web_seeds: web_seed::Sources::default(),
    };
    let started = Instant::now();
    let swarm = Swarm::start(config, desk.listener.as_ref(), &desk.places).await;
    let mut swarm = swarm?;
    // From now on whoever connects is heard.
    note_torrent(&desk.report, &info);
    if let Some(listener) = &desk.listener {
        desk.report.note(&format!("Listening {} (TCP); Ctrl-C ends it.", listener.local_addr()));
    }
    let outcome = show(&desk, &mut swarm).await;
    desk.report.end_bar();
    let state = swarm.stop().await;
    desk.report.note(&closing_words(&state, started.elapsed()));
    outcome
}

/// Where it is if the person does not say: beside the torrent file, under its own name.
fn beside(torrent: &Path, info: &Info) -> PathBuf {
    torrent.with_file_name(info.name())
}

fn open(info: &Info, path: &Path, wanted: &Wanted) -> Outcome<Arc<Content>> {
    // The person named it: a link to it will do.
    let whole = path.canonicalize().map_err(|error| Failure::file("read", path, &error))?;
    let found = finished(&Target::new(whole), info, &wanted.files);
    found.map_err(|error| Failure::file("read", path, &error))?.ok_or_else(|| {
        let what = if path.is_dir() {
            "a folder"
        } else if path.is_file() {
            "a file"
        } else {
            "something"
        };
        let advice = "A file is missing, or has another length. `download` completes it: give it the folder with -o.";
        Failure::bad_data(format!("{} is {what} that the torrent does not describe", path.display()), advice)
    })
}

/// Shows figures and events until Ctrl-C.
pub async fn show(desk: &Desk, swarm: &mut Swarm) -> Outcome {
    let mut look = tokio::time::interval(LOOK_EVERY);
    let mut said = Vec::new();
    loop {
        tokio::select! {
            () = desk.interrupt.asked() => return Ok(()),
            event = swarm.events.recv() => match event {
                Some(event) => show_event(&desk.report, &event),
                None => return Err(Failure::unexpected("serving ended by itself")),
            },
            Ok(()) = swarm.state.changed() => {
                let state = swarm.state.borrow_and_update().clone();
                if let Some(error) = state.storage_failure {
                    return Err(Failure::local_files("cannot read what is being served", error));
                }
                desk.report.sharing(&state.progress);
            }
            _ = look.tick() => {
                let trackers = swarm.state.borrow().trackers.clone();
                for status in &trackers {
                    if !status.said.is_empty() && !said.contains(status) {
                        desk.report.note(&format!("{}: {}", text::printable(&status.tracker), text::printable(&status.said)));
                    }
                }
                said = trackers;
            }
        }
    }
}
