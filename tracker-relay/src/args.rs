//! What was typed, and what it means.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use wire_protocol::control::Origin;

use crate::config::Config;
use crate::limits::LINK_ABSENCE_MAX;

/// Covey's server: tracker, relay and page.
///
/// Keeps groups, members and files in DIR/covey.db, introduces members to each other, and carries
/// bytes between those who cannot connect directly. It never sees what the files hold.
/// When it is ready it prints one line, `listening on http://HOST:PORT`; logs go to stderr
/// (choose with RUST_LOG, e.g. RUST_LOG=tracker_relay=debug).
#[derive(Debug, Parser)]
#[command(name = "tracker-relay", version, max_term_width = 100)]
pub struct Args {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080", env = "TRACKER_RELAY_LISTEN")]
    listen: SocketAddr,

    /// Folder for the database and the server's key; made if it does not exist
    #[arg(long, value_name = "DIR", default_value = "./covey-data", env = "TRACKER_RELAY_DATA")]
    data: PathBuf,

    /// The URL by which everybody reaches this server, e.g. https://share.example
    ///
    /// Logins are then accepted for this scheme and host only. Without it, the server can be reached by its IP
    /// address (or as localhost) only: nothing else says which names are its own.
    #[arg(long, value_name = "URL", env = "TRACKER_RELAY_PUBLIC_URL")]
    public_url: Option<String>,

    /// Serve the page from this folder (as trunk builds it) instead of the one in the program
    ///
    /// The folder is read at the start; restart after building the page anew.
    #[arg(long, value_name = "DIR", env = "TRACKER_RELAY_PAGE")]
    page: Option<PathBuf>,

    /// Let pages of this origin connect too, e.g. http://localhost:8081 of `trunk serve`; repeatable
    #[arg(long, value_name = "ORIGIN", env = "TRACKER_RELAY_ALLOW_ORIGIN", value_delimiter = ',')]
    allow_origin: Vec<String>,

    /// Believe X-Forwarded-For from the reverse proxy at this address; repeatable
    #[arg(long, value_name = "IP", env = "TRACKER_RELAY_TRUSTED_PROXY", value_delimiter = ',')]
    trusted_proxy: Vec<IpAddr>,

    /// Seconds that a relay link goes on when one of its members has no control connection any more
    #[arg(long, value_name = "SECONDS", default_value_t = LINK_ABSENCE_MAX.as_secs(), hide = true)]
    #[arg(env = "TRACKER_RELAY_LINK_ABSENCE")]
    link_absence: u64,
}

impl Args {
    /// What it means.
    ///
    /// # Errors
    /// The public URL is not one.
    pub fn into_config(self) -> anyhow::Result<Config> {
        Ok(Config {
            listen: self.listen,
            data: self.data,
            public_origin: self.public_url.as_deref().map(public_origin).transpose()?,
            page: self.page,
            allow_origins: self.allow_origin.iter().map(|origin| origin.trim_end_matches('/').to_owned()).collect(),
            trusted_proxies: self.trusted_proxy,
            link_absence_max: Duration::from_secs(self.link_absence),
        })
    }
}

/// The origin of the public URL.
fn public_origin(url: &str) -> anyhow::Result<Origin> {
    url.trim_end_matches('/').parse().with_context(|| format!("--public-url {url}"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_flag_has_an_environment_name() {
        let command = Args::command();
        command.clone().debug_assert();
        for flag in command.get_arguments().filter(|flag| !matches!(flag.get_id().as_str(), "help" | "version")) {
            let name = flag.get_env().unwrap().to_str().unwrap();
            let expected = format!("TRACKER_RELAY_{}", flag.get_id().as_str().to_uppercase());
            assert_eq!(name, expected);
        }
    }

    #[test]
    fn a_public_url_is_an_origin() {
        assert_eq!(public_origin("https://Share.example").unwrap().to_string(), "https://share.example");
        assert_eq!(public_origin("http://10.0.0.1:8080/").unwrap().to_string(), "http://10.0.0.1:8080");
        assert!(public_origin("share.example").is_err());
        assert!(public_origin("ftp://share.example").is_err());
    }
}
