//! What machines ask: alive? ready? how much?

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Response, StatusCode, header};
use tokio::time::timeout;

use super::{Site, text};

/// A database that answers later than this is not ready.
const PING_DEADLINE: Duration = Duration::from_secs(1);

/// The process is alive. No I/O.
pub async fn healthz() -> Response<Body> {
    text(StatusCode::OK, "ok".to_owned())
}

/// The database answers, and the server is not stopping.
pub async fn readyz(State(site): State<Arc<Site>>) -> Response<Body> {
    if site.stop.is_cancelled() {
        return text(StatusCode::SERVICE_UNAVAILABLE, "stopping".to_owned());
    }
    match timeout(PING_DEADLINE, site.tracker.store.is_alive()).await {
        Ok(true) => text(StatusCode::OK, "ready".to_owned()),
        Ok(false) | Err(_) => text(StatusCode::SERVICE_UNAVAILABLE, "the database does not answer".to_owned()),
    }
}

/// Prometheus text.
pub async fn metrics(State(site): State<Arc<Site>>) -> Response<Body> {
    let (swarms, peers) = site.tracker.hub.count_swarms();
    site.metrics.swarms.set(swarms);
    site.metrics.swarm_peers.set(peers);
    let mut metrics = site.metrics.render();
    metrics.push_str("# HELP tr_build_info Version.\n# TYPE tr_build_info gauge\n");
    metrics.push_str(concat!("tr_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"));
    let mut response = text(StatusCode::OK, metrics);
    let content_type = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}
