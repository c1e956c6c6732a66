//! A member's session, as the rest of the tracker sees it.

use std::net::IpAddr;

use wire_protocol::ids::MemberKey;

use super::outbox::Outbox;
use super::session_id::SessionId;

/// A member's session.
#[derive(Debug)]
pub struct Participant {
    /// Which session.
    pub session: SessionId,
    /// Who.
    pub member: MemberKey,
    /// Program and version.
    pub client: String,
    /// Where the tracker sees them come from.
    pub observed: IpAddr,
    /// Where their messages go.
    pub outbox: Outbox,
}
