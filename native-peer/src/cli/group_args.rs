//! What was typed behind `group` and `identity`.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::FalseyValueParser;
use clap::{Args, Subcommand};

use super::units;

/// `group`.
#[derive(Debug, Args)]
pub struct GroupArgs {
    #[command(subcommand)]
    pub command: GroupCommand,
}

/// What can be done with groups. GROUP is a group's two words, like lively-otter, or its name.
#[derive(Debug, Subcommand)]
pub enum GroupCommand {
    /// Make a group with you as its admin, and print an invite to it
    Create {
        /// What the group is called
        // Not `name`: that is the id of the global `--name`.
        #[arg(value_name = "NAME")]
        called: String,
        /// The first invite.
        #[command(flatten)]
        invite: InviteArgs,
    },
    /// Show your groups, and those that you have asked to join
    List,
    /// Join a group by an invite, or ask to by its two words
    Join {
        /// The invite in quotes, - to read it from stdin, or a group's two words [default: asks for it]
        /// [env: NATIVE_PEER_LINK=]
        #[arg(value_name = "INVITE")]
        target: Option<String>,
        /// What you say to the group's admins, if they have to let you in
        #[arg(long, env = "NATIVE_PEER_MESSAGE", hide_env_values = true, value_name = "TEXT")]
        message: Option<String>,
    },
    /// Leave a group
    Leave {
        /// Its two words, like lively-otter, or its name
        group: String,
    },
    /// Show who is in a group
    Members {
        /// Its two words, like lively-otter, or its name
        group: String,
    },
    /// Show who asks to join a group of which you are an admin
    Requests {
        /// Its two words, like lively-otter, or its name
        group: String,
    },
    /// Let somebody in who asks to join
    Accept(PersonArgs),
    /// Say no to somebody who asks to join
    Refuse(PersonArgs),
    /// Remove a member, and give the group a new key
    Remove {
        /// Whom.
        #[command(flatten)]
        person: PersonArgs,
        /// Keep the open invites that were made with this program; all others are revoked [default: asks, or revokes all]
        #[arg(long, env = "NATIVE_PEER_KEEP_INVITES", hide_env_values = true, value_parser = FalseyValueParser::new())]
        keep_invites: bool,
    },
    /// Make a member an admin
    Promote(PersonArgs),
    /// Make an admin an ordinary member
    Demote(PersonArgs),
    /// Close a group for everybody
    Close {
        /// Its two words, like lively-otter, or its name
        group: String,
    },
    /// Make an invite
    Invite {
        /// Its two words, like lively-otter, or its name
        group: String,
        /// What it is like.
        #[command(flatten)]
        invite: InviteArgs,
    },
    /// Show a group's open invites: yours, or all if you are an admin
    Invites {
        /// Its two words, like lively-otter, or its name
        group: String,
    },
    /// End an invite: from now on it opens nothing
    Revoke {
        /// Its two words, like lively-otter, or its name
        group: String,
        /// The first characters of its id, as `invites` shows it
        invite: String,
    },
    /// Show a group's files
    Files {
        /// Its two words, like lively-otter, or its name
        group: String,
    },
    /// Write a .torrent file for ordinary BitTorrent clients of yours; it is as secret as a password
    Torrent(TorrentFileArgs),
    /// Take a file out of a group; what others have downloaded stays theirs
    RemoveFile {
        /// Its two words, like lively-otter, or its name
        group: String,
        /// Its name, or the first characters of its id
        file: String,
    },
}

/// `group torrent`.
#[derive(Debug, Args)]
pub struct TorrentFileArgs {
    /// Its name, or the first characters of its id
    #[arg(required_unless_present = "revoke", value_name = "FILE")]
    pub file: Option<String>,
    /// The file's group: its two words, like lively-otter, or its name
    #[arg(long, env = "NATIVE_PEER_GROUP", hide_env_values = true, value_name = "GROUP")]
    pub group: String,
    /// Where to write the .torrent file [default: here, under the file's name]
    #[arg(short, long, env = "NATIVE_PEER_OUTPUT", hide_env_values = true, value_name = "X.TORRENT")]
    pub output: Option<PathBuf>,
    /// End all .torrent files that you have made for this group so far: clients with them are refused
    #[arg(long, env = "NATIVE_PEER_REVOKE", hide_env_values = true, value_parser = FalseyValueParser::new(), conflicts_with_all = ["file", "output"])]
    pub revoke: bool,
}

/// Somebody of a group.
#[derive(Debug, Args)]
pub struct PersonArgs {
    /// Its two words, like lively-otter, or its name
    pub group: String,
    /// Their name, or their mark, like k7fq-2mza, which tells two people of one name apart
    #[arg(value_name = "WHO")]
    pub who: String,
}

/// What an invite is to be like.
#[derive(Debug, Clone, Args)]
pub struct InviteArgs {
    /// Whoever opens the link asks to join, and an admin answers [default: anyone with the link joins]
    #[arg(long, env = "NATIVE_PEER_ASK", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub ask: bool,
    /// How long the link is good for, for instance 2h or 30d, at most 90d [default: 7d]
    #[arg(long, env = "NATIVE_PEER_EXPIRES", hide_env_values = true, value_name = "DURATION", value_parser = units::parse_lifetime)]
    pub expires: Option<Duration>,
    /// How many people may use the link [default: any number]
    #[arg(long, env = "NATIVE_PEER_USES", hide_env_values = true, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub uses: Option<u32>,
    /// Show the link as a QR code, too, on stderr
    #[arg(long, env = "NATIVE_PEER_QR", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub qr: bool,
}

/// `identity`.
#[derive(Debug, Args)]
pub struct IdentityArgs {
    #[command(subcommand)]
    pub command: IdentityCommand,
}

/// What can be done with the identity: the secret that makes you the same person every time, and on every device.
#[derive(Debug, Subcommand)]
pub enum IdentityCommand {
    /// Show who you are at the server
    Show,
    /// Print your secret as one line, for another device of yours
    Export,
    /// Become the person whose secret is read from stdin, or asked for
    Import {
        /// Even if this program has been another person; their secret is kept beside
        #[arg(long, env = "NATIVE_PEER_REPLACE", hide_env_values = true, value_parser = FalseyValueParser::new())]
        replace: bool,
    },
}
