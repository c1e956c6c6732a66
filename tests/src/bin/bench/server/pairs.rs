//! Pairs of peers with a byte pipe between them: over the relay with everything that belongs to it, and over the
//! bare splice.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use wire_protocol::control::{
    Announce, Dial, DialRefusal, MemberToTracker, PeerName, Progress, SwarmName, TrackerToMember,
};
use wire_protocol::link::{self, PAIRED};

use super::group::{Group, announce, settle};
use super::member::{Member, Socket, open};
use super::observed::Observed;

/// The longest message of a row, bytes.
const MESSAGE_MAX: usize = 1 << 20;

/// The two ends of one pipe.
pub struct Pair {
    pub sender: TcpStream,
    pub receiver: TcpStream,
}

/// Members in one swarm, each of whom may dial each of the others' half.
pub struct Dialing {
    host: String,
    swarm: SwarmName,
    dialers: Vec<Member>,
    acceptors: Vec<Member>,
    dials: u32,
}

impl Dialing {
    /// `side` dialers and as many acceptors: room for `side`² pairs.
    pub async fn new(server: &Observed, side: usize) -> Result<Self> {
        let mut admin = Member::log_in(&server.host, 0).await?;
        let group = Group::create(&mut admin, 0).await?;
        let swarm = group.swarm(group.add_file(&mut admin, 0).await?);
        let (mut dialers, mut acceptors) = (Vec::new(), vec![admin]);
        for number in 1..2 * side {
            let mut member = Member::log_in(&server.host, number).await?;
            group.join(&mut member).await?;
            if number < side { acceptors.push(member) } else { dialers.push(member) }
        }
        // Leechers dial seeders.
        for (members, have) in [(&mut dialers, 0), (&mut acceptors, 1)] {
            for member in members {
                let progress = Progress::Pieces { have, total: 1 };
                let announce = Announce { progress, ..announce(member, swarm) };
                member.send(&MemberToTracker::Announce(announce)).await?;
                settle(member).await?;
            }
        }
        Ok(Self { host: server.host.clone(), swarm, dialers, acceptors, dials: 0 })
    }

    /// How many pairs there can be at once.
    pub fn room(&self) -> usize {
        self.dialers.len() * self.acceptors.len()
    }

    /// The pair with this number: a dial, two grants, two sockets, two tokens, PAIRED heard by both.
    pub async fn pair(&mut self, number: usize) -> Result<Pair> {
        let (asked, accepted) = self.dial(number).await?;
        let (mut sender, mut receiver) = (self.present(asked).await?, self.present(accepted).await?);
        expect(&mut sender, PAIRED).await?;
        expect(&mut receiver, PAIRED).await?;
        Ok(Pair { sender: sender.into_inner(), receiver: receiver.into_inner() })
    }

    /// Both tokens.
    async fn dial(&mut self, number: usize) -> Result<(Vec<u8>, Vec<u8>)> {
        let (dialer, acceptor) = (number % self.dialers.len(), number / self.dialers.len());
        let (dialer, acceptor) = (&mut self.dialers[dialer], &mut self.acceptors[acceptor]);
        let to = PeerName { member: acceptor.key, peer: acceptor.peer };
        let granted = |message: TrackerToMember| match message {
            TrackerToMember::LinkGrant(grant) => Some(Ok(grant.token)),
            TrackerToMember::DialRefused { reason, .. } => Some(Err(reason)),
            _ => None,
        };
        loop {
            self.dials += 1;
            let dial = Dial { dial: self.dials, swarm: self.swarm, to };
            dialer.send(&MemberToTracker::Dial(dial)).await?;
            match dialer.find(granted).await? {
                Ok(asked) => match acceptor.find(granted).await? {
                    Ok(accepted) => return Ok((asked, accepted)),
                    Err(reason) => bail!("one of both is refused: {reason:?}"),
                },
                // The one before has ended, and the relay has still to hear of it.
                Err(DialRefusal::AlreadyLinked) => tokio::time::sleep(Duration::from_millis(10)).await,
                Err(reason) => bail!("refused: {reason:?}"),
            }
        }
    }

    /// As many pairs.
    pub async fn pairs(&mut self, count: usize) -> Result<Vec<Pair>> {
        let mut pairs = Vec::new();
        for number in 0..count {
            pairs.push(self.pair(number).await?);
        }
        Ok(pairs)
    }

    async fn present(&self, token: Vec<u8>) -> Result<Socket> {
        let mut socket = open(&self.host, "/link", Some(link::SUBPROTOCOL)).await?;
        socket.send(Message::binary(token)).await?;
        Ok(socket)
    }
}

/// A pair over the bare splice.
pub async fn bare_pair(server: &Observed, number: usize) -> Result<Pair> {
    let path = format!("/splice/{number}-{}", fastrand::u64(..));
    let mut sender = open(&server.host, &path, None).await?;
    let mut receiver = open(&server.host, &path, None).await?;
    expect(&mut sender, &[1]).await?;
    expect(&mut receiver, &[1]).await?;
    Ok(Pair { sender: sender.into_inner(), receiver: receiver.into_inner() })
}

/// The same many times.
pub async fn bare_pairs(server: &Observed, count: usize) -> Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    for number in 0..count {
        pairs.push(bare_pair(server, number).await?);
    }
    Ok(pairs)
}

impl Pair {
    /// Says goodbye at both ends and waits until the server has closed, so that the two may dial again.
    pub async fn close(mut self) -> Result<()> {
        // A close frame without a code, masked with nothing.
        const CLOSE: [u8; 6] = [0x88, 0x80, 0, 0, 0, 0];
        self.sender.write_all(&CLOSE).await?;
        self.receiver.write_all(&CLOSE).await?;
        let mut rest = [0; 256];
        while self.sender.read(&mut rest).await? > 0 {}
        Ok(())
    }
}

/// A binary message as a client sends it: masked, and made once, so that making it is not measured.
pub fn masked_message(len: usize) -> Vec<u8> {
    assert!(len > 125 && len <= MESSAGE_MAX, "lengths of rows");
    let mask = [0x3d, 0x91, 0x07, 0xe2];
    let mut frame = vec![0x82];
    match u16::try_from(len) {
        Ok(len) => {
            frame.push(0x80 | 126);
            frame.extend(len.to_be_bytes());
        }
        Err(_) => {
            frame.push(0x80 | 127);
            frame.extend((len as u64).to_be_bytes());
        }
    }
    frame.extend(mask);
    frame.extend((0..len).map(|at| at as u8 ^ mask[at % 4]));
    frame
}

async fn expect(socket: &mut Socket, bytes: &[u8]) -> Result<()> {
    let message = socket.next().await.context("closed")??;
    ensure!(message.clone().into_data() == bytes, "expected {bytes:?}, got {message:?}");
    Ok(())
}
