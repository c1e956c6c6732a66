//! Shares of earlier visits: what is noted of them, the handles of their files where the browser gave some, and how they
//! go on.

use std::collections::{BTreeMap, BTreeSet};

use js_sys::Uint8Array;
use metainfo::{Info, InfoBuilder};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use wire_protocol::ids::{GroupId, InfoHash};

use super::{Share, Step, pieces_digests};
use crate::messages::{Report, SharedView, decode, encode};
use crate::sharing::{SharedRecord, Trouble, same_torrent, spots};
use crate::worker::clock::Now;
use crate::worker::crypto::random_u64;
use crate::worker::database::{Database, Entries};
use crate::worker::driver::Driver;
use crate::worker::scope::{log, post_beside};

/// By info-hash: what was shared.
const SHARE: &str = "share:";
/// By info-hash: the handle of its file.
const HANDLE: &str = "handle:";

/// What this visit and earlier ones shared.
#[derive(Default)]
pub(in crate::worker) struct KeptShares {
    records: BTreeMap<InfoHash, SharedRecord>,
    handles: BTreeSet<InfoHash>,
    database: Option<Database>,
}

impl KeptShares {
    /// From everything that is kept. Of a handle its key tells enough: it is read when it is used.
    pub(in crate::worker) fn new(entries: &Entries, database: Database) -> Self {
        let of = |prefix: &'static str| {
            entries.iter().filter_map(move |(key, value)| Some((key.strip_prefix(prefix)?.parse().ok()?, value)))
        };
        let records = of(SHARE).filter_map(|(torrent, bytes)| Some((torrent, decode(bytes)?)));
        let handles = of(HANDLE).map(|(torrent, _)| torrent);
        Self { records: records.collect(), handles: handles.collect(), database: Some(database) }
    }

    fn note(&mut self, torrent: InfoHash, record: SharedRecord, handle: Option<&JsValue>) {
        let Some(database) = &self.database else {
            return;
        };
        let mut written = vec![database.write(&format!("{SHARE}{torrent}"), &encode(&record))];
        if let Some(handle) = handle {
            written.push(database.write_object(&format!("{HANDLE}{torrent}"), handle));
            self.handles.insert(torrent);
        }
        self.records.insert(torrent, record);
        spawn_local(async move {
            for one in written {
                if one.await.is_err() {
                    log("the browser did not note what is shared: after a reload it is hashed again");
                }
            }
        });
    }

    fn forget(&mut self, torrent: &InfoHash) {
        if self.records.remove(torrent).is_none() {
            return;
        }
        self.handles.remove(torrent);
        let Some(database) = &self.database else {
            return;
        };
        let removed = [SHARE, HANDLE].into_iter().try_for_each(|what| database.remove(&format!("{what}{torrent}")));
        if removed.is_err() {
            log("the browser did not forget a share");
        }
    }

    /// The hashes of what was picked, if it was shared in this group before.
    pub(super) fn find(&self, group: GroupId, picked: &InfoBuilder) -> Option<Info> {
        let here = self.records.values().filter(|record| record.group == group);
        let alike = here.filter(|record| record.size == picked.layout().total_len());
        alike.filter_map(|record| same_torrent(picked, &Info::parse(record.info.clone().into()).ok()?)).next()
    }
}

impl Driver {
    /// What may be shared again, and is not shared now.
    pub(in crate::worker) fn shared_views(&self) -> Vec<SharedView> {
        let kept = &self.kept.shares;
        let is_offered = |record: &SharedRecord| {
            let group = self.conversation.groups().get(&record.group);
            group.is_some_and(|group| group.file(record.file).is_some())
                && self.swarms.key_of_file(record.file).is_none()
        };
        let offered = kept.records.iter().filter(|(_, record)| is_offered(record));
        let view = |(torrent, record): (&InfoHash, &SharedRecord)| SharedView {
            torrent: torrent.0,
            group: record.group,
            name: record.name.clone(),
            is_folder: record.files.is_some(),
            has_handle: kept.handles.contains(torrent),
        };
        offered.map(view).collect()
    }

    /// It is served now: a later visit may go on with it.
    pub(super) fn note_share(&mut self, key: u64) {
        let Some(swarm) = self.swarms.get(key) else {
            return;
        };
        let (Some(share), Some(engine)) = (&swarm.share, swarm.transfer().and_then(|transfer| transfer.peer.engine()))
        else {
            return;
        };
        let info = engine.info();
        let record = SharedRecord {
            group: swarm.id.group,
            file: swarm.id.file,
            name: swarm.name.clone(),
            size: swarm.size,
            files: share.files,
            info: info.raw().to_vec(),
        };
        self.kept.shares.note(info.info_hash(), record, share.handle.as_ref());
    }

    /// Nobody is to be asked for it again.
    pub(in crate::worker) fn forget_share(&mut self, torrent: InfoHash) {
        self.kept.shares.forget(&torrent);
        self.urgent = true;
    }

    /// The same, of one that ends.
    pub(super) fn forget_share_of(&mut self, key: u64) {
        let engine = self.swarms.get(key).and_then(|swarm| swarm.transfer()?.peer.engine());
        if let Some(torrent) = engine.map(|engine| engine.info().info_hash()) {
            self.forget_share(torrent);
        }
    }

    /// Forgets what is in no group any more.
    pub(in crate::worker) fn tidy_shares(&mut self) {
        if !self.conversation.is_synced() {
            return;
        }
        let groups = self.conversation.groups();
        let is_there =
            |record: &SharedRecord| groups.get(&record.group).is_some_and(|group| group.file(record.file).is_some());
        let records = self.kept.shares.records.iter();
        let gone: Vec<InfoHash> =
            records.filter(|(_, record)| !is_there(record)).map(|(torrent, _)| *torrent).collect();
        gone.iter().for_each(|torrent| self.kept.shares.forget(torrent));
    }

    /// The page asks the person whether it may read the file again.
    pub(in crate::worker) fn hand_out_shared(&self, torrent: InfoHash) {
        let record = self.kept.shares.records.get(&torrent);
        let (Some(record), Some(database)) = (record, self.kept.shares.database.clone()) else {
            return;
        };
        let report = encode(&Report::SharedHandle { torrent: torrent.0, group: record.group });
        spawn_local(async move {
            if let Ok(handle) = database.read(&format!("{HANDLE}{torrent}")).await {
                post_beside(&report, &handle);
            }
        });
    }

    /// Looks whether what was picked is what it was, by some of its pieces.
    pub(super) fn check_share(&mut self, key: u64, builder: InfoBuilder, info: Info) {
        let handle = self.handle.clone();
        let Some(share) = self.share_mut(key) else {
            return;
        };
        share.step = Step::Checking(Box::new(builder));
        let content = share.content.clone();
        spawn_local(async move {
            let checked = check(&content, &info).await;
            handle.run(|driver| match checked {
                Ok(is_right) => driver.on_checked(key, is_right.then_some(info)),
                Err(trouble) => driver.on_share_trouble(key, &trouble),
            });
        });
    }

    /// `None`: it is something else of the same name and length.
    fn on_checked(&mut self, key: u64, info: Option<Info>) {
        let Some(share) = self.share_mut(key) else {
            return;
        };
        let is_checking = matches!(share.step, Step::Checking(_));
        match (std::mem::replace(&mut share.step, Step::Ended), info) {
            (Step::Checking(_), Some(info)) => share.step = Step::Hashed(info),
            (Step::Checking(builder), None) => share.step = Step::Waiting(builder, None),
            (other, _) => share.step = other,
        }
        if is_checking {
            self.hash_next();
            self.settle_share(key, Now::read());
            self.urgent = true;
        }
    }
}

async fn check(content: &super::Content, info: &Info) -> Result<bool, Trouble> {
    for piece in spots(info, random_u64()) {
        let begin = info.layout().piece_offset(piece);
        let bytes: Uint8Array = content.read(begin..begin + u64::from(info.layout().piece_len(piece))).await?;
        let digests = pieces_digests(&bytes, info.layout().nominal_piece_len()).await?;
        if digests.first() != Some(&info.digest(piece)) {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Share {
    /// What is hashed or checked next, if it waits.
    pub(super) fn take_waiting(&mut self) -> Option<(InfoBuilder, Option<Info>)> {
        match std::mem::replace(&mut self.step, Step::Ended) {
            Step::Waiting(builder, known) => Some((*builder, known.map(|known| *known))),
            other => {
                self.step = other;
                None
            }
        }
    }
}
