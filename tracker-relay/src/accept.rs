//! The accept loop, and one HTTP connection.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};
use transport::Stream;

use crate::connections::{Connections, Place};
use crate::http::PeerPort;
use crate::limits::{HTTP_ANSWER_DEADLINE, HTTP_HEAD_DEADLINE, HTTP_HEAD_MAX, UNACKNOWLEDGED_MAX};
use crate::metrics::Metrics;

/// After an accept that failed (usually: no file descriptors left), the pause before the next try.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// The first byte of TLS: a record of a handshake (RFC 8446 section 5.1).
const TLS_HANDSHAKE: u8 = 0x16;
/// From one request to the next.
const REQUEST_DEADLINE: Duration = HTTP_HEAD_DEADLINE.saturating_add(HTTP_ANSWER_DEADLINE);

/// Where connections come in, and what answers them.
#[derive(Debug)]
pub struct Door {
    /// Where they come in.
    pub listener: TcpListener,
    /// What answers.
    pub router: Router,
    /// What makes TLS of a connection, where the server speaks it; and what answers those who speak none there.
    pub tls: Option<Tls>,
    /// Who has a place.
    pub connections: Arc<Connections>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Cancelled when the time for goodbyes is over.
    pub end: CancellationToken,
}

/// TLS at a door.
#[derive(Clone)]
pub struct Tls {
    /// What makes TLS of a connection.
    pub acceptor: TlsAcceptor,
    /// What answers those who speak none.
    pub plain_router: Router,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

impl Door {
    /// Where it listens.
    ///
    /// # Errors
    /// The operating system's.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Takes connections in, for ever.
    pub async fn accept(&self) {
        loop {
            match self.listener.accept().await {
                Ok((tcp, from)) => self.serve(tcp, from.ip().to_canonical()),
                Err(error) => {
                    warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn serve(&self, tcp: TcpStream, from: IpAddr) {
        let metrics = self.metrics.clone();
        let Some(place) = self.connections.enter(from) else {
            // Dropped without a word: an answer would cost what there is too little of.
            return metrics.accepts_refused.inc();
        };
        metrics.accepts_ok.inc();
        // Small control messages and requests must not wait for more.
        let _ = tcp.set_nodelay(true);
        #[cfg(target_os = "linux")]
        let _ = socket2::SockRef::from(&tcp).set_tcp_user_timeout(Some(UNACKNOWLEDGED_MAX));
        let (router, tls) = (self.router.clone(), self.tls.clone());
        let end = self.end.clone();
        self.connections.tasks.spawn(async move {
            let _present = metrics.connections_http.enter();
            let serve = async {
                if has_spoken(&tcp).await {
                    // Boxed: whoever says nothing costs no more than the wait for it.
                    Box::pin(serve_spoken(tcp, place, router, tls)).await;
                }
            };
            tokio::select! {
                () = serve => {}
                () = end.cancelled() => {}
            }
        });
    }
}

/// Waits for the first byte: hyper allocates its buffers before there is any.
async fn has_spoken(tcp: &TcpStream) -> bool {
    matches!(timeout(HTTP_HEAD_DEADLINE, tcp.readable()).await, Ok(Ok(())))
}

/// One connection on which something has come.
async fn serve_spoken(tcp: TcpStream, place: Place, router: Router, tls: Option<Tls>) {
    let Some(Tls { acceptor, plain_router }) = tls else {
        return serve_http(Stream::Plain(tcp), place, router, REQUEST_DEADLINE).await;
    };
    let mut first = [0];
    if !matches!(tcp.peek(&mut first).await, Ok(1)) {
        return;
    }
    if first[0] != TLS_HANDSHAKE {
        return serve_http(Stream::Plain(tcp), place, plain_router, REQUEST_DEADLINE).await;
    }
    match timeout(HTTP_HEAD_DEADLINE, acceptor.accept(tcp)).await {
        Ok(Ok(tls)) => serve_http(Stream::Secure(Box::new(tls.into())), place, router, REQUEST_DEADLINE).await,
        Ok(Err(error)) => debug!(%error, "no TLS came about"),
        Err(_) => debug!("TLS took too long"),
    }
}

/// One HTTP connection; an upgraded one goes on in a task of its own.
async fn serve_http(stream: Stream, place: Place, router: Router, request_deadline: Duration) {
    let service = TowerToHyperService::new(router);
    let place = Arc::new(place);
    let peer_port = PeerPort(stream.tcp().peer_addr().map_or(0, |peer| peer.port()));
    let (asked, mut last_asked) = watch::channel(Instant::now());
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        asked.send_replace(Instant::now());
        // Says where it comes from, and goes on with the socket if this request becomes one.
        request.extensions_mut().insert(place.clone());
        request.extensions_mut().insert(peer_port);
        hyper::service::Service::call(&service, request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HTTP_HEAD_DEADLINE)
        .max_buf_size(HTTP_HEAD_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    // hyper bounds how long a request's head may take, and nothing bounds how long its answer is read.
    let too_slow = async {
        loop {
            let deadline = *last_asked.borrow_and_update() + request_deadline;
            tokio::select! {
                () = sleep_until(deadline) => break,
                changed = last_asked.changed() => if changed.is_err() { std::future::pending::<()>().await },
            }
        }
    };
    tokio::select! {
        served = served => {
            if let Err(error) = served {
                debug!(%error, "HTTP connection ended");
            }
        }
        () = too_slow => debug!("an answer was read too slowly"),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn whoever_does_not_read_the_answer_loses_the_connection() {
        let large = bytes::Bytes::from(vec![1; 64 * 1024 * 1024]);
        let router = Router::new().fallback(move || std::future::ready(large.clone()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (tcp, from) = listener.accept().await.unwrap();
        let connections = Arc::new(Connections::new(64, Arc::default(), Arc::default()));
        let place = connections.enter(from.ip()).unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        // Without the deadline this would wait for ever.
        serve_http(Stream::Plain(tcp), place, router, Duration::from_millis(100)).await;
        let mut got = Vec::new();
        let _ = client.read_to_end(&mut got).await;
        assert!(got.len() < 64 * 1024 * 1024);
    }
}
