//! A torrent of 1 TiB onto a disk that stores no zeros: how long until something is asked for, and in how much memory.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use bytes::BytesMut;
use covey_tests::{SmallDisk, Stage};
use metainfo::{InfoBuilder, Metainfo};
use peer_wire::{Decoder, Handshake, InfoHash, Message, PeerId, Reserved};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::clients::Client;
use crate::builds::Build;
use crate::options::Options;
use crate::report::{Aim, Report, Row};
use crate::usage::MemoryWatch;

const LEN: u64 = 1 << 40;
const PIECE_LEN: u32 = 16 << 20;
/// MiB of the disk, which holds nothing but promises.
const DISK_MIB: u64 = 2 << 20;
const START_AIM: Duration = Duration::from_secs(2);
const MEMORY_AIM_MIB: f64 = 128.0;
/// Until the first request, however slow the machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long its memory is looked at from then on: its requests wait.
const WATCHED: Duration = Duration::from_secs(3);

pub async fn measure(stage: &Stage, build: &Build, _: &Options, report: &mut Report) -> Result<()> {
    let disk_folder = stage.subfolder("sparse")?;
    let _disk = match SmallDisk::mount(&disk_folder, DISK_MIB) {
        Ok(disk) => disk,
        Err(error) => {
            report.note(format!("sparse was not measured: {error:#}"));
            return Ok(());
        }
    };
    let (torrent, info_hash, pieces) = torrent(stage)?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let ports = [listener.local_addr()?.port()];
    let command = Client::Covey(build).command(stage, &torrent, &disk_folder, &ports)?;
    let started = Instant::now();
    let process = stage.start("native-peer download", command.into())?;
    let memory = MemoryWatch::start(process.id().context("it has ended")?);
    let asked = tokio::time::timeout(PATIENCE, first_request(listener, info_hash, pieces));
    let _link = asked.await.context("nothing is asked for")??;
    let took = started.elapsed();
    tokio::time::sleep(WATCHED).await;
    ensure!(process.id().is_some(), "the download ended by itself");
    let mut row = |what: &str, covey, plain, unit| {
        let (what, yardstick) = (what.to_owned(), "the bound".to_owned());
        report.add(Row { what, covey, yardstick, plain, unit, aim: Aim::AtMost(1.0) });
    };
    row("a torrent of 1 TiB: start to the first request", took.as_secs_f64(), START_AIM.as_secs_f64(), "s");
    row("its memory", memory.most_mib(), MEMORY_AIM_MIB, "MiB");
    Ok(())
}

/// Every piece is alike, and of no matter: none arrives.
fn torrent(stage: &Stage) -> Result<(PathBuf, InfoHash, u32)> {
    let mut builder = InfoBuilder::new("sparse.bin", LEN, Some(PIECE_LEN))?;
    let pieces = builder.layout().pieces();
    for piece in 0..pieces {
        builder.set_digest(piece, [7; 20]);
    }
    let info = builder.finish()?;
    let info_hash = info.info_hash();
    let path = stage.folder().join("sparse.torrent");
    std::fs::write(&path, Metainfo::from(info).encode())?;
    Ok((path, info_hash, pieces))
}

/// A seeder that serves nothing; returns its connection once something is asked of it.
async fn first_request(listener: TcpListener, info_hash: InfoHash, pieces: u32) -> Result<TcpStream> {
    let (mut stream, _) = listener.accept().await?;
    let reserved = Reserved { fast: true, extensions: false };
    let peer_id = PeerId(*b"-XX0001-abcdefghijkl");
    stream.write_all(&Handshake { reserved, info_hash, peer_id }.encode()).await?;
    let mut decoder = Decoder::new(pieces);
    let mut is_greeted = false;
    loop {
        let mut buffer = BytesMut::with_capacity(4096);
        if stream.read_buf(&mut buffer).await? == 0 {
            bail!("it closed the connection");
        }
        decoder.push(buffer.freeze());
        if !is_greeted && decoder.next_handshake()?.is_some() {
            is_greeted = true;
            let mut hello = BytesMut::new();
            Message::HaveAll.encode(&mut hello);
            Message::Unchoke.encode(&mut hello);
            stream.write_all(&hello).await?;
        }
        while is_greeted && let Some(message) = decoder.next_message()? {
            if matches!(message, Message::Request(_)) {
                return Ok(stream);
            }
        }
    }
}
