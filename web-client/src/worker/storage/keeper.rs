//! Blobs that the browser keeps in its database, for pages that have no disk of their own (without HTTPS): each is written
//! when it is made, and noted once it is there, so that a reload or a crash loses the last few seconds only.

use metainfo::Info;
use peer_engine::{PieceIndex, PieceSet};
use sha1::{Digest, Sha1};
use wasm_bindgen::JsCast;
use web_sys::Blob;
use wire_protocol::ids::InfoHash;

use super::blobs::{self, BlobPieces, Part};
use crate::storing::batches::{Batch, Batches, STAGED_MAX_MS};
use crate::storing::record::{StoredFile, StoredPieces};
use crate::storing::resume::Check;
use crate::worker::clock::{Now, unix_ms};
use crate::worker::crypto::random_u64;
use crate::worker::database::{Database, Write};
use crate::worker::shelf::Notes;

/// Of one file.
pub(in crate::worker) struct Keeper {
    torrent: InfoHash,
    visit: u64,
    database: Database,
    notes: Notes,
    kept: Batches,
    have: PieceSet,
    /// When what is not a Blob yet is to become one, milliseconds.
    due_ms: Option<u64>,
}

/// A Blob on its way to the database.
pub(super) struct Keeping {
    pub(super) batch: Batch,
    write: Write,
    database: Database,
    key: String,
}

impl Keeping {
    /// The same Blob as the database has it, which lies on the disk and not in memory.
    pub(super) async fn finish(self) -> (Batch, Option<Blob>) {
        let Self { batch, write, database, key } = self;
        let kept = match write.await {
            Ok(()) => database.read(&key).await.ok().and_then(|kept| kept.dyn_into().ok()),
            Err(_) => None,
        };
        (batch, kept)
    }
}

impl Keeper {
    /// With what an earlier visit left, as far as that is right.
    pub(super) async fn open(
        info: &Info,
        batches: Batches,
        notes: Notes,
        stored: &StoredFile,
        database: Database,
    ) -> (Self, BlobPieces, PieceSet) {
        let (torrent, pieces) = (info.info_hash(), info.layout().pieces());
        let (kept, mut blobs) = read(info, &torrent, batches.sound(pieces), &database).await;
        let mut have = PieceSet::none(pieces);
        for piece in kept.0.iter().flat_map(|batch| &batch.pieces) {
            have.insert(*piece);
        }
        let (mut kept, is_right) = (kept, is_right(&blobs, info, &have).await);
        if !is_right {
            (kept, blobs, have) = (Batches::default(), BlobPieces::new(*info.layout()), PieceSet::none(pieces));
        }
        notes.write_file(stored);
        let keeper = Self { torrent, visit: random_u64(), database, notes, kept, have: have.clone(), due_ms: None };
        keeper.note();
        (keeper, blobs, have)
    }

    /// Begins to write one.
    pub(super) fn keep(&mut self, number: u32, pieces: Vec<u32>, blob: &Blob) -> Keeping {
        self.due_ms = None;
        let batch = Batch { visit: self.visit, number, pieces };
        let key = batch.key(&self.torrent);
        let write = self.database.write_object(&key, blob);
        Keeping { batch, write, database: self.database.clone(), key }
    }

    /// It is there.
    pub(super) fn on_kept(&mut self, batch: Batch) {
        for piece in &batch.pieces {
            self.have.insert(*piece);
        }
        self.kept.0.push(batch);
        self.note();
    }

    fn note(&self) {
        self.notes.write_batches(&self.kept);
        self.notes.write_pieces(StoredPieces::new(&self.have, &self.have, unix_ms()));
    }

    /// A piece waits for others to become a Blob with.
    pub(super) fn on_staged(&mut self, now: Now) {
        self.due_ms.get_or_insert(now.ms() + STAGED_MAX_MS);
    }

    /// The browser made no Blob: it is tried again when more waits.
    pub(super) fn on_refused(&mut self) {
        self.due_ms = None;
    }

    /// What waits is to become a Blob now.
    pub(super) fn is_due(&self, now: Now) -> bool {
        self.due_ms.is_some_and(|due_ms| due_ms <= now.ms())
    }

    pub(super) fn poll_timeout(&self) -> Option<u64> {
        self.due_ms
    }
}

/// The Blobs that are there.
async fn read(info: &Info, torrent: &InfoHash, batches: Batches, database: &Database) -> (Batches, BlobPieces) {
    let (mut kept, mut found) = (Batches::default(), Vec::new());
    for batch in batches.0 {
        let blob = database.read(&batch.key(torrent)).await.ok().and_then(|blob| blob.dyn_into::<Blob>().ok());
        let len: u64 = batch.pieces.iter().map(|piece| u64::from(info.layout().piece_len(*piece))).sum();
        if let Some(blob) = blob.filter(|blob| blob.size() as u64 == len) {
            found.push((batch.pieces.clone(), blob));
            kept.0.push(batch);
        }
    }
    (kept, BlobPieces::restore(*info.layout(), found))
}

/// Some pieces are hashed; if one is wrong, nothing is believed.
async fn is_right(blobs: &BlobPieces, info: &Info, have: &PieceSet) -> bool {
    let pieces = info.layout().pieces();
    let noted = StoredPieces::new(have, have, 0);
    for piece in Check::new(&noted, pieces, random_u64()).first() {
        let bytes = match blobs.load(PieceIndex(piece), 0, info.layout().piece_len(piece)) {
            Ok(Part::Blob(blob)) => blobs::read(blob).await,
            Ok(Part::Bytes(bytes)) => Ok(bytes),
            Err(why) => Err(why),
        };
        if !bytes.is_ok_and(|bytes| Sha1::digest(&bytes).as_slice() == info.digest(piece)) {
            return false;
        }
    }
    true
}
