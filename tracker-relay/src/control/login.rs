//! Hello, Login, and why not.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use ed25519_dalek::{Signature, VerifyingKey};
use futures_util::{SinkExt, StreamExt};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use wire_protocol::control::{
    DecodeError, Hello, Login, MESSAGE_LEN_MAX_BEFORE_LOGIN, MemberToTracker, Origin, RESUME_POINTS_MAX, Refusal,
    ResumePoint, TrackerToMember, decode_from_member, encode_from_tracker, login_digest,
};
use wire_protocol::ids::GroupId;

use crate::front::{Front, Lost};
use crate::limits::{LOGIN_TOKENS, Limit};
use crate::shares::Who;
use crate::tls::Certificate;
use crate::tracker::hub::Presence;
use crate::tracker::rates::TooFast;
use crate::tracker::{KEY_ID, Tracker, refusals};
use crate::websocket::Socket;
use crate::{clock, names, random};

/// A member who has just logged in.
#[derive(Debug)]
pub struct Newcomer {
    /// In the hub.
    pub presence: Presence,
    /// What they call themselves.
    pub display_name: String,
}

/// How this server may be dialed. A login names what its client dialed; it is good nowhere else.
#[derive(Debug, Clone)]
pub struct OwnOrigin {
    /// The public URL's, where there is one.
    pub public: Option<Origin>,
    /// By which this server speaks TLS itself.
    pub certificate: Option<Arc<Certificate>>,
}

impl OwnOrigin {
    /// Whether a client that dialed `origin`, on a connection with this `Host`, means this server.
    ///
    /// Without a public URL nothing but a certificate says which names are this server's, and the header says what whoever
    /// connects likes: only addresses will do, which name nobody else's server to their visitors, and the certificate's names.
    ///
    /// # Errors
    /// It does not, or something on the way has changed the header; says what whoever runs the server can do.
    pub fn check(&self, origin: &str, host: &str) -> Result<(), Refusal> {
        let Ok(dialed) = origin.parse::<Origin>() else {
            return Err(refusals::bad_login("The login does not say which server it is for."));
        };
        if let Some(public) = &self.public {
            return if dialed == *public { Ok(()) } else { Err(refusals::bad_login(not_here(public, &dialed))) };
        }
        if let Some(lost) = self.lost(&dialed, host) {
            return Err(refusals::bad_login(sentence(&lost.advice())));
        }
        if dialed.is_https() != self.certificate.is_some() {
            return Err(refusals::bad_login(other_scheme(&dialed)));
        }
        let is_own_name = || self.certificate.as_ref().is_some_and(|certificate| certificate.is_for(dialed.host()));
        if is_address(dialed.host()) || is_own_name() {
            return Ok(());
        }
        Err(refusals::bad_login(format!(
            "This server can be reached by its address only. Whoever runs it can give it a name: --public-url {dialed}"
        )))
    }

    /// Clients send as `Host` what they dial: where it is something else, a proxy has put it there.
    pub fn lost(&self, dialed: &Origin, host: &str) -> Option<Lost> {
        let scheme = if dialed.is_https() { "https" } else { "http" };
        let is_same = format!("{scheme}://{host}").parse::<Origin>().is_ok_and(|seen| seen == *dialed);
        (self.public.is_none() && !is_same).then(|| Lost::Host { dialed: dialed.clone() })
    }
}

fn not_here(here: &Origin, dialed: &Origin) -> String {
    format!(
        "This server is {here}, but the program dialed {dialed}. Use {here}; or whoever runs it changes its --public-url."
    )
}

fn other_scheme(dialed: &Origin) -> String {
    match dialed.is_https() {
        true => format!(
            "Something in front of this server speaks TLS for it. Whoever runs it has to say so: --public-url {dialed}"
        ),
        false => format!("This server speaks TLS. Use https://{}", dialed.authority()),
    }
}

/// First letter large.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn is_address(host: &str) -> bool {
    host == "localhost" || host.starts_with('[') || host.parse::<Ipv4Addr>().is_ok()
}

/// Why nobody logged in.
#[derive(Debug)]
pub enum NoLogin {
    /// Not accepted.
    Refused(Refusal),
    /// The connection broke.
    Gone,
    /// The login did not come in time.
    TooLate,
}

impl From<Refusal> for NoLogin {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Greets a stranger and waits for a valid login. `host`: what the connection says that it is for.
///
/// # Errors
/// [`NoLogin`].
pub async fn read(
    tracker: &Tracker,
    socket: &mut Socket,
    (own, front): (&OwnOrigin, &Front),
    host: &str,
) -> Result<Login, NoLogin> {
    let hello = Hello {
        server_key: tracker.key.verifying_key().to_bytes(),
        key_id: KEY_ID,
        nonce: random::bytes(),
        time_ms: clock::now_ms(),
    };
    let greeting = Message::binary(encode_from_tracker(&TrackerToMember::Hello(hello.clone())));
    socket.send(greeting).await.map_err(|_| NoLogin::Gone)?;
    let login = read_login(socket).await?;
    if let Some(lost) = login.origin.parse().ok().and_then(|dialed| own.lost(&dialed, host)) {
        front.warn(&lost);
    }
    own.check(&login.origin, host)?;
    check(&hello, &login)?;
    Ok(login)
}

/// Takes a member in. Nothing is written: a login costs one look at the database, by a reader.
///
/// # Errors
/// Too many sessions, or the database failed.
pub async fn enter(tracker: &Tracker, login: Login, observed: IpAddr) -> Result<Newcomer, Refusal> {
    let who = Who { member: login.member, address: observed };
    if let Err(TooFast { limit, .. }) = tracker.rates.take(who, LOGIN_TOKENS, Instant::now()) {
        tracker.metrics.refused.count(limit);
        return Err(refusals::too_many("Too many logins from here. Wait a few seconds, then connect again."));
    }
    let presence = tracker.hub.enter(login.member, names::client(&login.client), observed);
    let presence = presence.ok_or_else(|| {
        tracker.metrics.refused.count(Limit::SessionsOfMember);
        refusals::too_many("You are connected too often: close some tabs or programs and try again.")
    })?;
    // Only now: whatever changes from here on, the session hears of.
    let (known_name, groups) = tracker.read_member(login.member).await?;
    let participant = presence.participant();
    // Numbers of another history say nothing here.
    let seen = |point: &ResumePoint| (point.history == tracker.history).then_some(point.seq);
    let resumed: HashMap<GroupId, Option<u64>> = login.resume.iter().map(|point| (point.group, seen(point))).collect();
    for &group in &groups {
        tracker.hub.follow(participant, group, resumed.get(&group).copied().flatten());
    }
    // Groups that they left on another device: they are told so, and hear no more.
    for point in login.resume.iter().filter(|point| !groups.contains(&point.group)) {
        participant.outbox.follow(point.group, seen(point));
    }
    // Groups that are behind go first.
    participant.outbox.push(&TrackerToMember::Synced);
    let display_name = known_name.unwrap_or_else(|| names::display_name(&login.display_name));
    Ok(Newcomer { presence, display_name })
}

async fn read_login(socket: &mut Socket) -> Result<Login, NoLogin> {
    loop {
        let bytes = match socket.next().await {
            Some(Ok(Message::Binary(bytes))) => bytes,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
            Some(Ok(Message::Text(_) | Message::Frame(_))) => {
                return Err(refusals::bad_login("The first message is a login.").into());
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(NoLogin::Gone),
        };
        if bytes.len() > MESSAGE_LEN_MAX_BEFORE_LOGIN {
            return Err(refusals::bad_login("The login is too long.").into());
        }
        return match decode_from_member(&bytes) {
            Ok(MemberToTracker::Login(login)) => Ok(login),
            Err(DecodeError::UnknownVersion(_)) => Err(refusals::unknown_version().into()),
            Ok(_) | Err(_) => Err(refusals::bad_login("The first message is a login.").into()),
        };
    }
}

fn check(hello: &Hello, login: &Login) -> Result<(), Refusal> {
    if login.resume.len() > RESUME_POINTS_MAX {
        return Err(refusals::bad_login("The login resumes too many groups at once."));
    }
    let digest = login_digest(hello, &login.origin, &login.member);
    let signature = Signature::from_bytes(&login.signature.into());
    let is_valid = VerifyingKey::from_bytes(&login.member.0)
        .is_ok_and(|key| !key.is_weak() && key.verify_strict(&digest, &signature).is_ok());
    if is_valid {
        return Ok(());
    }
    Err(refusals::bad_login("The login's signature is wrong. Start the program or reload the page again."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_welcome(public: Option<&str>, origin: &str, host: &str) -> bool {
        own(public).check(origin, host).is_ok()
    }

    fn own(public: Option<&str>) -> OwnOrigin {
        OwnOrigin { public: public.map(|public| public.parse().unwrap()), certificate: None }
    }

    #[test]
    fn each_way_to_miss_the_server_is_told_what_would_mend_it() {
        let told =
            |public: Option<&str>, origin: &str, host: &str| own(public).check(origin, host).unwrap_err().message;
        let proxied = told(None, "https://share.example", "127.0.0.1:8080");
        assert!(proxied.contains("header Host") && proxied.contains("--public-url https://share.example"), "{proxied}");
        assert!(proxied.contains("proxy_set_header Host $http_host") && !proxied.contains("127.0.0.1"), "{proxied}");
        let secured = told(None, "https://192.168.1.20", "192.168.1.20");
        assert!(secured.contains("--public-url https://192.168.1.20"), "{secured}");
        let named = told(None, "http://nas.lan:8080", "nas.lan:8080");
        assert!(named.contains("--public-url http://nas.lan:8080"), "{named}");
        let elsewhere = told(Some("https://share.example"), "http://share.example", "share.example");
        assert!(
            elsewhere.contains("https://share.example, but the program dialed http://share.example"),
            "{elsewhere}"
        );
    }

    #[test]
    fn without_a_public_url_only_addresses_will_do() {
        for host in ["127.0.0.1:8080", "192.168.1.20", "[::1]:8080", "localhost:8080", "LOCALHOST:8080"] {
            assert!(is_welcome(None, &format!("http://{host}"), host), "{host}");
            assert!(!is_welcome(None, &format!("https://{host}"), host), "{host}");
        }
        for host in ["evil.example", "evil.example:8080", "127.0.0.1.example", "localhost.example", "1.2.3"] {
            assert!(!is_welcome(None, &format!("http://{host}"), host), "{host}");
        }
        assert!(!is_welcome(None, "http://127.0.0.1:8080", "127.0.0.1:8081"));
        assert!(!is_welcome(None, "http://127.0.0.1:8080", "127.0.0.1:8080/x"));
    }

    #[test]
    fn with_a_public_url_exactly_its_scheme_and_host_will_do() {
        let public = Some("https://share.example");
        assert!(is_welcome(public, "https://Share.example:443", "whatever the proxy says"));
        for origin in
            ["http://share.example", "https://share.example:8443", "https://evil.example", "share.example", ""]
        {
            assert!(!is_welcome(public, origin, "share.example"), "{origin}");
        }
    }
}
