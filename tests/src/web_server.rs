//! A small HTTP server of files, with ranges (RFC 9110), and ways in which real ones go wrong.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use percent_encoding::percent_decode_str;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

const HEAD_LEN_MAX: usize = 16 * 1024;
/// Sent at once.
const CHUNK_LEN: usize = 16 * 1024;

/// How a server serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conduct {
    /// As it should.
    Honest,
    /// So many bytes in a second on each connection.
    Slow(u64),
    /// Every byte is wrong.
    Corrupt,
    /// All of a file, whatever part of it is asked for.
    WholeFiles,
    /// So many requests are answered with 503 first, and `Retry-After` of a second.
    BusyFirst(usize),
}

/// A request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// As it was sent: encoded.
    pub path: String,
    pub range: Option<String>,
}

/// Serves the files of a folder until it is dropped. What is asked for below `moved/` is elsewhere, it says.
pub struct WebServer {
    origin: String,
    served: Arc<Served>,
    task: JoinHandle<()>,
}

struct Served {
    folder: PathBuf,
    conduct: Conduct,
    asked: Mutex<Vec<Asked>>,
}

impl WebServer {
    /// Listens at a free port.
    ///
    /// # Errors
    /// If there is none.
    pub async fn start(folder: PathBuf, conduct: Conduct) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let served = Arc::new(Served { folder, conduct, asked: Mutex::default() });
        let task = tokio::spawn(accept(listener, served.clone()));
        Ok(Self { origin, served, task })
    }

    /// The address of a file or a folder in it.
    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.origin)
    }

    /// What was asked for so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.served.asked().clone()
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Served {
    fn asked(&self) -> std::sync::MutexGuard<'_, Vec<Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request; how many came before it.
    fn note(&self, asked: Asked) -> usize {
        let mut all = self.asked();
        all.push(asked);
        all.len() - 1
    }
}

async fn accept(listener: TcpListener, served: Arc<Served>) {
    // Connections end with the server.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        let served = served.clone();
        connections.spawn(async move {
            // Whoever hangs up gets no answer.
            let _ = converse(stream, &served).await;
        });
    }
}

async fn converse(mut stream: TcpStream, served: &Served) -> Result<()> {
    let mut received = Vec::new();
    while let Some(asked) = read_request(&mut stream, &mut received).await? {
        let before = served.note(asked.clone());
        answer(&mut stream, served, &asked, before).await?;
    }
    Ok(())
}

/// `None`: the client is gone.
async fn read_request(stream: &mut TcpStream, received: &mut Vec<u8>) -> Result<Option<Asked>> {
    let end = loop {
        if let Some(at) = received.windows(4).position(|end| end == b"\r\n\r\n") {
            break at + 4;
        }
        anyhow::ensure!(received.len() < HEAD_LEN_MAX, "a head without an end");
        if stream.read_buf(received).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8(received.drain(..end).collect())?;
    let path = head.split(' ').nth(1).context("a path")?.to_owned();
    let range = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("range").then(|| value.trim().to_owned())
    });
    Ok(Some(Asked { path, range }))
}

async fn answer(stream: &mut TcpStream, served: &Served, asked: &Asked, before: usize) -> Result<()> {
    if matches!(served.conduct, Conduct::BusyFirst(requests) if before < requests) {
        let busy = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";
        return Ok(stream.write_all(busy).await?);
    }
    if let Some(path) = asked.path.strip_prefix("/moved") {
        let moved = format!("HTTP/1.1 302 Found\r\nLocation: {path}\r\nContent-Length: 0\r\n\r\n");
        return Ok(stream.write_all(moved.as_bytes()).await?);
    }
    let path = percent_decode_str(asked.path.trim_start_matches('/')).decode_utf8()?.into_owned();
    let Ok(mut content) = tokio::fs::read(served.folder.join(path)).await else {
        return Ok(stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await?);
    };
    if served.conduct == Conduct::Corrupt {
        content.iter_mut().for_each(|byte| *byte ^= 0x55);
    }
    let range = asked.range.as_deref().filter(|_| served.conduct != Conduct::WholeFiles);
    let (head, part) = match range.map(|range| parse_range(range, content.len())) {
        None => ("200 OK".to_owned(), 0..content.len()),
        Some(Some(part)) => {
            let (first, last, len) = (part.start, part.end - 1, content.len());
            (format!("206 Partial Content\r\nContent-Range: bytes {first}-{last}/{len}"), part)
        }
        Some(None) => ("416 Range Not Satisfiable".to_owned(), 0..0),
    };
    stream.write_all(format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n", part.len()).as_bytes()).await?;
    for chunk in content[part].chunks(CHUNK_LEN) {
        stream.write_all(chunk).await?;
        if let Conduct::Slow(rate) = served.conduct {
            tokio::time::sleep(Duration::from_micros(chunk.len() as u64 * 1_000_000 / rate)).await;
        }
    }
    Ok(())
}

/// `bytes=0-499`.
fn parse_range(range: &str, len: usize) -> Option<Range<usize>> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let part = first.parse().ok()?..last.parse::<usize>().ok()?.checked_add(1)?.min(len);
    (part.start < part.end).then_some(part)
}
