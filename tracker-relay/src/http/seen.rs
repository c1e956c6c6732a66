//! What the server sees of a request: for `tracker-relay check` and for the page, which want to know what a proxy on the way makes
//! of theirs. It tells nobody more than about the request itself.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde::{Deserialize, Serialize};
use wire_protocol::control::Origin;

use super::{Site, text};
use crate::connections::Place;
use crate::proxies::{FORWARDED_FOR, has_signs_of_a_proxy, is_near};

/// Who the server is.
pub const PROGRAM: &str = "tracker-relay";

/// The port at the other end of the connection, which a request carries with it.
#[derive(Debug, Clone, Copy)]
pub struct PeerPort(pub u16);

/// What whoever asks has dialed.
#[derive(Debug, Deserialize)]
pub struct Dialed {
    origin: Option<String>,
}

/// What the server sees.
#[derive(Debug, Serialize, Deserialize)]
pub struct Seen {
    /// [`PROGRAM`].
    pub program: String,
    /// It speaks TLS itself.
    pub tls: bool,
    /// It has the page.
    pub has_page: bool,
    /// `Host`, as it came.
    pub host: String,
    /// Of the other end of the connection.
    pub peer_port: u16,
    /// The other end is in this machine's network, or this machine.
    pub is_near: bool,
    /// The other end is this machine.
    pub is_this_machine: bool,
    /// Headers of a proxy are there.
    pub is_proxied: bool,
    /// `X-Forwarded-For` is there.
    pub has_forwarded_for: bool,
    /// The other end is one of `--trusted-proxy`.
    pub is_trusted: bool,
    /// Why a login by what was dialed would be refused.
    pub refusal: Option<String>,
}

pub async fn seen(State(site): State<Arc<Site>>, Query(dialed): Query<Dialed>, request: Request) -> Response<Body> {
    site.metrics.http_requests.inc();
    let Some(place) = request.extensions().get::<Arc<Place>>() else {
        return text(StatusCode::INTERNAL_SERVER_ERROR, "no connection".to_owned());
    };
    let (headers, peer) = (request.headers(), place.peer());
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let refusal = |origin: Origin| site.control.own_origin.check(&origin.to_string(), host).err();
    let seen = Seen {
        program: PROGRAM.to_owned(),
        tls: site.control.own_origin.certificate.is_some(),
        has_page: site.page.is_built(),
        host: host.to_owned(),
        peer_port: request.extensions().get::<PeerPort>().map_or(0, |port| port.0),
        is_near: is_near(peer),
        is_this_machine: peer.is_loopback(),
        is_proxied: has_signs_of_a_proxy(headers),
        has_forwarded_for: headers.contains_key(FORWARDED_FOR),
        is_trusted: site.proxies.contains(peer),
        refusal: dialed.origin.and_then(|origin| origin.parse().ok()).and_then(refusal).map(|refusal| refusal.message),
    };
    let mut response = text(StatusCode::OK, serde_json::to_string(&seen).unwrap_or_default());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
