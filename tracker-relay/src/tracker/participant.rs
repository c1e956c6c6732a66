//! A member's session, as the rest of the tracker sees it.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

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
    pub outbox: Arc<Outbox>,
    display_name: Mutex<String>,
}

impl Participant {
    /// A session that has just logged in.
    pub fn new(session: SessionId, arrival: Arrival) -> Self {
        let Arrival { member, client, observed, outbox } = arrival;
        Self { session, member, client, observed, outbox, display_name: Mutex::default() }
    }

    /// What they call themselves now.
    pub fn display_name(&self) -> String {
        self.display_name.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What they call themselves, unless something newer is known.
    pub fn begin_display_name(&self, display_name: String) {
        let mut name = self.display_name.lock().unwrap_or_else(PoisonError::into_inner);
        if name.is_empty() {
            *name = display_name;
        }
    }

    /// They call themselves something else.
    pub fn set_display_name(&self, display_name: &str) {
        display_name.clone_into(&mut self.display_name.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// What is known of somebody who logs in.
#[derive(Debug)]
pub struct Arrival {
    /// Who.
    pub member: MemberKey,
    /// Program and version.
    pub client: String,
    /// Where the tracker sees them come from.
    pub observed: IpAddr,
    /// Where their messages go.
    pub outbox: Arc<Outbox>,
}
