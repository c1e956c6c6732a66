//! All the files of one command: every place is looked at first, then they are fetched one after the other.

use std::collections::BTreeMap;

use tokio::sync::watch;
use wire_protocol::control::FileCard;
use wire_protocol::ids::{FileId, GroupId};

use super::place::Names;
use super::seeding::{self, Served};
use super::transfer::{Ready, Step, Transfer};
use super::turns::Turns;
use crate::cli::Download;
use crate::exit_code;
use crate::failure::{Failure, Outcome};
use crate::online::Online;
use crate::session::GroupState;
use crate::standing::find_card;
use crate::storage::{Target, find_target};

/// Files that are looked at before their turn and stay open: systems allow a program 256 or 1024.
const READY_MAX: usize = 64;

/// What one command is to bring.
pub struct Errand<'a> {
    pub online: &'a Online,
    pub plan: &'a Download,
    pub group: GroupId,
    pub view: &'a watch::Receiver<GroupState>,
}

impl Errand<'_> {
    /// Downloads these files. Returns what is served on.
    ///
    /// # Errors
    /// [`Failure`]. A file that was removed from the group ends the command only after the others came.
    pub async fn run(&self, files: Vec<FileCard>) -> Outcome<Vec<Served>> {
        let names = Names::default();
        let targets = self.targets(&files, &names);
        let turns = Turns::new(self.view.clone(), files.clone());
        let transfer = |card: FileCard| Transfer {
            online: self.online,
            plan: self.plan,
            group: self.group,
            view: self.view,
            target: targets[&card.file].clone(),
            card,
            names: &names,
            turns: (files.len() > 1).then_some(&turns),
        };
        let mut ready = self.look_ahead(&files, transfer).await?;
        let (mut served, mut lost) = (Vec::new(), None);
        while let Some(card) = turns.next() {
            let job = transfer(card.clone());
            let work = job.run_from(ready.remove(&card.file));
            match Box::pin(seeding::during(self.online, &mut served, self.view.clone(), work)).await {
                Ok(Step::Done(done)) => {
                    turns.remove(card.file);
                    served.extend(done);
                }
                Ok(Step::IsAnother) => turns.remove(card.file),
                Ok(Step::SetAside) => turns.set_aside(card.file),
                Err(failure) if failure.exit == exit_code::NO_SOURCE => match self.is_removed(&card) {
                    true => {
                        turns.remove(card.file);
                        lost = Some(failure);
                    }
                    false => return Err(turns.given_up(failure)),
                },
                Err(failure) => return Err(failure),
            }
        }
        lost.map_or(Ok(served), Err::<Vec<Served>, Failure>)
    }

    /// Where each goes.
    fn targets(&self, files: &[FileCard], names: &Names) -> BTreeMap<FileId, Target> {
        let output = self.plan.fetch.output.as_deref();
        let target = |card: &FileCard| (card.file, names.find(&find_target(output, &card.name, files.len() > 1)));
        files.iter().map(target).collect()
    }

    /// Of several files none is begun before it is known that the others have a place, too: those that are read already.
    async fn look_ahead<'t>(
        &self,
        files: &[FileCard],
        transfer: impl Fn(FileCard) -> Transfer<'t>,
    ) -> Outcome<BTreeMap<FileId, Ready>> {
        let mut found = BTreeMap::new();
        for card in files.iter().filter(|card| files.len() > 1 && card.torrent.is_some()) {
            if let Step::Done(ready) = Box::pin(transfer(card.clone()).prepare()).await?
                && found.len() < READY_MAX
            {
                found.insert(card.file, ready);
            }
        }
        Ok(found)
    }

    fn is_removed(&self, card: &FileCard) -> bool {
        find_card(&self.view.borrow(), card.file, &card.name).is_err()
    }
}
