//! What was typed, and what it means.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, Subcommand};
use ipnet::IpNet;
use wire_protocol::control::Origin;
use wire_protocol::ticket::TICKET_LIFETIME_MS_MAX;

use crate::config::{Config, TlsFiles};
use crate::data_folder::DATABASE;
use crate::groups_password;
use crate::limits::{DRAIN_MAX, GROUPLESS_SESSION_MAX, INFO_BYTES_OF_ALL, INFO_BYTES_OF_MEMBER, LINK_ABSENCE_MAX};
use crate::tracker::admission::GroupMakers;
use crate::tracker::rules::Quotas;

const MIB: u64 = 1024 * 1024;

/// Covey's server: tracker, relay and page.
///
/// Keeps groups, members and the names of files in DIR/covey.db, introduces members to each other, and
/// carries bytes between those who cannot connect directly. It stores no contents, and what it carries is
/// encrypted between members with a key that it does not have.
/// When it is ready it prints one line, `listening on http://HOST:PORT` (https:// with --tls-cert); logs go to stderr
/// (choose with RUST_LOG, e.g. RUST_LOG=tracker_relay=debug).
#[derive(Debug, Parser)]
#[command(name = "tracker-relay", version, max_term_width = 100)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,

    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080", env = "TRACKER_RELAY_LISTEN")]
    #[arg(value_parser = listen_address)]
    listen: SocketAddr,

    /// Speak TLS: the certificate and those of its authorities that others need, as PEM
    ///
    /// Read anew when the file changes; if it cannot be used then, the one before stays in use. By the names in it people
    /// reach this server, unless --public-url says which.
    #[arg(long, value_name = "FILE", env = "TRACKER_RELAY_TLS_CERT", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// The key of --tls-cert, as PEM
    #[arg(long, value_name = "FILE", env = "TRACKER_RELAY_TLS_KEY", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// Address for /metrics (and /healthz, /readyz), which are then not answered elsewhere
    ///
    /// Without it /metrics is answered on --listen, and only to this machine itself, when no reverse
    /// proxy has had a hand in the request. /healthz and /readyz are answered on --listen always.
    #[arg(long, value_name = "ADDR:PORT", env = "TRACKER_RELAY_ADMIN_LISTEN", value_parser = listen_address)]
    admin_listen: Option<SocketAddr>,

    /// Folder for the database and the server's key; made if it does not exist
    #[arg(long, value_name = "DIR", default_value = "./covey-data", env = "TRACKER_RELAY_DATA", global = true)]
    data: PathBuf,

    /// Say this once after restoring the database from a backup: members then fetch their groups anew
    ///
    /// Otherwise those who saw what happened after the backup would go on from a state that never was here.
    #[arg(long, env = "TRACKER_RELAY_NEW_HISTORY")]
    new_history: bool,

    /// The URL by which everybody reaches this server, e.g. https://share.example
    ///
    /// Logins are then accepted for this scheme and host only. Without it, the server can be reached by its IP
    /// address (or as localhost) only: nothing else says which names are its own.
    #[arg(long, value_name = "URL", env = "TRACKER_RELAY_PUBLIC_URL")]
    public_url: Option<String>,

    /// Serve the page from this folder (as `cargo xtask page` builds it) instead of the one in the program
    ///
    /// The folder is read at the start; restart after building the page anew.
    #[arg(long, value_name = "DIR", env = "TRACKER_RELAY_PAGE")]
    page: Option<PathBuf>,

    /// Let pages of this origin connect too, e.g. http://localhost:8081 of `trunk serve`; repeatable
    #[arg(long, value_name = "ORIGIN", env = "TRACKER_RELAY_ALLOW_ORIGIN", value_delimiter = ',')]
    allow_origin: Vec<String>,

    /// Believe X-Forwarded-For from reverse proxies at this address or network, e.g. 10.0.0.0/8; repeatable
    ///
    /// Needed behind any reverse proxy: without it all people count as one address, the proxy's.
    #[arg(long, value_name = "IP[/BITS]", env = "TRACKER_RELAY_TRUSTED_PROXY", value_delimiter = ',')]
    #[arg(value_parser = network)]
    trusted_proxy: Vec<IpNet>,

    /// Who may make groups here, and so use this server's relay
    ///
    /// An invite to a group lets anybody in all the same.
    #[arg(long, value_enum, default_value_t, env = "TRACKER_RELAY_GROUPS")]
    groups: GroupMakers,

    /// The password that making groups takes is the first line of this file, 12 characters or more
    ///
    /// Each person is asked for it once. Another password, and everybody is asked anew.
    #[arg(long, value_name = "FILE", env = "TRACKER_RELAY_GROUPS_PASSWORD_FILE")]
    groups_password_file: Option<PathBuf>,

    /// MiB on disk that the torrents (not the files) of one person may take
    #[arg(long, value_name = "MIB", default_value_t = INFO_BYTES_OF_MEMBER / MIB, env = "TRACKER_RELAY_TORRENTS_OF_MEMBER")]
    torrents_of_member: u64,

    /// MiB on disk that all torrents may take
    #[arg(long, value_name = "MIB", default_value_t = INFO_BYTES_OF_ALL / MIB, env = "TRACKER_RELAY_TORRENTS")]
    torrents: u64,

    /// MiB of free disk below which only leaving and removing work [default: 256, at most a 16th of the disk]
    #[arg(long, value_name = "MIB", env = "TRACKER_RELAY_MIN_FREE_DISK")]
    min_free_disk: Option<u64>,

    /// Connections that may be open at the same time [default: by memory, 8,192 for each GiB]
    ///
    /// At most four in five of the files that the operating system lets be open. A quarter of them is for one address at most.
    #[arg(long, value_name = "N", env = "TRACKER_RELAY_MAX_CONNECTIONS", value_parser = clap::value_parser!(u32).range(1..))]
    max_connections: Option<u32>,

    /// MiB that the relay's buffers may take [default: a quarter of the memory]
    ///
    /// Half of it bounds the number of links; when the other half is taken, links go on with small buffers.
    #[arg(long, value_name = "MIB", env = "TRACKER_RELAY_LINK_MEMORY")]
    link_memory: Option<u32>,

    /// Seconds that somebody who is in no group, and waits for no answer, may stay connected
    #[arg(long, value_name = "SECONDS", default_value_t = GROUPLESS_SESSION_MAX.as_secs(), hide = true)]
    #[arg(env = "TRACKER_RELAY_GROUPLESS_SESSION")]
    groupless_session: u64,

    /// Seconds that links may go on after SIGTERM, so that transfers end in peace
    ///
    /// Meanwhile /readyz answers 503 and nobody new is let in. A second SIGTERM, or Ctrl-C, ends them.
    #[arg(long, value_name = "SECONDS", default_value_t = DRAIN_MAX.as_secs(), env = "TRACKER_RELAY_DRAIN_MAX")]
    drain_max: u64,

    /// Seconds that a relay link goes on when one of its members has no control connection any more
    #[arg(long, value_name = "SECONDS", default_value_t = LINK_ABSENCE_MAX.as_secs(), hide = true)]
    #[arg(env = "TRACKER_RELAY_LINK_ABSENCE")]
    link_absence: u64,

    /// Seconds that a member can prove to others that they are in a group without asking the server again
    ///
    /// Whoever was removed may be taken for a member for as long by somebody who cannot reach the server. At most
    /// six hours.
    #[arg(long, value_name = "SECONDS", default_value_t = TICKET_LIFETIME_S_MAX, env = "TRACKER_RELAY_TICKET_LIFETIME")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=TICKET_LIFETIME_S_MAX))]
    ticket_lifetime: u64,

    /// Seconds that the server's clock is set forward, or back: what a machine's wrong clock does can be tried with it
    #[arg(long, value_name = "SECONDS", default_value_t = 0, hide = true, allow_negative_numbers = true)]
    #[arg(env = "TRACKER_RELAY_CLOCK_OFFSET")]
    clock_offset: i64,
}

/// As the wire has it, in seconds.
const TICKET_LIFETIME_S_MAX: u64 = TICKET_LIFETIME_MS_MAX / 1000;

/// What to do instead of serving.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Copy the database of --data to FILE, while the server goes on
    ///
    /// The copy is of one moment and is checked. The server's key is not in it: keep DIR/server.key too, apart. To restore,
    /// put the copy in place of DIR/covey.db while no server runs (without DIR/covey.db-wal), and start once with
    /// --new-history.
    Backup {
        /// Must not exist
        #[arg(value_name = "FILE")]
        to: PathBuf,
    },
    /// Dial this server from outside, as its users do, and say what is wrong with what stands in front of it
    ///
    /// Run it where those are who will use the server. It looks at the page, at both WebSockets, and at what the server sees of
    /// a visitor. The exit code is 1 if anything is wrong.
    Check {
        /// The address that people use, e.g. https://share.example
        #[arg(value_name = "URL")]
        url: String,
    },
    /// Look at what the server would run with; flags go before this word
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the configuration and every limit: name, value, unit, what it is for
    Print {
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
}

/// What was typed, understood.
#[derive(Debug)]
pub enum Task {
    /// Run the server.
    Serve(Box<Config>),
    /// Copy the database `from` one file `to` another.
    Backup { from: PathBuf, to: PathBuf },
    /// Look at a server from outside.
    Check(Origin),
    /// Print what the server would run with.
    PrintConfig { config: Box<Config>, json: bool },
}

impl Args {
    /// What is added to the machine's clock, seconds.
    pub fn clock_offset(&self) -> i64 {
        self.clock_offset
    }

    /// What to do.
    ///
    /// # Errors
    /// As [`Args::into_config`].
    pub fn into_task(mut self) -> anyhow::Result<Task> {
        match self.command.take() {
            Some(Command::Backup { to }) => Ok(Task::Backup { from: self.data.join(DATABASE), to }),
            Some(Command::Check { url }) => Ok(Task::Check(server_origin(&url)?)),
            Some(Command::Config(ConfigCommand::Print { json })) => {
                Ok(Task::PrintConfig { config: Box::new(self.into_config()?), json })
            }
            None => Ok(Task::Serve(Box::new(self.into_config()?))),
        }
    }

    /// What it means.
    ///
    /// # Errors
    /// The public URL is not one, or there is no password where there has to be one.
    pub fn into_config(self) -> anyhow::Result<Config> {
        let groups_password = self.groups_password_file.as_deref().map(groups_password::read).transpose()?;
        anyhow::ensure!(
            self.groups != GroupMakers::Password || groups_password.is_some(),
            "--groups password takes a password: write it into a file and add --groups-password-file FILE"
        );
        anyhow::ensure!(
            self.groups != GroupMakers::Anyone || groups_password.is_none(),
            "--groups-password-file does nothing while anybody may make groups: add --groups password or --groups members-only"
        );
        let public_origin = self.public_url.as_deref().map(public_origin).transpose()?;
        if let Some(origin) = public_origin.as_ref().filter(|origin| self.tls_cert.is_some() && !origin.is_https()) {
            anyhow::bail!("--tls-cert makes this server speak TLS: say --public-url https://{}", origin.authority());
        }
        Ok(Config {
            listen: self.listen,
            tls: self.tls_cert.zip(self.tls_key).map(|(certificate, key)| TlsFiles { certificate, key }),
            admin_listen: self.admin_listen,
            data: self.data,
            new_history: self.new_history,
            public_origin,
            page: self.page,
            allow_origins: self.allow_origin.iter().map(|origin| origin.trim_end_matches('/').to_owned()).collect(),
            trusted_proxies: self.trusted_proxy,
            groups: self.groups,
            groups_password,
            quotas: Quotas {
                of_member: self.torrents_of_member.saturating_mul(MIB),
                of_all: self.torrents.saturating_mul(MIB),
            },
            min_free_disk: self.min_free_disk.map(|mib| mib.saturating_mul(MIB)),
            max_connections: self.max_connections.map(|count| count as usize),
            link_bytes: self.link_memory.map(|mib| (mib as usize).saturating_mul(MIB as usize)),
            groupless_max: Duration::from_secs(self.groupless_session),
            drain_max: Duration::from_secs(self.drain_max),
            ticket_lifetime: Duration::from_secs(self.ticket_lifetime),
            link_absence_max: Duration::from_secs(self.link_absence),
        })
    }
}

/// An address is a network of one.
fn network(text: &str) -> Result<IpNet, String> {
    let wrong = || "it must be an address or a network, e.g. 127.0.0.1 or 10.0.0.0/8".to_owned();
    match text.parse::<IpAddr>() {
        Ok(address) => Ok(address.to_canonical().into()),
        Err(_) => text.parse().map_err(|_| wrong()),
    }
}

/// A port alone is at the default's address.
fn listen_address(text: &str) -> Result<SocketAddr, String> {
    transport::listen_address(text, Ipv4Addr::LOCALHOST.into())
}

/// The origin of a URL by which people reach this server.
///
/// # Errors
/// It is none, or has a path: nothing that this server serves works below one.
pub fn server_origin(url: &str) -> anyhow::Result<Origin> {
    let url = url.trim().trim_end_matches('/');
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    if let Some((authority, path)) = rest.split_once('/')
        && format!("{scheme}://{authority}").parse::<Origin>().is_ok()
    {
        anyhow::bail!(
            "this server cannot be below a path (/{path}): give it a name of its own, for instance {scheme}://covey.{authority}, \
             or a port"
        );
    }
    Ok(url.parse()?)
}

fn public_origin(url: &str) -> anyhow::Result<Origin> {
    server_origin(url).with_context(|| format!("--public-url {url}"))
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
    fn a_proxy_is_an_address_or_a_network() {
        assert_eq!(network("::ffff:127.0.0.1").unwrap(), network("127.0.0.1/32").unwrap());
        assert!(network("10.0.0.0/8").unwrap().contains(&IpAddr::from([10, 1, 2, 3])));
        assert!(network("fd00::/8").is_ok());
        assert!(network("proxy.example").is_err() && network("10.0.0.0/33").is_err());
    }

    #[test]
    fn a_public_url_is_an_origin() {
        assert_eq!(public_origin("https://Share.example").unwrap().to_string(), "https://share.example");
        assert_eq!(public_origin("http://10.0.0.1:8080/").unwrap().to_string(), "http://10.0.0.1:8080");
        assert!(public_origin("share.example").is_err());
        assert!(public_origin("ftp://share.example").is_err());
        let path = format!("{:#}", public_origin("https://share.example/covey/").unwrap_err());
        assert!(path.contains("--public-url") && path.contains("https://covey.share.example"), "{path}");
    }
}
