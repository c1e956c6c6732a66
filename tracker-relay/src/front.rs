//! What a reverse proxy in front of this server does not pass on, as far as requests tell. It goes wrong for everybody who comes
//! through it, and only this server's log reaches whoever can mend it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::header::{HOST, ORIGIN, SEC_WEBSOCKET_PROTOCOL, UPGRADE};
use axum::http::{HeaderMap, HeaderName};
use tracing::warn;
use wire_protocol::control::Origin;

/// Each kind is said again after so long: anybody can make up a request that looks like one of a bad proxy.
const SAID_AGAIN_AFTER: Duration = Duration::from_secs(3600);

/// What is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// A WebSocket's request came as an ordinary one.
    Upgrade,
    /// The request names another host than the one that was dialed, or that its page is of.
    Host {
        /// By whoever comes through the proxy.
        dialed: Origin,
    },
    /// A WebSocket's request came without its subprotocol.
    Subprotocol,
}

/// What has been said already.
#[derive(Debug, Default)]
pub struct Front {
    said: Mutex<[Option<Instant>; 3]>,
}

impl Lost {
    /// What an ordinary request was meant to be, if it was a WebSocket's: other clients send none of its headers.
    pub fn of_request(headers: &HeaderMap) -> Option<Self> {
        let has = |name: HeaderName| headers.contains_key(name);
        let is_websocket = headers.keys().any(|name| name.as_str().starts_with("sec-websocket-"));
        match (is_websocket, has(UPGRADE), has(SEC_WEBSOCKET_PROTOCOL)) {
            (true, false, _) => Some(Self::Upgrade),
            (true, true, false) => Some(Self::Subprotocol),
            _ => None,
        }
    }

    /// What a page of another host means, if that host is this server's.
    pub fn of_page(headers: &HeaderMap) -> Option<Self> {
        let origin = headers.get(ORIGIN)?.to_str().ok()?.parse().ok()?;
        headers.contains_key(HOST).then_some(Self::Host { dialed: origin })
    }

    fn kind(&self) -> usize {
        match self {
            Self::Upgrade => 0,
            Self::Host { .. } => 1,
            Self::Subprotocol => 2,
        }
    }

    /// For the one who runs the server.
    pub fn advice(&self) -> String {
        match self {
            Self::Upgrade => {
                "a reverse proxy in front of this server does not pass on the headers Upgrade and Connection, so that \
                              WebSockets do not open (in nginx `proxy_http_version 1.1; proxy_set_header Upgrade \
                              $http_upgrade; proxy_set_header Connection \"upgrade\";`)"
                    .to_owned()
            }
            Self::Host { dialed } => format!(
                "a reverse proxy in front of this server does not pass on the header Host, so that {dialed} looks like another \
                 server's address: let it send the header (in nginx `proxy_set_header Host $http_host;`), or start tracker-relay with \
                 --public-url {dialed}"
            ),
            Self::Subprotocol => {
                "a reverse proxy in front of this server does not pass on the header Sec-WebSocket-Protocol, so \
                                  that WebSockets do not open; let it pass all headers on"
                    .to_owned()
            }
        }
    }
}

impl Front {
    /// Says it in the log, unless that was done a while ago.
    pub fn warn(&self, lost: &Lost) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let before = &mut said[lost.kind()];
        if before.is_none_or(|at| at.elapsed() >= SAID_AGAIN_AFTER) {
            *before = Some(Instant::now());
            warn!("it seems that {}", lost.advice());
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn lost(headers: &[(&'static str, &'static str)]) -> Option<Lost> {
        let pairs =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        Lost::of_request(&pairs.collect())
    }

    #[test]
    fn what_a_websocket_has_lost_on_its_way_is_seen_and_an_ordinary_request_has_lost_nothing() {
        assert_eq!(lost(&[("host", "x"), ("sec-websocket-key", "k")]), Some(Lost::Upgrade));
        assert_eq!(lost(&[("sec-websocket-version", "13"), ("connection", "close")]), Some(Lost::Upgrade));
        assert_eq!(lost(&[("upgrade", "websocket"), ("sec-websocket-key", "k")]), Some(Lost::Subprotocol));
        assert_eq!(lost(&[("host", "x"), ("user-agent", "curl")]), None);
        assert_eq!(
            lost(&[("upgrade", "websocket"), ("sec-websocket-key", "k"), ("sec-websocket-protocol", "p")]),
            None
        );
    }
}
