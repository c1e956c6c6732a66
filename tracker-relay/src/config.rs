//! What the server is told before it starts.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use wire_protocol::control::{Origin, Password};

use crate::tracker::admission::GroupMakers;
use crate::tracker::rules::Quotas;

/// Where certificate and key are, as PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, then those of its authorities.
    pub certificate: PathBuf,
    /// What proves that it is ours: for nobody else on this machine to read.
    pub key: PathBuf,
}

/// What the server is told before it starts.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// TLS, where this server speaks it itself.
    pub tls: Option<TlsFiles>,
    /// Where to answer /metrics, and the probes, besides; port 0 takes a free one.
    pub admin_listen: Option<SocketAddr>,
    /// Folder of the database and the key; made if missing.
    pub data: PathBuf,
    /// The database was restored from a backup: what its events are numbered by is not what members know.
    pub new_history: bool,
    /// By which everybody reaches this server; `None`: by its address.
    pub public_origin: Option<Origin>,
    /// Folder of the built page; `None` serves the embedded one.
    pub page: Option<PathBuf>,
    /// Origins of pages besides our own that may connect.
    pub allow_origins: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Who may make groups.
    pub groups: GroupMakers,
    /// Lets those make groups, too, who know it.
    pub groups_password: Option<Password>,
    /// What torrents may take on disk.
    pub quotas: Quotas,
    /// Bytes of disk that stay free; `None`: by the disk's size.
    pub min_free_disk: Option<u64>,
    /// Connections open at the same time; `None`: by memory.
    pub max_connections: Option<usize>,
    /// What the relay's buffers may take, bytes; `None`: by memory.
    pub link_bytes: Option<usize>,
    /// How long a session may be in no group.
    pub groupless_max: Duration,
    /// How long links may go on after SIGTERM.
    pub drain_max: Duration,
    /// How long a ticket is good for.
    pub ticket_lifetime: Duration,
    /// How long a link goes on when one of its members has no control connection any more.
    pub link_absence_max: Duration,
}
