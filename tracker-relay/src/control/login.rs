//! Hello, Login, and why not.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

use ed25519_dalek::{Signature, VerifyingKey};
use futures_util::{SinkExt, StreamExt};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use wire_protocol::control::{
    DecodeError, Hello, Login, MESSAGE_LEN_MAX_BEFORE_LOGIN, MemberToTracker, Origin, RESUME_POINTS_MAX, Refusal,
    ResumePoint, TrackerToMember, decode_from_member, encode_from_tracker, login_digest,
};
use wire_protocol::ids::GroupId;

use crate::limits::{LOGIN_TOKENS, Limit};
use crate::shares::Who;
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
}

impl OwnOrigin {
    /// Whether a client that dialed `origin`, on a connection with this `Host`, means this server.
    ///
    /// Without a public URL nothing says which names are this server's, and the header says what whoever
    /// connects likes: only addresses will do, which name nobody else's server to their visitors.
    fn check(&self, origin: &str, host: &str) -> Result<(), Refusal> {
        let dialed = origin.parse::<Origin>();
        if let Some(public) = &self.public {
            return if dialed.as_ref() == Ok(public) { Ok(()) } else { Err(not_here(public)) };
        }
        let here = format!("http://{host}").parse::<Origin>();
        let is_name = dialed.as_ref().map_or(true, |dialed| !is_address(dialed.host()));
        if is_name {
            return Err(refusals::bad_login(
                "This server can be reached by its address only. Whoever runs it can give it a name with --public-url.",
            ));
        }
        match here {
            Ok(here) if dialed.as_ref() != Ok(&here) => Err(not_here(&here)),
            Ok(_) => Ok(()),
            Err(_) => Err(refusals::bad_login("The connection does not say which server it is for.")),
        }
    }
}

fn not_here(here: &Origin) -> Refusal {
    refusals::bad_login(format!(
        "This server is {here}, but the program dialed another address. Use the server's own address."
    ))
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
pub async fn read(tracker: &Tracker, socket: &mut Socket, own: &OwnOrigin, host: &str) -> Result<Login, NoLogin> {
    let hello = Hello {
        server_key: tracker.key.verifying_key().to_bytes(),
        key_id: KEY_ID,
        nonce: random::bytes(),
        time_ms: clock::now_ms(),
    };
    let greeting = Message::binary(encode_from_tracker(&TrackerToMember::Hello(hello.clone())));
    socket.send(greeting).await.map_err(|_| NoLogin::Gone)?;
    let login = read_login(socket).await?;
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
        let own = OwnOrigin { public: public.map(|public| public.parse().unwrap()) };
        own.check(origin, host).is_ok()
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
