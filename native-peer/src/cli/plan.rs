//! What the command line means, checked as far as that goes without touching anything.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap_complete::Shell;
use metainfo::FileSelection;
use peer_engine::{PiecePolicy, RateLimits, SeedChoking};
use wire_protocol::pasted::find_invite;

use super::args::{Command, CommandLine, DownloadArgs, GlobalArgs, SeedChokingArg, ShareArgs, TuningArgs};
use super::bridge_args::{Bridge, BridgeTerms, plan_bridge};
use super::group_plan::{
    GroupPlan, GroupWish, IdentityTask, InviteWish, JoinTarget, by_invite, group_wish, join_target, plan_group,
    plan_identity,
};
use super::keep_args::{Keep, plan_keep};
use super::target::{find_target, parse_invite};
use super::torrent_plan::{
    Create, InfoTarget, Seed, TorrentDownload, parse_selection, plan_create, plan_info, plan_seed, plan_torrent,
    torrent_origin,
};
use crate::failure::{Failure, Outcome};
use crate::report::Style;
use crate::session::ServerUrl;

/// A finished download is served for so long unless the person says otherwise.
const SEED_BY_DEFAULT: Duration = Duration::from_secs(30);

/// What is to be done.
#[derive(Debug)]
pub enum Plan {
    /// `share`.
    Share(Share),
    /// `download` of a group's files.
    Download(Download),
    /// `download` of a torrent.
    DownloadTorrent(Box<TorrentDownload>),
    /// `seed`.
    Seed(Seed),
    /// `bridge`.
    Bridge(Bridge),
    /// `keep`.
    Keep(Keep),
    /// `create`.
    Create(Create),
    /// `info`.
    Info(InfoTarget),
    /// `group`.
    Group(GroupPlan),
    /// `identity`.
    Identity(IdentityTask),
    /// `completions`.
    Completions(Shell),
}

/// What holds for every command.
#[derive(Debug)]
pub struct Setup {
    /// `None`: the platform's folder.
    pub data: Option<PathBuf>,
    /// `None`: the remembered one.
    pub name: Option<String>,
    /// For direct connections; `None`: relay only.
    pub listen: Option<SocketAddr>,
    /// Holds the password of a server that asks for one from whoever makes a group.
    pub server_password_file: Option<PathBuf>,
    /// What is said where.
    pub style: Style,
    /// 0 warnings, 1 infos, 2 and more everything.
    pub verbosity: u8,
}

/// A file or folder to be shared, and how.
#[derive(Debug)]
pub struct Share {
    /// The file, or the folder.
    pub path: PathBuf,
    pub server: ServerUrl,
    /// `None`: a new one.
    pub group: Option<GroupWish>,
    /// The invite that is printed.
    pub invite: InviteWish,
    /// Where to write a torrent file.
    pub torrent: Option<PathBuf>,
    /// Bytes.
    pub piece_len: Option<u32>,
    /// For the end of what is still being written; zero: it is not looked at.
    pub settle: Duration,
    /// Hidden files and folders are in it.
    pub takes_hidden: bool,
    /// Serve clients that announce themselves with a member's passkey.
    pub allow_bittorrent: bool,
    /// Be a bridge for the group, too; `None`: no.
    pub bridge: Option<BridgeTerms>,
    /// How hard to work.
    pub tuning: Tuning,
}

/// What to do with a different file that has the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Fail.
    Keep,
    /// Replace it.
    Overwrite,
    /// Take another name.
    Rename,
}

/// How long a finished file is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seeding {
    /// Until Ctrl-C.
    Stay,
    /// So long; zero leaves at once.
    For(Duration),
}

/// A group whose files are to be downloaded.
#[derive(Debug)]
pub struct Download {
    /// Which group.
    pub target: JoinTarget,
    /// The server that the invite names, or the group is at.
    pub server: ServerUrl,
    /// For the admins, if they have to be asked.
    pub message: String,
    /// One of the group's files; `None`: all.
    pub file: Option<String>,
    /// Which files of a folder; `None`: all.
    pub files: Option<FileSelection>,
    pub fetch: Fetch,
}

/// How something is downloaded, where to, and what happens then.
#[derive(Debug)]
pub struct Fetch {
    /// The folder or file to save to; `None`: the working folder.
    pub output: Option<PathBuf>,
    /// How pieces are chosen and how hard to work.
    pub tuning: Tuning,
    /// What becomes of the finished file.
    pub seeding: Seeding,
    /// Give up when nothing arrives for so long.
    pub timeout: Option<Duration>,
    /// What to do with a different file that has the name.
    pub existing: Existing,
}

impl Fetch {
    /// It goes to stdout.
    pub fn is_piped(&self) -> bool {
        self.output.as_deref() == Some(Path::new("-"))
    }
}

/// How pieces are chosen and how hard to work.
#[derive(Debug, Clone, Copy)]
pub struct Tuning {
    /// Which piece comes next.
    pub policy: PiecePolicy,
    /// Bytes per second.
    pub limits: RateLimits,
    /// Requests kept open at each peer; `None`: by its speed.
    pub pipeline: Option<u32>,
    /// Whom to serve when seeding.
    pub seed_choking: SeedChoking,
    /// Encrypt links with members. Off for measuring only.
    pub encrypted: bool,
}

impl TuningArgs {
    pub(super) fn tuning(&self) -> Tuning {
        Tuning {
            policy: PiecePolicy::default(),
            limits: RateLimits { up: self.up, down: self.down },
            pipeline: self.pipeline,
            encrypted: !self.unencrypted,
            seed_choking: match self.seed_choking {
                SeedChokingArg::RoundRobin => SeedChoking::RoundRobin,
                SeedChokingArg::Fastest => SeedChoking::FastestUpload,
                SeedChokingArg::AntiLeech => SeedChoking::AntiLeech,
            },
        }
    }
}

impl GlobalArgs {
    /// Turns them into the setup that every command begins with.
    pub fn setup(&self) -> Setup {
        Setup {
            data: self.data.clone(),
            name: self.name.clone(),
            listen: (!self.no_tcp).then_some(self.listen),
            server_password_file: self.server_password_file.clone(),
            style: Style { json: self.json, quiet: self.quiet },
            verbosity: self.verbose,
        }
    }
}

impl CommandLine {
    /// What it means. May read stdin or ask on the terminal for an invite.
    ///
    /// # Errors
    /// Usage failures.
    pub fn plan(self) -> Outcome<Plan> {
        Ok(match self.command {
            Command::Share(args) => Plan::Share(plan_share(args, &self.global.server)?),
            Command::Download(args) if args.output.as_deref() == Some(Path::new("-")) && self.global.json => {
                let advice = "Leave --json out, or save to a file with -o PATH.";
                return Err(Failure::usage("stdout cannot carry a file and JSON", advice));
            }
            Command::Download(args) => plan_download(args, &self.global.server)?,
            Command::Seed(args) => Plan::Seed(plan_seed(args)?),
            Command::Bridge(args) => Plan::Bridge(plan_bridge(args, &self.global.server)?),
            Command::Keep(args) => Plan::Keep(plan_keep(args, &self.global.server)?),
            Command::Create(args) => Plan::Create(plan_create(args)?),
            Command::Info(args) => Plan::Info(plan_info(args)?),
            Command::Group(args) => Plan::Group(plan_group(args.command, &self.global.server)?),
            Command::Identity(args) => Plan::Identity(plan_identity(&args.command, &self.global.server)?),
            Command::Completions(args) => Plan::Completions(args.shell),
        })
    }
}

fn plan_share(args: ShareArgs, server: &str) -> Outcome<Share> {
    let [path] = <[PathBuf; 1]>::try_from(args.paths).map_err(|paths| {
        Failure::usage(
            format!("{} paths given", paths.len()),
            "One file or folder is shared at a time: run the command once for each, or share the folder that holds them.",
        )
    })?;
    let tuning = args.tuning.tuning();
    let (group, server) = group_wish(args.group.as_deref(), server)?;
    Ok(Share {
        path,
        server,
        group,
        invite: args.invite.wish(),
        torrent: args.torrent,
        piece_len: args.piece_size,
        settle: args.settle,
        takes_hidden: args.hidden,
        allow_bittorrent: args.allow_bittorrent,
        bridge: args.bridge.then(|| args.bridging.terms(None, tuning)),
        tuning,
    })
}

fn plan_download(args: DownloadArgs, server: &str) -> Outcome<Plan> {
    let target = find_target(args.target)?;
    let target = target.trim();
    // What is piped is read in order, whatever the policy.
    let is_piped = args.output.as_deref() == Some(Path::new("-"));
    let policy = if is_piped { PiecePolicy::Sequential } else { args.policy };
    let fetch = Fetch {
        output: args.output,
        tuning: Tuning { policy, ..args.tuning.tuning() },
        seeding: match (args.seed, args.no_seed) {
            (true, _) => Seeding::Stay,
            (false, true) => Seeding::For(Duration::ZERO),
            (false, false) => Seeding::For(SEED_BY_DEFAULT),
        },
        timeout: args.timeout,
        existing: match (args.overwrite, args.rename) {
            (true, _) => Existing::Overwrite,
            (false, true) => Existing::Rename,
            (false, false) => Existing::Keep,
        },
    };
    if find_invite(target).is_err()
        && let Some(origin) = torrent_origin(target)?
    {
        let peers = args.peers.sources()?;
        let download = plan_torrent(origin, args.files.as_deref(), peers, args.allow_private, fetch)?;
        return Ok(Plan::DownloadTorrent(Box::new(download)));
    }
    let files = parse_selection(args.files.as_deref())?;
    // A group has two words; one is a slip.
    let (target, server) = match target.contains('-') {
        true => join_target(target, server)?,
        false => by_invite(parse_invite(target)?)?,
    };
    Ok(Plan::Download(Download {
        target,
        server,
        message: args.message.unwrap_or_default(),
        file: args.file,
        files,
        fetch,
    }))
}
