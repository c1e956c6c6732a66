//! Accepting TCP: from members' peers, and, if the person said so, from any BitTorrent client that knows the
//! info-hash. Everybody else hears nothing and costs one bounded task for a few seconds.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use secure_link::{FirstMessage, LinkError, NO_LINK, Opening, Proven};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;
use transport::why_not_bound;
use wire_protocol::ids::InfoHash;

use super::beginning::{self, Beginning, PROTOCOL};
use super::encryption::{self, EncryptionError};
use super::half_open::HalfOpen;
use super::pipe::{Pipe, Reader, Writer};
use super::registry::{Accepted, Caller, Registration, Registry, Served};
use super::secure::{self, Ends, SecureError};
use crate::failure::{Failure, Outcome, sentence};

/// A connection whose handshake is not there by then is closed.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// A newcomer may be quicker here than the news of them from the tracker.
const NEWS_TIMEOUT: Duration = Duration::from_secs(3);
/// After an error of `accept` (out of file descriptors) before the next.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// A plain handshake up to the info-hash. Some clients send their peer id only after they saw ours.
const HANDSHAKE_HEAD_LEN: usize = 48;

/// The listening socket and its task.
#[derive(Debug)]
pub struct Listener {
    local_addr: SocketAddr,
    registry: Registry,
    _task: AbortOnDropHandle<()>,
}

impl Listener {
    /// Begins to listen. An unspecified IPv6 address takes IPv4 connections as well, and falls back to them where
    /// there is no IPv6.
    ///
    /// # Errors
    /// The address is taken or not ours.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = transport::bind(address)?;
        let local_addr = listener.local_addr()?;
        let registry = Registry::default();
        let task = tokio::spawn(accept(listener, registry.clone()));
        Ok(Self { local_addr, registry, _task: AbortOnDropHandle::new(task) })
    }

    /// Begins to listen, if there is an address.
    ///
    /// # Errors
    /// As [`Listener::bind`], for the person.
    pub async fn open(address: Option<SocketAddr>) -> Outcome<Option<Self>> {
        let Some(address) = address else {
            return Ok(None);
        };
        let bound = Self::bind(address).await;
        bound.map(Some).map_err(|error| {
            Failure::local_files(
                format!("cannot listen on {address}"),
                format!("{} Choose another with --listen.", sentence(&why_not_bound(&error))),
            )
        })
    }

    /// The address that the system gave, with the real port where 0 was asked for.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Accepts for this swarm from now on. One torrent may be served several times: in two groups, or as two files of
    /// one.
    pub fn serve(&self, served: Served) -> Registration {
        self.registry.add(served)
    }
}

async fn accept(listener: TcpListener, registry: Registry) {
    let half_open = HalfOpen::default();
    let mut handshakes = JoinSet::new();
    loop {
        while handshakes.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, from)) => {
                let Some(place) = half_open.enter(from.ip()) else {
                    tracing::debug!(%from, "too many connections that have not said who they are");
                    continue;
                };
                let registry = registry.clone();
                handshakes.spawn(async move {
                    if let Err(error) = introduce(stream, from, &registry).await {
                        tracing::debug!(%from, %error, "a connection is refused");
                    }
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Finds out whom the connection is for and from, and hands it to the swarm.
async fn introduce(stream: TcpStream, from: SocketAddr, registry: &Registry) -> Result<(), Refused> {
    stream.set_nodelay(true)?;
    let (served, accepted) = timeout(HANDSHAKE_TIMEOUT, shake_hands(stream, from, registry)).await??;
    if let Caller::Member(who) = &accepted.who {
        wait_for_member(&served, who).await?;
    }
    // A full queue means more connections at once than the swarm takes.
    served.accepted.try_send(accepted).map_err(|_| Refused::TooMany)
}

async fn shake_hands(stream: TcpStream, from: SocketAddr, registry: &Registry) -> Result<(Served, Accepted), Refused> {
    let (mut reader, mut writer) = Pipe::Tcp(stream).split();
    let (beginning, head) = beginning::read(&mut reader).await?;
    match beginning {
        Beginning::Plain => plain((reader, writer), head, from, registry).await,
        Beginning::Covey => match secure::greet(&mut reader, head).await? {
            (Opening::Covey(first), rest) => secured((reader, writer), &first, rest, registry).await,
            _ => Err(Refused::OtherProtocol),
        },
        Beginning::Other => {
            let payload = encryption::respond((&mut reader, &mut writer), head, registry.plain(from.ip())).await?;
            plain((reader, writer), payload, from, registry).await
        }
    }
}

/// Whoever cannot have made the first message learns nothing: not even that there is something to learn.
async fn secured(
    halves: (Reader, Writer),
    first: &FirstMessage,
    rest: Bytes,
    registry: &Registry,
) -> Result<(Served, Accepted), Refused> {
    let (served, own, first) = registry.find(first)?;
    let (ends, who) = secure::respond(halves, &own, first, None, NO_LINK, rest).await?;
    Ok((served, Accepted { ends, who: Caller::Member(who) }))
}

/// An ordinary client is let in where the person said so, whoever it says it is.
async fn plain(
    (mut reader, writer): (Reader, Writer),
    begin: Bytes,
    from: SocketAddr,
    registry: &Registry,
) -> Result<(Served, Accepted), Refused> {
    let mut head = BytesMut::from(begin);
    while head.len() < HANDSHAKE_HEAD_LEN {
        head.extend_from_slice(&secure::next(&mut reader, Bytes::new()).await?);
    }
    if !head.starts_with(PROTOCOL) {
        return Err(Refused::OtherProtocol);
    }
    let info_hash = InfoHash(head[28..48].try_into().expect("20 bytes"));
    let served = registry.find_plain(info_hash, from.ip()).ok_or(Refused::NotServed)?;
    Ok((served, Accepted { ends: Ends::plain((reader, writer), head.freeze()), who: Caller::Stranger(from) }))
}

/// Their ticket is good, but who left a moment ago has one too.
async fn wait_for_member(served: &Served, who: &Proven) -> Result<(), Refused> {
    let mut group = served.group.as_ref().ok_or(Refused::NotServed)?.group.clone();
    let known = timeout(NEWS_TIMEOUT, group.wait_for(|group| group.has(who.member))).await;
    known.map_err(|_| Refused::NoMember)?.map(drop).map_err(|_| Refused::NotServed)
}

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Secure(#[from] SecureError),
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error(transparent)]
    Encryption(#[from] EncryptionError),
    #[error("its handshake takes too long")]
    TooSlow(#[from] tokio::time::error::Elapsed),
    #[error("it does not speak BitTorrent")]
    OtherProtocol,
    #[error("it wants a torrent that is not served here to ordinary clients")]
    NotServed,
    #[error("whoever runs it is not in the group (any more)")]
    NoMember,
    #[error("there are too many connections")]
    TooMany,
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use ed25519_dalek::SigningKey;
    use membership::Group;
    use peer_wire::{HANDSHAKE_LEN, Handshake, Reserved};
    use secure_link::{Contact, Swarm};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::{mpsc, watch};
    use wire_protocol::control::{Member, Role};
    use wire_protocol::ids::{GroupId, MemberKey, PeerId};
    use wire_protocol::ticket::Ticket;

    use super::*;
    use crate::links::registry::{Access, Ordinary};
    use crate::links::secure::{Credentials, Security};
    use crate::session::{GroupState, ServerClock};

    const TORRENT: InfoHash = InfoHash([1; 20]);
    const NOW_MS: u64 = 1_700_000_000_000;
    const HERE: PeerId = PeerId([8; 20]);
    const ANA: u8 = 3;

    fn key_of(person: u8) -> SigningKey {
        SigningKey::from_bytes(&[person; 32])
    }

    fn member(person: u8) -> MemberKey {
        MemberKey(key_of(person).verifying_key().to_bytes())
    }

    fn swarm(group: u8) -> Swarm {
        Swarm { group: GroupId([group; 16]), info_hash: TORRENT, key: [group; 32].into() }
    }

    /// A person's, in a group with this number and key.
    fn credentials(person: u8, peer: PeerId, group: u8) -> Credentials {
        let tracker = key_of(99);
        let ticket = Ticket {
            key_id: 1,
            group: GroupId([group; 16]),
            subject: member(person),
            role: Role::Member,
            epoch: 0,
            issued_ms: NOW_MS,
            expires_ms: NOW_MS + 3_600_000,
        };
        let own = membership::Credentials {
            identity: key_of(person),
            tracker: tracker.verifying_key(),
            ticket: ticket.seal(&tracker),
            key: swarm(group).key,
            epoch: 0,
        };
        let Swarm { group, info_hash, .. } = swarm(group);
        Credentials { proof: own.in_swarm(group, info_hash, peer, false), clock: ServerClock::new(NOW_MS) }
    }

    fn group_of(people: &[u8]) -> GroupState {
        let members = people.iter().map(|person| Member {
            key: member(*person),
            display_name: String::new(),
            role: Role::Member,
        });
        GroupState {
            group: Some(Arc::new(Group { members: members.collect(), ..Group::default() })),
            ..GroupState::default()
        }
    }

    fn handshake(info_hash: InfoHash) -> [u8; HANDSHAKE_LEN] {
        Handshake { reserved: Reserved::default(), info_hash, peer_id: PeerId(*b"-TR4060-abcdefghijkl") }.encode()
    }

    /// A listener that serves one swarm of the group with this number.
    struct Serving {
        group: watch::Sender<GroupState>,
        accepted: mpsc::Receiver<Accepted>,
        registration: Registration,
    }

    impl Serving {
        fn start(listener: &Listener, group: u8, ordinary: Ordinary) -> Self {
            let (news, state) = watch::channel(group_of(&[ANA]));
            let (sender, accepted) = mpsc::channel(4);
            let registration = listener.serve(Served {
                info_hash: TORRENT,
                group: Some(Access { credentials: watch::channel(Some(credentials(7, HERE, group))).1, group: state }),
                ordinary,
                accepted: sender,
            });
            Self { group: news, accepted, registration }
        }

        async fn who(&mut self) -> Option<Proven> {
            match timeout(Duration::from_secs(20), self.accepted.recv()).await.unwrap().unwrap().who {
                Caller::Member(who) => Some(who),
                Caller::Stranger(_) | Caller::WebSeed { .. } => None,
            }
        }
    }

    async fn listener() -> Listener {
        Listener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap()
    }

    /// Dials as a member of the group with this number.
    async fn dial(listener: &Listener, person: u8, group: u8) -> Result<Ends, SecureError> {
        let stream = TcpStream::connect(listener.local_addr()).await.unwrap();
        let own = credentials(person, PeerId([person; 20]), group);
        let security = Security::Initiate(own, Contact { member: member(7), peer: HERE });
        security.apply(Pipe::Tcp(stream), NO_LINK).await
    }

    /// Says this, and hears everything until the end.
    async fn answer(listener: &Listener, bytes: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(listener.local_addr()).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut heard = Vec::new();
        // A connection that is closed with bytes unread is reset.
        let _ = stream.read_to_end(&mut heard).await;
        heard
    }

    #[tokio::test]
    async fn a_member_is_accepted_even_before_the_tracker_told_of_them() {
        let listener = listener().await;
        let mut serving = Serving::start(&listener, 1, Ordinary::Nobody);
        serving.group.send_replace(group_of(&[]));
        let _ends = dial(&listener, ANA, 1).await.unwrap();
        serving.group.send_replace(group_of(&[ANA]));
        let who = serving.who().await.unwrap();
        assert_eq!((who.member, who.peer), (member(ANA), PeerId([ANA; 20])));
    }

    #[tokio::test]
    async fn whoever_has_left_is_not_accepted_although_their_ticket_is_still_good() {
        let listener = listener().await;
        let mut serving = Serving::start(&listener, 1, Ordinary::Nobody);
        serving.group.send_replace(group_of(&[]));
        let mut ends = dial(&listener, ANA, 1).await.unwrap();
        assert!(ends.receiver.next().await.is_none());
        assert!(serving.accepted.try_recv().is_err());
    }

    #[tokio::test]
    async fn a_stranger_hears_not_one_byte_whatever_they_say() {
        let listener = listener().await;
        let _serving = Serving::start(&listener, 1, Ordinary::Nobody);
        for said in [&b"GET / HTTP/1.1\r\n\r\n"[..], &handshake(TORRENT), &handshake(InfoHash([9; 20])), &[0xc0; 200]] {
            assert_eq!(answer(&listener, said).await, b"", "{said:?}");
        }
        let other_group = dial(&listener, ANA, 2).await;
        assert!(matches!(other_group, Err(SecureError::Closed | SecureError::Io(_))), "{other_group:?}");
    }

    #[tokio::test]
    async fn a_torrent_that_two_groups_share_is_served_to_each_as_its_own() {
        let listener = listener().await;
        let (mut first, mut second) =
            (Serving::start(&listener, 1, Ordinary::Nobody), Serving::start(&listener, 2, Ordinary::Nobody));
        let _dialed = (dial(&listener, ANA, 1).await.unwrap(), dial(&listener, ANA, 2).await.unwrap());
        assert!(first.who().await.is_some() && second.who().await.is_some());
        drop(second.registration);
        assert!(dial(&listener, ANA, 2).await.is_err());
        let _again = dial(&listener, ANA, 1).await.unwrap();
        assert!(first.who().await.is_some());
    }

    #[tokio::test]
    async fn one_address_holds_eight_connections_that_say_nothing() {
        let listener = listener().await;
        let mut serving = Serving::start(&listener, 1, Ordinary::Nobody);
        let mut silent = Vec::new();
        for _ in 0..8 {
            let mut stream = TcpStream::connect(listener.local_addr()).await.unwrap();
            stream.write_all(b"\x13Bit").await.unwrap();
            silent.push(stream);
        }
        assert!(dial(&listener, ANA, 1).await.is_err(), "the ninth");
        drop(silent);
        // Until the listener has seen that they are gone.
        let began = Instant::now();
        while dial(&listener, ANA, 1).await.is_err() {
            assert!(began.elapsed() < Duration::from_secs(20));
        }
        assert!(serving.who().await.is_some());
    }

    #[tokio::test]
    async fn an_ordinary_client_is_taken_where_the_person_said_so_and_may_wait_with_its_peer_id() {
        let listener = listener().await;
        let mut serving = Serving::start(&listener, 1, Ordinary::Anybody);
        let mut stream = TcpStream::connect(listener.local_addr()).await.unwrap();
        stream.write_all(&handshake(TORRENT)[..HANDSHAKE_HEAD_LEN]).await.unwrap();
        let mut accepted = serving.accepted.recv().await.unwrap();
        assert!(matches!(accepted.who, Caller::Stranger(_)), "whoever it says it is");
        assert_eq!(accepted.ends.receiver.next().await.unwrap(), &handshake(TORRENT)[..HANDSHAKE_HEAD_LEN]);
    }
}
