//! `bridge`: what was typed, and what it means.

use std::path::PathBuf;

use clap::Args;
use clap::builder::FalseyValueParser;

use super::args::TuningArgs;
use super::group_args::InviteArgs;
use super::group_plan::{GroupWish, InviteWish, group_wish, known_group};
use super::plan::Tuning;
use super::torrent_plan::{PeerSources, TorrentOrigin, parse_peers, torrent_origin};
use super::units;
use crate::failure::{Failure, Outcome};
use crate::session::ServerUrl;

/// What is typed behind `bridge`.
#[derive(Debug, Args)]
pub struct BridgeArgs {
    /// A torrent file, the address of one at http:// or https://, or a magnet link; or groups of yours, for whose members it
    /// fetches what only their BitTorrent clients have
    #[arg(required = true, value_name = "X.TORRENT|MAGNET|GROUP")]
    pub targets: Vec<String>,
    /// Bring it into this group of yours, into the one that an invite opens, or make one of this name [default: a new group]
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
    /// Whom it connects to, and what it may hold.
    #[command(flatten)]
    pub bounds: BridgeBoundsArgs,
    /// End when so much was sent, for instance 50G [default: never]
    #[arg(long, env = "NATIVE_PEER_QUOTA", hide_env_values = true, value_name = "SIZE", value_parser = units::parse_size)]
    pub quota: Option<u64>,
    /// How hard to work.
    #[command(flatten)]
    pub tuning: TuningArgs,
}

/// Whom a bridge connects to, and what it may hold: for `bridge`, and for `share --bridge`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Bridges")]
pub struct BridgeBoundsArgs {
    /// Also connect to addresses in private networks and on this computer that the group's tracker names
    #[arg(long, env = "NATIVE_PEER_ALLOW_PRIVATE", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub allow_private: bool,
    /// What the group is fetching is kept while it takes no more than this, for instance 256M or 4G
    #[arg(long, env = "NATIVE_PEER_CACHE", hide_env_values = true, value_name = "SIZE", value_parser = units::parse_size, default_value = "256Mi")]
    pub cache: u64,
    /// Keep it in a file in this folder, which is gone in the end [default: in memory]
    #[arg(long, env = "NATIVE_PEER_CACHE_FOLDER", hide_env_values = true, value_name = "DIR")]
    pub cache_folder: Option<PathBuf>,
    /// Fetch at most so much of a file in an hour because one member asks for it, for instance 20G [default: no bound]
    #[arg(long, env = "NATIVE_PEER_PER_MEMBER", hide_env_values = true, value_name = "SIZE", value_parser = units::parse_size)]
    pub per_member: Option<u64>,
}

/// A torrent that is to be brought into a group.
#[derive(Debug)]
pub struct TorrentWish {
    pub origin: TorrentOrigin,
    /// `None`: a new one.
    pub group: Option<GroupWish>,
    pub invite: InviteWish,
    pub peers: PeerSources,
}

/// What is to be bridged.
#[derive(Debug)]
pub enum Bridged {
    /// A torrent, into a group.
    Torrent(Box<TorrentWish>),
    /// What BitTorrent clients of members have, in these groups by name or slug.
    Groups(Vec<String>),
}

/// What is to be bridged, and how.
#[derive(Debug)]
pub struct Bridge {
    pub server: ServerUrl,
    pub what: Bridged,
    pub terms: BridgeTerms,
}

/// How something is bridged.
#[derive(Debug)]
pub struct BridgeTerms {
    /// Dial private addresses that a tracker names.
    pub allows_private: bool,
    pub cache: CacheWish,
    /// So many bytes of a file are fetched in an hour because one member asks.
    pub per_member: Option<u64>,
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
/// Torrents and groups together, or an address that is none.
pub fn plan_bridge(args: BridgeArgs, server: &str) -> Outcome<Bridge> {
    let terms = args.bounds.terms(args.quota, args.tuning.tuning());
    let (what, server) = plan_what(args, server)?;
    Ok(Bridge { server, what, terms })
}

impl BridgeBoundsArgs {
    pub(super) fn terms(&self, quota: Option<u64>, tuning: Tuning) -> BridgeTerms {
        let cache = CacheWish { bytes: self.cache, folder: self.cache_folder.clone() };
        BridgeTerms { allows_private: self.allow_private, cache, per_member: self.per_member, quota, tuning }
    }
}

fn plan_what(args: BridgeArgs, server: &str) -> Outcome<(Bridged, ServerUrl)> {
    let origins = args.targets.iter().map(|target| torrent_origin(target)).collect::<Outcome<Vec<_>>>()?;
    let mut torrents: Vec<TorrentOrigin> = origins.into_iter().flatten().collect();
    match (torrents.pop(), args.targets.len()) {
        (Some(origin), 1) => plan_torrent(args, origin, server),
        (Some(_), _) => {
            let advice = "Run the command once for each torrent; of groups it takes several.";
            Err(Failure::usage("more than one thing to bridge", advice))
        }
        (None, _) if !args.seeders.is_empty() || args.group.is_some() => {
            let advice = "--seeder and --group go with a torrent: give a .torrent file, the address of one, or a magnet link. Leave them out to bridge groups.";
            // An invite's secret is not shown.
            let shown: Vec<_> = args.targets.iter().filter_map(|target| target.split('#').next()).collect();
            Err(Failure::usage(format!("`{}` is no torrent", shown.join("` nor `")), advice))
        }
        (None, _) => plan_groups(&args.targets, server),
    }
}

fn plan_groups(targets: &[String], server: &str) -> Outcome<(Bridged, ServerUrl)> {
    let known = targets.iter().map(|target| known_group(target, server)).collect::<Outcome<Vec<_>>>()?;
    let (groups, mut servers): (Vec<_>, Vec<_>) = known.into_iter().unzip();
    servers.dedup();
    match <[ServerUrl; 1]>::try_from(servers) {
        Ok([server]) => Ok((Bridged::Groups(groups), server)),
        Err(_) => Err(Failure::usage(
            "these groups are at different servers",
            "Run the command once for each server; without a link, a group is at the one that --server names.",
        )),
    }
}

fn plan_torrent(args: BridgeArgs, origin: TorrentOrigin, server: &str) -> Outcome<(Bridged, ServerUrl)> {
    let (group, server) = group_wish(args.group.as_deref(), server)?;
    let wish = TorrentWish {
        origin,
        group,
        invite: args.invite.wish(),
        peers: PeerSources { named: parse_peers(&args.seeders)?, dht: !args.no_dht, lan: !args.no_lan },
    };
    Ok((Bridged::Torrent(Box::new(wish)), server))
}
