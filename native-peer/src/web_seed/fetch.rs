//! Getting a run of blocks from a server.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use metainfo::{FileSpan, Info};
use reqwest::Response;
use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue, RANGE};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout, timeout_at};

use super::answer::{Asked, judge};
use super::fault::Fault;
use super::plan::{Cutter, Run};
use super::url::{Addresses, NoAddress};
use crate::http::HttpClient;

/// Without a byte for so long, the server has stopped.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// For a run, all of it: below 4 kB/s a server is of no use.
const RUN_TIMEOUT: Duration = Duration::from_secs(300);
/// Of padding, at once.
static ZEROS: [u8; 16 << 10] = [0; 16 << 10];

/// A server that has a torrent's files.
#[derive(Debug)]
pub struct Source {
    addresses: Addresses,
    info: Arc<Info>,
    client: HttpClient,
}

/// What came of a run.
#[derive(Debug)]
pub struct Fetched {
    /// Blocks that were sent on.
    pub blocks: usize,
    /// `Ok`: all of them.
    pub end: Result<(), Fault>,
}

/// Where blocks go.
struct Sink {
    cutter: Cutter,
    engine: mpsc::Sender<Bytes>,
    blocks: usize,
}

impl Sink {
    /// Waits until the engine takes what is whole.
    async fn push(&mut self, mut bytes: Bytes) {
        while !bytes.is_empty() {
            let left = bytes.len();
            if let Some(message) = self.cutter.push(&mut bytes) {
                self.blocks += 1;
                // The link is closed: so is this, at once.
                let _ = self.engine.send(message).await;
            } else if bytes.len() == left {
                return;
            }
        }
    }
}

impl Source {
    /// `url`: as the torrent names it.
    ///
    /// # Errors
    /// There is nothing to ask, or nobody who may be asked.
    pub fn new(url: &str, info: Arc<Info>, client: HttpClient) -> Result<Self, Fault> {
        let addresses = Addresses::new(url, &info)?;
        if let Some(first) = addresses.first() {
            client.check(first)?;
        }
        Ok(Self { addresses, info, client })
    }

    /// Gets the blocks one after the other, and hands them to the engine as they come.
    pub async fn fetch(&self, run: Run, engine: mpsc::Sender<Bytes>) -> Fetched {
        let spans = run.spans(&self.info);
        let mut sink = Sink { cutter: run.cutter(), engine, blocks: 0 };
        let end = self.fetch_spans(&spans, &mut sink).await;
        Fetched { blocks: sink.blocks, end }
    }

    async fn fetch_spans(&self, spans: &[FileSpan], sink: &mut Sink) -> Result<(), Fault> {
        let deadline = Instant::now() + RUN_TIMEOUT;
        for span in spans {
            if span.is_padding {
                pad(span.len, sink).await;
            } else {
                timeout_at(deadline, self.fetch_span(span, sink)).await.map_err(|_| Fault::Stalled)??;
            }
        }
        Ok(())
    }

    async fn fetch_span(&self, span: &FileSpan, sink: &mut Sink) -> Result<(), Fault> {
        let file_len = self.info.files()[span.file].len;
        let asked = Asked { offset: span.offset, len: span.len.into(), file_len };
        let mut response = timeout(SILENCE_MAX, self.ask(span.file, &asked)).await.map_err(|_| Fault::Stalled)??;
        let mut before = judge(&asked, response.status(), response.headers(), SystemTime::now())?;
        let mut left = asked.len;
        while left > 0 {
            let chunk = timeout(SILENCE_MAX, response.chunk()).await.map_err(|_| Fault::Stalled)?;
            let mut chunk = chunk.map_err(|_| Fault::Short)?.ok_or(Fault::Short)?;
            let skipped = before.min(chunk.len() as u64);
            before -= skipped;
            let _ = chunk.split_to(skipped as usize);
            chunk.truncate(left.min(chunk.len() as u64) as usize);
            left -= chunk.len() as u64;
            sink.push(chunk).await;
        }
        Ok(())
    }

    async fn ask(&self, file: usize, asked: &Asked) -> Result<Response, Fault> {
        let url = self.addresses.of(file).ok_or(NoAddress::BadUrl)?;
        let range = HeaderValue::from_str(&asked.range()).expect("digits and a dash");
        let headers = HeaderMap::from_iter([(RANGE, range), (ACCEPT_ENCODING, HeaderValue::from_static("identity"))]);
        Ok(self.client.get(url.clone(), &headers).await?)
    }
}

async fn pad(len: u32, sink: &mut Sink) {
    let mut left = len as usize;
    while left > 0 {
        let part = left.min(ZEROS.len());
        sink.push(Bytes::from_static(&ZEROS[..part])).await;
        left -= part;
    }
}
