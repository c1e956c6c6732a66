//! The yardstick of a bridge in `cargo xtask bench --native`: whoever connects is sent what ADDRESS sends, sealed in records
//! of 32 KiB, and nothing more is done. Prints `listening on ADDRESS`.
//!
//!     bare_splice ADDRESS aes|chacha

use anyhow::{Context, Result, bail};
use ring::aead::{AES_256_GCM, Aad, Algorithm, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What is read, sealed and written at once, as secure links do.
const AT_ONCE: usize = 240 * 1024;
const RECORD_LEN: usize = 32 * 1024;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let from = arguments.next().context("the address to read from")?;
    let algorithm: &Algorithm = match arguments.next().as_deref() {
        Some("aes") => &AES_256_GCM,
        Some("chacha") => &CHACHA20_POLY1305,
        other => bail!("no cipher {other:?}: aes or chacha"),
    };
    let key = LessSafeKey::new(UnboundKey::new(algorithm, &[1; 32]).ok().context("a key has 32 bytes")?);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (receiver, _) = listener.accept().await?;
        splice(TcpStream::connect(&from).await?, receiver, &key).await?;
    }
}

async fn splice(mut from: TcpStream, mut to: TcpStream, key: &LessSafeKey) -> Result<()> {
    let (mut plain, mut sealed) = (vec![0; AT_ONCE], Vec::with_capacity(AT_ONCE * 2));
    let mut number = 0_u64;
    loop {
        let len = read_full(&mut from, &mut plain).await?;
        if len == 0 {
            return Ok(());
        }
        sealed.clear();
        for record in plain[..len].chunks_mut(RECORD_LEN) {
            let mut nonce = [0; 12];
            nonce[4..].copy_from_slice(&number.to_be_bytes());
            number += 1;
            let tag = key.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), record);
            sealed.extend_from_slice(record);
            sealed.extend_from_slice(tag.ok().context("a record is short")?.as_ref());
        }
        to.write_all(&sealed).await?;
    }
}

/// Fewer only at the end.
async fn read_full(from: &mut TcpStream, buffer: &mut [u8]) -> Result<usize> {
    let mut len = 0;
    while len < buffer.len() {
        match from.read(&mut buffer[len..]).await? {
            0 => break,
            more => len += more,
        }
    }
    Ok(len)
}
