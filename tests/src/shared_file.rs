//! A file with its torrent, for tests that need to know both byte for byte.

use std::path::PathBuf;

use anyhow::{Context, Result};
use bytes::Bytes;
use metainfo::{Info, InfoBuilder, Metainfo};
use peer_wire::{Block, Message, Reserved};
use sha1::{Digest, Sha1};

use crate::probe::Greeting;
use crate::stage::Stage;

/// What it is to be.
#[derive(Debug, Clone, Copy)]
pub struct Shape<'a> {
    pub len: u64,
    pub piece_len: u32,
    pub tracker: Option<&'a str>,
    pub is_private: bool,
}

impl<'a> Shape<'a> {
    /// Public, and known to no tracker.
    pub fn new(len: u64, piece_len: u32) -> Self {
        Self { len, piece_len, tracker: None, is_private: false }
    }

    #[must_use]
    pub fn tracker(self, announce: &'a str) -> Self {
        Self { tracker: Some(announce), ..self }
    }

    #[must_use]
    pub fn private(self) -> Self {
        Self { is_private: true, ..self }
    }
}

/// In the test's folder.
pub struct SharedFile {
    pub file: PathBuf,
    pub torrent: PathBuf,
    pub info: Info,
    bytes: Bytes,
}

impl SharedFile {
    /// Its content follows from its name.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn make(stage: &Stage, name: &str, shape: Shape<'_>) -> Result<Self> {
        let file = stage.file(name, shape.len)?;
        let bytes = Bytes::from(std::fs::read(&file)?);
        let mut builder = InfoBuilder::new(name, shape.len, Some(shape.piece_len))?.private(shape.is_private);
        for (piece, data) in (0..).zip(bytes.chunks(shape.piece_len as usize)) {
            builder.set_digest(piece, Sha1::digest(data).into());
        }
        let info = builder.finish()?;
        let torrent = stage.folder().join(format!("{name}.torrent"));
        let trackers = shape.tracker.iter().map(|url| vec![(*url).to_owned()]).collect();
        std::fs::write(&torrent, Metainfo { trackers, ..Metainfo::from(info.clone()) }.encode())?;
        Ok(Self { file, torrent, info, bytes })
    }

    /// The folder that the file lies in.
    ///
    /// # Errors
    /// Never.
    pub fn folder(&self) -> Result<&std::path::Path> {
        self.file.parent().context("a file in a folder")
    }

    /// How a probe greets who knows it.
    pub fn greeting(&self, reserved: Reserved) -> Greeting {
        Greeting { info_hash: self.info.info_hash(), pieces: self.info.layout().pieces(), reserved }
    }

    /// All blocks in order.
    pub fn blocks(&self) -> impl Iterator<Item = Block> {
        let layout = *self.info.layout();
        let blocks = move |piece| (0..layout.blocks(piece)).map(move |index| layout.block(piece, index));
        (0..layout.pieces()).flat_map(blocks)
    }

    /// The right answer to a request.
    pub fn answer(&self, block: Block) -> Message {
        let begin = self.info.layout().piece_offset(block.piece) as usize + block.begin as usize;
        Message::Piece {
            piece: block.piece,
            begin: block.begin,
            data: self.bytes.slice(begin..begin + block.len as usize),
        }
    }
}
