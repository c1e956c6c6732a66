//! What it takes at least to pass bytes on encrypted: `bare_splice` between one that sends and one that reads.

use anyhow::{Context, Result, ensure};
use covey_tests::process::Stream;
use covey_tests::wait::SOON;
use covey_tests::{Process, Stage};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

use crate::usage::cpu_seconds_of;

const CHUNK_LEN: usize = 256 * 1024;

/// A cipher of links' records.
#[derive(Clone, Copy)]
pub enum Cipher {
    /// Between two machines with instructions for it.
    Aes,
    /// With a tab.
    Chacha,
}

impl Cipher {
    pub fn name(self) -> &'static str {
        match self {
            Self::Aes => "aes",
            Self::Chacha => "chacha",
        }
    }
}

/// Processor seconds for `len` bytes.
pub async fn cpu_seconds(stage: &Stage, cipher: Cipher, len: u64) -> Result<f64> {
    let source = TcpListener::bind(("127.0.0.1", 0)).await?;
    let process = start(stage, cipher, &source)?;
    let listens = |stream, line: &str| {
        let address = line.strip_prefix("listening on ")?;
        (stream == Stream::Stdout).then(|| address.to_owned())
    };
    let address = process.line("the ready line", SOON, listens).await?;
    let id = process.id().context("the splice has ended")?;
    let before = cpu_seconds_of(id)?;
    let (sent, received) = tokio::try_join!(send(source, len), receive(&address))?;
    ensure!(sent <= received, "{received} bytes of {sent} came through");
    Ok(cpu_seconds_of(id)? - before)
}

fn start(stage: &Stage, cipher: Cipher, source: &TcpListener) -> Result<Process> {
    let program =
        std::env::var_os("COVEY_BARE_SPLICE").context("COVEY_BARE_SPLICE is not set: use `cargo xtask bench`")?;
    let mut command = Command::new(program);
    command.arg(source.local_addr()?.to_string()).arg(cipher.name());
    stage.start("bare_splice", command)
}

async fn send(listener: TcpListener, len: u64) -> Result<u64> {
    let (mut stream, _) = listener.accept().await?;
    let chunk = vec![1; CHUNK_LEN];
    let mut left = len;
    while left > 0 {
        let now = left.min(chunk.len() as u64);
        stream.write_all(&chunk[..now as usize]).await?;
        left -= now;
    }
    Ok(len)
}

async fn receive(address: &str) -> Result<u64> {
    let mut stream = TcpStream::connect(address).await?;
    let mut chunk = vec![0; CHUNK_LEN];
    let mut received = 0;
    loop {
        match stream.read(&mut chunk).await? {
            0 => return Ok(received),
            len => received += len as u64,
        }
    }
}
