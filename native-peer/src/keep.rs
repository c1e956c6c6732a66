//! `keep`: holds everything that a group shares, so that whoever shared it can close the lid.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::watch;
use wire_protocol::control::FileCard;
use wire_protocol::ids::{FileId, GroupId};

use crate::cli::{Download, Existing, Fetch, JoinTarget, Keep, Seeding, Setup};
use crate::download::place::Names;
use crate::download::{Step, Transfer};
use crate::failure::{Failure, Outcome};
use crate::groups::find;
use crate::invites::now_ms;
use crate::online::Online;
use crate::report::{Report, text};
use crate::session::GroupState;
use crate::share::show_event;
use crate::standing::find_card;
use crate::storage::find_target;
use crate::swarm::Swarm;

/// After something went wrong with a file, before it is tried again.
const AGAIN_AFTER: Duration = Duration::from_secs(60);

/// Runs the command, until Ctrl-C.
///
/// # Errors
/// [`Failure`].
pub async fn keep(plan: Keep, setup: &Setup, report: Report) -> Outcome {
    let online = Online::start(setup, plan.server.clone(), report).await?;
    let (group, known) = find::group(&online.groups().await?, &plan.group)?;
    let view = online.session.watch_group(group).await?;
    let folder = plan.folder.join(&known.slug);
    let shown = text::printable(&known.name);
    online.report.note(&format!("Keeping what \"{shown}\" shares in {}; Ctrl-C ends it.", folder.display()));
    let keeper = Keeper { online: &online, plan: &plan, group, folder, held: RefCell::default() };
    let mut server = online.watch_server();
    let mut work = std::pin::pin!(keeper.run(view));
    loop {
        tokio::select! {
            () = online.interrupt.asked() => return Ok(()),
            change = server.next() => change?,
            ended = &mut work => return ended,
        }
    }
}

struct Keeper<'a> {
    online: &'a Online,
    plan: &'a Keep,
    group: GroupId,
    folder: PathBuf,
    /// Bytes of each file that is held or fetched.
    held: RefCell<BTreeMap<FileId, u64>>,
}

impl Keeper<'_> {
    /// Takes up each file that there is room for, the oldest first, until the group is gone.
    async fn run(&self, mut view: watch::Receiver<GroupState>) -> Outcome {
        let (mut files, mut too_big) = (FuturesUnordered::new(), Vec::new());
        view.mark_changed();
        loop {
            tokio::select! {
                Ok(()) = view.changed() => {}
                Some(()) = files.next() => {}
                else => return Err(Failure::unexpected("the session is over")),
            }
            let state = view.borrow_and_update().clone();
            if state.gone.is_some() {
                let advice = "What was kept is still in its folder.";
                return Err(Failure::not_allowed("you are not in this group any more", advice));
            }
            for card in state.group.iter().flat_map(|group| &group.files) {
                // Without its torrent it may yet become a card that is held already.
                if card.torrent.is_none() || self.held.borrow().contains_key(&card.file) || self.is_expired(card) {
                    continue;
                }
                if self.has_room_for(card) {
                    self.held.borrow_mut().insert(card.file, card.size);
                    files.push(self.hold(card.clone(), view.clone()));
                } else if !too_big.contains(&card.file) {
                    too_big.push(card.file);
                    let (name, size) = (text::printable(&card.name), text::size(card.size));
                    self.online.report.note(&format!(
                        "Not kept: {name} ({size}) does not fit into the quota. Give it a larger one with --quota, or have files that nobody needs removed from the group."
                    ));
                }
            }
        }
    }

    fn has_room_for(&self, card: &FileCard) -> bool {
        let held: u64 = self.held.borrow().values().sum();
        self.plan.quota.is_none_or(|quota| held.saturating_add(card.size) <= quota)
    }

    /// Holds a file until it is removed from the group or too old; then it is deleted here as well.
    async fn hold(&self, card: FileCard, view: watch::Receiver<GroupState>) {
        let folder = self.folder.join(card.file.to_string());
        loop {
            match self.fetch_and_serve(&card, view.clone(), folder.clone()).await {
                Ok(()) => break,
                Err(failure) if find_card(&view.borrow(), card.file, &card.name).is_ok() => {
                    self.online.report.note(&format!("{failure}; trying again in a minute."));
                    tokio::time::sleep(AGAIN_AFTER).await;
                }
                Err(_) => break,
            }
        }
        // Whoever was removed from the group keeps what they have.
        if view.borrow().gone.is_some() {
            return;
        }
        if let Err(error) = tokio::fs::remove_dir_all(&folder).await {
            tracing::warn!(%error, folder = %folder.display(), "a file that is kept no more is not deleted");
        }
        self.held.borrow_mut().remove(&card.file);
        self.online.report.note(&format!("No longer kept: {}.", text::printable(&card.name)));
    }

    async fn fetch_and_serve(&self, card: &FileCard, view: watch::Receiver<GroupState>, folder: PathBuf) -> Outcome {
        std::fs::create_dir_all(&folder).map_err(|error| Failure::file("make the folder", &folder, &error))?;
        let target = find_target(Some(&folder), &card.name, true);
        let fetch = Fetch {
            output: Some(folder),
            tuning: self.plan.tuning,
            seeding: Seeding::Stay,
            timeout: None,
            existing: Existing::Overwrite,
        };
        let server = self.plan.server.clone();
        let plan = Download {
            target: JoinTarget::Slug(String::new()),
            server,
            message: String::new(),
            file: None,
            files: None,
            fetch,
        };
        let (online, group) = (self.online, self.group);
        let names = Names::default();
        let transfer = Transfer {
            online,
            plan: &plan,
            group,
            view: &view,
            card: card.clone(),
            target,
            names: &names,
            turns: None,
        };
        let fetched = tokio::select! {
            fetched = transfer.run() => fetched?,
            () = self.expired(card) => return Ok(()),
        };
        match fetched {
            Step::Done(Some(served)) => self.serve(card, view.clone(), served.swarm).await,
            Step::Done(None) | Step::SetAside | Step::IsAnother => Ok(()),
        }
    }

    async fn serve(&self, card: &FileCard, mut view: watch::Receiver<GroupState>, mut swarm: Swarm) -> Outcome {
        self.online.report.note(&format!("Kept: {}, a full copy for the group.", text::printable(&card.name)));
        let outcome = loop {
            tokio::select! {
                Some(event) = swarm.events.recv() => show_event(&self.online.report, &event),
                Ok(()) = view.changed() => if find_card(&view.borrow_and_update(), card.file, &card.name).is_err() {
                    break Ok(());
                },
                Ok(()) = swarm.state.changed() => {
                    if let Some(error) = swarm.state.borrow_and_update().storage_failure.clone() {
                        break Err(Failure::local_files(format!("cannot read {}", text::printable(&card.name)), error));
                    }
                }
                () = self.expired(card) => break Ok(()),
            }
        };
        swarm.stop().await;
        outcome
    }

    fn is_expired(&self, card: &FileCard) -> bool {
        self.left(card).is_some_and(|left| left.is_zero())
    }

    /// `None`: for ever.
    fn left(&self, card: &FileCard) -> Option<Duration> {
        let lasts = u64::try_from(self.plan.expires?.as_millis()).unwrap_or(u64::MAX);
        Some(Duration::from_millis(card.added_at_ms.saturating_add(lasts).saturating_sub(now_ms())))
    }

    async fn expired(&self, card: &FileCard) {
        match self.left(card) {
            Some(left) => tokio::time::sleep(left).await,
            None => std::future::pending().await,
        }
    }
}
