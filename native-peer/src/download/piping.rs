//! `-o -`: a download goes to stdout in order, for whoever plays or unpacks it.
//!
//! Pieces are kept in a temporary folder until the end, since others are served from there, and whoever reads may be slow.

use std::io;
use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;

use metainfo::Info;
use tempfile::TempDir;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;

use super::local::Wanted;
use crate::cli::Fetch;
use crate::failure::{Failure, Outcome};
use crate::storage::{Content, Target};
use crate::swarm::SwarmState;

/// Read and written at a time.
const CHUNK_LEN: u64 = 1 << 20;

/// How a piping ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Written {
    /// With the last byte.
    All,
    /// Whoever read wants no more.
    Enough,
}

/// One file on its way to stdout.
#[derive(Debug)]
pub struct Piping {
    folder: TempDir,
    /// Where it lies in the torrent.
    bytes: Range<u64>,
    piece_len: u64,
}

impl Piping {
    /// `None`: it is to be saved.
    ///
    /// # Errors
    /// There is more than one file, or no place for it.
    pub fn open(fetch: &Fetch, info: &Info, wanted: &Wanted) -> Outcome<Option<Self>> {
        if !fetch.is_piped() {
            return Ok(None);
        }
        let chosen = info.files().iter().zip(&wanted.files).filter(|(file, is_wanted)| **is_wanted && !file.is_padding);
        let mut chosen: Vec<_> = chosen.map(|(file, _)| file.offset..file.offset + file.len).collect();
        let (Some(bytes), true) = (chosen.pop(), chosen.is_empty()) else {
            let advice = "Choose one with --files; `native-peer info` shows their numbers.";
            return Err(Failure::usage("only one file can go to stdout", advice));
        };
        let folder = TempDir::new().map_err(|error| {
            Failure::own_folder("the environment's TMPDIR", "keep pieces in", &std::env::temp_dir(), &error)
        })?;
        Ok(Some(Self { folder, bytes, piece_len: info.layout().nominal_piece_len().into() }))
    }

    /// Where its pieces are kept.
    pub fn target(&self, name: &str) -> Target {
        Target::new(self.folder.path().join(name))
    }

    /// Writes what is verified, in order, as it comes.
    ///
    /// # Errors
    /// Something can neither be read nor written.
    pub async fn write(
        &self,
        mut state: watch::Receiver<SwarmState>,
        content: Arc<Content>,
        mut out: impl AsyncWrite + Unpin,
    ) -> Outcome<Written> {
        let mut at = self.bytes.start;
        while at < self.bytes.end {
            let here = u64::from(state.borrow_and_update().lacks_from) * self.piece_len;
            let end = here.min(self.bytes.end).min(at.saturating_add(CHUNK_LEN));
            if end <= at {
                state.changed().await.map_err(|_| Failure::unexpected("the download ended by itself"))?;
                continue;
            }
            let chunk = read(&content, at..end).await?;
            match out.write_all(&chunk).await {
                Ok(()) => at = end,
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Written::Enough),
                Err(error) => return Err(Failure::local_files("cannot write to stdout", error.to_string())),
            }
        }
        match out.flush().await {
            Ok(()) => Ok(Written::All),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Written::Enough),
            Err(error) => Err(Failure::local_files("cannot write to stdout", error.to_string())),
        }
    }
}

/// Goes on until everything is written, or whoever reads wants no more.
///
/// # Errors
/// Those of the writing, and those of the download.
pub async fn pipe(
    writing: impl Future<Output = Outcome<Written>>,
    downloading: impl Future<Output = Outcome>,
) -> Outcome {
    let (mut writing, mut downloading) = (pin!(writing), pin!(downloading));
    tokio::select! {
        written = &mut writing => return written.map(drop),
        downloaded = &mut downloading => downloaded?,
    }
    writing.await.map(drop)
}

async fn read(content: &Arc<Content>, bytes: Range<u64>) -> Outcome<bytes::Bytes> {
    let content = content.clone();
    let reading = move || content.read_bytes_at((bytes.end - bytes.start) as usize, bytes.start);
    let read = tokio::task::spawn_blocking(reading).await.map_err(|error| Failure::unexpected(error.to_string()))?;
    read.map_err(|error| Failure::local_files("cannot read what was downloaded", error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    /// Pieces of 4 bytes; the file is bytes 3 to 17 of 20.
    fn piping() -> (Piping, Arc<Content>, tempfile::NamedTempFile) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), (0..20).collect::<Vec<u8>>()).unwrap();
        let content = Content::of_file(Arc::new(File::open(file.path()).unwrap()), 20);
        (Piping { folder: TempDir::new().unwrap(), bytes: 3..17, piece_len: 4 }, Arc::new(content), file)
    }

    fn lacks(piece: u32) -> SwarmState {
        SwarmState { lacks_from: piece, ..SwarmState::default() }
    }

    #[tokio::test]
    async fn bytes_come_out_in_order_as_their_pieces_are_there_and_nothing_else_does() {
        let (piping, content, _file) = piping();
        let (told, state) = watch::channel(lacks(0));
        let (out, mut read) = tokio::io::duplex(64);
        let writing = tokio::spawn(async move { piping.write(state, content, out).await });
        let mut seen = Vec::new();
        for (piece, so_far) in [(1, 1), (1, 1), (3, 9), (5, 14)] {
            told.send_replace(lacks(piece));
            while seen.len() < so_far {
                seen.push(tokio::io::AsyncReadExt::read_u8(&mut read).await.unwrap());
            }
        }
        assert_eq!(writing.await.unwrap().unwrap(), Written::All);
        assert_eq!(seen, (3..17).collect::<Vec<u8>>());
    }

    #[tokio::test]
    async fn whoever_closes_the_pipe_has_had_enough() {
        let (piping, content, _file) = piping();
        let (_told, state) = watch::channel(lacks(5));
        let (out, read) = tokio::io::duplex(4);
        drop(read);
        assert_eq!(piping.write(state, content, out).await.unwrap(), Written::Enough);
    }
}
