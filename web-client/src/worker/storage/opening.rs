//! Where the pieces of a file go: opened before the first one is asked for.

use metainfo::Info;
use peer_engine::PieceSet;

use super::blobs::BlobPieces;
use super::disk::DiskPieces;
use super::keeper::Keeper;
use super::{Pieces, blobs};
use crate::capacity::Capacity;
use crate::screen::downloads::no_room_why;
use crate::storing::record::{StoredFile, StoredPieces};
use crate::storing::{Place, WhyMemory};
use crate::worker::shelf::Notes;

/// What is to be opened.
pub(in crate::worker) struct Wanted {
    pub(in crate::worker) info: Info,
    pub(in crate::worker) capacity: Capacity,
    /// What was noted at an earlier visit.
    pub(in crate::worker) noted: Option<StoredPieces>,
    /// What is noted from now on.
    pub(in crate::worker) file: StoredFile,
    pub(in crate::worker) notes: Notes,
}

/// What was opened.
pub(in crate::worker) struct Opened {
    pub(super) pieces: Pieces,
    pub(super) keeper: Option<Keeper>,
    pub(in crate::worker) info: Info,
    pub(in crate::worker) place: Place,
    /// Pieces that are there.
    have: PieceSet,
}

impl Opened {
    /// Pieces that are there, for the engine.
    pub(in crate::worker) fn take_have(&mut self) -> PieceSet {
        std::mem::replace(&mut self.have, PieceSet::none(0))
    }
}

/// Opens it.
///
/// # Errors
/// There is no room for it, for the person.
pub(in crate::worker) async fn open(wanted: Wanted) -> Result<Opened, String> {
    let Wanted { info, capacity, noted, file, notes } = wanted;
    let size = info.layout().total_len();
    let mut place = if noted.is_some() { capacity.place_again(size) } else { capacity.place_of(size) };
    if place == Some(Place::Disk) {
        match DiskPieces::open(&info, noted.clone(), notes.clone(), &file).await {
            Ok((pieces, have)) => {
                let pieces = Pieces::Disk(pieces);
                return Ok(Opened { pieces, keeper: None, info, place: Place::Disk, have });
            }
            Err(why) => place = capacity.memory_for(size, why),
        }
    }
    let Some(place) = place else {
        return Err(no_room_why(None));
    };
    blobs::prepare();
    let batches = notes.batches().await;
    // What is noted of a file on a disk that is not there today stays as it is.
    let is_of_disk = noted.is_some() && batches.is_none();
    if let (Place::Memory(WhyMemory::NoDisk), false, Some(database)) = (place, is_of_disk, notes.database()) {
        let (keeper, pieces, have) = Keeper::open(&info, batches.unwrap_or_default(), notes, &file, database).await;
        let (pieces, keeper) = (Pieces::Blobs(pieces), Some(keeper));
        return Ok(Opened { pieces, keeper, info, place: Place::Database, have });
    }
    let (pieces, have) = (BlobPieces::new(*info.layout()), PieceSet::none(info.layout().pieces()));
    Ok(Opened { pieces: Pieces::Blobs(pieces), keeper: None, info, place, have })
}
