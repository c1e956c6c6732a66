//! Everything that begins with an HTTP request: the page, the probes, the two WebSockets, and
//! [announces](announce) of ordinary clients.

mod announce;
mod page;
mod probes;
mod seen;

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
use wire_protocol::control::Origin;
use wire_protocol::invite::is_slug;
use wire_protocol::{control, link};

pub use page::Page;
pub use probes::Readiness;
pub use seen::{PROGRAM, PeerPort, Seen};

use crate::connections::Place;
use crate::control::Control;
use crate::front::{Front, Lost};
use crate::metrics::{Counted, Gauge, Metrics};
use crate::proxies::{TrustedProxies, has_signs_of_a_proxy};
use crate::relay::Relay;
use crate::tracker::Tracker;
use crate::websocket::{Held, Origins, UpgradeRefusal, check_upgrade};

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
    pub proxies: Arc<TrustedProxies>,
    /// What proxies lose.
    pub front: Arc<Front>,
    /// Whether the database takes writes.
    pub readiness: Readiness,
    /// There is another address for /metrics.
    pub has_admin_address: bool,
    /// Control connections live here.
    pub sessions: TaskTracker,
    /// Sockets of links live here.
    pub links: TaskTracker,
    /// Cancelled when the server is to stop: nobody new is let in, links go on for a while.
    pub drain: CancellationToken,
    /// Cancelled when the server stops: everybody says goodbye.
    pub stop: CancellationToken,
    /// Cancelled when the time for goodbyes is over.
    pub end: CancellationToken,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

impl Site {
    /// Runs a socket, which ends with the server.
    fn spawn(&self, tasks: &TaskTracker, serve: impl Future<Output = ()> + Send + 'static) {
        let end = self.end.clone();
        tasks.spawn(async move {
            tokio::select! {
                () = serve => {}
                () = end.cancelled() => {}
            }
        });
    }
}

/// All addresses of the server.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/control", get(open_control))
        .route("/link", get(open_link))
        .route("/announce/{passkey}", get(announce::announce))
        .route("/scrape/{passkey}", get(announce::scrape))
        .route("/healthz", get(probes::healthz))
        .route("/readyz", get(probes::readyz))
        .route("/metrics", get(metrics))
        .route("/seen", get(seen::seen))
        .route("/j/{slug}", get(landing))
        .fallback(file)
        .with_state(site)
}

/// For those who speak no TLS where it is spoken.
pub fn plain_router() -> Router {
    Router::new().fallback(to_https)
}

async fn to_https(request: Request) -> Response<Body> {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let there = format!("https://{host}")
        .parse::<Origin>()
        .ok()
        .and_then(|origin| HeaderValue::from_str(&format!("{origin}{path}")).ok());
    let mut response = text(StatusCode::PERMANENT_REDIRECT, "this port speaks TLS: use https://".to_owned());
    match there {
        Some(there) => drop(response.headers_mut().insert(header::LOCATION, there)),
        None => *response.status_mut() = StatusCode::BAD_REQUEST,
    }
    response
}

/// What whoever runs the server asks, on an address of its own.
pub fn admin_router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/healthz", get(probes::healthz))
        .route("/readyz", get(probes::readyz))
        .route("/metrics", get(probes::metrics))
        .with_state(site)
}

async fn open_control(State(site): State<Arc<Site>>, mut request: Request) -> Response<Body> {
    if site.drain.is_cancelled() {
        return restarting();
    }
    match check_upgrade(&mut request, control::SUBPROTOCOL, &site.origins) {
        Ok((upgrading, response)) => {
            let Some((observed, held)) = admit(&site, &request, |metrics| &metrics.connections_control) else {
                return too_many_connections(&site);
            };
            let control = site.control.clone();
            site.spawn(&site.sessions, async move { control.serve(upgrading, held, observed).await });
            response
        }
        Err(refusal) => refuse(&site, refusal, request.headers()),
    }
}

async fn open_link(State(site): State<Arc<Site>>, mut request: Request) -> Response<Body> {
    if site.drain.is_cancelled() {
        return restarting();
    }
    match check_upgrade(&mut request, link::SUBPROTOCOL, &site.origins) {
        Ok((upgrading, response)) => {
            let Some((observed, held)) = admit(&site, &request, |metrics| &metrics.connections_link) else {
                return too_many_connections(&site);
            };
            let relay = site.relay.clone();
            site.spawn(&site.links, async move { relay.serve(upgrading, held, observed).await });
            response
        }
        Err(refusal) => refuse(&site, refusal, request.headers()),
    }
}

/// Whose socket it is, and what it holds from here on; `None` if they have too many.
fn admit(site: &Site, request: &Request, gauge: fn(&Metrics) -> &Gauge) -> Option<(IpAddr, Held)> {
    let place = request.extensions().get::<Arc<Place>>()?.clone();
    let observed = site.proxies.observed(place.peer(), request.headers());
    place.count_for(observed).ok()?;
    Some((observed, Held { place, counted: Counted::new(site.metrics.clone(), gauge) }))
}

fn restarting() -> Response<Body> {
    let mut response = text(StatusCode::SERVICE_UNAVAILABLE, "the server restarts; try again soon".to_owned());
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
    response
}

fn too_many_connections(site: &Site) -> Response<Body> {
    site.metrics.rejected_address.inc();
    text(StatusCode::TOO_MANY_REQUESTS, "too many connections from this address".to_owned())
}

fn refuse(site: &Site, refusal: UpgradeRefusal, headers: &HeaderMap) -> Response<Body> {
    debug!(%refusal, "upgrade refused");
    match refusal.status() {
        StatusCode::FORBIDDEN => site.metrics.rejected_origin.inc(),
        _ => site.metrics.rejected_upgrade.inc(),
    }
    let lost = match refusal {
        UpgradeRefusal::WrongOrigin => Lost::of_page(headers),
        _ => Lost::of_request(headers),
    };
    lost.iter().for_each(|lost| site.front.warn(lost));
    let words = lost.map_or_else(|| refusal.to_string(), |lost| lost.advice());
    let mut response = text(refusal.status(), words);
    if refusal.status() == StatusCode::UPGRADE_REQUIRED {
        response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    }
    response
}

/// For this machine only, unless it has an address of its own: how much goes on is the operator's
/// business. A request that a proxy has passed on may come from anywhere.
async fn metrics(State(site): State<Arc<Site>>, request: Request) -> Response<Body> {
    let place = request.extensions().get::<Arc<Place>>();
    let is_from_here =
        place.is_some_and(|place| place.peer().is_loopback()) && !has_signs_of_a_proxy(request.headers());
    if site.has_admin_address || !is_from_here {
        site.metrics.http_requests.inc();
        return site.page.not_found();
    }
    probes::metrics(State(site)).await
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

fn text(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text + "\n"));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
