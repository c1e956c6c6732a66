//! `download` of a torrent: what is missing comes from whoever has it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use metainfo::{FileSelection, Info, Magnet, Metainfo, PeerAddress};
use peer_engine::PieceSet;

use super::magnet::{self, Asked};
use super::{Desk, Search, note_torrent, origin};
use crate::cli::{Existing, Seeding, Setup, TorrentDownload, TorrentOrigin};
use crate::download::local::{Start, Wanted, finish, interrupted, show};
use crate::download::patience::{Crowd, Patience};
use crate::download::piping::{Piping, pipe};
use crate::download::place::{Names, look};
use crate::failure::{Failure, Outcome};
use crate::http::Reach;
use crate::report::{Finished, Report, text};
use crate::share::{closing_words, show_event};
use crate::storage::{Content, Part, find_target};
use crate::swarm::{OrdinaryClients, Outside, Swarm, SwarmConfig};
use crate::web_seed;

/// How often it is looked whether something still comes.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A torrent, and what its origin says of where to find it.
struct Found {
    info: Arc<Info>,
    tiers: Vec<Vec<String>>,
    peers: Vec<PeerAddress>,
    web_seeds: Vec<String>,
    /// The search that the torrent itself came from.
    outside: Option<Outside>,
    /// Which files the link names.
    magnet: Option<Magnet>,
}

/// Runs the command.
///
/// # Errors
/// [`Failure`].
pub async fn download(plan: TorrentDownload, setup: &Setup, report: Report) -> Outcome {
    let desk = Desk::open(setup, report).await?;
    let found = find(&desk, &plan).await?;
    let info = found.info.clone();
    let wanted = choose(&info, plan.files.as_ref(), found.magnet.as_ref())?;
    note_torrent(&desk.report, &info);
    let piping = Piping::open(&plan.fetch, &info, &wanted)?;
    let saved = || find_target(plan.fetch.output.as_deref(), info.name(), false);
    let target = piping.as_ref().map_or_else(saved, |piping| piping.target(info.name()));
    let names = Names::default();
    let looking = look(&desk.report, &info, (target, &names), plan.fetch.existing, &wanted);
    match desk.guarded("checking what is there", looking).await?? {
        Start::Complete(content, have, target) => {
            let bytes = wanted.bytes(&info);
            let pieces = wanted.pieces.count();
            desk.report.done(&Finished { path: &target.path, bytes, fetched: 0, took: Duration::ZERO, pieces });
            if plan.fetch.seeding != Seeding::Stay {
                return Ok(());
            }
            let swarm = start(&desk, &plan, found, &wanted, have, content).await?;
            serve(&desk, &plan, swarm).await
        }
        Start::Partial(part, have) if let Some(piping) = &piping => {
            let content = part.content().clone();
            let mut swarm = start(&desk, &plan, found, &wanted, have, content.clone()).await?;
            let writing = piping.write(swarm.state.clone(), content, tokio::io::stdout());
            let piped = pipe(writing, watch(&desk, &plan, &mut swarm, &part, info.name())).await;
            desk.report.end_bar();
            swarm.stop().await;
            piped
        }
        Start::Partial(part, have) => {
            desk.report.note(&format!("Saving to {}", part.target().part.display()));
            let content = part.content().clone();
            let swarm = start(&desk, &plan, found, &wanted, have, content).await?;
            let swarm = fetch(&desk, &plan, swarm, part, &info, &wanted).await?;
            serve(&desk, &plan, swarm).await
        }
    }
}

/// Reads or fetches the torrent, or asks peers for it.
async fn find(desk: &Desk, plan: &TorrentDownload) -> Outcome<Found> {
    let metainfo = match &plan.origin {
        TorrentOrigin::File(path) => origin::read(path)?,
        TorrentOrigin::Url(url) => desk.guarded("fetching the torrent", origin::fetch(url)).await??,
        TorrentOrigin::Magnet(magnet) => return ask_for(desk, plan, magnet).await,
    };
    let Metainfo { info, trackers: tiers, web_seeds, .. } = metainfo;
    Ok(Found { info: Arc::new(info), tiers, peers: Vec::new(), web_seeds, outside: None, magnet: None })
}

/// A magnet link: the torrent comes from peers.
async fn ask_for(desk: &Desk, plan: &TorrentDownload, magnet: &Magnet) -> Outcome<Found> {
    let here = (&desk.report, desk.listener.as_ref(), desk.local);
    let asking = magnet::ask(here, magnet, &plan.peers, plan.fetch.timeout);
    let Asked { info, tiers, outside } = desk.guarded("asking for the torrent", asking).await??;
    let (peers, web_seeds) = (magnet.peers.clone(), magnet.web_seeds.clone());
    Ok(Found { info: Arc::new(info), tiers, peers, web_seeds, outside, magnet: Some(magnet.clone()) })
}

/// The files that the person wants, or else those that the magnet link names.
fn choose(info: &Info, selection: Option<&FileSelection>, magnet: Option<&Magnet>) -> Outcome<Wanted> {
    let chosen: Vec<usize> = match (selection, magnet) {
        (Some(selection), _) => return Wanted::selected(info, selection),
        (None, Some(magnet)) if !magnet.files.is_empty() => {
            (0..info.files().len()).filter(|file| u32::try_from(*file).is_ok_and(|file| magnet.wants(file))).collect()
        }
        _ => return Ok(Wanted::all(info)),
    };
    Ok(Wanted::files(info, &chosen))
}

async fn start(
    desk: &Desk,
    plan: &TorrentDownload,
    found: Found,
    wanted: &Wanted,
    have: PieceSet,
    content: Arc<Content>,
) -> Outcome<Swarm> {
    let Found { info, tiers, peers, web_seeds, outside, .. } = found;
    let lacking: Vec<u32> = wanted.pieces.iter().filter(|piece| !have.contains(*piece)).collect();
    let left = lacking.iter().map(|piece| u64::from(info.layout().piece_len(*piece))).sum();
    let outside = match outside {
        Some(outside) => outside,
        None => {
            let (info_hash, is_private) = (info.info_hash(), info.is_private());
            let search = Search { info_hash, is_private, tiers: &tiers, sources: &plan.peers, named: &peers, left };
            desk.look_for_peers(search).await
        }
    };
    let config = SwarmConfig {
        info,
        have,
        wanted: Some(wanted.pieces.clone()),
        content: content.into(),
        local: desk.local,
        group: None,
        outside: Some(outside),
        tuning: plan.fetch.tuning,
        ordinary: OrdinaryClients::Anybody,
        direct: true,
        bridge: None,
        web_seeds: web_seed::Sources { urls: web_seeds, reach: reach(plan) },
    };
    Ok(Swarm::start(config, desk.listener.as_ref(), &desk.places).await?)
}

/// How near this computer the torrent's web seeds may be: as near as the person said that the torrent itself is.
fn reach(plan: &TorrentDownload) -> Reach {
    match &plan.origin {
        _ if plan.allows_private => Reach::Machine,
        TorrentOrigin::Url(url) => reqwest::Url::parse(url).map_or(Reach::Internet, |url| Reach::of_url(&url)),
        TorrentOrigin::File(_) | TorrentOrigin::Magnet(_) => Reach::Internet,
    }
}

/// Waits until everything that is wanted is here, and gives it its name.
async fn fetch(
    desk: &Desk,
    plan: &TorrentDownload,
    mut swarm: Swarm,
    part: Part,
    info: &Info,
    wanted: &Wanted,
) -> Outcome<Swarm> {
    let started = Instant::now();
    let watched = watch(desk, plan, &mut swarm, &part, info.name()).await;
    desk.report.end_bar();
    if let Err(failure) = watched {
        swarm.stop().await;
        return Err(failure);
    }
    let fetched = swarm.state.borrow().downloaded;
    let part = finish(part, plan.fetch.existing == Existing::Overwrite).await?;
    desk.report.done(&Finished {
        path: &part.target().path,
        bytes: wanted.bytes(info),
        fetched,
        took: started.elapsed(),
        pieces: wanted.pieces.count(),
    });
    Ok(swarm)
}

async fn watch(desk: &Desk, plan: &TorrentDownload, swarm: &mut Swarm, part: &Part, name: &str) -> Outcome {
    let report = &desk.report;
    let mut patience = Patience::new(name, Crowd::Strangers, plan.fetch.timeout);
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            () = desk.interrupt.asked() => return Err(interrupted(&swarm.state.borrow(), part, name)),
            event = swarm.events.recv() => match event {
                Some(event) => show_event(report, &event),
                None => return Err(Failure::unexpected("the download ended by itself")),
            },
            Ok(()) = swarm.state.changed() => {
                let state = swarm.state.borrow_and_update();
                if show(report, &state, part, patience.waits(&state).as_deref())? {
                    return Ok(());
                }
            }
            _ = look.tick() => patience.look(report, &swarm.state.borrow())?,
        }
    }
}

/// Serves what was downloaded for as long as the person wants.
async fn serve(desk: &Desk, plan: &TorrentDownload, mut swarm: Swarm) -> Outcome {
    let started = Instant::now();
    let end = async {
        match plan.fetch.seeding {
            Seeding::Stay => {
                desk.report.note("Serving it to others until Ctrl-C.");
                std::future::pending().await
            }
            Seeding::For(duration) if duration.is_zero() => {}
            Seeding::For(duration) => {
                let time = text::elapsed(duration);
                desk.report
                    .note(&format!("Serving it to others for {time} (--seed to stay, --no-seed to leave at once)."));
                tokio::time::sleep(duration).await;
            }
        }
    };
    let outcome = tokio::select! {
        () = end => Ok(()),
        outcome = super::seed::show(desk, &mut swarm) => outcome,
    };
    desk.report.end_bar();
    let state = swarm.stop().await;
    if state.progress.sent > 0 {
        desk.report.note(&closing_words(&state, started.elapsed()));
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of three files of one, two and one pieces, of which the second and the third share one.
    fn info() -> Info {
        let file = |len: usize, path: &str| format!("d6:lengthi{len}e4:pathl{}:{path}ee", path.len());
        let files = [file(16_384, "a.txt"), file(20_000, "b.mkv"), file(9_000, "c.txt")].concat();
        let digests = "x".repeat(3 * 20);
        let dict = format!("d5:filesl{files}e4:name1:f12:piece lengthi16384e6:pieces{}:{digests}e", digests.len());
        Info::parse(dict.into_bytes().into()).expect("a torrent")
    }

    fn pieces(wanted: Outcome<Wanted>) -> Vec<u32> {
        wanted.expect("a choice").pieces.iter().collect()
    }

    #[test]
    fn a_choice_of_files_wants_the_pieces_that_they_lie_in() {
        let info = info();
        let select = |text: &str| choose(&info, Some(&text.parse().expect("a selection")), None);
        assert_eq!(pieces(select("1")), [0]);
        assert_eq!(pieces(select("*.txt")), [0, 2]);
        assert_eq!(pieces(select("2")), [1, 2]);
        assert_eq!(select("2").expect("a choice").files, [false, true, false]);
        assert_eq!(pieces(choose(&info, None, None)), [0, 1, 2]);
        assert!(select("4").is_err() && select("*.mp3").is_err());
    }

    #[test]
    fn a_magnet_links_choice_holds_until_the_person_makes_another() {
        let info = info();
        let link = format!("magnet:?xt=urn:btih:{}&so=0", info.info_hash());
        let magnet: Magnet = link.parse().expect("a magnet link");
        assert_eq!(pieces(choose(&info, None, Some(&magnet))), [0]);
        let two: FileSelection = "2".parse().expect("a selection");
        assert_eq!(pieces(choose(&info, Some(&two), Some(&magnet))), [1, 2]);
    }
}
