//! What the program's exit code says (product's table; scripts rely on it).

/// All went well.
pub const OK: u8 = 0;
/// Something that nobody foresaw.
pub const UNEXPECTED: u8 = 1;
/// The command line makes no sense. clap exits with this number by itself, too.
pub const USAGE: u8 = 2;
/// Nobody has the file, or waiting took too long.
pub const NO_SOURCE: u8 = 3;
/// A torrent that is none, or data that never verifies.
pub const BAD_DATA: u8 = 4;
/// The tracker refuses: a wrong invite, a group that is not ours.
pub const NOT_ALLOWED: u8 = 5;
/// Files on this computer: they exist, cannot be read, the disk is full.
pub const LOCAL_FILES: u8 = 6;
/// The server cannot be reached, or cannot do it now: its disk is full, or too many ask.
pub const SERVER_UNREACHABLE: u8 = 7;
/// Ctrl-C; what was downloaded is kept. 128 + SIGINT, as shells do.
pub const INTERRUPTED: u8 = 130;
