//! Downloads a torrent's file from one BitTorrent client, over one blocking TCP connection.
//!
//! ```sh
//! cargo run -p peer-engine --example leech -- movie.torrent 127.0.0.1:6881 movie.mp4
//! ```

#![allow(clippy::disallowed_methods, reason = "a driver has a clock; the engine has none")]

use std::error::Error;
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use metainfo::{Info, Metainfo};
use peer_engine::{
    Config, Direction, Engine, Event, Input, Job, LinkKey, Opening, Output, PieceSet, StorageError, StorageErrorKind,
    Timestamp,
};
use peer_wire::PeerId;
use sha1::{Digest, Sha1};

/// There is only one.
const LINK: LinkKey = LinkKey(0);
/// What is written to the connection at once, bytes.
const ROOM: usize = 64 * 1024;

/// One engine, one connection, one file.
pub struct Peer {
    engine: Engine,
    stream: TcpStream,
    file: File,
    epoch: Instant,
}

impl Peer {
    /// `have`: pieces that are in `file`.
    pub fn new(info: Arc<Info>, have: PieceSet, file: File, stream: TcpStream, direction: Direction) -> Self {
        let seed = RandomState::new().hash_one(direction as u8);
        let mut id = *b"-XX0001-............";
        id[8..16].copy_from_slice(&seed.to_be_bytes());
        let mut engine = Engine::new(Config::new("leech"), info, have, PeerId(id), seed, Timestamp(0));
        let opening = Opening { direction, peer: None, identity: None, address: None };
        engine.handle(Input::LinkOpened { link: LINK, opening }, Timestamp(0));
        Self { engine, stream, file, epoch: Instant::now() }
    }

    /// Goes on until everything is there or the connection is gone. `true`: everything is there.
    pub fn run(&mut self) -> Result<bool, Box<dyn Error>> {
        let mut chunk = vec![0; 64 * 1024];
        while self.drain()? {
            let deadline = self.engine.poll_timeout().map_or(Duration::from_secs(1), |at| at.since(self.now()));
            self.stream.set_read_timeout(Some(deadline.max(Duration::from_millis(1))))?;
            let input = match self.stream.read(&mut chunk) {
                Ok(0) => Input::LinkClosed { link: LINK },
                Ok(len) => Input::Received { link: LINK, bytes: Bytes::copy_from_slice(&chunk[..len]) },
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Input::Tick,
                Err(error) if error.kind() == ErrorKind::ConnectionReset => Input::LinkClosed { link: LINK },
                Err(error) => return Err(error.into()),
            };
            self.engine.handle(input, self.now());
        }
        Ok(self.engine.is_complete())
    }

    /// Does everything that the engine wants. `false`: it is over.
    fn drain(&mut self) -> Result<bool, Box<dyn Error>> {
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Transmit(link) => self.transmit(link),
                Output::Storage(job) => {
                    let answer = self.work(job);
                    self.engine.handle(answer, self.now());
                }
                Output::Event(Event::PieceVerified { piece }) => println!("piece {piece} is there"),
                Output::Event(Event::PeerGone { downloaded, uploaded, why, .. }) => {
                    let why = why.map_or("closed".to_owned(), |why| why.to_string());
                    println!("the peer {why}; {downloaded} bytes came, {uploaded} went");
                    return Ok(false);
                }
                Output::Event(Event::StorageFailed(error)) => return Err(error.into()),
                _ => {}
            }
        }
        Ok(true)
    }

    fn transmit(&mut self, link: LinkKey) {
        let mut out = Vec::new();
        while self.engine.transmit(link, ROOM, &mut out, self.now()) > 0 {
            // One write, because some clients read the handshake at once.
            if self.stream.write_all(&out.concat()).is_err() {
                return self.engine.handle(Input::LinkClosed { link }, self.now());
            }
            out.clear();
        }
    }

    fn work(&mut self, job: Job) -> Input {
        let failed = |error: std::io::Error| StorageError::new(StorageErrorKind::Other, error.to_string());
        let layout = *self.engine.info().layout();
        match job {
            Job::Load { job, piece, begin, len, .. } => {
                let mut data = vec![0; len as usize];
                let at = SeekFrom::Start(layout.piece_offset(piece.0) + u64::from(begin));
                let read = self.file.seek(at).and_then(|_| self.file.read_exact(&mut data));
                Input::Loaded { job, result: read.map(|()| data.into()).map_err(failed) }
            }
            Job::Hash { job, data, .. } => Input::Hashed { job, digest: Ok(Sha1::digest(data.concat()).into()) },
            Job::Store { job, piece, data, .. } => {
                let at = SeekFrom::Start(layout.piece_offset(piece.0));
                let written = self.file.seek(at).and_then(|_| self.file.write_all(&data.concat()));
                Input::Stored { job, result: written.map_err(failed) }
            }
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp(self.epoch.elapsed().as_micros() as u64)
    }
}

/// An empty file of this length.
pub fn create(path: &str, len: u64) -> std::io::Result<File> {
    let file = File::options().read(true).write(true).create(true).truncate(true).open(path)?;
    file.set_len(len)?;
    Ok(file)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [torrent, address, path] = &arguments[..] else {
        return Err("usage: leech TORRENT ADDRESS FILE".into());
    };
    let info = Arc::new(Metainfo::parse(&std::fs::read(torrent)?)?.info);
    let file = create(path, info.layout().total_len())?;
    let none = PieceSet::none(info.layout().pieces());
    let is_complete = Peer::new(info, none, file, TcpStream::connect(address)?, Direction::Dialed).run()?;
    if is_complete { Ok(()) } else { Err("the peer went before everything was there".into()) }
}
