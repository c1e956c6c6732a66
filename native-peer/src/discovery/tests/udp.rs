//! Trackers over UDP.

use local_peer::Source;
use tracker_wire::udp::Request;
use tracker_wire::{Event, Transferred};

use super::super::Found;
use super::world::{UdpTracker, config, said, soon, start};

#[tokio::test]
async fn a_tracker_hears_every_event_over_one_connection() {
    let mut tracker = UdpTracker::start(0, None).await;
    let (mut discovery, transferred) = start(config(&[&[&tracker.url()]]));
    assert_eq!(tracker.next_announce().await, (Some(Event::Started), true));
    let addresses = vec!["1.2.3.4:5".parse().unwrap()];
    assert_eq!(soon(discovery.next()).await, Found { source: Source::Tracker, addresses });
    assert_eq!(said(&discovery, 0).await, "1 peer, 0 seeders, 1 leecher");
    assert_eq!(discovery.statuses().borrow()[0].tracker, format!("udp://{}", tracker.address));
    transferred.send(Transferred { uploaded: 0, downloaded: 1000, left: 0 }).unwrap();
    assert_eq!(tracker.next_announce().await, (Some(Event::Completed), false));
    soon(discovery.next()).await;
    soon(discovery.stop()).await;
    assert_eq!(tracker.next_announce().await, (Some(Event::Stopped), false));
}

#[tokio::test]
async fn a_lost_packet_is_sent_again() {
    let mut tracker = UdpTracker::start(1, None).await;
    let (mut discovery, _transferred) = start(config(&[&[&tracker.url()]]));
    soon(discovery.next()).await;
    for _ in 0..2 {
        assert!(matches!(tracker.next().await, Request::Connect { .. }));
    }
}

#[tokio::test]
async fn a_silent_tracker_fails_and_another_is_asked() {
    let (silent, good) = (UdpTracker::start(usize::MAX, None).await, UdpTracker::start(0, None).await);
    let (discovery, _transferred) = start(config(&[&[&silent.url()], &[&good.url()]]));
    assert_eq!(said(&discovery, 0).await, "it does not answer");
    assert_eq!(said(&discovery, 1).await, "1 peer, 0 seeders, 1 leecher");
}

#[tokio::test]
async fn a_refusal_is_said() {
    let tracker = UdpTracker::start(0, Some("not\nhere\x1b")).await;
    let (discovery, _transferred) = start(config(&[&[&tracker.url()]]));
    assert_eq!(said(&discovery, 0).await, "refused: not here");
}

#[tokio::test]
async fn addresses_that_are_none_are_said() {
    let tiers: [&[&str]; 2] = [&["udp://127.0.0.1/announce"], &["udp:///announce"]];
    let (discovery, _transferred) = start(config(&tiers));
    for number in 0..2 {
        assert_eq!(said(&discovery, number).await, "its address has no host or no port");
    }
}
