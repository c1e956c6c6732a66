//! Hashing what is shared: before, and again whenever it may not be what it was. Hashes are remembered from run to run.

use std::sync::Arc;

use metainfo::Info;
use wire_protocol::control::Progress as Announced;

use super::serving::Shared;
use crate::cli::Share;
use crate::failure::{Failure, Outcome};
use crate::hashing::HashCache;
use crate::online::Online;
use crate::source::{Look, Source, Words, settled_again, still_written};
use crate::swarm::Presence;

/// Something whose dates change while it is hashed is hashed again so often.
const ROUNDS_MAX: usize = 3;

/// Hashes, shows it to the person, and tells the group how far it is.
pub struct Hasher<'a> {
    pub online: &'a Online,
    pub plan: &'a Share,
    cache: HashCache,
}

impl<'a> Hasher<'a> {
    pub fn new(online: &'a Online, plan: &'a Share) -> Self {
        Self { online, plan, cache: HashCache::open(&online.data) }
    }

    /// What hashing it came to before.
    ///
    /// # Errors
    /// What no torrent can say.
    pub fn remembered(&self, source: &Source) -> Outcome<Option<Info>> {
        let builder = source.builder(self.plan.piece_len)?;
        Ok(source.fingerprint().and_then(|content| self.cache.find(&content, &builder)))
    }

    /// Hashes it, and the group sees how far.
    ///
    /// # Errors
    /// It cannot be read, or somebody writes to it.
    pub async fn hash(&self, source: Source, presence: &Presence) -> Outcome<(Source, Info)> {
        self.hash_told(source, Some(presence)).await
    }

    /// Hashes what no group knows of yet.
    ///
    /// # Errors
    /// As [`Hasher::hash`].
    pub async fn hash_unseen(&self, source: Source) -> Outcome<(Source, Info)> {
        self.hash_told(source, None).await
    }

    async fn hash_told(&self, mut source: Source, presence: Option<&Presence>) -> Outcome<(Source, Info)> {
        for _ in 0..ROUNDS_MAX {
            let builder = source.builder(self.plan.piece_len)?;
            let show = self.show(builder.layout().total_len(), presence);
            let read = self.online.guarded("the hashing", source.read(builder, show)).await?;
            // First, because of a file that has changed reading says the least.
            match source.look(Words::Hashing, true)? {
                Look::Unsure(why) => {
                    self.online.report.note(&why);
                    source = self.again(&source, Words::Hashing).await?.0;
                }
                Look::Same | Look::Moved(_) => {
                    let info = read?;
                    self.keep(&source, &info);
                    return Ok((source, info));
                }
            }
        }
        Err(still_written(source.path(), "its date changed each time that it was hashed"))
    }

    /// It may not be what it was: reads what may be different, and goes on with what it looks like now.
    ///
    /// # Errors
    /// It is not the same, or cannot be read.
    pub async fn check(&self, shared: Shared, presence: &Presence) -> Outcome<Shared> {
        let Shared { mut source, info } = shared;
        for _ in 0..ROUNDS_MAX {
            let (again, places) = self.again(&source, Words::Sharing).await?;
            let pieces: Vec<u32> = info.pieces_of_all(&places).into_iter().flatten().collect();
            let other = self.find_other(&again, &info, pieces, presence).await;
            match again.look(Words::Sharing, true)? {
                Look::Unsure(_) => source = again,
                Look::Same | Look::Moved(_) => {
                    if other?.is_some() {
                        return Err(Words::Sharing.changed(again.path(), "has other content now"));
                    }
                    self.keep(&again, &info);
                    return Ok(Shared { source: again, info });
                }
            }
        }
        Err(still_written(source.path(), "its date changes again and again"))
    }

    /// A piece that was sent is not what it was hashed as: nothing that was remembered is believed any more.
    ///
    /// # Errors
    /// It is damaged, or cannot be read.
    pub async fn check_damaged(&self, shared: Shared, piece: u32, presence: &Presence) -> Outcome<Shared> {
        let Shared { source, info } = shared;
        let path = source.path().display();
        self.online.report.note(&format!(
            "Somebody left, and piece {piece} of {path} is not what it was when it was hashed. Its hashes are forgotten, \
             and it is read again."
        ));
        if let Some(content) = source.fingerprint() {
            self.cache.forget(&content, info.layout().nominal_piece_len());
        }
        let all = (0..info.layout().pieces()).collect();
        if let Some(piece) = self.find_other(&source, &info, all, presence).await? {
            return Err(Failure::local_files(
                format!("{path} is damaged: piece {piece} is not what it was when it was hashed"),
                "Its length and date are the same, so its disk may be failing. What others fetched and verified is good. \
                 Put a good copy in its place and run the same command again: it is the same link. Or share what it is now, \
                 as another file.",
            ));
        }
        self.keep(&source, &info);
        Ok(Shared { source, info })
    }

    async fn again(&self, source: &Source, words: Words) -> Outcome<(Source, Vec<usize>)> {
        let settling = settled_again(source, words, self.plan.settle, &self.online.report);
        self.online.guarded("the wait", settling).await?
    }

    async fn find_other(
        &self,
        source: &Source,
        info: &Arc<Info>,
        pieces: Vec<u32>,
        presence: &Presence,
    ) -> Outcome<Option<u32>> {
        let bytes = pieces.iter().map(|piece| u64::from(info.layout().piece_len(*piece))).sum();
        let reading = source.find_other(info, pieces, self.show(bytes, Some(presence)));
        self.online.guarded("the hashing", reading).await?
    }

    fn keep(&self, source: &Source, info: &Info) {
        if let Some(content) = source.fingerprint() {
            self.cache.keep(&content, info);
        }
    }

    /// Tells the person, and the group whenever a thousandth more is done.
    fn show<'b>(&'b self, total: u64, presence: Option<&'b Presence>) -> impl FnMut(u64, u64) + use<'b> {
        let mut told = None;
        move |done, bps| {
            self.online.report.hashing(done, total, bps);
            let per_mille = (u128::from(done) * 1000 / u128::from(total.max(1))) as u16;
            let announced = |presence: &Presence| {
                self.online.session.announce(presence.announce(Announced::Preparing(per_mille.min(1000))))
            };
            if told != Some(per_mille) && presence.is_some_and(announced) {
                told = Some(per_mille);
            }
        }
    }
}
