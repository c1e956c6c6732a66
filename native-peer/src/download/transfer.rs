//! One file: from its card to the finished file.

use std::sync::Arc;
use std::time::{Duration, Instant};

use metainfo::Info;
use peer_engine::PieceSet;
use tokio::sync::watch;
use wire_protocol::control::{FileCard, SwarmName};
use wire_protocol::ids::GroupId;

use super::local::{Start, Wanted, finish, interrupted, look, show};
use super::patience::{Crowd, Patience};
use super::piping::{Piping, pipe};
use super::torrent::find_info;
use crate::cli::{Download, Existing, Seeding};
use crate::failure::{Failure, Outcome};
use crate::online::Online;
use crate::report::Finished;
use crate::session::GroupState;
use crate::share::show_event;
use crate::standing::find_card;
use crate::storage::{Content, Part, find_target};
use crate::swarm::{InGroup, OrdinaryClients, Presence, Swarm, SwarmConfig};
use crate::web_seed;

/// How often it is looked whether something still comes.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What one file needs.
pub struct Transfer<'a> {
    /// Server, peers, terminal.
    pub online: &'a Online,
    /// What the person wants.
    pub plan: &'a Download,
    pub group: GroupId,
    /// What is known of it.
    pub view: &'a watch::Receiver<GroupState>,
    /// Which file of the group.
    pub card: FileCard,
    /// It is one of several: they go into a folder.
    pub several: bool,
}

impl Transfer<'_> {
    /// Downloads it. Returns the swarm if it is to be served on.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn run(&mut self) -> Outcome<Option<Swarm>> {
        let (card, info) =
            find_info(self.online, self.group, self.view.clone(), &self.card, self.plan.fetch.timeout).await?;
        self.card = card;
        let info = Arc::new(info);
        let layout = *info.layout();
        let wanted = match &self.plan.files {
            Some(selection) => Wanted::selected(&info, selection)?,
            None => Wanted::all(&info),
        };
        let piping = Piping::open(&self.plan.fetch, &info, &wanted)?;
        let saved = || find_target(self.plan.fetch.output.as_deref(), &self.card.name, self.several);
        let target = piping.as_ref().map_or_else(saved, |piping| piping.target(info.name()));
        let (bytes, pieces) = (wanted.bytes(&info), wanted.pieces.count());
        let looking = look(&self.online.report, &info, target, self.plan.fetch.existing, &wanted);
        match self.online.guarded("checking what is there", looking).await?? {
            Start::Complete(content, have, target) => {
                let finished = Finished { path: &target.path, bytes, fetched: 0, took: Duration::ZERO, pieces };
                self.online.report.done(&finished);
                if self.plan.fetch.seeding != Seeding::Stay {
                    return Ok(None);
                }
                Ok(Some(self.start(info, &wanted, have, content).await?))
            }
            Start::Partial(part, have) if let Some(piping) = &piping => {
                let content = part.content().clone();
                let mut swarm = self.start(info, &wanted, have, content.clone()).await?;
                let writing = piping.write(swarm.state.clone(), content, tokio::io::stdout());
                let piped = pipe(writing, self.watch(&mut swarm, &part)).await;
                self.online.report.end_bar();
                swarm.stop().await;
                piped.map(|()| None)
            }
            Start::Partial(part, have) => {
                self.online.report.ready(&info.info_hash(), layout.pieces(), layout.nominal_piece_len());
                self.online.report.note(&format!("Saving to {}", part.target().part.display()));
                let started = Instant::now();
                let mut swarm = self.start(info, &wanted, have, part.content().clone()).await?;
                let result = self.watch(&mut swarm, &part).await;
                self.online.report.end_bar();
                let Err(failure) = result else {
                    let fetched = swarm.state.borrow().downloaded;
                    let part = finish(part, self.plan.fetch.existing == Existing::Overwrite).await?;
                    let finished =
                        Finished { path: &part.target().path, bytes, fetched, took: started.elapsed(), pieces };
                    self.online.report.done(&finished);
                    return Ok(Some(swarm));
                };
                swarm.stop().await;
                Err(failure)
            }
        }
    }

    async fn start(&self, info: Arc<Info>, wanted: &Wanted, have: PieceSet, content: Arc<Content>) -> Outcome<Swarm> {
        let swarm = SwarmName { group: self.group, file: self.card.file };
        let presence = Presence::new(swarm, self.online.listen(), false);
        let config = SwarmConfig {
            content: content.into(),
            info,
            have,
            wanted: Some(wanted.pieces.clone()),
            local: presence.local,
            group: Some(InGroup { session: self.online.session.clone(), presence }),
            outside: None,
            tuning: self.plan.fetch.tuning,
            ordinary: OrdinaryClients::Nobody,
            direct: self.online.listener.is_some(),
            bridge: None,
            web_seeds: web_seed::Sources::default(),
        };
        let Online { listener, places, .. } = self.online;
        Ok(Swarm::start(config, listener.as_ref(), places).await?)
    }

    /// Watches the download until the file is complete, and says why if it cannot be.
    async fn watch(&self, swarm: &mut Swarm, part: &Part) -> Outcome {
        let report = &self.online.report;
        let mut patience = Patience::new(&self.card.name, Crowd::Group, self.plan.fetch.timeout);
        let mut look = tokio::time::interval(LOOK_EVERY);
        let mut server = self.online.watch_server();
        let mut group = self.view.clone();
        group.mark_changed();
        loop {
            tokio::select! {
                () = self.online.interrupt.asked() => return Err(interrupted(&swarm.state.borrow(), part, &self.card.name)),
                event = swarm.events.recv() => match event {
                    Some(event) => show_event(report, &event),
                    None => return Err(Failure::unexpected("the download ended by itself")),
                },
                Ok(()) = swarm.state.changed() => {
                    if show(report, &swarm.state.borrow_and_update(), part)? {
                        return Ok(());
                    }
                }
                change = server.next() => change?,
                Ok(()) = group.changed() => {
                    find_card(&group.borrow_and_update(), self.card.file, &self.card.name)?;
                },
                _ = look.tick() => patience.look(report, &swarm.state.borrow())?,
            }
        }
    }
}
