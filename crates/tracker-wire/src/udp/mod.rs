//! Trackers over UDP: BEP 15, with the URL of BEP 41.
//!
//! ```text
//!   connect    →  magic:u64 action:u32=0 transaction:u32
//!              ←  action:u32=0 transaction:u32 connection:u64
//!   announce   →  connection:u64 action:u32=1 transaction:u32 98 bytes in all, then options
//!              ←  action:u32=1 transaction:u32 interval:u32 leechers:u32 seeders:u32, 6 or 18 bytes a peer
//!   scrape     →  connection:u64 action:u32=2 transaction:u32, 20 bytes a torrent
//!              ←  action:u32=2 transaction:u32, seeders:u32 downloaded:u32 leechers:u32 a torrent
//!   error      ←  action:u32=3 transaction:u32, text
//! ```
//! All numbers are big endian.

mod options;
mod packet;
mod request;
mod response;

pub use options::url_data;
pub use packet::PacketError;
pub use request::Request;
pub use response::Response;

/// What a connect request begins with.
const MAGIC: u64 = 0x0417_2710_1980;
const CONNECT: u32 = 0;
const ANNOUNCE: u32 = 1;
const SCRAPE: u32 = 2;
const ERROR: u32 = 3;
