//! Members' ordinary clients announce over HTTP.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tracker_wire::http::{AnnounceResponse, ScrapeResponse};
use wire_protocol::control::{
    Announce, Dial, DialRefusal, Listen, MemberToTracker, Offers, Passkey, Progress, Reply, Request, Source, SwarmName,
    TrackerToMember,
};
use wire_protocol::ids::{FileId, GroupId, InfoHash, MemberKey};

use crate::harness::{FILE_LEN, Member, Server, peer_id, sha1};
use crate::passkeys::passkey;
use crate::torrents::torrent;

const AUTH: [u8; 32] = [7; 32];

struct Shared {
    server: Server,
    sharer: Member,
    group: GroupId,
    slug: String,
    file: FileId,
    info_hash: InfoHash,
}

/// A group with a torrent, on a server that believes who is said to be forwarded.
async fn shared() -> Shared {
    shared_by(Server::start_with(&["--trusted-proxy", "127.0.0.1"])).await
}

async fn shared_by(server: Server) -> Shared {
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    let file = sharer.add_file(group, "movie.mp4").await;
    let info = torrent("movie.mp4", FILE_LEN, 1 << 18).raw().clone();
    sharer.publish(group, file, &info).await.unwrap();
    Shared { server, sharer, group, slug, file, info_hash: sha1(&info) }
}

/// Head and body of an answer, from an address.
async fn get(server: &Server, path: &str, from: &str) -> (String, Vec<u8>) {
    let mut tcp = TcpStream::connect(server.address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: {from}\r\n\r\n");
    tcp.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tcp.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    (String::from_utf8(answer[..end].to_vec()).unwrap(), answer[end + 4..].to_vec())
}

fn escaped(bytes: &[u8], digits: fn(u8) -> String) -> String {
    bytes.iter().map(|byte| digits(*byte)).collect()
}

fn query(info_hash: &InfoHash, port: u16, left: u64, more: &str) -> String {
    let info_hash = escaped(&info_hash.0, |byte| format!("%{byte:02x}"));
    format!("?info_hash={info_hash}&peer_id=-TR3000-abcdefghijkl&port={port}&uploaded=0&downloaded=0&left={left}{more}")
}

async fn announce(shared: &Shared, key: &Passkey, from: &str, port: u16, left: u64, more: &str) -> Vec<u8> {
    let path = format!("/announce/{}{}", key.in_url(), query(&shared.info_hash, port, left, more));
    let (head, body) = get(&shared.server, &path, from).await;
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/plain"), "{head}");
    body
}

async fn peers(shared: &Shared, key: &Passkey, from: &str, port: u16, more: &str) -> Vec<SocketAddr> {
    let body = announce(shared, key, from, port, 1000, more).await;
    let mut peers: Vec<_> = AnnounceResponse::decode(&body).unwrap().peers.iter().map(|peer| peer.address).collect();
    peers.sort();
    peers
}

fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

async fn remove(shared: &mut Shared, member: MemberKey) {
    let request =
        Request::RemoveMember { group: shared.group, member, epoch: 1, keys: Vec::new(), invites: Vec::new() };
    assert_eq!(shared.sharer.request(request).await, Ok(Reply::Done));
}

#[tokio::test]
async fn clients_find_each_other_by_both_kinds_of_addresses_and_in_both_forms() {
    let mut shared = shared().await;
    let key = passkey(&mut shared.sharer, shared.group).await;
    let first = announce(&shared, &key, "203.0.113.1", 6881, 0, "&compact=1&event=started").await;
    let told = AnnounceResponse::decode(&first).unwrap();
    assert_eq!((told.seeders, told.leechers, told.min_interval), (Some(1), Some(0), Some(300)));
    assert!((1620..=1980).contains(&told.interval.unwrap()) && told.peers.is_empty());
    assert!(contains(&first, b"11:external ip4:\xcb\x00\x71\x01"));
    // What it says of itself counts for nothing.
    assert_eq!(peers(&shared, &key, "2001:db8::2", 6882, "&ip=8.8.8.8").await, addresses(&["203.0.113.1:6881"]));
    let third = announce(&shared, &key, "203.0.113.3", 6883, 1000, "&compact=1").await;
    assert!(contains(&third, b"5:peers6:\xcb\x00\x71\x01\x1a\xe1"));
    assert!(contains(&third, b"6:peers618:\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\x1a\xe2"));
    let in_words = announce(&shared, &key, "203.0.113.3", 6883, 1000, "&compact=0").await;
    assert!(contains(&in_words, b"d2:ip11:203.0.113.14:porti6881ee"));
    assert!(contains(&in_words, b"d2:ip11:2001:db8::24:porti6882ee"));
    assert_eq!(peers(&shared, &key, "203.0.113.3", 6883, "&numwant=1").await.len(), 1);
    // Each passkey has a rate of its own.
    let key = passkey(&mut shared.sharer, shared.group).await;
    // A seeder looks for nobody who has all.
    let seeder = announce(&shared, &key, "203.0.113.4", 6884, 0, "&compact=1").await;
    let mut seen: Vec<_> = AnnounceResponse::decode(&seeder).unwrap().peers.iter().map(|it| it.address).collect();
    seen.sort();
    assert_eq!(seen, addresses(&["203.0.113.3:6883", "[2001:db8::2]:6882"]));
    // The last announce takes it out.
    announce(&shared, &key, "203.0.113.1", 6881, 0, "&event=stopped").await;
    assert_eq!(
        peers(&shared, &key, "2001:db8::2", 6882, "").await,
        addresses(&["203.0.113.3:6883", "203.0.113.4:6884"])
    );
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[tokio::test]
async fn info_hashes_are_bytes_however_they_are_escaped() {
    let mut shared = shared().await;
    let key = passkey(&mut shared.sharer, shared.group).await;
    let upper = escaped(&shared.info_hash.0, |byte| format!("%{byte:02X}"));
    let mixed = escaped(&shared.info_hash.0, |byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        byte => format!("%{byte:02x}"),
    });
    for (port, info_hash) in [(6881, upper), (6882, mixed)] {
        let rest = "&peer_id=-qB4520-%00%ff%80abcdefghi&port=";
        let path =
            format!("/announce/{}?info_hash={info_hash}{rest}{port}&uploaded=0&downloaded=0&left=0", key.in_url());
        let told = AnnounceResponse::decode(&get(&shared.server, &path, "203.0.113.1").await.1).unwrap();
        assert_eq!(told.seeders, Some(port - 6880));
    }
    // One with zeros, which the group does not have.
    let zeros = InfoHash([0; 20]);
    let path = format!("/announce/{}{}", key.in_url(), query(&zeros, 6881, 0, ""));
    let body = get(&shared.server, &path, "203.0.113.1").await.1;
    assert!(contains(&body, b"does not have this torrent") && contains(&body, b"8:retry in5:never"));
    for bad in ["?info_hash=%0", "?", "", "?info_hash=%00%01"] {
        let (head, body) = get(&shared.server, &format!("/announce/{}{bad}", key.in_url()), "203.0.113.1").await;
        assert!(head.starts_with("HTTP/1.1 200") && contains(&body, b"14:failure reason"), "{bad}");
    }
}

#[tokio::test]
async fn members_see_ordinary_clients_and_ordinary_clients_see_members_that_take_plain_connections() {
    let mut shared = shared().await;
    let (group, file) = (shared.group, shared.file);
    let key = passkey(&mut shared.sharer, group).await;
    let mut friend = Member::new(&shared.server).await;
    friend.join(&shared.slug, AUTH).await;
    friend.watch(group, file).await;
    assert_eq!(friend.swarm(file).await, (true, vec![]));
    announce(&shared, &key, "203.0.113.1", 6881, FILE_LEN / 2, "&event=started").await;
    let seen = friend.swarm(file).await.1.remove(0);
    assert_eq!(
        (seen.name.member, seen.source, &*seen.client),
        (shared.sharer.key, Source::Announced, "Transmission 3.00")
    );
    assert_eq!((seen.tcp, seen.offers.plain), (addresses(&["203.0.113.1:6881"]), true));
    assert_eq!(seen.progress, Progress::Pieces { have: 1444, total: 2888 });
    assert_eq!(friend.counts(file).await, (0, 1, 0));

    let swarm = SwarmName { group, file };
    for (plain, expected) in [(false, &[][..]), (true, &["127.0.0.1:7001"])] {
        let mine = Announce {
            swarm,
            peer: peer_id(),
            progress: Progress::Pieces { have: 0, total: 2888 },
            listen: Some(Listen { port: 7001, local: Vec::new() }),
            offers: Offers { plain, bridge: false },
        };
        friend.send(&MemberToTracker::Announce(mine)).await;
        friend.settle().await;
        assert_eq!(peers(&shared, &key, "127.0.0.1", 6882, "").await[..expected.len()], addresses(expected));
    }
    // From elsewhere 127.0.0.1 is another machine.
    assert_eq!(peers(&shared, &key, "203.0.113.1", 6881, "").await, []);

    // The relay cannot call a client that has no session.
    friend.send(&MemberToTracker::Dial(Dial { dial: 1, swarm, to: seen.name })).await;
    let refused = friend.find(|message| match message {
        TrackerToMember::DialRefused { reason, .. } => Some(*reason),
        _ => None,
    });
    assert!(matches!(refused.await, DialRefusal::NoSuchPeer | DialRefusal::NotYours));
}

#[tokio::test]
async fn a_revoked_passkey_is_refused_at_once_and_its_peers_leave() {
    let mut shared = shared().await;
    let (group, file) = (shared.group, shared.file);
    let mut keys = Vec::new();
    for _ in 0..4 {
        keys.push(passkey(&mut shared.sharer, group).await);
        // The oldest is told by its time.
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    let mut friend = Member::new(&shared.server).await;
    friend.join(&shared.slug, AUTH).await;
    friend.watch(group, file).await;
    friend.swarm(file).await;
    for (key, port) in keys.iter().zip([6881, 6882]) {
        announce(&shared, key, "203.0.113.1", port, 0, "").await;
        assert_eq!(friend.swarm(file).await.1.len(), 1);
    }
    // A fifth passkey takes the oldest's place.
    passkey(&mut shared.sharer, group).await;
    assert_eq!(friend.left(file).await.len(), 1);
    assert!(contains(&announce(&shared, &keys[0], "203.0.113.1", 6881, 0, "").await, b"not valid"));
    let told = AnnounceResponse::decode(&announce(&shared, &keys[1], "203.0.113.1", 6882, 0, "").await).unwrap();
    assert_eq!(told.seeders, Some(1));

    shared.sharer.request(Request::RevokePasskeys { group }).await.unwrap();
    assert_eq!(friend.left(file).await.len(), 1);
    assert!(contains(&announce(&shared, &keys[1], "203.0.113.1", 6882, 0, "").await, b"not valid"));
}

#[tokio::test]
async fn a_removed_members_clients_are_refused_and_out_of_the_lists_at_once() {
    let mut shared = shared().await;
    let (group, file) = (shared.group, shared.file);
    let mut friend = Member::new(&shared.server).await;
    friend.join(&shared.slug, AUTH).await;
    let (mine, theirs) = (passkey(&mut shared.sharer, group).await, passkey(&mut friend, group).await);
    shared.sharer.watch(group, file).await;
    shared.sharer.swarm(file).await;
    announce(&shared, &theirs, "203.0.113.7", 6881, 0, "").await;
    shared.sharer.swarm(file).await;
    // Whoever goes offline has clients that stay.
    let key = friend.key;
    drop(friend);
    assert_eq!(peers(&shared, &mine, "203.0.113.1", 6882, "").await, addresses(&["203.0.113.7:6881"]));
    remove(&mut shared, key).await;
    assert_eq!(peers(&shared, &mine, "203.0.113.1", 6882, "").await, []);
    assert!(contains(&announce(&shared, &theirs, "203.0.113.7", 6881, 0, "").await, b"not valid"));
    assert!(!shared.sharer.left(file).await.is_empty());
}

#[tokio::test]
async fn clients_find_each_other_while_no_member_is_online() {
    let shared = shared().await;
    let Shared { server, mut sharer, group, slug, file, info_hash } = shared;
    let key = passkey(&mut sharer, group).await;
    let away = sharer.again(&server).await;
    drop((sharer, away));
    server.metric_becomes("tr_sessions", 0.0).await;
    let sharer = Member::new(&server).await;
    let shared = Shared { server, sharer, group, slug, file, info_hash };
    announce(&shared, &key, "203.0.113.1", 6881, 0, "").await;
    assert_eq!(peers(&shared, &key, "203.0.113.2", 6882, "").await, addresses(&["203.0.113.1:6881"]));
    // Who comes then sees them.
    let mut friend = Member::new(&shared.server).await;
    friend.join(&shared.slug, AUTH).await;
    assert_eq!(friend.counts(file).await, (1, 1, 0));
}

#[tokio::test]
async fn wrong_passkeys_are_refused_and_then_not_looked_at() {
    let mut shared = shared().await;
    let key = passkey(&mut shared.sharer, shared.group).await;
    let wrong = format!("/announce/{}{}", Passkey([9; 16]).in_url(), query(&shared.info_hash, 6881, 0, ""));
    for path in [wrong.as_str(), "/announce/lively?x", "/scrape/lively"].iter().cycle().take(10) {
        let (head, _) = get(&shared.server, path, "203.0.113.9").await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    }
    let (head, body) = get(&shared.server, &wrong, "203.0.113.9").await;
    assert!(head.starts_with("HTTP/1.1 429") && contains(&body, b"14:failure reason"), "{head}");
    announce(&shared, &key, "203.0.113.10", 6881, 0, "").await;
}

#[tokio::test]
async fn one_torrent_is_announced_a_few_times_and_then_has_to_wait() {
    let mut shared = shared().await;
    let key = passkey(&mut shared.sharer, shared.group).await;
    for _ in 0..5 {
        AnnounceResponse::decode(&announce(&shared, &key, "203.0.113.1", 6881, 0, "").await).unwrap();
    }
    let body = announce(&shared, &key, "203.0.113.1", 6881, 0, "").await;
    assert!(contains(&body, b"too often") && contains(&body, b"8:retry ini1e"));
    // Going is always possible.
    let body = announce(&shared, &key, "203.0.113.1", 6881, 0, "&event=stopped").await;
    assert_eq!(AnnounceResponse::decode(&body).unwrap().seeders, Some(0));
}

#[tokio::test]
async fn a_scrape_tells_of_the_passkeys_group_only() {
    let mut shared = shared().await;
    let key = passkey(&mut shared.sharer, shared.group).await;
    let (other, _) = shared.sharer.create_group([8; 32]).await;
    let elsewhere = passkey(&mut shared.sharer, other).await;
    announce(&shared, &key, "203.0.113.1", 6881, 0, "").await;
    for (key, expected) in [(key, Some(1)), (elsewhere, None)] {
        let info_hash = escaped(&shared.info_hash.0, |byte| format!("%{byte:02x}"));
        let path = format!("/scrape/{}?info_hash={info_hash}", key.in_url());
        let told = ScrapeResponse::decode(&get(&shared.server, &path, "203.0.113.1").await.1).unwrap();
        assert_eq!(told.torrents.get(&shared.info_hash).map(|counts| counts.seeders), expected);
    }
    let body = announce(&shared, &elsewhere, "203.0.113.1", 6881, 0, "").await;
    assert!(contains(&body, b"does not have this torrent"));
}

#[tokio::test]
async fn private_addresses_are_told_in_the_same_house_only() {
    let mut shared = shared().await;
    let key = passkey(&mut shared.sharer, shared.group).await;
    announce(&shared, &key, "192.168.1.7", 6881, 0, "").await;
    assert_eq!(peers(&shared, &key, "192.168.1.8", 6882, "").await, addresses(&["192.168.1.7:6881"]));
    assert_eq!(peers(&shared, &key, "203.0.113.1", 6883, "").await, []);
    assert_eq!(peers(&shared, &key, "10.0.0.1", 6884, "").await, addresses(&["203.0.113.1:6883"]));
}

#[tokio::test]
async fn members_that_take_or_make_plain_connections_are_told_from_where_they_may_come() {
    let mut shared = shared().await;
    let (group, file) = (shared.group, shared.file);
    let swarm = SwarmName { group, file };
    let key = passkey(&mut shared.sharer, group).await;
    let peer = peer_id();
    let announced = |offers| {
        let progress = Progress::Pieces { have: 2888, total: 2888 };
        MemberToTracker::Announce(Announce { swarm, peer, progress, listen: None, offers })
    };
    let told = async |member: &mut Member| {
        let told = member.find(|message| match message {
            TrackerToMember::SwarmAddresses { swarm, addresses } => Some((*swarm, addresses.clone())),
            _ => None,
        });
        told.await
    };
    let ip = |text: &str| text.parse::<std::net::IpAddr>().unwrap();
    shared.sharer.send(&announced(Offers { plain: true, bridge: false })).await;
    assert_eq!(told(&mut shared.sharer).await, (swarm, vec![]));
    announce(&shared, &key, "203.0.113.1", 6881, 0, "").await;
    assert_eq!(told(&mut shared.sharer).await, (swarm, vec![ip("203.0.113.1")]));
    // A second client there changes nothing; one elsewhere does.
    announce(&shared, &key, "203.0.113.1", 6882, 0, "").await;
    announce(&shared, &key, "2001:db8::2", 6882, 0, "").await;
    assert_eq!(told(&mut shared.sharer).await, (swarm, vec![ip("203.0.113.1"), ip("2001:db8::2")]));
    announce(&shared, &key, "2001:db8::2", 6882, 0, "&event=stopped").await;
    assert_eq!(told(&mut shared.sharer).await, (swarm, vec![ip("203.0.113.1")]));
    shared.sharer.send(&announced(Offers { plain: false, bridge: true })).await;
    shared.sharer.settle().await;
    shared.sharer.send(&announced(Offers::default())).await;
    assert_eq!(told(&mut shared.sharer).await, (swarm, vec![]));
}
