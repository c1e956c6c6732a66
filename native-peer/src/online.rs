//! A server, and a place where other peers reach this one: what `share` and `download` work with.

use std::ops::Deref;

use wire_protocol::control::Listen;

use crate::cli::Setup;
use crate::failure::Outcome;
use crate::links::{Listener, own_addresses};
use crate::report::Report;
use crate::server::Server;
use crate::session::ServerUrl;
use crate::swarm::Places;

/// A [`Server`] that other peers can reach us beside.
#[derive(Debug)]
pub struct Online {
    server: Server,
    /// Accepts TCP; `None`: relay only.
    pub listener: Option<Listener>,
    /// For the links of all swarms.
    pub places: Places,
}

impl Deref for Online {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl Online {
    /// Listens, connects and logs in.
    ///
    /// # Errors
    /// The listening address, and those of [`Server::start`].
    pub async fn start(setup: &Setup, url: ServerUrl, report: Report) -> Outcome<Self> {
        let listener = Listener::open(setup.listen).await?;
        Ok(Self { server: Server::start(setup, url, report).await?, listener, places: Places::default() })
    }

    /// Where we accept TCP, for the tracker.
    pub fn listen(&self) -> Option<Listen> {
        let address = self.listener.as_ref()?.local_addr();
        let local = match address.ip() {
            ip if ip.is_unspecified() => own_addresses(),
            ip if ip.is_loopback() => Vec::new(),
            ip => vec![ip],
        };
        Some(Listen { port: address.port(), local })
    }
}
