//! One file: from its card to the finished file.

use std::sync::Arc;
use std::time::{Duration, Instant};

use metainfo::Info;
use peer_engine::PieceSet;
use tokio::sync::watch;
use wire_protocol::control::{FileCard, SwarmName};
use wire_protocol::ids::GroupId;

use super::local::{Start, Wanted, finish, interrupted, show};
use super::patience::{Crowd, Patience};
use super::piping::{Piping, pipe};
use super::place::{Names, look};
use super::seeding::Served;
use super::torrent::find_info;
use super::turns::Turns;
use crate::cli::{Download, Existing, Seeding};
use crate::failure::{Failure, Outcome};
use crate::online::Online;
use crate::report::Finished;
use crate::session::GroupState;
use crate::share::show_event;
use crate::standing::find_card;
use crate::storage::{Content, Part, Target};
use crate::swarm::{IDLE_AFTER, InGroup, OrdinaryClients, Presence, Swarm, SwarmConfig};
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
    /// Where it goes; one of `names`.
    pub target: Target,
    /// Those of all files of this command.
    pub names: &'a Names,
    /// The other files; `None`: there are none.
    pub turns: Option<&'a Turns>,
}

/// What is to be fetched, and what is there already.
pub struct Ready {
    /// Not always the one that was meant: the group may have had its torrent already, as this card.
    card: FileCard,
    info: Arc<Info>,
    wanted: Wanted,
    piping: Option<Piping>,
    start: Start,
}

/// How a part of a transfer ended.
pub enum Step<T> {
    Done(T),
    /// It comes no more for now, and another file can be had.
    SetAside,
    /// It turned out to be another file of this command.
    IsAnother,
}

impl Transfer<'_> {
    /// Looks at what is there, and changes nothing.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn prepare(&self) -> Outcome<Step<Ready>> {
        let (card, info) = tokio::select! {
            found = self.find_info() => found?,
            () = self.other_turn() => return Ok(Step::SetAside),
        };
        if card.file != self.card.file && self.turns.is_some_and(|turns| turns.is_meant(card.file)) {
            return Ok(Step::IsAnother);
        }
        let info = Arc::new(info);
        let wanted = match &self.plan.files {
            Some(selection) => Wanted::selected(&info, selection)?,
            None => Wanted::all(&info),
        };
        let piping = Piping::open(&self.plan.fetch, &info, &wanted)?;
        let target = piping.as_ref().map_or_else(|| self.target.clone(), |piping| piping.target(info.name()));
        let looking = look(&self.online.report, &info, (target, self.names), self.plan.fetch.existing, &wanted);
        let start = self.online.guarded("checking what is there", looking).await??;
        Ok(Step::Done(Ready { card, info, wanted, piping, start }))
    }

    /// Looks, and downloads it. Returns what is to be served on.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn run(&self) -> Outcome<Step<Option<Served>>> {
        self.run_from(None).await
    }

    /// The same, with what was found before.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn run_from(&self, ready: Option<Ready>) -> Outcome<Step<Option<Served>>> {
        let ready = match ready {
            Some(ready) => ready,
            None => match Box::pin(self.prepare()).await? {
                Step::Done(ready) => ready,
                Step::SetAside => return Ok(Step::SetAside),
                Step::IsAnother => return Ok(Step::IsAnother),
            },
        };
        Box::pin(self.fetch(ready)).await
    }

    async fn find_info(&self) -> Outcome<(FileCard, Info)> {
        let idle = self.turns.map_or(Duration::ZERO, |turns| turns.last_arrival().elapsed());
        let timeout = self.plan.fetch.timeout.map(|timeout| timeout.saturating_sub(idle));
        find_info(self.online, self.group, self.view.clone(), &self.card, timeout).await
    }

    /// Ends when another file can be had, unless this one can be read at once.
    async fn other_turn(&self) {
        match self.turns {
            Some(turns) if self.card.torrent.is_none() => turns.other(self.card.file).await,
            _ => std::future::pending().await,
        }
    }

    async fn fetch(&self, ready: Ready) -> Outcome<Step<Option<Served>>> {
        let Ready { card, info, wanted, piping, start } = ready;
        let layout = *info.layout();
        let (bytes, pieces) = (wanted.bytes(&info), wanted.pieces.count());
        match start {
            Start::Complete(content, have, target) => {
                let finished = Finished { path: &target.path, bytes, fetched: 0, took: Duration::ZERO, pieces };
                self.online.report.done(&finished);
                if self.plan.fetch.seeding != Seeding::Stay {
                    return Ok(Step::Done(None));
                }
                let swarm = self.start(&card, info, &wanted, have, content).await?;
                Ok(Step::Done(Some(Served { card, swarm })))
            }
            Start::Partial(part, have) if let Some(piping) = &piping => {
                let content = part.content().clone();
                let mut swarm = self.start(&card, info, &wanted, have, content.clone()).await?;
                let writing = piping.write(swarm.state.clone(), content, tokio::io::stdout());
                let piped = pipe(writing, async { self.watch(&card, &mut swarm, &part).await.map(drop) }).await;
                self.online.report.end_bar();
                swarm.stop().await;
                piped.map(|()| Step::Done(None))
            }
            Start::Partial(part, have) => {
                self.online.report.ready(&info.info_hash(), layout.pieces(), layout.nominal_piece_len());
                self.online.report.note(&format!("Saving to {}", part.target().part.display()));
                let started = Instant::now();
                let mut swarm = self.start(&card, info, &wanted, have, part.content().clone()).await?;
                let watched = self.watch(&card, &mut swarm, &part).await;
                self.online.report.end_bar();
                if !matches!(watched, Ok(Step::Done(()))) {
                    swarm.stop().await;
                    return watched.map(|_| Step::SetAside);
                }
                let fetched = swarm.state.borrow().downloaded;
                let part = finish(part, self.plan.fetch.existing == Existing::Overwrite).await?;
                let finished = Finished { path: &part.target().path, bytes, fetched, took: started.elapsed(), pieces };
                self.online.report.done(&finished);
                Ok(Step::Done(Some(Served { card, swarm })))
            }
        }
    }

    async fn start(
        &self,
        card: &FileCard,
        info: Arc<Info>,
        wanted: &Wanted,
        have: PieceSet,
        content: Arc<Content>,
    ) -> Outcome<Swarm> {
        let swarm = SwarmName { group: self.group, file: card.file };
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
    async fn watch(&self, card: &FileCard, swarm: &mut Swarm, part: &Part) -> Outcome<Step<()>> {
        let report = &self.online.report;
        let since = self.turns.map_or_else(Instant::now, Turns::last_arrival);
        let mut patience = Patience::new(&card.name, Crowd::Group, self.plan.fetch.timeout).since(since);
        let mut look = tokio::time::interval(LOOK_EVERY);
        let mut server = self.online.watch_server();
        let mut group = self.view.clone();
        group.mark_changed();
        loop {
            tokio::select! {
                () = self.online.interrupt.asked() => return Err(interrupted(&swarm.state.borrow(), part, &card.name)),
                event = swarm.events.recv() => match event {
                    Some(event) => show_event(report, &event),
                    None => return Err(Failure::unexpected("the download ended by itself")),
                },
                Ok(()) = swarm.state.changed() => {
                    let state = swarm.state.borrow_and_update();
                    if show(report, &state, part, patience.waits(&state).as_deref())? {
                        return Ok(Step::Done(()));
                    }
                }
                change = server.next() => change?,
                Ok(()) = group.changed() => {
                    find_card(&group.borrow_and_update(), card.file, &card.name)?;
                },
                _ = look.tick() => {
                    patience.look(report, &swarm.state.borrow())?;
                    if self.is_set_aside(patience.idle(&swarm.state.borrow()), swarm.state.borrow().last_arrival) {
                        return Ok(Step::SetAside);
                    }
                }
            }
        }
    }

    /// Nothing comes of this one, and another one can be had.
    fn is_set_aside(&self, idle: Duration, last_arrival: Option<Instant>) -> bool {
        let Some(turns) = self.turns else {
            return false;
        };
        last_arrival.into_iter().for_each(|at| turns.arrived(at));
        idle >= IDLE_AFTER && turns.has_other(self.card.file)
    }
}
