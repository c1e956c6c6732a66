//! Everything that begins with an HTTP request: the page, the probes, the two WebSockets.

mod page;
mod probes;

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use axum::routing::get;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::debug;
use wire_protocol::invite::is_slug;
use wire_protocol::{control, link};

pub use page::Page;
pub use probes::Readiness;

use crate::control::Control;
use crate::metrics::Metrics;
use crate::relay::Relay;
use crate::connections::Place;
use crate::tracker::Tracker;
use crate::websocket::{Origins, check_upgrade};

/// What requests are answered with.
#[derive(Debug)]
pub struct Site {
    /// The page and its files.
    pub page: Page,
    /// Groups, swarms and the database.
    pub tracker: Arc<Tracker>,
    /// Control connections.
    pub control: Arc<Control>,
    /// Links.
    pub relay: Arc<Relay>,
    /// Whose pages may connect.
    pub origins: Origins,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether the database takes writes.
    pub readiness: Readiness,
    /// Sockets live here.
    pub tasks: TaskTracker,
    /// Cancelled when the server stops: everybody says goodbye.
    pub stop: CancellationToken,
    /// Cancelled when the time for goodbyes is over.
    pub end: CancellationToken,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

impl Site {
    /// Runs a socket. It keeps its connection's place, and ends with the server.
    fn spawn(&self, request: &Request, serve: impl Future<Output = ()> + Send + 'static) {
        let place = request.extensions().get::<Arc<Place>>().cloned();
        let end = self.end.clone();
        self.tasks.spawn(async move {
            let _place = place;
            tokio::select! {
                () = serve => {}
                () = end.cancelled() => {}
            }
        });
    }
}

/// Where a connection comes from; set on every request by the server.
#[derive(Debug, Clone, Copy)]
pub struct ConnectedFrom(pub IpAddr);

/// All addresses of the server.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/control", get(open_control))
        .route("/link", get(open_link))
        .route("/healthz", get(probes::healthz))
        .route("/readyz", get(probes::readyz))
        .route("/metrics", get(probes::metrics))
        .route("/j/{slug}", get(landing))
        .fallback(file)
        .with_state(site)
}

async fn open_control(State(site): State<Arc<Site>>, mut request: Request) -> Response<Body> {
    let observed = observed(&site, &request);
    match check_upgrade(&mut request, control::SUBPROTOCOL, &site.origins) {
        Ok((upgrading, response)) => {
            let control = site.control.clone();
            site.spawn(&request, async move { control.serve(upgrading, observed).await });
            response
        }
        Err(refusal) => refuse(&site, refusal),
    }
}

async fn open_link(State(site): State<Arc<Site>>, mut request: Request) -> Response<Body> {
    match check_upgrade(&mut request, link::SUBPROTOCOL, &site.origins) {
        Ok((upgrading, response)) => {
            let relay = site.relay.clone();
            site.spawn(&request, async move { relay.serve(upgrading).await });
            response
        }
        Err(refusal) => refuse(&site, refusal),
    }
}

fn refuse(site: &Site, refusal: crate::websocket::UpgradeRefusal) -> Response<Body> {
    debug!(%refusal, "upgrade refused");
    match refusal.status() {
        StatusCode::FORBIDDEN => site.metrics.rejected_origin.inc(),
        _ => site.metrics.rejected_upgrade.inc(),
    }
    let mut response = text(refusal.status(), refusal.to_string());
    if refusal.status() == StatusCode::UPGRADE_REQUIRED {
        response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    }
    response
}

/// The group's landing page: the same page, it looks at its own address.
async fn landing(State(site): State<Arc<Site>>, Path(slug): Path<String>, headers: HeaderMap) -> Response<Body> {
    site.metrics.http_requests.inc();
    if is_slug(&slug) { site.page.index(&headers) } else { site.page.not_found() }
}

async fn file(State(site): State<Arc<Site>>, request: Request) -> Response<Body> {
    site.metrics.http_requests.inc();
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD".to_owned());
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    site.page.file(request.uri().path(), request.headers())
}

/// The member's address: the socket's, or what a trusted proxy says (the last address in its header
/// is the one that the proxy itself saw).
fn observed(site: &Site, request: &Request) -> IpAddr {
    let peer =
        request.extensions().get::<ConnectedFrom>().map_or(IpAddr::from([0, 0, 0, 0]), |from| from.0.to_canonical());
    if !site.trusted_proxies.contains(&peer) {
        return peer;
    }
    let forwarded = request.headers().get_all("x-forwarded-for").iter().next_back();
    forwarded
        .and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse::<IpAddr>().ok())
        .map_or(peer, |ip| ip.to_canonical())
}

fn text(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text + "\n"));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
