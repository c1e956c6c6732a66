//! What the server is told before it starts.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

/// What the server is told before it starts.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where to answer /metrics, and the probes, besides; port 0 takes a free one.
    pub admin_listen: Option<SocketAddr>,
    /// Folder of the database and the key; made if missing.
    pub data: PathBuf,
    /// The database was restored from a backup: what its events are numbered by is not what members know.
    pub new_history: bool,
    /// `host[:port]` by which everybody reaches this server; `None` accepts whatever a client dialled.
    pub public_host: Option<String>,
    /// Folder of the built page; `None` serves the embedded one.
    pub page: Option<PathBuf>,
    /// Origins of pages besides our own that may connect.
    pub allow_origins: Vec<String>,
    /// Everybody reaches this server over TLS. It speaks none itself, so there is a proxy in front of it.
    pub public_is_https: bool,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How long links may go on after SIGTERM.
    pub drain_max: Duration,
    /// How long a link goes on when one of its members has no control connection any more.
    pub link_absence_max: Duration,
}
