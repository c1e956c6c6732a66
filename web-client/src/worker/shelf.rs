//! Files whose pieces are on the browser's disk: what is noted of them, from visit to visit.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;
use wire_protocol::ids::InfoHash;

use super::database::{Database, Entries};
use super::driver::Driver;
use super::elsewhere::Elsewhere;
use super::scope::log;
use super::storage::{self, Opened};
use super::swarm::Swarm;
use crate::messages::{StoredView, decode, encode};
use crate::storing::Place;
use crate::storing::batches::{BLOB, Batches, torrent_of};
use crate::storing::record::{Stored, StoredFile, StoredPieces};

/// By info-hash: what a file is.
const FILE: &str = "file:";
/// By info-hash: which of its pieces are there.
const PIECES: &str = "pieces:";
/// By info-hash: which of its Blobs are in the database, where it has no file.
const BATCHES: &str = "batches:";
/// A file that was just handed to the browser's downloads is read by them for a moment, milliseconds.
const SAVED_AFTER_MS: u32 = 10_000;

/// By info-hash.
type AllStored = Rc<RefCell<BTreeMap<InfoHash, Stored>>>;

/// What this visit and earlier ones began.
#[derive(Default)]
pub(super) struct Shelf {
    stored: AllStored,
    /// Torrents whose pieces are in the database: they have no file on the disk.
    in_database: BTreeSet<InfoHash>,
    /// All notes could be read.
    is_all: bool,
    database: Option<Database>,
}

impl Shelf {
    /// From everything that is kept; `is_all`: as far as the browser knows.
    pub(super) fn new(entries: &Entries, is_all: bool, database: Database) -> Self {
        let files = entries.iter().filter_map(|(key, bytes)| {
            let torrent: InfoHash = key.strip_prefix(FILE)?.parse().ok()?;
            let pieces = entries.get(&format!("{PIECES}{torrent}")).and_then(|bytes| decode(bytes));
            Some((torrent, Stored { file: decode(bytes)?, pieces: pieces.unwrap_or_default() }))
        });
        let stored: BTreeMap<_, _> = files.collect();
        // A tab that was killed may leave Blobs that nobody has noted.
        let blobs = entries.keys().filter_map(|key| torrent_of(key));
        let lost = blobs.filter(|torrent| is_all && !stored.contains_key(torrent));
        for torrent in lost.collect::<BTreeSet<_>>() {
            let _ = database.remove_all(&format!("{BLOB}{torrent}:"));
        }
        let in_database = entries.keys().filter_map(|key| key.strip_prefix(BATCHES)?.parse().ok()).collect();
        Self { stored: Rc::new(RefCell::new(stored)), in_database, is_all, database: Some(database) }
    }

    /// What is there of a torrent.
    pub(super) fn get(&self, torrent: &InfoHash) -> Option<Stored> {
        self.stored.borrow().get(torrent).cloned()
    }

    /// Whether there is something of it.
    pub(super) fn has(&self, torrent: &InfoHash) -> bool {
        self.stored.borrow().contains_key(torrent)
    }

    /// Where the notes of a torrent go.
    pub(super) fn notes(&self, torrent: InfoHash) -> Notes {
        let (stored, database) = (self.stored.clone(), self.database.clone());
        Notes { torrent, stored, database, is_writing: Rc::default(), is_new: Rc::default() }
    }

    /// Forgets a torrent.
    fn forget(&self, torrent: &InfoHash) {
        self.stored.borrow_mut().remove(torrent);
        let Some(database) = &self.database else {
            return;
        };
        let notes = [FILE, PIECES, BATCHES].into_iter();
        let removed = notes
            .map(|what| database.remove(&format!("{what}{torrent}")))
            .chain([database.remove_all(&format!("{BLOB}{torrent}:"))])
            .collect::<Result<Vec<()>, _>>();
        if removed.is_err() {
            log("the browser did not forget a file");
        }
    }

    /// As the page shows it.
    fn views(&self, is_shown: impl Fn(&StoredFile) -> bool, elsewhere: &Elsewhere) -> Vec<StoredView> {
        let stored = self.stored.borrow();
        let shown = stored.iter().filter(|(_, stored)| is_shown(&stored.file));
        let views = shown.map(|(torrent, stored)| StoredView {
            torrent: torrent.0,
            group: stored.file.group,
            file: stored.file.file,
            name: stored.file.name.clone(),
            size: stored.file.size,
            have: stored.have_len(),
            is_elsewhere: elsewhere.has(torrent),
        });
        views.collect()
    }
}

/// Notes of one torrent. One is on its way at a time: of what comes meanwhile only the latest is written.
#[derive(Clone)]
pub(super) struct Notes {
    torrent: InfoHash,
    stored: AllStored,
    database: Option<Database>,
    is_writing: Rc<Cell<bool>>,
    /// There is something that is not on its way.
    is_new: Rc<Cell<bool>>,
}

impl Notes {
    /// Where they go; `None`: nothing is kept from visit to visit.
    pub(super) fn database(&self) -> Option<Database> {
        self.database.clone()
    }

    /// Which Blobs are in the database; `None`: it was never noted that any are.
    pub(super) async fn batches(&self) -> Option<Batches> {
        self.read(BATCHES).await
    }

    /// Which pieces are there. Another tab may have gone on since this one looked.
    pub(super) async fn pieces(&self) -> Option<StoredPieces> {
        self.read(PIECES).await
    }

    async fn read<T: serde::de::DeserializeOwned>(&self, what: &str) -> Option<T> {
        let bytes = self.database.as_ref()?.read(&format!("{what}{}", self.torrent)).await.ok()?;
        decode(&js_sys::Uint8Array::new(&bytes).to_vec())
    }

    /// Which there are now.
    pub(super) fn write_batches(&self, batches: &Batches) {
        if let Some(database) = &self.database {
            let written = database.write(&format!("{BATCHES}{}", self.torrent), &encode(batches));
            spawn_local(async move { warn(written.await.is_ok()) });
        }
    }

    /// Once.
    pub(super) fn write_file(&self, file: &StoredFile) {
        let stored = Stored { file: file.clone(), pieces: StoredPieces::default() };
        self.stored.borrow_mut().insert(self.torrent, stored);
        if let Some(database) = &self.database {
            let written = database.write(&format!("{FILE}{}", self.torrent), &encode(file));
            spawn_local(async move { warn(written.await.is_ok()) });
        }
    }

    /// Now and then.
    pub(super) fn write_pieces(&self, pieces: StoredPieces) {
        if let Some(stored) = self.stored.borrow_mut().get_mut(&self.torrent) {
            stored.pieces = pieces;
            self.is_new.set(true);
        }
        if !self.is_writing.replace(true) {
            spawn_local(self.clone().write_what_comes());
        }
    }

    async fn write_what_comes(self) {
        while self.is_new.replace(false) {
            // It may have been forgotten meanwhile.
            let pieces = self.stored.borrow().get(&self.torrent).map(|stored| encode(&stored.pieces));
            if let (Some(pieces), Some(database)) = (pieces, &self.database) {
                warn(database.write(&format!("{PIECES}{}", self.torrent), &pieces).await.is_ok());
            }
        }
        self.is_writing.set(false);
    }
}

fn warn(is_written: bool) {
    if !is_written {
        log("the browser did not note which pieces it has: a later visit begins anew");
    }
}

impl Driver {
    /// What is on disk and not open in this tab.
    pub(super) fn stored_views(&self) -> Vec<StoredView> {
        self.kept.shelf.views(|stored| self.swarms.key_of_file(stored.file).is_none(), &self.elsewhere)
    }

    /// Compares the notes with what lies on the disk, and tidies up.
    pub(super) fn look_at_shelf(&self) {
        // Whoever cannot read every note does not know what nobody needs.
        if !self.kept.shelf.is_all {
            return;
        }
        let known: Vec<InfoHash> = self.kept.shelf.stored.borrow().keys().copied().collect();
        let handle = self.handle.clone();
        spawn_local(async move {
            let Some(there) = storage::look(|torrent| known.contains(torrent)).await else {
                return;
            };
            handle.run(|driver| {
                let in_database = driver.kept.shelf.in_database.clone();
                let gone =
                    known.iter().filter(|torrent| !there.files.contains(torrent) && !in_database.contains(torrent));
                gone.for_each(|torrent| driver.kept.shelf.forget(torrent));
                driver.urgent = true;
            });
        });
    }

    /// What is in memory is gone with the swarm; what is on disk is removed.
    pub(super) fn forget_pieces(&mut self, swarm: Swarm) {
        let is_saved = swarm.transfer().is_some_and(|transfer| transfer.storage.url().is_some());
        let on_disk = swarm.on_disk();
        // Closes its file.
        drop(swarm);
        if let Some(torrent) = on_disk {
            self.remove_stored(torrent, is_saved);
        }
    }

    /// It was stopped while its place was being opened.
    pub(super) fn forget_opened(&mut self, opened: Opened) {
        let (torrent, is_on_disk) = (opened.info.info_hash(), matches!(opened.place, Place::Disk | Place::Database));
        // Closes its file.
        drop(opened);
        if is_on_disk {
            self.remove_stored(torrent, false);
        }
    }

    /// Removes a torrent's pieces from the disk, unless a tab has them open. `is_saved`: the browser's downloads may still read them.
    pub(super) fn remove_stored(&mut self, torrent: InfoHash, is_saved: bool) {
        self.kept.shelf.forget(&torrent);
        let wait = if is_saved { SAVED_AFTER_MS } else { 0 };
        Timeout::new(wait, move || spawn_local(storage::remove(torrent))).forget();
        self.urgent = true;
    }
}
