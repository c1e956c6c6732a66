//! Two engines in memory: one has a file, the other gets it. No socket, no clock, no disk.
//!
//! ```sh
//! cargo run -p peer-engine --example two_peers
//! ```

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use metainfo::{Info, InfoBuilder};
use peer_engine::{Config, Direction, Engine, Input, Job, LinkKey, Opening, Output, PieceIndex, PieceSet, Timestamp};
use peer_wire::PeerId;
use sha1::{Digest, Sha1};

/// Both ends call their only link so.
const LINK: LinkKey = LinkKey(0);
/// What a link takes at once, bytes.
const ROOM: usize = 64 * 1024;

/// An engine and its file.
struct Peer {
    engine: Engine,
    file: Vec<u8>,
}

impl Peer {
    fn new(name: u8, info: &Arc<Info>, have: PieceSet, file: Vec<u8>, direction: Direction) -> Self {
        let config = Config::new("two_peers");
        let seed = u64::from(name);
        let mut engine = Engine::new(config, info.clone(), have, PeerId([name; 20]), seed, Timestamp(0));
        let opening = Opening { direction, peer: None, identity: None, address: None };
        engine.handle(Input::LinkOpened { link: LINK, opening }, Timestamp(0));
        Self { engine, file }
    }

    /// Does everything that the engine wants; returns what it sends.
    fn drain(&mut self, now: Timestamp) -> Vec<Bytes> {
        let mut sent = Vec::new();
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Transmit(link) => while self.engine.transmit(link, ROOM, &mut sent, now) > 0 {},
                Output::Storage(job) => {
                    let answer = self.work(job);
                    self.engine.handle(answer, now);
                }
                Output::Close { why, .. } => println!("closed: {why}"),
                Output::Event(event) => println!("{event:?}"),
                _ => {}
            }
        }
        sent
    }

    fn work(&mut self, job: Job) -> Input {
        match job {
            Job::Load { job, piece, begin, len, .. } => {
                let at = self.offset(piece) + begin as usize;
                Input::Loaded { job, result: Ok(Bytes::copy_from_slice(&self.file[at..at + len as usize])) }
            }
            Job::Hash { job, data, .. } => Input::Hashed { job, digest: Ok(Sha1::digest(data.concat()).into()) },
            Job::Store { job, piece, data, .. } => {
                let (at, data) = (self.offset(piece), data.concat());
                self.file[at..at + data.len()].copy_from_slice(&data);
                Input::Stored { job, result: Ok(()) }
            }
        }
    }

    fn offset(&self, piece: PieceIndex) -> usize {
        self.engine.info().layout().piece_offset(piece.0) as usize
    }
}

/// Moves `file` from one peer to the other and returns what came.
pub fn move_file(file: &[u8]) -> Vec<u8> {
    let info = Arc::new(torrent(file));
    let pieces = info.layout().pieces();
    let mut seeder = Peer::new(1, &info, PieceSet::all(pieces), file.to_vec(), Direction::Dialed);
    let mut leecher = Peer::new(2, &info, PieceSet::none(pieces), vec![0; file.len()], Direction::Accepted);
    let mut now = Timestamp(0);
    while !leecher.engine.is_complete() {
        let (to_leecher, to_seeder) = (seeder.drain(now), leecher.drain(now));
        if to_leecher.is_empty() && to_seeder.is_empty() {
            // Nothing is on its way: time passes.
            let deadlines = [seeder.engine.poll_timeout(), leecher.engine.poll_timeout()];
            now = deadlines.into_iter().flatten().min().unwrap_or(now + Duration::from_secs(1));
            seeder.engine.handle(Input::Tick, now);
            leecher.engine.handle(Input::Tick, now);
        }
        for (to, sent) in [(&mut leecher, to_leecher), (&mut seeder, to_seeder)] {
            sent.into_iter().for_each(|bytes| to.engine.handle(Input::Received { link: LINK, bytes }, now));
        }
    }
    leecher.file
}

fn torrent(file: &[u8]) -> Info {
    let mut builder = InfoBuilder::new("file", file.len() as u64, Some(65_536)).expect("a file that can be shared");
    for (piece, bytes) in (0..).zip(file.chunks(65_536)) {
        builder.set_digest(piece, Sha1::digest(bytes).into());
    }
    builder.finish().expect("every piece was hashed")
}

fn main() {
    let file: Vec<u8> = (0..1_000_000_u32).map(|number| (number * 31 / 7) as u8).collect();
    assert_eq!(move_file(&file), file);
    println!("all {} bytes are there", file.len());
}
