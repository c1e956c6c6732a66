//! Message Stream Encryption with ordinary clients, over a pipe.

use std::io;

use bytes::Bytes;
use mse::{Established, InfoHash, Initiator, Methods, MseError, Progress, Responder, Seed};

use super::pipe::{self, Reader, Writer};
use super::secure::{self, SecureError};
use crate::random;

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum EncryptionError {
    /// There is nothing that anybody may have.
    #[error("it does not speak BitTorrent in the clear, and nothing is served to ordinary clients")]
    NothingServed,
    /// The network, or the other side.
    #[error(transparent)]
    Pipe(#[from] SecureError),
    /// The network.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// As it says.
    #[error(transparent)]
    Mse(#[from] MseError),
}

/// The side that dials; what was received of the peer wire already.
///
/// # Errors
/// [`EncryptionError`]: close the pipe.
pub async fn initiate(
    (reader, writer): (&mut Reader, &mut Writer),
    info_hash: InfoHash,
    methods: Methods,
) -> Result<Bytes, EncryptionError> {
    let (mut side, first) = Initiator::new(info_hash, methods, &Seed::new(random::bytes()));
    secure::send(writer, first).await?;
    loop {
        let input = secure::next(reader, Bytes::new()).await?;
        match side.read(&input)? {
            Progress::More { side: same, send } => {
                secure::send(writer, send).await?;
                side = same;
            }
            Progress::Done { send, established } => {
                secure::send(writer, send).await?;
                return Ok(begin(reader, writer, *established));
            }
        }
    }
}

/// The side that was dialed. `head`: what was read already. `served`: what may be admitted to be served. This side has to say
/// something to whoever begins, so while that is nothing, nobody is answered.
///
/// # Errors
/// [`EncryptionError`]: close the pipe.
pub async fn respond(
    (reader, writer): (&mut Reader, &mut Writer),
    head: Bytes,
    served: Vec<InfoHash>,
) -> Result<Bytes, EncryptionError> {
    if served.is_empty() {
        return Err(EncryptionError::NothingServed);
    }
    let mut side = Responder::new(served, Methods::ALL, &Seed::new(random::bytes()));
    let mut input = head;
    loop {
        match side.read(&input)? {
            Progress::More { side: same, send } => {
                secure::send(writer, send).await?;
                side = same;
            }
            Progress::Done { send, established } => {
                secure::send(writer, send).await?;
                return Ok(begin(reader, writer, *established));
            }
        }
        input = secure::next(reader, Bytes::new()).await?;
    }
}

fn begin(reader: &mut Reader, writer: &mut Writer, established: Established) -> Bytes {
    if let Some(ciphers) = established.ciphers {
        pipe::hide(reader, writer, ciphers);
    }
    established.payload
}

#[cfg(test)]
mod tests {
    use crate::links::Ordinary;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::mpsc;

    use super::*;
    use crate::links::pipe::Pipe;
    use crate::links::registry::{Accepted, Registration, Served};
    use crate::links::secure::Ends;
    use crate::links::{Listener, Strangers, connect_to_stranger};

    const TORRENT: InfoHash = InfoHash([1; 20]);
    const HANDSHAKE: &[u8; 68] = b"\x13BitTorrent protocol\0\0\0\0\0\0\0\0\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\
        \x01\x01\x01\x01\x01\x01\x01\x01\x01\x01-XX0001-abcdefghijkl";

    struct Serving {
        listener: Listener,
        accepted: mpsc::Receiver<Accepted>,
        _registration: Registration,
    }

    async fn serve(ordinary: Ordinary) -> Serving {
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let (sender, accepted) = mpsc::channel(4);
        let _registration = listener.serve(Served { info_hash: TORRENT, group: None, ordinary, accepted: sender });
        Serving { listener, accepted, _registration }
    }

    async fn say(ends: &mut Ends, bytes: &[u8]) {
        let mut segments = bytes.chunks(1000).map(Bytes::copy_from_slice).collect();
        while !std::collections::VecDeque::is_empty(&segments) {
            ends.sender.write(&mut segments).await.unwrap();
        }
    }

    async fn hear(ends: &mut Ends, len: usize) -> Vec<u8> {
        let mut heard = Vec::new();
        while heard.len() < len {
            heard.extend_from_slice(&ends.receiver.next().await.unwrap());
        }
        heard
    }

    /// Dials a listener with encryption, and says the peer wire's handshake.
    async fn dial(serving: &Serving, info_hash: InfoHash, methods: Methods) -> Result<Ends, EncryptionError> {
        let stream = TcpStream::connect(serving.listener.local_addr()).await.unwrap();
        let (mut reader, mut writer) = Pipe::Tcp(stream).split();
        let payload = initiate((&mut reader, &mut writer), info_hash, methods).await?;
        let mut ends = Ends::plain((reader, writer), payload);
        say(&mut ends, HANDSHAKE).await;
        Ok(ends)
    }

    #[tokio::test]
    async fn whoever_wants_encryption_is_accepted_and_bytes_go_both_ways() {
        let mut serving = serve(Ordinary::Anybody).await;
        for methods in [Methods::RC4, Methods::ALL] {
            let mut dialed = dial(&serving, TORRENT, methods).await.unwrap();
            let mut ends = serving.accepted.recv().await.unwrap().ends;
            assert_eq!(hear(&mut ends, HANDSHAKE.len()).await, HANDSHAKE);
            let much: Vec<u8> = (0..1 << 20).map(|at: u32| (at / 7) as u8).collect();
            let (heard, ()) = tokio::join!(hear(&mut dialed, much.len()), say(&mut ends, &much));
            assert_eq!(heard, much);
            say(&mut dialed, b"thanks").await;
            assert_eq!(hear(&mut ends, 6).await, b"thanks");
        }
    }

    #[tokio::test]
    async fn what_is_encrypted_does_not_go_over_the_wire() {
        let far = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let near = TcpStream::connect(far.local_addr().unwrap()).await.unwrap();
        let (mut far, _) = far.accept().await.unwrap();
        let (mut reader, mut writer) = Pipe::Tcp(near).split();
        let seed = || Seed::new(random::bytes());
        let dialing = initiate((&mut reader, &mut writer), TORRENT, Methods::ALL);
        let answering = async {
            let mut side = Responder::new(vec![TORRENT], Methods::RC4, &seed());
            loop {
                let mut input = vec![0; 4096];
                let len = far.read(&mut input).await.unwrap();
                match side.read(&input[..len]).unwrap() {
                    Progress::More { side: same, send } => {
                        far.write_all(&send).await.unwrap();
                        side = same;
                    }
                    Progress::Done { send, established } => {
                        far.write_all(&send).await.unwrap();
                        return established.ciphers.unwrap();
                    }
                }
            }
        };
        let (payload, mut ciphers) = tokio::join!(dialing, answering);
        let mut ends = Ends::plain((reader, writer), payload.unwrap());
        say(&mut ends, HANDSHAKE).await;
        let mut seen = [0; HANDSHAKE.len()];
        far.read_exact(&mut seen).await.unwrap();
        assert!(!seen.windows(4).any(|window| window == b"BitT"));
        ciphers.receive.apply(&mut seen);
        assert_eq!(&seen, HANDSHAKE);
    }

    #[tokio::test]
    async fn who_knows_no_torrent_that_is_served_hears_a_key_at_most_and_where_none_is_nothing() {
        let serving = serve(Ordinary::Anybody).await;
        assert!(dial(&serving, InfoHash([2; 20]), Methods::ALL).await.is_err());
        let members_only = serve(Ordinary::Nobody).await;
        let mut stream = TcpStream::connect(members_only.listener.local_addr()).await.unwrap();
        stream.write_all(&[0x47; 700]).await.unwrap();
        let mut heard = Vec::new();
        // A connection that is closed with bytes unread is reset.
        let _ = stream.read_to_end(&mut heard).await;
        assert!(heard.is_empty());
    }

    #[tokio::test]
    async fn a_stranger_who_closes_without_a_word_is_dialed_with_encryption_next_and_in_the_clear_after_that() {
        let far = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = far.local_addr().unwrap();
        let strangers = Strangers::new(TORRENT);
        let mut began = Vec::new();
        for _ in 0..3 {
            let dialing = tokio::spawn(connect_to_stranger(address, strangers.clone()));
            let (mut stream, _) = far.accept().await.unwrap();
            let saying = async {
                if let Ok(mut ends) = dialing.await.unwrap() {
                    say(&mut ends, HANDSHAKE).await;
                    assert!(ends.receiver.next().await.is_none());
                }
            };
            let closing = async {
                let mut first = [0; 20];
                stream.read_exact(&mut first).await.unwrap();
                began.push(first);
                // Without a reset, which could overtake what is to be said.
                stream.shutdown().await.unwrap();
                let mut rest = Vec::new();
                let _ = stream.read_to_end(&mut rest).await;
            };
            tokio::join!(saying, closing);
        }
        let is_plain: Vec<bool> = began.iter().map(|first| HANDSHAKE.starts_with(first)).collect();
        assert_eq!(is_plain, [true, false, true]);
    }

    #[tokio::test]
    async fn a_stranger_who_listens_only_to_encryption_stays_remembered() {
        let mut serving = serve(Ordinary::Anybody).await;
        let address = serving.listener.local_addr();
        let strangers = Strangers::new(TORRENT);
        strangers.remember(address);
        for _ in 0..2 {
            let mut ends = connect_to_stranger(address, strangers.clone()).await.unwrap();
            say(&mut ends, HANDSHAKE).await;
            assert!(serving.accepted.recv().await.is_some());
            assert!(strangers.want_encryption(address));
        }
    }
}
