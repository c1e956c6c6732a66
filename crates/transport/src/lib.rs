#![doc = include_str!("../README.md")]

mod bind;
mod dial;
mod get;
mod listen;
mod stream;
#[cfg(feature = "tls")]
pub mod tls;
mod trouble;
mod websocket;

pub use bind::{bind, why_not_bound};
pub use dial::dial;
pub use get::{Answer, get};
pub use listen::listen_address;
pub use stream::Stream;
pub use trouble::Trouble;
pub use websocket::{WebSocket, open};
