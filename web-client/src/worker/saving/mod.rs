//! Saving a download where the person wants it: in a file or a folder that they chose, as an archive, or file by file.
//! What a browser has of it stays until that is done; after that the tab serves others from what was saved.

mod assembled;
mod copying;
mod failing;
mod folder;
mod jobs;
mod one;
mod reading;
mod writable;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use wasm_bindgen_futures::spawn_local;
use web_sys::FileSystemHandle;
use wire_protocol::ids::FileId;

use super::Handle;
use super::driver::Driver;
use super::scope::post;
use crate::messages::{FileList, Report, SaveAs, SaveCommand, SavingStep, SavingView, encode};
use crate::saving::{Trouble, is_folder, saved_len, wanted};
use crate::screen::saving as words;
use crate::storing::Place;
use jobs::{Job, Placed};

/// What the person chose for a download.
pub(super) struct Saving {
    save_as: SaveAs,
    /// Where; `None`: the browser's downloads.
    place: Option<FileSystemHandle>,
    step: Step,
}

enum Step {
    /// Until all of it is here.
    Waiting,
    Writing {
        done: u64,
        total: u64,
        /// Ends the job with this.
        _job: Running,
    },
    Saved {
        left_out: Option<String>,
    },
    Failed(String),
}

/// A job on its way: it ends when this is dropped.
struct Running(Rc<Cell<bool>>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

/// A job's way to say how far it is.
pub(super) struct Progress {
    key: u64,
    handle: Handle,
    is_cancelled: Rc<Cell<bool>>,
}

impl Progress {
    /// So many bytes are written.
    ///
    /// # Errors
    /// Nobody wants it any more.
    fn tell(&self, written: u64) -> Result<(), Trouble> {
        if self.is_cancelled.get() {
            return Err(Trouble::Cancelled);
        }
        let key = self.key;
        self.handle.run(|driver| {
            if let Some(Saving { step: Step::Writing { done, .. }, .. }) = driver.saving_mut(key) {
                *done = written;
                driver.urgent = true;
            }
        });
        Ok(())
    }
}

impl Saving {
    /// As the page shows it.
    pub(super) fn view(&self) -> SavingView {
        let step = match &self.step {
            Step::Waiting => SavingStep::Waiting,
            Step::Writing { done, total, .. } => SavingStep::Writing { done: *done, total: *total },
            Step::Saved { left_out } => SavingStep::Saved { left_out: left_out.clone() },
            Step::Failed(reason) => SavingStep::Failed { reason: reason.clone() },
        };
        SavingView { save_as: self.save_as, place: self.place.as_ref().map(FileSystemHandle::name), step }
    }

    fn is_under_way(&self) -> bool {
        matches!(self.step, Step::Waiting | Step::Writing { .. })
    }
}

impl Driver {
    fn saving_mut(&mut self, key: u64) -> Option<&mut Saving> {
        self.swarms.get_mut(key)?.saving.as_mut()
    }

    /// What the person wants of a download. `place`: what they chose.
    pub(super) fn save(&mut self, file: FileId, save: SaveCommand, place: Option<FileSystemHandle>) {
        let Some(key) = self.swarms.key_of_file(file) else {
            return;
        };
        match save {
            SaveCommand::All(save_as) => self.save_all(key, save_as, place),
            SaveCommand::One(at) => self.save_one(key, at),
            SaveCommand::Cancel => self.cancel_saving(key),
            SaveCommand::List => self.list_files(key, file),
        }
        self.urgent = true;
    }

    fn save_all(&mut self, key: u64, save_as: SaveAs, place: Option<FileSystemHandle>) {
        let Some(swarm) = self.swarms.get_mut(key).filter(|swarm| swarm.share.is_none()) else {
            return;
        };
        if place.is_none() && save_as != SaveAs::Zip || swarm.saving.as_ref().is_some_and(Saving::is_under_way) {
            return;
        }
        swarm.saving = Some(Saving { save_as, place, step: Step::Waiting });
        self.save_what_waited(key);
    }

    /// All of it is here: saves it, if the person chose where.
    pub(super) fn save_what_waited(&mut self, key: u64) {
        let handle = self.handle.clone();
        let Some(swarm) = self.swarms.get_mut(key) else {
            return;
        };
        let transfer = swarm.transfer();
        let info = transfer.and_then(|transfer| Some(Arc::new(transfer.peer.engine()?.info().clone())));
        let whole = transfer.and_then(|transfer| transfer.storage.whole().cloned());
        let (Some(info), Some(whole)) = (info, whole) else {
            return;
        };
        let Some(saving) = swarm.saving.as_mut().filter(|saving| matches!(saving.step, Step::Waiting)) else {
            return;
        };
        let is_cancelled = Rc::new(Cell::new(false));
        let progress = Progress { key, handle: handle.clone(), is_cancelled: is_cancelled.clone() };
        let total = saved_len(&info);
        saving.step = Step::Writing { done: 0, total, _job: Running(is_cancelled.clone()) };
        let job = Job { info, whole, save_as: saving.save_as, place: saving.place.clone(), progress };
        spawn_local(async move {
            let outcome = jobs::run(job).await;
            if !is_cancelled.get() {
                handle.run(|driver| driver.on_saved(key, outcome));
            }
        });
    }

    fn on_saved(&mut self, key: u64, outcome: Result<Placed, Trouble>) {
        let Some(swarm) = self.swarms.get_mut(key) else {
            return;
        };
        let name = swarm.name.clone();
        let Some(saving) = &mut swarm.saving else {
            return;
        };
        match outcome {
            Ok(Placed { left_out, to_downloads, serving }) => {
                saving.step = Step::Saved { left_out: words::left_out_line(&left_out) };
                if let Some(to_downloads) = to_downloads {
                    post(&encode(&Report::Download(to_downloads)));
                }
                if let Some(serving) = serving {
                    self.serve_from(key, serving);
                }
            }
            Err(trouble) => saving.step = Step::Failed(words::trouble_line(&name, &trouble)),
        }
        self.urgent = true;
    }

    /// What was saved is what others get from now on; the browser's own copy is let go.
    fn serve_from(&mut self, key: u64, serving: jobs::Serving) {
        let Some(swarm) = self.swarms.get_mut(key) else {
            return;
        };
        let on_disk = swarm.on_disk();
        let Some(transfer) = swarm.transfer_mut() else {
            return;
        };
        if transfer.storage.serve_from(serving.reader, &serving.whole).is_ok() {
            swarm.place = Some(Place::Chosen);
            if let Some(torrent) = on_disk {
                self.remove_stored(torrent, true);
            }
        }
    }

    fn cancel_saving(&mut self, key: u64) {
        let Some(swarm) = self.swarms.get_mut(key) else {
            return;
        };
        let reason = words::trouble_line(&swarm.name, &Trouble::Cancelled);
        match &mut swarm.saving {
            Some(Saving { step: Step::Waiting, .. }) => swarm.saving = None,
            Some(saving) if saving.is_under_way() => saving.step = Step::Failed(reason),
            _ => {}
        }
    }

    fn list_files(&self, key: u64, file: FileId) {
        let info = self.swarms.get(key).and_then(|swarm| swarm.transfer()?.peer.engine()).map(|engine| engine.info());
        let Some(info) = info.filter(|info| is_folder(info)) else {
            return;
        };
        // The folder itself is what the card is called.
        let files = wanted(info).map(|file| (file.path[1.min(file.path.len() - 1)..].join("/"), file.len));
        post(&encode(&Report::Files { file, list: FileList { files: files.collect() } }));
    }
}
