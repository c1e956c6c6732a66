//! The hash table, the local network, and the end of all tasks.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use local_peer::Source;
use mainline::Testnet;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::super::dht::DhtNode;
use super::super::local::Place;
use super::super::{Config, Discovery, Found, Network};
use super::world::{HttpTracker, MISSING, UdpTracker, config, peers, soon, start};

async fn node(testnet: &Testnet) -> DhtNode {
    DhtNode::start_at(Ipv4Addr::LOCALHOST, Some(testnet.bootstrap.clone()), None).await.unwrap()
}

#[tokio::test]
async fn who_announces_in_the_hash_table_is_found_there() {
    let testnet = tokio::task::spawn_blocking(|| Testnet::new(3)).await.unwrap().unwrap();
    let announcing = Config { dht: Some(node(&testnet).await), port: Some(7001), ..config(&[]) };
    let (announcing, _transferred) = start(announcing);
    let address: SocketAddr = "127.0.0.1:7001".parse().unwrap();
    // A search before the announce finds nobody, and the next one is a minute later.
    let found = soon(async {
        loop {
            let (mut searching, _transferred) =
                start(Config { dht: Some(node(&testnet).await), port: None, ..config(&[]) });
            if let Ok(found) = tokio::time::timeout(Duration::from_secs(1), searching.next()).await {
                break found;
            }
        }
    });
    assert_eq!(found.await, Found { source: Source::Dht, addresses: vec![address] });
    soon(announcing.stop()).await;
}

#[tokio::test]
async fn the_thread_of_a_node_ends_with_its_last_handle() {
    let port = free_port();
    let node = DhtNode::start_at(Ipv4Addr::LOCALHOST, Some(Vec::new()), Some(port)).await.unwrap();
    let (discovery, _transferred) = start(Config { dht: Some(node.clone()), ..config(&[]) });
    assert!(UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_err(), "the node is there");
    drop(node);
    soon(discovery.stop()).await;
    soon(async {
        while UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_private_torrent_is_told_to_trackers_only() {
    let node = DhtNode::start_at(Ipv4Addr::LOCALHOST, Some(Vec::new()), None).await.unwrap();
    let tracker = HttpTracker::start(Some(peers(&["1.2.3.4:5"]))).await;
    let private = Config { dht: Some(node), local: true, is_private: true, ..config(&[&[&tracker.url]]) };
    let (mut discovery, _transferred) = start(private);
    assert!(discovery.others.is_empty());
    assert_eq!(soon(discovery.next()).await.source, Source::Tracker);
}

#[tokio::test]
async fn peers_on_the_local_network_find_each_other() {
    let (here, there) = (loopback(free_port()), loopback(free_port()));
    let listening = Place { bind: there, group: here };
    let speaking = Place { bind: here, group: there };
    let on = |place: Place| Network { local: [place, unusable()], ..Network::default() };
    let (_sender, transferred) = watch::channel(MISSING);
    let search = |port| Config { local: true, port, ..config(&[]) };
    // The first listens before the second speaks: tasks of one thread begin in their order.
    let mut first = Discovery::start_with(search(None), transferred.clone(), &on(listening));
    let mut second = Discovery::start_with(search(Some(7002)), transferred, &on(speaking));
    assert_eq!(soon(first.next()).await, Found { source: Source::Lan, addresses: vec![loopback(7002)] });
    assert!(second.found.try_recv().is_err(), "the first accepts no connections");
}

#[tokio::test]
async fn a_network_that_is_not_there_is_no_error() {
    let tracker = HttpTracker::start(Some(peers(&["1.2.3.4:5"]))).await;
    let network = Network { local: [unusable(), unusable()], ..Network::default() };
    let (_sender, transferred) = watch::channel(MISSING);
    let mut discovery =
        Discovery::start_with(Config { local: true, ..config(&[&[&tracker.url]]) }, transferred, &network);
    soon(discovery.next()).await;
}

#[tokio::test]
async fn no_task_is_left_at_the_end() {
    let (http, udp) = (HttpTracker::start(Some(peers(&["1.2.3.4:5"]))).await, UdpTracker::start(0, None).await);
    let (silent, node) =
        (HttpTracker::start(None).await, DhtNode::start_at(Ipv4Addr::LOCALHOST, Some(Vec::new()), None).await);
    let node = node.unwrap();
    let before = Handle::current().metrics().num_alive_tasks();
    let (udp_url, all) = (udp.url(), Some(node));
    let tiers: [&[&str]; 3] = [&[&http.url], &[&udp_url], &[&silent.url]];
    for says_so in [false, true] {
        let (mut discovery, _transferred) = start(Config { dht: all.clone(), local: true, ..config(&tiers) });
        soon(discovery.next()).await;
        if says_so {
            soon(discovery.stop()).await;
        } else {
            drop(discovery);
        }
        soon(async {
            while Handle::current().metrics().num_alive_tasks() > before {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn free_port() -> u16 {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// An address that no machine has.
fn unusable() -> Place {
    let address = SocketAddr::from(([192, 0, 2, 1], 6771));
    Place { bind: address, group: address }
}
