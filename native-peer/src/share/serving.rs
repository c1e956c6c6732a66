//! Serving what is shared until Ctrl-C, as long as it is what it was.

use std::sync::Arc;
use std::time::{Duration, Instant};

use metainfo::Info;
use peer_engine::PieceSet;
use tokio::sync::watch;
use wire_protocol::control::SwarmName;

use super::doubts::Doubts;
use super::{closing_words, show_event};
use crate::bridging;
use crate::cli::{BridgeTerms, Share};
use crate::failure::{Failure, Outcome};
use crate::online::Online;
use crate::session::GroupState;
use crate::source::{Look, Source, Words, unreadable};
use crate::standing::find_card;
use crate::swarm::{InGroup, OrdinaryClients, Presence, Swarm, SwarmConfig, SwarmEvent};
use crate::web_seed;

/// How often it is looked whether the file is still what it was.
const CHECK_EVERY: Duration = Duration::from_secs(2);

/// What is shared.
pub struct Shared {
    pub source: Source,
    pub info: Arc<Info>,
}

/// How serving came to its end.
pub enum End {
    /// The person wants no more.
    Stopped,
    /// It may not be what it was: a sentence.
    Unsure(String),
    /// This piece is not what it was, and nothing but reading it tells.
    Damaged(u32),
}

/// Serves until it cannot go on as it is. Adds up what was `sent`.
///
/// # Errors
/// What keeps it from going on at all.
pub async fn serve(online: &Online, plan: &Share, shared: &Shared, presence: Presence, sent: &mut u64) -> Outcome<End> {
    let Shared { source, info } = shared;
    let swarm = presence.swarm;
    let content = source.content(&source.builder(Some(info.layout().nominal_piece_len()))?);
    let doubts = Doubts::new(content.clone(), info.clone());
    let config = SwarmConfig {
        have: PieceSet::all(info.layout().pieces()),
        wanted: None,
        content: content.into(),
        info: info.clone(),
        local: presence.local,
        group: Some(InGroup { session: online.session.clone(), presence }),
        outside: None,
        tuning: plan.tuning,
        ordinary: ordinary(plan),
        direct: online.listener.is_some(),
        bridge: None,
        web_seeds: web_seed::Sources::default(),
    };
    let group = online.session.watch_group(swarm.group).await?;
    let started = Instant::now();
    let mut serving = Swarm::start(config, online.listener.as_ref(), &online.places).await?;
    let mut watch = Watch { online, shared, swarm, doubts, told: None };
    let end = tokio::select! {
        end = watch.run(&mut serving, group) => end,
        Err(failure) = bridge_beside(online, plan.bridge.as_ref(), swarm) => Err(failure),
    };
    online.report.end_bar();
    let state = serving.stop().await;
    *sent += state.progress.sent;
    if !matches!(end, Ok(End::Unsure(_) | End::Damaged(_))) {
        online.report.note(&closing_words(&state, started.elapsed()));
    }
    end
}

/// Whatever becomes of the group, the sharing sees to it.
async fn bridge_beside(online: &Online, terms: Option<&BridgeTerms>, shared: SwarmName) -> Outcome {
    match terms {
        Some(terms) => Box::pin(bridging::beside(online, terms, shared)).await,
        None => Ok(()),
    }
}

fn ordinary(plan: &Share) -> OrdinaryClients {
    if plan.allow_bittorrent { OrdinaryClients::Announced } else { OrdinaryClients::Nobody }
}

/// What is looked at while it is served.
struct Watch<'a> {
    online: &'a Online,
    shared: &'a Shared,
    swarm: SwarmName,
    doubts: Doubts,
    /// Where it was said to be now.
    told: Option<String>,
}

impl Watch<'_> {
    async fn run(&mut self, swarm: &mut Swarm, mut group: watch::Receiver<GroupState>) -> Outcome<End> {
        let Self { online, .. } = *self;
        let (file, name) = (self.swarm.file, self.shared.info.name());
        let mut check = tokio::time::interval(CHECK_EVERY);
        let mut server = online.watch_server();
        group.mark_changed();
        loop {
            tokio::select! {
                () = online.interrupt.asked() => return Ok(End::Stopped),
                Ok(()) = group.changed() => find_card(&group.borrow_and_update(), file, name).map(|_| ())?,
                event = swarm.events.recv() => match event {
                    Some(SwarmEvent::LeftAfter(pieces)) => self.doubts.add(&pieces),
                    Some(event) => show_event(&online.report, &event),
                    None => return Err(Failure::unexpected("serving ended by itself")),
                },
                Ok(()) = swarm.state.changed() => {
                    let state = swarm.state.borrow_and_update().clone();
                    if let Some(error) = state.storage_failure {
                        return self.why_unreadable(&error);
                    }
                    online.report.sharing(&state.progress);
                }
                change = server.next() => change?,
                piece = self.doubts.next() => return Ok(End::Damaged(piece)),
                _ = check.tick() => match self.shared.source.look(Words::Sharing, false)? {
                    Look::Unsure(why) => return Ok(End::Unsure(why)),
                    Look::Same => self.told = None,
                    Look::Moved(to) => self.tell_moved(to),
                },
            }
        }
    }

    fn tell_moved(&mut self, to: String) {
        if self.told.as_ref() != Some(&to) {
            self.online.report.note(&to);
            self.told = Some(to);
        }
    }

    /// A read failed: because of what became of the file, or because the disk gives nothing.
    fn why_unreadable(&self, error: &str) -> Outcome<End> {
        let source = &self.shared.source;
        match source.look(Words::Sharing, true)? {
            Look::Unsure(why) => Ok(End::Unsure(why)),
            Look::Same | Look::Moved(_) => {
                Err(Failure::local_files(format!("cannot read {}", source.path().display()), unreadable(error)))
            }
        }
    }
}
