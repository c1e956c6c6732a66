//! What machines ask: alive? ready? how much?

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Response, StatusCode, header};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::{Site, text};
use crate::tracker::ledger::Ledger;

/// A writer that answers later than this is not ready.
const PROBE_DEADLINE: Duration = Duration::from_secs(1);
/// How long an answer is good for: whoever asks more often costs nothing more.
const PROBE_KEPT: Duration = Duration::from_secs(2);

/// Whether the database takes writes, as of a moment ago.
#[derive(Debug)]
pub struct Readiness {
    is_ready: AtomicBool,
    /// Held by whoever asks the writer; nobody waits for it.
    asked_at: Mutex<Option<Instant>>,
}

impl Default for Readiness {
    /// The schema has just been brought up to date.
    fn default() -> Self {
        Self { is_ready: AtomicBool::new(true), asked_at: Mutex::new(None) }
    }
}

impl Readiness {
    async fn look(&self, ledger: &Ledger) -> bool {
        if let Ok(mut asked_at) = self.asked_at.try_lock()
            && asked_at.is_none_or(|at| at.elapsed() >= PROBE_KEPT)
        {
            let can_commit = timeout(PROBE_DEADLINE, ledger.can_commit()).await.unwrap_or(false);
            self.is_ready.store(can_commit, Ordering::Relaxed);
            *asked_at = Some(Instant::now());
        }
        self.is_ready.load(Ordering::Relaxed)
    }
}

/// The process is alive. No I/O.
pub async fn healthz() -> Response<Body> {
    text(StatusCode::OK, "ok".to_owned())
}

/// The database takes writes, and the server is not stopping.
pub async fn readyz(State(site): State<Arc<Site>>) -> Response<Body> {
    if site.drain.is_cancelled() {
        return text(StatusCode::SERVICE_UNAVAILABLE, "stopping".to_owned());
    }
    if site.readiness.look(&site.tracker.ledger).await {
        text(StatusCode::OK, "ready".to_owned())
    } else {
        text(StatusCode::SERVICE_UNAVAILABLE, "the database takes no writes (is its disk full?)".to_owned())
    }
}

/// Prometheus text.
pub async fn metrics(State(site): State<Arc<Site>>) -> Response<Body> {
    let (swarms, peers) = site.tracker.hub.count_swarms();
    site.metrics.swarms.set(swarms);
    site.metrics.swarm_peers.set(peers);
    site.metrics.db_queue_jobs.set(site.tracker.ledger.queue_len());
    let (database, log) = site.tracker.store.file_sizes().await;
    site.metrics.db_bytes.set(database);
    site.metrics.db_log_bytes.set(log);
    let mut metrics = site.metrics.render();
    metrics.push_str("# HELP tr_build_info Version.\n# TYPE tr_build_info gauge\n");
    metrics.push_str(concat!("tr_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"));
    let mut response = text(StatusCode::OK, metrics);
    let content_type = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}
