//! Every bound of the control conversation, with its arithmetic.

/// A control message before login, bytes. A `Login` with 64 resume points is about 1.9 KiB.
pub const MESSAGE_LEN_MAX_BEFORE_LOGIN: usize = 4 * 1024;
/// A control message after login, bytes.
pub const MESSAGE_LEN_MAX: usize = 64 * 1024;
/// Display names, group names, file names in characters; 4 bytes each at most.
pub const NAME_CHARS_MAX: usize = 200;
/// A display name in characters.
pub const DISPLAY_NAME_CHARS_MAX: usize = 40;
/// Elements in any list of one message. 256 peers of about 200 bytes stay below 64 KiB.
pub const LIST_LEN_MAX: usize = 256;
/// The info dictionary travels in parts of at most this many bytes.
pub const INFO_PART_LEN_MAX: usize = 32 * 1024;
/// An info dictionary, bytes: 2^15 pieces × 20 bytes of digest = 640 KiB, the rest for file names.
pub const INFO_LEN_MAX: usize = 2 * 1024 * 1024;
/// Resume points in one `Login`; further groups get a snapshot.
pub const RESUME_POINTS_MAX: usize = 64;
/// Direct addresses one peer may announce.
pub const ADDRESSES_MAX: usize = 4;
/// A sealed key, bytes. 127 of some 200 bytes, with whom they are for, and as many invites fit into one message.
pub const SEALED_LEN_MAX: usize = 512;
/// How long an invite is good for at least, seconds.
pub const INVITE_LIFETIME_S_MIN: u32 = 60;
/// How long an invite is good for unless somebody chooses otherwise, seconds: 7 days.
pub const INVITE_LIFETIME_S: u32 = 7 * 24 * 3600;
/// How long an invite is good for at most, seconds: 90 days.
pub const INVITE_LIFETIME_S_MAX: u32 = 90 * 24 * 3600;
/// A password, bytes.
pub const PASSWORD_LEN_MAX: usize = 256;
/// What somebody who asks to join may say, in characters. 64 requests of at most 880 bytes (message 642, name 162, ids
/// and numbers) stay below 64 KiB.
pub const JOIN_MESSAGE_CHARS_MAX: usize = 160;
/// Passkeys of one member in one group: a few programs on a few devices.
pub const PASSKEYS_MAX: usize = 4;
