//! `bridge`: what was typed, and what it means.

use std::path::PathBuf;

use clap::Args;
use clap::builder::FalseyValueParser;
use metainfo::PeerAddress;

use super::args::TuningArgs;
use super::group_args::InviteArgs;
use super::group_plan::InviteWish;
use super::plan::Tuning;
use super::torrent_plan::{PeerSources, TorrentOrigin, torrent_origin};
use super::units;
use crate::failure::{Failure, Outcome};
use crate::session::ServerUrl;

/// What is typed behind `bridge`.
#[derive(Debug, Args)]
pub struct BridgeArgs {
    /// A torrent file, or the address of one at http:// or https://
    #[arg(value_name = "X.TORRENT")]
    pub torrent: String,
    /// Bring it into this group of yours, or make one of this name [default: a new group]
    #[arg(long, env = "NATIVE_PEER_GROUP", hide_env_values = true, value_name = "NAME")]
    pub group: Option<String>,
    /// The link that is printed.
    #[command(flatten)]
    pub invite: InviteArgs,
    /// An ordinary client that has it, for instance 192.168.1.7:51413; may be given several times
    #[arg(
        long = "seeder",
        env = "NATIVE_PEER_SEEDER",
        hide_env_values = true,
        value_name = "HOST:PORT",
        value_delimiter = ','
    )]
    pub seeders: Vec<String>,
    /// Ask no distributed hash table for seeders
    #[arg(long, env = "NATIVE_PEER_NO_DHT", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub no_dht: bool,
    /// Look for no seeders on the local network
    #[arg(long, env = "NATIVE_PEER_NO_LAN", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub no_lan: bool,
    /// What the group is fetching is kept while it takes no more than this, for instance 256M or 4G
    #[arg(long, env = "NATIVE_PEER_CACHE", hide_env_values = true, value_name = "SIZE", value_parser = units::parse_size, default_value = "256Mi")]
    pub cache: u64,
    /// Keep it in a file in this folder, which is gone in the end [default: in memory]
    #[arg(long, env = "NATIVE_PEER_CACHE_FOLDER", hide_env_values = true, value_name = "DIR")]
    pub cache_folder: Option<PathBuf>,
    /// End when so much was sent, for instance 50G [default: never]
    #[arg(long, env = "NATIVE_PEER_QUOTA", hide_env_values = true, value_name = "SIZE", value_parser = units::parse_size)]
    pub quota: Option<u64>,
    /// How hard to work.
    #[command(flatten)]
    pub tuning: TuningArgs,
}

/// A torrent to be brought into a group.
#[derive(Debug)]
pub struct Bridge {
    pub server: ServerUrl,
    pub torrent: TorrentOrigin,
    /// A group's name or slug.
    pub group: Option<String>,
    pub invite: InviteWish,
    pub peers: PeerSources,
    pub cache: CacheWish,
    /// Ends when so many bytes were sent.
    pub quota: Option<u64>,
    pub tuning: Tuning,
}

/// What a bridge may hold, and where.
#[derive(Debug, Clone)]
pub struct CacheWish {
    /// In bytes, all of it.
    pub bytes: u64,
    /// On disk, in this folder; `None`: in memory.
    pub folder: Option<PathBuf>,
}

/// # Errors
/// No torrent, or an address that is none.
pub fn plan_bridge(args: BridgeArgs, server: &str) -> Outcome<Bridge> {
    let torrent = match torrent_origin(&args.torrent)? {
        Some(TorrentOrigin::Magnet(_)) => {
            let advice = "Get the torrent file first: `native-peer download` of the link, or any client, can do that.";
            return Err(Failure::usage("a magnet link cannot be bridged", advice));
        }
        Some(origin) => origin,
        None => {
            let advice = "Give a .torrent file, or the address of one. Sharing a file of yours is `native-peer share`.";
            return Err(Failure::usage(format!("`{}` is no torrent", args.torrent), advice));
        }
    };
    let parse = |text: &String| {
        text.parse().map_err(|_| Failure::usage(format!("`{text}` is no peer"), "Give it as HOST:PORT."))
    };
    let named = args.seeders.iter().map(parse).collect::<Outcome<Vec<PeerAddress>>>()?;
    Ok(Bridge {
        server: ServerUrl::parse(server)?,
        torrent,
        group: args.group.map(|group| group.trim().to_owned()).filter(|group| !group.is_empty()),
        invite: args.invite.wish(),
        peers: PeerSources { named, dht: !args.no_dht, lan: !args.no_lan },
        cache: CacheWish { bytes: args.cache, folder: args.cache_folder },
        quota: args.quota,
        tuning: args.tuning.tuning(),
    })
}
