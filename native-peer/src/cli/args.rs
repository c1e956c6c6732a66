//! What was typed. [`super::plan`] turns it into what it means.

use std::net::{Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{FalseyValueParser, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use peer_engine::PiecePolicy;

use super::bridge_args::{BridgeArgs, BridgeBoundsArgs};
use super::group_args::{GroupArgs, IdentityArgs, InviteArgs};
use super::keep_args::KeepArgs;
use super::units;

/// Shares big files with a few people: send a link, they download from everybody who has pieces.
#[derive(Debug, Parser)]
#[command(name = "native-peer", version, max_term_width = 100, propagate_version = true)]
#[command(
    after_help = "Exit codes: 0 ok, 1 unexpected, 2 usage, 3 no source or timed out, 4 bad data, 5 not allowed, \
    6 local files, 7 server unreachable, full or busy, 130 interrupted (what was downloaded is kept)."
)]
pub struct CommandLine {
    /// What holds for every command.
    #[command(flatten)]
    pub global: GlobalArgs,
    #[command(subcommand)]
    pub command: Command,
}

/// What holds for every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Folder of the identity key and what else is remembered [default: the platform's data folder]
    #[arg(long, global = true, env = "NATIVE_PEER_DATA", hide_env_values = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Server to share over; a download's invite names its own
    #[arg(
        long,
        global = true,
        env = "NATIVE_PEER_SERVER",
        hide_env_values = true,
        value_name = "URL",
        default_value = "http://127.0.0.1:8080"
    )]
    pub server: String,
    /// Address for direct connections of other desktop peers; port 0 takes a free one, [::] is IPv4 and IPv6
    #[arg(
        long,
        global = true,
        env = "NATIVE_PEER_LISTEN",
        hide_env_values = true,
        value_name = "ADDR",
        default_value = "[::]:0",
        value_parser = listen_address
    )]
    pub listen: SocketAddr,
    /// Neither accept nor open direct connections: everything goes over the relay
    #[arg(long, global = true, env = "NATIVE_PEER_NO_TCP", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub no_tcp: bool,
    /// What others see you as; remembered [default: a friendly random name]
    #[arg(long, global = true, env = "NATIVE_PEER_NAME", hide_env_values = true, value_name = "NAME")]
    pub name: Option<String>,
    /// The first line of this file is the server's password, for a server that asks for one from whoever makes a group
    #[arg(long, global = true, env = "NATIVE_PEER_SERVER_PASSWORD_FILE", hide_env_values = true, value_name = "FILE")]
    pub server_password_file: Option<PathBuf>,
    /// One JSON object per line on stdout
    #[arg(long, global = true, env = "NATIVE_PEER_JSON", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub json: bool,
    /// No progress and no chatter on stderr, errors only
    #[arg(short, long, global = true, env = "NATIVE_PEER_QUIET", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub quiet: bool,
    /// Log to stderr; twice for more
    #[arg(short, long, global = true, env = "NATIVE_PEER_VERBOSE", hide_env_values = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Share a file or folder: prints a link at once, then serves it until Ctrl-C
    Share(ShareArgs),
    /// Download by an invite, a torrent file or a magnet link; goes on where it stopped
    Download(DownloadArgs),
    /// Serve what a torrent file describes to any BitTorrent client
    Seed(SeedArgs),
    /// Bring a torrent into a group: browsers download what ordinary clients have
    Bridge(BridgeArgs),
    /// Hold everything that a group shares, so that others can close theirs
    Keep(KeepArgs),
    /// Make a .torrent file of a file or a folder, without sharing it
    Create(CreateArgs),
    /// Show what is in a .torrent file or a magnet link
    Info(InfoArgs),
    /// Make, join and look after groups
    Group(GroupArgs),
    /// Who you are: show it, or take it to another device
    Identity(IdentityArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

/// `share`.
#[derive(Debug, Args)]
pub struct ShareArgs {
    /// The file or folder; of links in a folder, those to files in it are followed
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Share in this group of yours, or make one of this name [default: a new group]
    #[arg(long, env = "NATIVE_PEER_GROUP", hide_env_values = true, value_name = "NAME")]
    pub group: Option<String>,
    /// The link that is printed.
    #[command(flatten)]
    pub invite: InviteArgs,
    /// Also write a .torrent file here
    #[arg(long, env = "NATIVE_PEER_TORRENT", hide_env_values = true, value_name = "PATH")]
    pub torrent: Option<PathBuf>,
    /// Length of a piece, for instance 1Mi: a power of two from 16Ki to 64Mi [default: by the file's size]
    #[arg(long, env = "NATIVE_PEER_PIECE_SIZE", hide_env_values = true, value_name = "N", value_parser = units::parse_piece_len)]
    pub piece_size: Option<u32>,
    /// Take hidden files and folders of a folder in
    #[arg(long, env = "NATIVE_PEER_HIDDEN", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub hidden: bool,
    /// Also serve, unencrypted, BitTorrent clients of members: those that use a torrent file of `group torrent`
    #[arg(long, env = "NATIVE_PEER_ALLOW_BITTORRENT", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub allow_bittorrent: bool,
    /// Also fetch what only members' BitTorrent clients have, and serve it to the group, as `bridge GROUP` does
    #[arg(long, env = "NATIVE_PEER_BRIDGE", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub bridge: bool,
    /// How hard to work.
    #[command(flatten)]
    pub tuning: TuningArgs,
    /// With `--bridge`.
    #[command(flatten)]
    pub bridging: BridgeBoundsArgs,
}

/// `download`.
#[derive(Debug, Args)]
pub struct DownloadArgs {
    /// An invite in quotes, the two words of a group that you are in, a torrent file or its address, or a magnet link in
    /// quotes; - reads it from stdin [default: asks for it] [env: NATIVE_PEER_LINK=]
    #[arg(value_name = "INVITE_OR_TORRENT")]
    pub target: Option<String>,
    /// Where to save: an existing folder, a path that ends with /, or a file name; - writes one file to stdout, in order
    #[arg(short, long, env = "NATIVE_PEER_OUTPUT", hide_env_values = true, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// Which of the group's files [default: all]
    #[arg(long, env = "NATIVE_PEER_FILE", hide_env_values = true, value_name = "NAME")]
    pub file: Option<String>,
    /// Which files of a folder, by number or name: 1,3 or 2-5 or *.mkv; `info` shows the numbers [default: all]
    #[arg(long, env = "NATIVE_PEER_FILES", hide_env_values = true, value_name = "WHICH")]
    pub files: Option<String>,
    /// Where a torrent's peers are found.
    #[command(flatten)]
    pub peers: PeerArgs,
    /// Also fetch from web seeds in private networks and on this computer that the torrent names
    #[arg(long, env = "NATIVE_PEER_ALLOW_PRIVATE", hide_env_values = true, value_parser = FalseyValueParser::new(), help_heading = "Peers of torrents")]
    pub allow_private: bool,
    /// What you say to the group's admins, if they have to let you in
    #[arg(long, env = "NATIVE_PEER_MESSAGE", hide_env_values = true, value_name = "TEXT")]
    pub message: Option<String>,
    /// Which piece comes next: what fewest people have, any, in order, or a contiguous share from each seeder
    #[arg(long, env = "NATIVE_PEER_POLICY", hide_env_values = true, value_parser = policies(), default_value_t = PiecePolicy::RarestFirst)]
    pub policy: PiecePolicy,
    /// How hard to work.
    #[command(flatten)]
    pub tuning: TuningArgs,
    /// Serve the file to others until Ctrl-C [default: for 30 seconds]
    #[arg(long, env = "NATIVE_PEER_SEED", hide_env_values = true, value_parser = FalseyValueParser::new(), conflicts_with = "no_seed")]
    pub seed: bool,
    /// Leave as soon as the file is complete
    #[arg(long, env = "NATIVE_PEER_NO_SEED", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub no_seed: bool,
    /// Give up when nothing arrives for so long, for instance 90s, 5m, 2h [default: wait]
    #[arg(long, env = "NATIVE_PEER_TIMEOUT", hide_env_values = true, value_name = "DURATION", value_parser = units::parse_duration)]
    pub timeout: Option<Duration>,
    /// Replace a different file of the same name
    #[arg(long, env = "NATIVE_PEER_OVERWRITE", hide_env_values = true, value_parser = FalseyValueParser::new(), conflicts_with = "rename")]
    pub overwrite: bool,
    /// Save under another name if a different file has this one
    #[arg(long, env = "NATIVE_PEER_RENAME", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub rename: bool,
}

/// Where a torrent's peers are found.
#[derive(Debug, Args)]
#[command(next_help_heading = "Peers of torrents")]
pub struct PeerArgs {
    /// A peer of the torrent, for instance 192.168.1.7:51413; may be given several times
    #[arg(
        long = "peer",
        env = "NATIVE_PEER_PEER",
        hide_env_values = true,
        value_name = "HOST:PORT",
        value_delimiter = ','
    )]
    pub named: Vec<String>,
    /// Ask and tell no distributed hash table
    #[arg(long, env = "NATIVE_PEER_NO_DHT", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub no_dht: bool,
    /// Ask and tell nobody on the local network
    #[arg(long, env = "NATIVE_PEER_NO_LAN", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub no_lan: bool,
}

/// `seed`.
#[derive(Debug, Args)]
pub struct SeedArgs {
    /// The .torrent file
    #[arg(value_name = "X.TORRENT")]
    pub torrent: PathBuf,
    /// What it describes: the file, or the folder [default: beside the .torrent file, under its own name]
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// Where peers are found.
    #[command(flatten)]
    pub peers: PeerArgs,
    /// How hard to work.
    #[command(flatten)]
    pub tuning: TuningArgs,
}

/// `create`.
#[derive(Debug, Args)]
pub struct CreateArgs {
    /// The file or folder; of links in a folder, those to files in it are followed
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
    /// Where to write the .torrent file
    #[arg(short, long, env = "NATIVE_PEER_OUTPUT", hide_env_values = true, value_name = "X.TORRENT")]
    pub output: PathBuf,
    /// Length of a piece, for instance 1Mi: a power of two from 16Ki to 64Mi [default: by the size of it all]
    #[arg(long, env = "NATIVE_PEER_PIECE_SIZE", hide_env_values = true, value_name = "N", value_parser = units::parse_piece_len)]
    pub piece_size: Option<u32>,
    /// Tracker to announce to: http, https or udp; several are asked in the order given
    #[arg(long = "tracker", env = "NATIVE_PEER_TRACKER", hide_env_values = true, value_name = "URL", value_parser = tracker)]
    pub trackers: Vec<String>,
    /// Server that has the same files: http or https; may be given several times
    #[arg(long = "web-seed", env = "NATIVE_PEER_WEB_SEED", hide_env_values = true, value_name = "URL", value_parser = web_seed)]
    pub web_seeds: Vec<String>,
    /// Peers come from the torrent's own trackers only (BEP 27)
    #[arg(long, env = "NATIVE_PEER_PRIVATE", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub private: bool,
    /// What the torrent says of itself
    #[arg(long, env = "NATIVE_PEER_COMMENT", hide_env_values = true, value_name = "TEXT")]
    pub comment: Option<String>,
    /// Take hidden files and folders in
    #[arg(long, env = "NATIVE_PEER_HIDDEN", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub hidden: bool,
}

/// `info`.
#[derive(Debug, Args)]
pub struct InfoArgs {
    /// The .torrent file, or a magnet link in quotes
    #[arg(value_name = "X.TORRENT|MAGNET")]
    pub target: PathBuf,
}

/// `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    #[arg(value_enum)]
    pub shell: Shell,
}

/// How hard to work, for `share` and `download` alike.
#[derive(Debug, Args)]
pub struct TuningArgs {
    /// Links with members go without encryption, on both sides: what it costs is measured so
    #[arg(long, hide = true)]
    pub unencrypted: bool,
    /// Send at most this much per second, for instance 5M (5 MB; 5Mi is 5 MiB)
    #[arg(long, env = "NATIVE_PEER_UP", hide_env_values = true, value_name = "RATE", value_parser = units::parse_rate)]
    pub up: Option<u64>,
    /// Fetch at most this much per second, for instance 20M
    #[arg(long, env = "NATIVE_PEER_DOWN", hide_env_values = true, value_name = "RATE", value_parser = units::parse_rate)]
    pub down: Option<u64>,
    /// Keep exactly so many requests open at each peer [default: as many as its speed asks for]
    #[arg(long, env = "NATIVE_PEER_PIPELINE", hide_env_values = true, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=2000))]
    pub pipeline: Option<u32>,
    /// Whom to serve when more want to be served than fit: round-robin, fastest or anti-leech
    #[arg(long, env = "NATIVE_PEER_SEED_CHOKING", hide_env_values = true, value_name = "HOW", value_enum, default_value_t = SeedChokingArg::RoundRobin)]
    pub seed_choking: SeedChokingArg,
}

/// `--seed-choking`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SeedChokingArg {
    /// In turn
    RoundRobin,
    /// Who takes the most
    Fastest,
    /// Who has just begun or has nearly finished
    AntiLeech,
}

/// A port alone is meant for every address, as by default.
fn listen_address(text: &str) -> Result<SocketAddr, String> {
    transport::listen_address(text, Ipv6Addr::UNSPECIFIED.into())
}

fn tracker(url: &str) -> Result<String, String> {
    let advice = || "a tracker's address begins with http://, https:// or udp://".to_owned();
    metainfo::is_tracker_url(url).then(|| url.to_owned()).ok_or_else(advice)
}

fn web_seed(url: &str) -> Result<String, String> {
    let advice = || "a web seed's address begins with http:// or https://".to_owned();
    metainfo::is_web_seed_url(url).then(|| url.to_owned()).ok_or_else(advice)
}

/// Every policy by its name.
fn policies() -> impl TypedValueParser<Value = PiecePolicy> {
    PossibleValuesParser::new(PiecePolicy::NAMES.map(|(name, _)| name))
        .map(|name| name.parse().expect("only names of policies are accepted"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_declarations_are_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn every_flag_has_an_environment_name() {
        let mut program = CommandLine::command();
        program.build();
        check_flags(&program);
    }

    fn check_flags(program: &clap::Command) {
        for command in program.get_subcommands().filter(|command| command.get_name() != "help") {
            check_flags(command);
            for flag in command.get_opts().filter(|flag| !["help", "version"].contains(&flag.get_id().as_str())) {
                let name = flag.get_env().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                assert!(name.starts_with("NATIVE_PEER_"), "{} {flag}: `{name}`", command.get_name());
            }
        }
    }
}
