//! Hello, Login, and why not.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use ed25519_dalek::{Signature, VerifyingKey};
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;
use wire_protocol::control::{
    DecodeError, Hello, Login, MESSAGE_LEN_MAX_BEFORE_LOGIN, MemberToTracker, RESUME_POINTS_MAX, Refusal,
    TrackerToMember, decode_from_member, encode_from_tracker, login_digest,
};
use wire_protocol::ids::GroupId;

use crate::tracker::hub::Presence;
use crate::tracker::outbox::Outbox;
use crate::tracker::participant::Arrival;
use crate::tracker::{Tracker, refusals};
use crate::websocket::Socket;
use crate::{clock, names, random};

/// A member who has just logged in.
#[derive(Debug)]
pub struct Newcomer {
    /// In the hub.
    pub presence: Presence,
    /// What the tracker sends them.
    pub outbox: Arc<Outbox>,
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

/// Greets a stranger and waits for a valid login.
///
/// # Errors
/// [`NoLogin`].
pub async fn read(tracker: &Tracker, socket: &mut Socket, host: &str) -> Result<Login, NoLogin> {
    let hello =
        Hello { server_key: tracker.key.verifying_key().to_bytes(), nonce: random::bytes(), time_ms: clock::now_ms() };
    let greeting = Message::binary(encode_from_tracker(&TrackerToMember::Hello(hello.clone())));
    socket.send(greeting).await.map_err(|_| NoLogin::Gone)?;
    let login = read_login(socket).await?;
    check(&hello, &login, host)?;
    Ok(login)
}

/// Takes a member in. Nothing is written: a login costs one look at the database, by a reader.
///
/// # Errors
/// Too many sessions, or the database failed.
pub async fn enter(tracker: &Tracker, login: Login, observed: IpAddr) -> Result<Newcomer, Refusal> {
    let member = login.member;
    let outbox = Arc::new(Outbox::default());
    let arrival = Arrival { member, client: names::client(&login.client), observed, outbox: outbox.clone() };
    let presence = tracker.hub.enter(arrival).ok_or_else(|| {
        refusals::full("You are connected too often: close some tabs or programs and try again.")
    })?;
    // Only now: whatever changes from here on, the session hears of.
    let (known_name, groups) = tracker.read_member(member).await?;
    let participant = presence.participant();
    participant.begin_display_name(known_name.unwrap_or_else(|| names::display_name(&login.display_name)));
    let seen: HashMap<GroupId, u64> = login.resume.iter().map(|point| (point.group, point.seq)).collect();
    for &group in &groups {
        tracker.hub.follow(participant, group, seen.get(&group).copied());
    }
    // Groups that they left on another device: they are told so, and hear no more.
    for point in login.resume.iter().filter(|point| !groups.contains(&point.group)) {
        outbox.follow(point.group, Some(point.seq));
    }
    Ok(Newcomer { presence, outbox })
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

fn check(hello: &Hello, login: &Login, host: &str) -> Result<(), Refusal> {
    if !is_same_host(&login.dialled_host, host) {
        return Err(refusals::bad_login(format!(
            "This server is {host}, but the program dialled another address. Use the server's own address."
        )));
    }
    if login.resume.len() > RESUME_POINTS_MAX {
        return Err(refusals::bad_login("The login resumes too many groups at once."));
    }
    let digest = login_digest(hello, &login.dialled_host, &login.member);
    let signature = Signature::from_bytes(&login.signature.into());
    let is_valid = VerifyingKey::from_bytes(&login.member.0)
        .is_ok_and(|key| !key.is_weak() && key.verify_strict(&digest, &signature).is_ok());
    if is_valid {
        return Ok(());
    }
    Err(refusals::bad_login("The login's signature is wrong. Start the program or reload the page again."))
}

/// Hosts in URLs ignore case, and the scheme's own port may be written or not.
fn is_same_host(dialled: &str, host: &str) -> bool {
    let plain = |host: &str| {
        let host = host.to_ascii_lowercase();
        let without = host.strip_suffix(":80").or_else(|| host.strip_suffix(":443"));
        without.map_or_else(|| host.clone(), str::to_owned)
    };
    plain(dialled) == plain(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_itself_however_it_is_written() {
        assert!(is_same_host("Share.Example", "share.example:443"));
        assert!(is_same_host("127.0.0.1:8080", "127.0.0.1:8080"));
        assert!(is_same_host("[::1]:80", "[::1]"));
        assert!(!is_same_host("share.example:8080", "share.example"));
        assert!(!is_same_host("evil.example", "share.example"));
    }
}
