//! The server's address as typed, and the WebSocket addresses that follow from it.

use tokio_tungstenite::tungstenite::http::Uri;
use wire_protocol::control::Origin;
use wire_protocol::text::display_text;

use crate::failure::{Failure, Outcome};

/// Of a path that has to go, so much is shown.
const PATH_CHARS_SHOWN: usize = 60;

/// A tracker-relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl {
    /// `http` or `https`, no slash at the end.
    http: String,
    /// The same with `ws` or `wss`.
    websocket: String,
    origin: Origin,
}

impl ServerUrl {
    /// Reads `http(s)://HOST[:PORT]`. A server has an address of its own: nothing of what it serves works below a path.
    ///
    /// # Errors
    /// A usage failure that says what is wrong.
    pub fn parse(text: &str) -> Outcome<Self> {
        let wrong = |advice: &str| Failure::usage(format!("`{text}` is not a server's address"), advice);
        let http = text.trim().trim_end_matches('/');
        let shape = || wrong("It looks like https://share.example or http://127.0.0.1:8080.");
        let uri: Uri = http.parse().map_err(|_| shape())?;
        let websocket = match uri.scheme_str() {
            Some("http") => format!("ws{}", &http["http".len()..]),
            Some("https") if cfg!(feature = "tls") => format!("wss{}", &http["https".len()..]),
            Some("https") => return Err(wrong("This program was built without TLS and can use http:// only.")),
            _ => return Err(wrong("It begins with http:// or https://.")),
        };
        let (scheme, authority) = uri.scheme().zip(uri.authority()).ok_or_else(shape)?;
        // Stricter than `Uri`, which takes a port that is no number for no port.
        let origin = format!("{scheme}://{authority}").parse().map_err(|_| shape())?;
        if uri.query().is_some() {
            return Err(wrong("It has no `?`."));
        }
        if !matches!(uri.path(), "" | "/") {
            return Err(wrong(&format!(
                "A server has a name or a port of its own, and no path: `{}` must go. If it is behind a reverse proxy, give it \
                 a name there, for instance covey.share.example.",
                display_text(uri.path(), PATH_CHARS_SHOWN)
            )));
        }
        Ok(Self { http: http.to_owned(), websocket, origin })
    }

    /// Where a server is that redirects its control connection to `to`: at the same host, and never without TLS if it had
    /// that.
    pub fn redirected(&self, to: &str) -> Option<Self> {
        let uri: Uri = to.parse().ok()?;
        let base = format!("{}://{}", uri.scheme()?, uri.authority()?);
        let there = Self::parse(&base).ok().filter(|_| matches!(uri.path(), "" | "/" | "/control"))?;
        let is_sensible = there.origin.host() == self.origin.host()
            && (there.origin.is_https() || !self.origin.is_https())
            && there.origin != self.origin;
        is_sensible.then_some(there)
    }

    /// For invites and for people.
    pub fn as_str(&self) -> &str {
        &self.http
    }

    /// What the member's key and the login are bound to.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The control connection.
    pub fn control(&self) -> String {
        format!("{}/control", self.websocket)
    }

    /// A relay link: at another server if the grant names one.
    pub fn link(&self, relay: Option<&str>) -> String {
        match relay.and_then(|relay| relay.parse::<Origin>().ok()) {
            Some(relay) => format!("{}://{}/link", if relay.is_https() { "wss" } else { "ws" }, relay.authority()),
            None => format!("{}/link", self.websocket),
        }
    }

    /// For people: what relay links go to.
    pub fn websocket(&self) -> &str {
        &self.websocket
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn websocket_addresses_follow_from_the_url() {
        let url = ServerUrl::parse("http://127.0.0.1:8080/").unwrap();
        assert_eq!(url.control(), "ws://127.0.0.1:8080/control");
        assert_eq!(url.origin().to_string(), "http://127.0.0.1:8080");
        let url = ServerUrl::parse("https://share.example").unwrap();
        assert_eq!(url.link(None), "wss://share.example/link");
        assert_eq!(url.link(Some("https://relay.example:8443")), "wss://relay.example:8443/link");
        assert_eq!(url.link(Some("http://[::1]")), "ws://[::1]/link");
        assert_eq!(url.as_str(), "https://share.example");
        assert_eq!(url.origin().to_string(), "https://share.example");
        assert_eq!(ServerUrl::parse("http://[::1]:80").unwrap().origin().to_string(), "http://[::1]");
        let url = ServerUrl::parse("HTTP://Share.Example").unwrap();
        assert_eq!(
            (url.origin().to_string().as_str(), url.websocket()),
            ("http://share.example", "ws://Share.Example")
        );
    }

    #[test]
    fn a_redirect_is_followed_to_the_same_host_and_never_away_from_tls() {
        let from = |from: &str, to: &str| Some(ServerUrl::parse(from).unwrap().redirected(to)?.as_str().to_owned());
        let https = Some("https://share.example".to_owned());
        assert_eq!(from("http://share.example", "https://share.example/control"), https);
        assert_eq!(
            from("http://share.example:8080", "https://Share.Example/"),
            Some("https://Share.Example".to_owned())
        );
        let moved = from("http://share.example", "http://share.example:8080/control");
        assert_eq!(moved.as_deref(), Some("http://share.example:8080"));
        for to in [
            "https://evil.example/control",
            "https://share.example.evil.example/control",
            "https://share.example@evil.example/control",
            "https://share.example/covey/control",
            "http://share.example/control",
            "/control",
            "ftp://share.example/control",
            "",
        ] {
            assert_eq!(from("http://share.example", to), None, "{to}");
        }
        assert_eq!(from("https://share.example", "http://share.example:80/control"), None);
    }

    #[test]
    fn other_texts_are_refused_with_advice() {
        for wrong in [
            "",
            "share.example",
            "ftp://share.example",
            "http://",
            "http://a b",
            "https://me@share.example",
            "http://a?b",
            "http://a:b",
            "https://share.example/covey/",
            "https://share.example/covey/control",
        ] {
            let failure = ServerUrl::parse(wrong).unwrap_err();
            assert_eq!(failure.exit, crate::exit_code::USAGE, "{wrong}");
        }
    }
}
