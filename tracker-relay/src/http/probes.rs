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
use crate::free_disk::FreeDisk;
use crate::tracker::ledger::Ledger;

/// A writer that answers later than this is not ready.
const PROBE_DEADLINE: Duration = Duration::from_secs(1);
/// How long an answer is good for: whoever asks more often costs nothing more.
const PROBE_KEPT: Duration = Duration::from_secs(2);

/// Whether the database takes writes, as of a moment ago.
#[derive(Debug)]
pub struct Readiness {
    free_disk: FreeDisk,
    is_ready: AtomicBool,
    is_disk_low: AtomicBool,
    /// Held by whoever asks the writer; nobody waits for it.
    asked_at: Mutex<Option<Instant>>,
}

/// What the database takes.
enum Writes {
    All,
    /// Those that make room.
    Fewer,
    None,
}

impl Readiness {
    /// The schema has just been brought up to date.
    pub fn new(free_disk: FreeDisk) -> Self {
        Self {
            free_disk,
            is_ready: AtomicBool::new(true),
            is_disk_low: AtomicBool::new(false),
            asked_at: Mutex::new(None),
        }
    }

    async fn look(&self, ledger: &Ledger) -> Writes {
        if let Ok(mut asked_at) = self.asked_at.try_lock()
            && asked_at.is_none_or(|at| at.elapsed() >= PROBE_KEPT)
        {
            let can_commit = timeout(PROBE_DEADLINE, ledger.can_commit()).await.unwrap_or(false);
            self.is_ready.store(can_commit, Ordering::Relaxed);
            self.is_disk_low.store(self.free_disk.is_low(), Ordering::Relaxed);
            *asked_at = Some(Instant::now());
        }
        match (self.is_ready.load(Ordering::Relaxed), self.is_disk_low.load(Ordering::Relaxed)) {
            (false, _) => Writes::None,
            (true, true) => Writes::Fewer,
            (true, false) => Writes::All,
        }
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
    match site.readiness.look(&site.tracker.ledger).await {
        Writes::All => text(StatusCode::OK, "ready".to_owned()),
        Writes::Fewer => text(
            StatusCode::SERVICE_UNAVAILABLE,
            "little disk is free, so only leaving and removing work (see --min-free-disk)".to_owned(),
        ),
        Writes::None => {
            text(StatusCode::SERVICE_UNAVAILABLE, "the database takes no writes (is its disk full?)".to_owned())
        }
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
