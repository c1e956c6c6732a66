//! The page: a full peer in a browser tab. The person looks at the page on the main thread; the peer
//! (engine, sockets, pieces) lives in a dedicated worker. It never touches the bytes of a file on the
//! main thread, and its data waits for no timer while events come.
//!
//! Read in this order:
//! - [`messages`]: all that page and worker say to each other.
//! - [`asking`]: what this person has asked to join.
//! - [`screen`]: what of the worker's state is put before the person, and in which words.
//! - [`words`]: the sentences, in every language that the page speaks.
//! - [`capacity`]: how big a file this browser can hold.
//! - [`pace`]: when a link sends.
//! - [`bursts`]: when the next file is handed to the browser's downloads.
//! - [`in_order`]: what the browser answers in any order.
//! - [`storing`]: where verified pieces go, and what is there after a reload.
//! - [`saving`]: what is decided when a download is saved where the person wants it.
//! - [`playing`]: what is decided when a film is played while it comes.
//! - [`sharing`]: what is decided when files are shared out of a tab.
//! - [`tuning`]: what the person may choose under "Advanced".
//! - `worker`: the browser's driver of the peer engine (WASM only).
//! - `page`: the components (WASM only).

pub mod address;
pub mod asking;
pub mod browser_name;
pub mod bursts;
pub mod capacity;
pub mod format;
pub mod identity_link;
pub mod in_order;
pub mod invite_links;
pub mod messages;
pub mod pace;
pub mod piece_map;
pub mod playing;
pub mod qr;
pub mod saving;
pub mod screen;
pub mod sharing;
pub mod sleep;
pub mod storing;
pub mod tuning;
pub mod words;

#[cfg(target_arch = "wasm32")]
pub mod page;
#[cfg(target_arch = "wasm32")]
pub mod worker;
