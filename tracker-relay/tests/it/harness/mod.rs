//! A server process ([`server`]), sockets to it ([`sockets`]), and members who talk to it ([`member`]).

mod member;
mod server;
mod sockets;

use std::time::Duration;

use tracker_relay::random;
use wire_protocol::ids::{InfoHash, PeerId};

pub use member::{FILE_LEN, Member, join_group, new_invite};
pub use server::Server;
pub use sockets::{
    Client, hello, log_in, login, next_binary, next_message, open, open_control, open_control_as, open_control_for,
    open_link,
};

/// Whatever is awaited comes within this, or the test fails. Generous: the machine may be busy.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub fn sha1(bytes: &[u8]) -> InfoHash {
    use sha1::Digest;
    InfoHash(sha1::Sha1::digest(bytes).into())
}

pub fn peer_id() -> PeerId {
    PeerId::covey(random::bytes())
}
