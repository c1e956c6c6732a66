//! Hello, Login, and why not.

use std::net::IpAddr;
use std::sync::Arc;

use ed25519_dalek::{Signature, VerifyingKey};
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;
use wire_protocol::control::{
    DecodeError, Hello, Login, MESSAGE_LEN_MAX_BEFORE_LOGIN, MemberToTracker, RESUME_POINTS_MAX, Refusal, ResumePoint,
    TrackerToMember, decode_from_member, encode_from_tracker, login_digest,
};
use wire_protocol::ids::{GroupId, MemberKey};

use crate::tracker::hub::{Arrival, Presence};
use crate::tracker::outbox::Outbox;
use crate::tracker::{Tracker, refusals};
use crate::websocket::Socket;
use crate::{clock, names, random};

/// A member who has just logged in.
#[derive(Debug)]
pub struct Newcomer {
    /// Who.
    pub member: MemberKey,
    /// In the hub.
    pub presence: Presence,
    /// What the hub sends them.
    pub outbox: Arc<Outbox>,
    /// Their groups, and those they had when last here.
    pub groups: Vec<GroupId>,
    /// What they saw last.
    pub resume: Vec<ResumePoint>,
}

/// Why nobody logged in.
#[derive(Debug)]
pub enum NoLogin {
    /// Not accepted.
    Refused(Refusal),
    /// The connection broke.
    Gone,
}

impl From<Refusal> for NoLogin {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Greets a stranger and waits for a valid login.
pub async fn login(tracker: &Tracker, socket: &mut Socket, host: &str, observed: IpAddr) -> Result<Newcomer, NoLogin> {
    let hello =
        Hello { server_key: tracker.key.verifying_key().to_bytes(), nonce: random::bytes(), time_ms: clock::now_ms() };
    let greeting = Message::binary(encode_from_tracker(&TrackerToMember::Hello(hello.clone())));
    socket.send(greeting).await.map_err(|_| NoLogin::Gone)?;
    let login = read_login(socket).await?;
    check(&hello, &login, host)?;
    let outbox = Arc::new(Outbox::default());
    let arrival = Arrival {
        member: login.member,
        display_name: names::display_name(&login.display_name),
        client: names::client(&login.client),
        observed,
        outbox: outbox.clone(),
    };
    let (presence, mut groups) = tracker.ledger.login(arrival).await?;
    // Groups that they left on another device: they are told so.
    let left = login.resume.iter().map(|point| point.group).filter(|group| !groups.contains(group)).collect::<Vec<_>>();
    groups.extend(left);
    Ok(Newcomer { member: login.member, presence, outbox, groups, resume: login.resume })
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
