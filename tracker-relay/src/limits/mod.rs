//! Every bound of the server in one place, with its arithmetic.

mod limit;
mod portions;
mod table;

use std::time::Duration;

pub use limit::Limit;
pub use portions::{info_parts, links_waiting, used_tokens};
pub use table::Entry;
use table::limits;

limits! {
    // ------------------------------------------------------------ control connection

    /// Hello to a valid login. People do not take part in it, programs answer at once.
    pub const LOGIN_DEADLINE: Duration = Duration::from_secs(10), seconds;
    /// A control socket that heard nothing for this long is pinged (browsers cannot ping).
    pub const CONTROL_PING_AFTER: Duration = Duration::from_secs(25), seconds;
    /// A control socket that heard nothing for this long, pings included, is dead.
    pub const CONTROL_DEAD_AFTER: Duration = Duration::from_secs(75), seconds;
    /// Whole groups read at once, for those who come or have fallen behind. Together with
    /// [`PREVIEWS_AT_ONCE`] one fewer than there are readers.
    pub const CATCH_UPS_AT_ONCE: usize = 3, count;
    /// A reply waits for its events to be on their way for at most this long: what it says is on disk all the same.
    pub const PUBLISHED_WAIT_MAX: Duration = Duration::from_secs(5), seconds;
    /// Read buffer of a control socket, bytes: tungstenite allocates and zero-fills it eagerly, and idle connections
    /// keep it. Most messages fit; the few large ones take a read for each of these.
    pub const CONTROL_READ_BUFFER: usize = 2 * 1024, bytes;
    /// What tungstenite gathers before it writes by itself, bytes.
    pub const CONTROL_WRITE_BUFFER: usize = 16 * 1024, bytes;
    /// Answers of one session that wait for its socket, bytes: grants for all links that it may have (256 of at
    /// most 900 bytes) and a reply. Whoever lets more pile up is disconnected and resumes.
    pub const OUTBOX_BYTES_MAX: usize = 256 * 1024, bytes;
    /// The same in messages; the smallest take about 60 bytes each of bookkeeping.
    pub const OUTBOX_MESSAGES_MAX: usize = 2_048, count;
    /// Events of one session that wait for its socket, bytes. What does not fit is read from the log later. The bytes
    /// are shared by all who wait for the same event.
    pub const OUTBOX_EVENT_BYTES_MAX: usize = 128 * 1024, bytes;
    /// The same in events; about 90 bytes each of bookkeeping.
    pub const OUTBOX_EVENTS_MAX: usize = 512, count;
    /// With more than this waiting, bytes, the session's own messages are not read.
    pub const OUTBOX_BYTES_READ_PAUSE: usize = 64 * 1024, bytes;
    /// Tokens that a member may use in a burst, by all connections together. A message costs one, a request more by the rows that
    /// it touches: a full info dictionary is 64 parts, a first announce of 100 files another 100, on two devices.
    pub const TOKENS_BURST: f64 = 400.0, tokens;
    /// Tokens per second that a member may use for long. A program keeps to 40 messages a second.
    pub const TOKENS_PER_SECOND: f64 = 100.0, tokens_per_second;
    /// The same burst of one address (IPv6 by /64; a /48 has four times as much): a household of four.
    pub const ADDRESS_TOKENS_BURST: f64 = 1_600.0, tokens;
    /// The same for long.
    pub const ADDRESS_TOKENS_PER_SECOND: f64 = 400.0, tokens_per_second;
    /// Rows that a request may touch for one token: some 100 microseconds of the writer.
    pub const ROWS_PER_TOKEN: f64 = 4.0, rows;
    /// A login costs its address this many tokens: a signature is checked, and groups are read.
    pub const LOGIN_TOKENS: f64 = 4.0, tokens;
    /// Buckets that are not full, before those that are by now are looked for; 60 bytes each.
    pub const BUCKETS_BEFORE_PRUNING: usize = 4_096, count;
    /// A session in no group that waits for no answer to a request ends after so long: a place for somebody else.
    pub const GROUPLESS_SESSION_MAX: Duration = Duration::from_secs(600), seconds;
    /// Control connections of one member: tabs and devices of one person.
    pub const SESSIONS_PER_MEMBER: usize = 32, count;

    // ------------------------------------------------------------ groups

    /// Groups of one member. Each is synced at login.
    pub const GROUPS_PER_MEMBER: u32 = 256, count;
    /// Members of one group. A snapshot must fit into one message of 64 KiB: 128 members at their largest
    /// (32 key + 2 + 160 name + 1 role = 195 bytes) are 25 KiB.
    pub const MEMBERS_PER_GROUP: u32 = 128, count;
    /// Files of one group, by number: the preview's list is `LIST_LEN_MAX` long.
    pub const FILES_PER_GROUP: u32 = 256, count;
    /// Files of one group, by encoded size in bytes: what is left of 64 KiB beside the members, less 2 KiB
    /// for name, slug and counters.
    pub const FILES_BYTES_PER_GROUP: u64 = 36 * 1024, bytes;
    /// Encoded size of a file card without its name, at most, bytes: ids 16 + 32, numbers 10 + 9, name
    /// length 2, torrent 1 + 20 + 5 + 5.
    pub const FILE_CARD_BYTES: u64 = 100, bytes;
    /// Open invites of one group: the list of them is `LIST_LEN_MAX` long.
    pub const INVITES_PER_GROUP: u32 = 256, count;
    /// Invites of one group that are over and can still say why; some 250 bytes each.
    pub const OLD_INVITES_PER_GROUP: u32 = 256, count;
    /// The same by time, milliseconds after their end: 30 days.
    pub const OLD_INVITES_KEPT_MS: u64 = 30 * 24 * 3600 * 1000, milliseconds;
    /// People who may wait for an answer of one group; `JOIN_MESSAGE_CHARS_MAX` has the arithmetic of their list.
    pub const JOIN_REQUESTS_PER_GROUP: u32 = 64, count;
    /// Groups that one person may wait for.
    pub const JOIN_REQUESTS_PER_MEMBER: u32 = 16, count;
    /// Whoever waits may say it in other words this often, milliseconds: each time everybody in the group is prompted.
    pub const JOIN_MESSAGE_EVERY_MS: u64 = 60_000, milliseconds;
    /// Answers of no that one person is shown; with those that wait some 25 KiB.
    pub const REFUSED_REQUESTS_PER_MEMBER: u32 = 16, count;
    /// How long they are shown, milliseconds: 30 days.
    pub const REFUSED_REQUESTS_KEPT_MS: u64 = 30 * 24 * 3600 * 1000, milliseconds;
    /// All members of a group read what is theirs alone anew at most this often: one of them could ask for it all the time.
    pub const LOOK_AGAIN_EVERY: Duration = Duration::from_secs(1), seconds;
    /// Members without the group's key who are named at once to those who have it.
    pub const KEYS_WANTED_MAX: usize = 64, count;
    /// A file, bytes (2^53: exact in every JavaScript number).
    pub const FILE_SIZE_MAX: u64 = 1 << 53, bytes;
    /// Missed events that are sent one by one; whoever missed more gets a snapshot, which is smaller.
    pub const RESUME_EVENTS_MAX: usize = 256, count;
    /// The same in bytes.
    pub const RESUME_BYTES_MAX: usize = 64 * 1024, bytes;
    /// How long events are kept, milliseconds: 90 days.
    pub const EVENTS_KEPT_MS: u64 = 90 * 24 * 3600 * 1000, milliseconds;
    /// Events of one group that are kept, by number: 16 times what anybody is sent one by one.
    pub const EVENTS_PER_GROUP: u64 = 4_096, count;
    /// How long the events of a closed group are kept, milliseconds: whoever is told of the closing reads them.
    pub const CLOSED_GROUP_KEPT_MS: u64 = 3600 * 1000, milliseconds;
    /// Rows that are forgotten in one go: some 10 ms in which the writer does nothing else.
    pub const PRUNE_SLICE_ROWS: u32 = 1_000, rows;
    /// Empty pages of 4 KiB that are given back to the disk in one go.
    pub const PRUNE_SLICE_PAGES: i64 = 256, pages;
    /// Empty pages that are kept for what comes next: 4 MiB.
    pub const FREE_PAGES_KEPT: i64 = 1_024, pages;
    /// The write-ahead log's file, bytes, once it has been folded in: it is usually folded in every 4 MiB.
    pub const LOG_BYTES_KEPT: u64 = 8 * 1024 * 1024, bytes;
    /// How long replies are kept for requests that are sent again, milliseconds: 24 hours.
    pub const REQUESTS_KEPT_MS: u64 = 24 * 3600 * 1000, milliseconds;
    /// The password that making groups may take, in characters: people think it up, and others may try sixty a minute.
    pub const GROUPS_PASSWORD_CHARS_MIN: usize = 12, characters;
    /// Wrong invites and passwords per member and per address in a minute, before they are refused or slowed down. 128 bits cannot be guessed anyway; this
    /// keeps the log and the database quiet.
    pub const INVITE_FAILURES_PER_MINUTE: u32 = 10, count;
    /// How long every invite from an address with that many wrong ones waits before it is looked at; and how long its passwords
    /// wait, one after the other: 60 in a minute, from however many keys.
    pub const INVITE_PAUSE: Duration = Duration::from_secs(1), seconds;
    /// Passwords that wait so; more are refused.
    pub const PASSWORDS_WAITING_MAX: u32 = 8, count;
    /// Members and addresses whose failures are remembered; 64 bytes each are 4 MiB.
    pub const INVITE_FAILURES_TRACKED: usize = 65_536, count;
    /// Info dictionaries on their way in, all together, bytes: 32 of the longest. Whoever comes then tries again later.
    pub const INFO_PARTS_BYTES: usize = 64 * 1024 * 1024, bytes;
    /// The same of one member: four of the longest at once.
    pub const INFO_PARTS_BYTES_OF_MEMBER: usize = 8 * 1024 * 1024, bytes;
    /// The same of one address.
    pub const INFO_PARTS_BYTES_OF_ADDRESS: usize = 16 * 1024 * 1024, bytes;
    /// A dictionary that takes longer to come is given up: 2 MiB at 17 KB/s.
    pub const INFO_PARTS_KEPT: Duration = Duration::from_secs(120), seconds;
    /// Info dictionaries of one member's cards on disk, bytes, unless --torrents-of-member says otherwise: 100 files of 30 GB.
    pub const INFO_BYTES_OF_MEMBER: u64 = 64 * 1024 * 1024, bytes;
    /// All info dictionaries on disk, bytes, unless --torrents says otherwise.
    pub const INFO_BYTES_OF_ALL: u64 = 4 * 1024 * 1024 * 1024, bytes;
    /// Disk that stays free, bytes, unless --min-free-disk says otherwise: room for the log and for what removing writes.
    pub const FREE_DISK_MIN: u64 = 256 * 1024 * 1024, bytes;
    /// One in so many bytes of a disk stays free if that is less.
    pub const FREE_DISK_SHARE: u64 = 16, count;
    /// On a disk that is smaller, bytes, nothing is kept free.
    pub const SMALL_DISK: u64 = 64 * 1024 * 1024, bytes;
    /// Program and version in characters.
    pub const CLIENT_CHARS_MAX: usize = 64, characters;

    /// Previews of invites that are read at the same time: whoever has an account may ask for them, so they
    /// leave readers to members.
    pub const PREVIEWS_AT_ONCE: usize = 2, count;

    // ------------------------------------------------------------ swarms

    /// Swarms that one session may be in.
    pub const ANNOUNCES_PER_SESSION: usize = 256, count;
    /// Swarms that one session may watch; some 80 bytes each.
    pub const WATCHES_PER_SESSION: usize = 1_024, count;
    /// Peers in one swarm: 128 members with a few tabs each.
    pub const PEERS_PER_SWARM: usize = 512, count;
    /// Peers that ordinary clients may announce with one passkey, all its group's torrents together.
    pub const PEERS_PER_PASSKEY: usize = 600, count;
    /// How often ordinary clients are asked to announce, about; each is told a little more or less.
    pub const ANNOUNCE_EVERY: Duration = Duration::from_secs(1_800), seconds;
    /// How often they may announce.
    pub const ANNOUNCE_EVERY_MIN: Duration = Duration::from_secs(300), seconds;
    /// An ordinary client that has not announced for this long is gone: it has missed one announce, and was late with the next.
    pub const ANNOUNCED_KEPT: Duration = Duration::from_secs(2 * 1_800 + 60), seconds;
    /// How often it is looked who that is.
    pub const ANNOUNCED_LOOK_EVERY: Duration = Duration::from_secs(30), seconds;
    /// Peers that an ordinary client is told of, unless it asks for fewer or more.
    pub const PEERS_TOLD: usize = 50, count;
    /// The most that it is told of.
    pub const PEERS_TOLD_MAX: usize = 200, count;
    /// Announces of one torrent with one passkey in a burst; after that one a minute.
    pub const ANNOUNCES_OF_PASSKEY_BURST: f64 = 5.0, count;
    /// HTTP announces and scrapes of one address in a burst (IPv6 by /64; a /48 has four times as many).
    pub const HTTP_ANNOUNCES_BURST: f64 = 200.0, count;
    /// The same for long, a second.
    pub const HTTP_ANNOUNCES_PER_SECOND: f64 = 50.0, count;
    /// Wrong passkeys of one address, a minute. 128 bits cannot be guessed anyway; this keeps the database quiet.
    pub const WRONG_PASSKEYS_PER_MINUTE: f64 = 10.0, count;
    /// Peers in one `SwarmPeers`: 96 of at most 450 bytes (client 258, 5 addresses 116, ids 52, progress 11,
    /// offers, source) and as many leavings of 52 bytes stay below 64 KiB.
    pub const SWARM_PEERS_PER_MESSAGE: usize = 96, count;
    /// The latest leavings of a swarm that are remembered: whoever looks later gets the whole list.
    pub const LEAVINGS_PER_SWARM: usize = 96, count;
    /// A session is told of one swarm, and of the counts of one group, at most this often.
    pub const SWARM_LIST_EVERY: Duration = Duration::from_secs(1), seconds;
    /// A session looks at its swarms at most this often: a look costs some 10 microseconds with 256 of them.
    pub const SWARM_LOOK_EVERY: Duration = Duration::from_millis(50), seconds;

    // ------------------------------------------------------------ links

    /// Dials of one session that have not become a link yet.
    pub const PENDING_DIALS_PER_SESSION: usize = 32, count;
    /// Links of one member, pending ones included: two programs that have as many as they may.
    pub const LINKS_PER_MEMBER: usize = 512, count;
    /// Links of one address: half of the connections that it may have are left for everything else.
    pub const LINKS_PER_ADDRESS: usize = 1_024, count;
    /// Links that one member's peers have to one peer of somebody else's: a second device, and no more.
    pub const LINKS_PER_MEMBER_AND_PEER: usize = 2, count;
    /// One in so many bytes of memory is the most that the buffers of all links take, unless --link-memory says otherwise.
    /// Half of it is for first buffers, which bounds the links; half for large ones.
    pub const LINK_SHARE_OF_MEMORY: usize = 4, count;
    /// Links of one session, pending ones included. A browser keeps to 24, `native-peer` to fewer than this.
    pub const LINKS_PER_SESSION: usize = 256, count;
    /// A link outlives its members' control connections by this much: long enough for every wait before
    /// connecting again (30 s), short enough that nobody is served for long whom the tracker does not know of.
    pub const LINK_ABSENCE_MAX: Duration = Duration::from_secs(60), seconds;
    /// Upgrade to token.
    pub const TOKEN_DEADLINE: Duration = Duration::from_secs(5), seconds;
    /// What a busy direction of a link holds at most, bytes: 128 KiB to read and to write in one go, and the headers of
    /// messages that are exactly a power of two long.
    pub const LINK_BUFFER: usize = 132 * 1024, bytes;
    /// The same of a direction that carries little, bytes: requests are 17 bytes each.
    pub const LINK_BUFFER_FIRST: usize = 8 * 1024, bytes;
    /// A message on a link, bytes. Senders coalesce to 64–256 KiB; the relay passes them on as they come.
    pub const LINK_MESSAGE_MAX: usize = 1024 * 1024, bytes;
    /// Sockets that have presented a token and wait for the other side.
    pub const LINKS_WAITING_MAX: usize = 4_096, count;
    /// The same of one member: all pending dials of four sessions.
    pub const LINKS_WAITING_PER_MEMBER: usize = 128, count;
    /// The same of one address.
    pub const LINKS_WAITING_PER_ADDRESS: usize = 512, count;
    /// Used tokens of one member that are remembered: 100 dials a second for 30 seconds, and as many by others.
    pub const USED_TOKENS_PER_MEMBER: usize = 8_192, count;
    /// The same of one address.
    pub const USED_TOKENS_PER_ADDRESS: usize = 32_768, count;
    /// Tokens remembered as used until they expire: 2,000 links a second; 64 bytes each are 8 MiB.
    pub const USED_TOKENS_MAX: usize = 131_072, count;
    /// A link side that heard nothing for this long is pinged.
    pub const LINK_PING_AFTER: Duration = Duration::from_secs(30), seconds;
    /// A link side that is read and heard nothing for this long, pings included, is dead.
    pub const LINK_DEAD_AFTER: Duration = Duration::from_secs(75), seconds;
    /// Bytes that wait for a receiver who takes none of them for this long end the link.
    pub const LINK_STALL_MAX: Duration = Duration::from_secs(120), seconds;
    /// After one side has closed, the other has this long.
    pub const LINK_HALF_CLOSED_MAX: Duration = Duration::from_secs(5), seconds;
    /// How often a link looks at its clocks.
    pub const LINK_TICK: Duration = Duration::from_secs(5), seconds;

    // ------------------------------------------------------------ HTTP

    /// Request line and headers, bytes.
    pub const HTTP_HEAD_MAX: usize = 16 * 1024, bytes;
    /// From the connection to the first byte, and from that (or the last answer) to the end of the next request's headers.
    pub const HTTP_HEAD_DEADLINE: Duration = Duration::from_secs(15), seconds;
    /// From the end of a request's headers to the end of its answer and the next request: the page's largest
    /// file at 1 Mbit/s or so. Whoever reads slower than that frees the place.
    pub const HTTP_ANSWER_DEADLINE: Duration = Duration::from_secs(180), seconds;
    /// Bytes that the other side's kernel does not acknowledge, or has no room for, for this long end a
    /// connection. Longer than [`LINK_STALL_MAX`], which has a reason to tell.
    pub const UNACKNOWLEDGED_MAX: Duration = Duration::from_secs(150), seconds;
    /// Bytes that the kernel takes for a link's receiver beyond those under way to it: enough to keep a
    /// connection busy while this process does something else.
    pub const LINK_UNSENT_MAX: u32 = 256 * 1024, bytes;
    /// A link's side that answers the upgrade with its token within this long is near: what the kernel holds unread for
    /// it is bounded. Farther ones fill their line with more, and the kernel finds out with how much.
    pub const LINK_NEAR_MAX: Duration = Duration::from_millis(3), seconds;
    /// The bound for near ones, bytes: what Linux grants every program (net.core.rmem_max). It doubles it for its own
    /// bookkeeping; a window of 400 KiB in 3 ms is 1.1 Gbit/s.
    pub const LINK_UNREAD_MAX: usize = 208 * 1024, bytes;
    /// What one connection takes, bytes, with what the kernel holds for it: an idle control connection 11 KiB, a link's
    /// side 20 KiB.
    pub const CONNECTION_BYTES: usize = 64 * 1024, bytes;
    /// One in so many bytes of memory is for connections, which bounds their number unless --max-connections does.
    pub const CONNECTIONS_SHARE_OF_MEMORY: usize = 2, count;
    /// Connections of one address (IPv6 by /64), which behind a trusted proxy is the one that the proxy tells
    /// of. Loopback is excepted: what comes from there is the operator's, or a proxy's that we do not know of.
    pub const CONNECTIONS_PER_ADDRESS: usize = 2_048, count;
    /// One in so many of all connections is the most that one address may have.
    pub const CONNECTIONS_SHARE_OF_ADDRESS: usize = 4, count;
    /// The same of one site, an IPv6 /48, which has four times what an address has.
    pub const CONNECTIONS_SHARE_OF_SITE: usize = 2, count;
    /// All files of the page together, bytes.
    pub const PAGE_BYTES_MAX: u64 = 64 * 1024 * 1024, bytes;
    /// How long links go on after SIGTERM, unless --drain-max says otherwise.
    pub const DRAIN_MAX: Duration = Duration::from_secs(120), seconds;
    /// After a stop nobody is asked to come back sooner than this: a restart takes about half of it.
    pub const RESTART_AFTER: Duration = Duration::from_secs(1), seconds;
    /// One member after the other is asked to come back, this far apart: a login takes 0.3 ms of a core, its groups and swarms
    /// about as much. 2,000 members are back after 1 + 1.4 seconds, and the second that clients spread themselves.
    pub const RETURN_EVERY: Duration = Duration::from_micros(700), seconds;
    /// Beyond [`RESTART_AFTER`] nobody is asked to wait longer than this: more than 10,000 members come several at once.
    pub const RESTART_SPREAD_MAX: Duration = Duration::from_secs(10), seconds;
    /// What a stop may take before the process ends anyway.
    pub const STOP_DEADLINE: Duration = Duration::from_millis(1_500), seconds;
}
