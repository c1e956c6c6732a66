//! What the server is told before it starts.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use wire_protocol::control::Origin;

/// What the server is told before it starts.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Folder of the database and the key; made if missing.
    pub data: PathBuf,
    /// By which everybody reaches this server; `None`: by its address.
    pub public_origin: Option<Origin>,
    /// Folder of the built page; `None` serves the embedded one.
    pub page: Option<PathBuf>,
    /// Origins of pages besides our own that may connect.
    pub allow_origins: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// How long a link goes on when one of its members has no control connection any more.
    pub link_absence_max: Duration,
}
