//! A TCP proxy between a peer and the server, which makes the network slow or far, counts, and breaks it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;

use crate::tracker::url_of;

/// How much a pause may be caught up, so that timers' coarseness does not lower the rate.
const BURST: Duration = Duration::from_millis(20);
const CHUNK_LEN: usize = 16 * 1024;
/// Chunks of a connection that are on their way at the same time.
const UNDERWAY_MAX: usize = 256;

/// Ends with all its connections when dropped.
pub struct Proxy {
    address: SocketAddr,
    from_server: Arc<Meter>,
    to_server: Arc<Meter>,
    task: JoinHandle<()>,
}

/// One direction of all connections together.
struct Meter {
    bytes: AtomicU64,
    /// Bytes per second; 0 = as fast as it goes.
    rate: AtomicU64,
    /// When what has been passed on would have been through.
    busy_until: Mutex<Instant>,
    /// How long a byte is on its way, microseconds.
    delay_us: AtomicU64,
}

impl Proxy {
    /// Listens at a free port and passes everything on to `server`.
    ///
    /// # Errors
    /// If no port is free.
    pub async fn start(server: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (from_server, to_server) = (Arc::new(Meter::new()), Arc::new(Meter::new()));
        let task = tokio::spawn(accept(listener, server, from_server.clone(), to_server.clone()));
        Ok(Self { address, from_server, to_server, task })
    }

    /// The server's URL as seen through this proxy.
    pub fn url(&self) -> String {
        url_of(self.address)
    }

    /// Where it listens, at 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// An invite of the server behind, opened through this proxy.
    pub fn invite(&self, invite: &str) -> String {
        let path = invite.find("/j/").map_or("", |at| &invite[at..]);
        format!("{}{path}", self.url())
    }

    /// At most so many bytes per second from the server, for all connections together.
    pub fn limit_from_server(&self, bytes_per_second: u64) {
        self.from_server.rate.store(bytes_per_second, Ordering::Relaxed);
    }

    /// At most so many bytes per second to the server, for all connections together.
    pub fn limit_to_server(&self, bytes_per_second: u64) {
        self.to_server.rate.store(bytes_per_second, Ordering::Relaxed);
    }

    /// How long a byte is on its way, in each direction.
    pub fn delay(&self, each_way: Duration) {
        for meter in [&self.from_server, &self.to_server] {
            meter.delay_us.store(each_way.as_micros() as u64, Ordering::Relaxed);
        }
    }

    /// Lifts both limits.
    pub fn unlimit(&self) {
        self.limit_from_server(0);
        self.limit_to_server(0);
    }

    /// Bytes that came from the server so far.
    pub fn bytes_from_server(&self) -> u64 {
        self.from_server.bytes.load(Ordering::Relaxed)
    }

    /// Bytes that went to the server so far.
    pub fn bytes_to_server(&self) -> u64 {
        self.to_server.bytes.load(Ordering::Relaxed)
    }

    /// Cuts all connections and listens no more.
    pub fn cut(&self) {
        self.task.abort();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Meter {
    fn new() -> Self {
        Self {
            bytes: AtomicU64::new(0),
            rate: AtomicU64::new(0),
            busy_until: Mutex::new(Instant::now()),
            delay_us: AtomicU64::new(0),
        }
    }

    /// When what comes now arrives.
    fn arrival(&self) -> Instant {
        Instant::now() + Duration::from_micros(self.delay_us.load(Ordering::Relaxed))
    }

    /// Waits until `len` more bytes may pass.
    async fn pass(&self, len: usize) {
        self.bytes.fetch_add(len as u64, Ordering::Relaxed);
        let rate = self.rate.load(Ordering::Relaxed);
        if rate == 0 {
            return;
        }
        let takes = Duration::from_secs_f64(len as f64 / rate as f64);
        let until = {
            let mut busy_until = self.busy_until.lock().await;
            *busy_until = (*busy_until).max(Instant::now() - BURST) + takes;
            *busy_until
        };
        tokio::time::sleep_until(until).await;
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, from_server: Arc<Meter>, to_server: Arc<Meter>) {
    // Dropped with this future: aborting the task ends every connection.
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        connections.spawn(connect(client, server, from_server.clone(), to_server.clone()));
    }
}

async fn connect(client: TcpStream, server: SocketAddr, from_server: Arc<Meter>, to_server: Arc<Meter>) {
    // A server that is down is a closed connection to whoever comes through here.
    let Ok(server) = TcpStream::connect(server).await else { return };
    // Without it small messages wait for acknowledgements; with an error nothing is lost but time.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (client_read, client_write) = client.into_split();
    let (server_read, server_write) = server.into_split();
    let down = pump(server_read, client_write, &from_server);
    let up = pump(client_read, server_write, &to_server);
    // One side gone is both gone: nothing here speaks half-closed.
    tokio::select! {
        () = down => {}
        () = up => {}
    }
}

async fn pump(source: impl AsyncReadExt + Unpin, sink: impl AsyncWriteExt + Unpin, meter: &Meter) {
    let (underway, arriving) = mpsc::channel(UNDERWAY_MAX);
    // Each ends the other, by its end of the channel.
    tokio::join!(depart(source, underway, meter), arrive(sink, arriving));
}

async fn depart(mut source: impl AsyncReadExt + Unpin, underway: mpsc::Sender<(Instant, Bytes)>, meter: &Meter) {
    loop {
        let mut chunk = BytesMut::with_capacity(CHUNK_LEN);
        tokio::select! {
            read = source.read_buf(&mut chunk) => if !matches!(read, Ok(len) if len > 0) { return },
            () = underway.closed() => return,
        }
        meter.pass(chunk.len()).await;
        if underway.send((meter.arrival(), chunk.freeze())).await.is_err() {
            return;
        }
    }
}

async fn arrive(mut sink: impl AsyncWriteExt + Unpin, mut arriving: mpsc::Receiver<(Instant, Bytes)>) {
    while let Some((at, chunk)) = arriving.recv().await {
        tokio::time::sleep_until(at).await;
        if sink.write_all(&chunk).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_limit_slows_and_counts_every_byte() {
        let server = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let proxy = Proxy::start(server.local_addr().unwrap()).await.unwrap();
        proxy.limit_from_server(1_000_000);
        let mut client = TcpStream::connect(proxy.address).await.unwrap();
        let (mut served, _) = server.accept().await.unwrap();
        let started = Instant::now();
        let sending = tokio::spawn(async move { served.write_all(&vec![7; 300_000]).await });
        let mut got = vec![0; 300_000];
        client.read_exact(&mut got).await.unwrap();
        sending.await.unwrap().unwrap();
        assert!(started.elapsed() >= Duration::from_millis(250), "{:?}", started.elapsed());
        assert_eq!(proxy.bytes_from_server(), 300_000);
    }

    #[tokio::test]
    async fn what_is_underway_arrives_late_and_together() {
        let server = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let proxy = Proxy::start(server.local_addr().unwrap()).await.unwrap();
        proxy.delay(Duration::from_millis(100));
        let mut client = TcpStream::connect(proxy.address).await.unwrap();
        let (mut served, _) = server.accept().await.unwrap();
        let started = Instant::now();
        let mut sent = vec![0; 20 * CHUNK_LEN];
        let (_, got) = tokio::join!(served.write_all(&[7; 20 * CHUNK_LEN]), client.read_exact(&mut sent));
        got.unwrap();
        assert!(started.elapsed() >= Duration::from_millis(100), "{:?}", started.elapsed());
        assert!(started.elapsed() < Duration::from_millis(2_000), "one after the other: {:?}", started.elapsed());
    }

    #[tokio::test]
    async fn cutting_closes_what_is_open() {
        let server = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let proxy = Proxy::start(server.local_addr().unwrap()).await.unwrap();
        let mut client = TcpStream::connect(proxy.address).await.unwrap();
        let (_served, _) = server.accept().await.unwrap();
        proxy.cut();
        assert!(matches!(client.read(&mut [0; 1]).await, Ok(0) | Err(_)));
    }
}
