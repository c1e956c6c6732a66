//! Asking a client what it has: a handshake, its bitfield, and goodbye. Most clients take one connection from an address,
//! so nobody else may be connected from here meanwhile.

use std::net::SocketAddrV4;

use anyhow::{Result, bail};
use peer_wire::{Decoder, Handshake, InfoHash, Message, PeerId, Reserved};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How many pieces it says that it has.
pub async fn pieces_of(address: SocketAddrV4, info_hash: InfoHash, pieces: u32) -> Result<u32> {
    let mut stream = TcpStream::connect(address).await?;
    let reserved = Reserved { fast: true, extensions: false };
    let handshake = Handshake { reserved, info_hash, peer_id: PeerId(*b"-XX0001-abcdefghijkl") };
    stream.write_all(&handshake.encode()).await?;
    let mut decoder = Decoder::new(pieces);
    let mut is_greeted = false;
    loop {
        let mut buffer = bytes::BytesMut::with_capacity(4096);
        if stream.read_buf(&mut buffer).await? == 0 {
            bail!("it closed the connection");
        }
        decoder.push(buffer.freeze());
        is_greeted = is_greeted || decoder.next_handshake()?.is_some();
        while is_greeted && let Some(message) = decoder.next_message()? {
            match message {
                Message::HaveAll => return Ok(pieces),
                Message::Bitfield(bits) => return Ok(bits.iter().map(|byte| byte.count_ones()).sum()),
                Message::HaveNone => return Ok(0),
                _ => {}
            }
        }
    }
}
