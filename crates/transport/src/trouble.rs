//! Why a server, or what stands in front of it, does not do what a program asks of it: what was found, and what to do.

use std::io;

use tokio_tungstenite::tungstenite::error::{ProtocolError, SubProtocolError};
use tokio_tungstenite::tungstenite::http::{HeaderMap, Response, StatusCode, header};
use tokio_tungstenite::tungstenite::{self};
use wire_protocol::text::display_text;

/// Of what a server answers, so many characters are shown.
const SHOWN_CHARS_MAX: usize = 300;
/// A refusal of ours is longer than this only if it is none.
const WORDS_LEN_MAX: usize = 2_000;

/// What was found on the way to a server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The name leads nowhere.
    #[error("there is no server of this name: check its spelling ({0})")]
    UnknownHost(String),
    /// The port is closed.
    #[error("nothing listens there (connection refused): check the port, and that the server runs")]
    NothingListens,
    /// Neither yes nor no.
    #[error("it does not answer within {0} s: check the address, and whether a firewall is in between")]
    TimedOut(u64),
    /// The operating system's words.
    #[error("{0}")]
    Network(String),
    /// TLS was spoken to a server that speaks none.
    #[error("it speaks no TLS on this port: use http:// instead of https://, or the port that has TLS")]
    SpeaksNoTls,
    /// The reverse.
    #[error("it speaks TLS on this port: use https:// instead of http://")]
    SpeaksTls,
    /// A certificate that is not believed, in a clause that says why and what to do.
    #[error("{0}")]
    Certificate(String),
    /// TLS failed otherwise.
    #[error("TLS with it fails: {0}")]
    Tls(String),
    /// Neither TLS nor HTTP.
    #[error("what answers there is no web server: check the address and the port")]
    NotHttp,
    /// It closed the connection without a word.
    #[error("it closes the connection without an answer: check the address and the port")]
    Closed,
    /// It is elsewhere.
    #[error("it redirects to {to} (HTTP {status}): use that address")]
    Redirects {
        /// 301 and the like.
        status: u16,
        /// Where to; cleaned.
        to: String,
    },
    /// The server got an ordinary request.
    #[error(
        "the reverse proxy in front of the server does not pass on WebSockets (HTTP 426): it has to send the headers Upgrade \
         and Connection on (in nginx `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header \
         Connection \"upgrade\";`)"
    )]
    UpgradeLost,
    /// What came back is not what was asked for.
    #[error(
        "the reverse proxy in front of the server changes the WebSocket's headers: {0} is lost; it has to pass them on unchanged"
    )]
    HeaderLost(&'static str),
    /// A proxy without anything behind it.
    #[error(
        "a reverse proxy answers, but cannot reach the server behind it (HTTP {0}): check that tracker-relay runs, and the \
         address that the proxy has for it"
    )]
    NothingBehind(u16),
    /// The server's own refusal.
    #[error("it refuses (HTTP {status}): {words}")]
    Refuses {
        /// 4xx or 5xx.
        status: u16,
        /// Cleaned.
        words: String,
    },
    /// A web server, but not this one.
    #[error(
        "another web server answers there, not tracker-relay (HTTP {status}{}): check the address, and where its reverse proxy \
         sends requests",
        .software.as_ref().map(|name| format!(", {name}")).unwrap_or_default()
    )]
    AnotherServer {
        /// Any.
        status: u16,
        /// What it calls itself; cleaned.
        software: Option<String>,
    },
    /// It broke the rules.
    #[error("it does not keep to the WebSocket protocol ({0})")]
    BadWebSocket(String),
    /// Where to.
    #[error("`{0}` is no address of a server")]
    BadAddress(String),
}

impl Trouble {
    /// From the operating system, when a connection was opened.
    pub(crate) fn of_connecting(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::NothingListens,
            _ => Self::Network(shown(&error.to_string())),
        }
    }

    /// From an answer that is not the one that was asked for. `body`: as far as it is there.
    pub fn of_answer(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let status = status.as_u16();
        let is_plain = text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/plain"));
        let words = std::str::from_utf8(body).ok().filter(|_| is_plain && body.len() <= WORDS_LEN_MAX);
        match (status, text(header::LOCATION)) {
            (301 | 302 | 303 | 307 | 308, Some(to)) => Self::Redirects { status, to: shown(to) },
            (426, _) => Self::UpgradeLost,
            (502 | 504, _) => Self::NothingBehind(status),
            (400.., _) => match words.map(shown).filter(|words| !words.is_empty()) {
                Some(words) => Self::Refuses { status, words },
                None => Self::AnotherServer { status, software: text(header::SERVER).map(shown) },
            },
            _ => Self::AnotherServer { status, software: text(header::SERVER).map(shown) },
        }
    }

    /// From a WebSocket that did not open. `None`: it may be that the other side speaks TLS, or no HTTP at all.
    pub(crate) fn of_opening(error: &tungstenite::Error) -> Option<Self> {
        use tungstenite::Error;
        Some(match error {
            Error::Http(answer) if answer.status() == StatusCode::BAD_REQUEST && !has_words(answer) => return None,
            Error::Http(answer) => {
                Self::of_answer(answer.status(), answer.headers(), answer.body().as_deref().unwrap_or_default())
            }
            Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(
                SubProtocolError::NoSubProtocol | SubProtocolError::InvalidSubProtocol,
            )) => Self::HeaderLost("Sec-WebSocket-Protocol"),
            Error::Protocol(ProtocolError::SecWebSocketAcceptKeyMismatch) => Self::HeaderLost("Sec-WebSocket-Accept"),
            Error::Protocol(ProtocolError::MissingUpgradeWebSocketHeader) => Self::HeaderLost("Upgrade"),
            Error::Protocol(ProtocolError::MissingConnectionUpgradeHeader) => Self::HeaderLost("Connection"),
            Error::Io(error) if !is_hang_up(error) => Self::Network(shown(&error.to_string())),
            Error::Io(_) | Error::Protocol(_) | Error::ConnectionClosed | Error::AlreadyClosed => return None,
            error => Self::BadWebSocket(shown(&error.to_string())),
        })
    }

    /// Of TLS that did not come about. `None`: the other side may speak none.
    #[cfg(feature = "tls")]
    pub(crate) fn of_tls(error: &io::Error) -> Option<Self> {
        use tokio_rustls::rustls::Error;
        let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else {
            return (!is_hang_up(error)).then(|| Self::Network(shown(&error.to_string())));
        };
        match tls {
            Error::InvalidMessage(_) => Some(Self::SpeaksNoTls),
            Error::InvalidCertificate(why) => Some(Self::Certificate(of_certificate(why))),
            Error::AlertReceived(alert) => Some(Self::Tls(format!(
                "it refuses ({alert:?}); it may have no certificate for this name, or be too old"
            ))),
            other => Some(Self::Tls(shown(&other.to_string()))),
        }
    }
}

/// The other side ended the connection.
pub(crate) fn is_hang_up(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe)
}

fn has_words(answer: &Response<Option<Vec<u8>>>) -> bool {
    let body = answer.body().as_deref().unwrap_or_default();
    matches!(Trouble::of_answer(answer.status(), answer.headers(), body), Trouble::Refuses { .. })
}

/// From strangers.
fn shown(text: &str) -> String {
    display_text(text, SHOWN_CHARS_MAX)
}

#[cfg(feature = "tls")]
fn of_certificate(why: &tokio_rustls::rustls::CertificateError) -> String {
    use tokio_rustls::rustls::CertificateError as Why;
    const OWN_AUTHORITY: &str = "put the authority's certificate into a file and name it with SSL_CERT_FILE=FILE, or add it to \
                                 the system's";
    match why {
        Why::UnknownIssuer => {
            format!("its certificate is signed by an authority that this computer does not know: {OWN_AUTHORITY}")
        }
        Why::NotValidForName | Why::NotValidForNameContext { .. } => {
            "its certificate is for other names than this one: use a name that is in the certificate".to_owned()
        }
        Why::Expired | Why::ExpiredContext { .. } => {
            "its certificate has expired: whoever runs the server has to renew it (or this computer's clock is wrong)".to_owned()
        }
        Why::NotValidYet | Why::NotValidYetContext { .. } => {
            "its certificate is not valid yet: this computer's clock is wrong, or the server's was".to_owned()
        }
        Why::Revoked => "its certificate was revoked: whoever runs the server has to get another".to_owned(),
        Why::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "its certificate is an authority's own (CA:TRUE), which serves no server: make one with CA:FALSE, for instance \
             with openssl req -addext basicConstraints=critical,CA:FALSE"
                .to_owned()
        }
        other => format!("its certificate is not believed ({})", shown(&other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use tokio_tungstenite::tungstenite::http::HeaderValue;
    use tokio_tungstenite::tungstenite::http::header::{CONTENT_TYPE, HeaderName, LOCATION, SERVER};

    use super::*;

    fn answer(status: u16, headers: &[(HeaderName, &'static str)], body: &[u8]) -> Trouble {
        let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        Trouble::of_answer(StatusCode::from_u16(status).unwrap(), &headers, body)
    }

    #[test]
    fn an_answer_says_who_answers_and_why() {
        let (plain, html) = ([(CONTENT_TYPE, "text/plain; charset=utf-8")], [(CONTENT_TYPE, "text/html")]);
        let to = "https://share.example/control".to_owned();
        assert_eq!(
            answer(301, &[(LOCATION, "https://share.example/control")], b""),
            Trouble::Redirects { status: 301, to }
        );
        assert_eq!(answer(426, &html, b"<html>"), Trouble::UpgradeLost);
        assert_eq!(answer(502, &html, b"<html>"), Trouble::NothingBehind(502));
        let words = "the server restarts; try again soon".to_owned();
        let busy = answer(503, &plain, b"the server restarts; try again soon\n");
        assert_eq!(busy, Trouble::Refuses { status: 503, words });
        let other =
            |status, software: Option<&str>| Trouble::AnotherServer { status, software: software.map(str::to_owned) };
        assert_eq!(
            answer(404, &[html[0].clone(), (SERVER, "nginx/1.22.1")], b"<html>"),
            other(404, Some("nginx/1.22.1"))
        );
        assert_eq!(answer(200, &plain, b"hello"), other(200, None));
        assert_eq!(answer(301, &[], b""), other(301, None), "to nowhere");
        assert_eq!(answer(404, &plain, &[0xff]), other(404, None));
    }

    #[test]
    fn what_strangers_answer_is_cleaned_and_cut() {
        let long = "x".repeat(WORDS_LEN_MAX);
        let evil = format!("\u{202e}no\u{7}\n{long}");
        let plain = [(CONTENT_TYPE, "text/plain")];
        let Trouble::AnotherServer { .. } = answer(500, &plain, evil.as_bytes()) else { panic!("too long to be ours") };
        let Trouble::Refuses { words, .. } = answer(500, &plain, &evil.as_bytes()[..1000]) else { panic!("words") };
        assert!(words.starts_with("no") && words.chars().count() <= SHOWN_CHARS_MAX, "{words}");
    }
}
