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
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::connections::{Connections, Place};
use crate::http::ConnectedFrom;
use crate::limits::{HTTP_HEAD_DEADLINE, HTTP_HEAD_MAX};
use crate::metrics::Metrics;

/// After an accept that failed (usually: no file descriptors left), the pause before the next try.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Where connections come in, and what answers them.
#[derive(Debug)]
pub struct Door {
    /// Where they come in.
    pub listener: TcpListener,
    /// What answers.
    pub router: Router,
    /// Who has a place.
    pub connections: Arc<Connections>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Cancelled when the time for goodbyes is over.
    pub end: CancellationToken,
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
        let router = self.router.clone();
        let end = self.end.clone();
        self.connections.tasks.spawn(async move {
            let _present = metrics.connections_http.enter();
            tokio::select! {
                () = serve_http(tcp, from, place, router) => {}
                () = end.cancelled() => {}
            }
        });
    }
}

/// One HTTP connection; an upgraded one goes on in a task of its own.
async fn serve_http(tcp: TcpStream, from: IpAddr, place: Place, router: Router) {
    let service = TowerToHyperService::new(router);
    let place = Arc::new(place);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectedFrom(from));
        // Goes on with the socket if this request becomes one.
        request.extensions_mut().insert(place.clone());
        hyper::service::Service::call(&service, request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HTTP_HEAD_DEADLINE)
        .max_buf_size(HTTP_HEAD_MAX)
        .serve_connection(TokioIo::new(tcp), service)
        .with_upgrades()
        .await;
    if let Err(error) = served {
        debug!(%error, "HTTP connection ended");
    }
}
