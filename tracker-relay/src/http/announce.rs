//! What members' ordinary BitTorrent clients ask: announces (BEP 3, 7, 23, 24, 31) and scrapes (BEP 48). The passkey is the last
//! part of the path, and a secret: paths and queries are in no log.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use tracker_wire::RetryIn;
use tracker_wire::http::{AnnounceQuery, AnnounceResponse, Failure, PeerForm, ScrapeResponse, read_scrape_query};
use wire_protocol::control::Passkey;

use super::Site;
use crate::connections::Place;
use crate::limits::{ANNOUNCE_EVERY, ANNOUNCE_EVERY_MIN};
use crate::random;
use crate::tracker::announces::{NotTold, Told};

/// Everything before the passkey.
const ANNOUNCE: &str = "/announce/";
const SCRAPE: &str = "/scrape/";

/// `GET /announce/PASSKEY` (BEP 3, 7, 23): answers 200 with bencode, a refusal too.
pub async fn announce(State(site): State<Arc<Site>>, request: Request) -> Response<Body> {
    site.metrics.http_requests.inc();
    let asked = match Asked::new(&site, &request, ANNOUNCE) {
        Ok(asked) => asked,
        Err(why) => return refuse(why),
    };
    let query = match AnnounceQuery::decode(asked.query) {
        Ok(query) => query,
        Err(error) => return refuse_query(&error.to_string()),
    };
    match site.tracker.announce_ordinary(&asked.passkey, &query.announce, asked.observed).await {
        Ok(told) => {
            site.metrics.announces_ok.inc();
            bencoded(StatusCode::OK, answer(told, form(&query), asked.observed))
        }
        Err(why) => {
            site.metrics.announces_refused.inc();
            refuse(why)
        }
    }
}

/// `GET /scrape/PASSKEY` (BEP 48): counts of files of the passkey's group.
pub async fn scrape(State(site): State<Arc<Site>>, request: Request) -> Response<Body> {
    site.metrics.http_requests.inc();
    let asked = match Asked::new(&site, &request, SCRAPE) {
        Ok(asked) => asked,
        Err(why) => return refuse(why),
    };
    let info_hashes = match read_scrape_query(asked.query) {
        Ok(info_hashes) => info_hashes,
        Err(error) => return refuse_query(&error.to_string()),
    };
    match site.tracker.scrape(&asked.passkey, &info_hashes, asked.observed).await {
        Ok(counts) => {
            let torrents = counts.into_iter().collect();
            bencoded(StatusCode::OK, ScrapeResponse { torrents }.encode())
        }
        Err(why) => refuse(why),
    }
}

/// Who asks, and what.
struct Asked<'a> {
    passkey: Passkey,
    query: &'a [u8],
    observed: IpAddr,
}

impl<'a> Asked<'a> {
    fn new(site: &Site, request: &'a Request, before: &str) -> Result<Self, NotTold> {
        let place = request.extensions().get::<Arc<Place>>().ok_or(NotTold::Failed)?;
        let observed = site.proxies.observed(place.peer(), request.headers());
        let passkey = request.uri().path().strip_prefix(before).and_then(Passkey::from_url);
        let passkey = passkey.ok_or_else(|| site.tracker.count_no_passkey(observed))?;
        Ok(Self { passkey, query: request.uri().query().unwrap_or_default().as_bytes(), observed })
    }
}

/// Compact, unless the client says otherwise: some say nothing and read nothing else.
fn form(query: &AnnounceQuery) -> PeerForm {
    match (query.compact, query.no_peer_id) {
        (Some(false), true) => PeerForm::WithoutIds,
        (Some(false), false) => PeerForm::Dictionaries,
        _ => PeerForm::Compact,
    }
}

fn answer(told: Told, form: PeerForm, observed: IpAddr) -> Vec<u8> {
    let Told { counts, peers, .. } = told;
    let response = AnnounceResponse {
        interval: Some(interval()),
        min_interval: Some(ANNOUNCE_EVERY_MIN.as_secs() as u32),
        seeders: Some(counts.seeders),
        leechers: Some(counts.leechers),
        peers,
        ..AnnounceResponse::default()
    };
    response.encode_to(form, Some(observed))
}

/// Spread by a tenth up and down, so that clients that were started together do not come together for ever. Seconds.
fn interval() -> u32 {
    let spread = ANNOUNCE_EVERY / 10;
    let jitter = Duration::from_secs(random::below(2 * spread.as_secs() as usize + 1) as u64);
    (ANNOUNCE_EVERY - spread + jitter).as_secs() as u32
}

fn refuse(why: NotTold) -> Response<Body> {
    // Clients read failures out of good answers only; who guesses need not read any.
    let status = if why == NotTold::TooManyWrong { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::OK };
    bencoded(status, Failure { reason: why.to_string(), retry: Some(why.retry()) }.encode())
}

/// What is wrong is a key's name or a length, never what the client wrote.
fn refuse_query(what: &str) -> Response<Body> {
    let reason = format!("This announce cannot be read: {what}.");
    bencoded(StatusCode::OK, Failure { reason, retry: Some(RetryIn::Never) }.encode())
}

fn bencoded(status: StatusCode, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_spread_by_a_tenth() {
        let intervals: Vec<u32> = (0..1000).map(|_| interval()).collect();
        assert!(intervals.iter().all(|interval| (1620..=1980).contains(interval)));
        assert!(intervals.iter().any(|interval| *interval < 1800) && intervals.iter().any(|interval| *interval > 1800));
    }
}
