//! Trackers over HTTP.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use local_peer::Source;
use tokio::net::TcpListener;
use tracker_wire::http::RESPONSE_LEN_MAX;
use tracker_wire::{Event, Transferred};

use super::super::Found;
use super::world::{HttpTracker, MISSING, TORRENT, config, ok, peers, refusal, said, soon, start};

#[tokio::test]
async fn a_tracker_hears_started_completed_and_stopped_and_tells_peers() {
    let mut tracker =
        HttpTracker::start(Some(peers(&["1.2.3.4:5", "0.0.0.0:6", "224.0.0.1:7", "[2001:db8::1]:8"]))).await;
    let (mut discovery, transferred) = start(config(&[&[&tracker.url]]));
    let started = tracker.next().await;
    assert_eq!((started.announce.event, started.announce.transferred), (Some(Event::Started), MISSING));
    assert_eq!((started.announce.info_hash, started.announce.port), (TORRENT, 6881));
    let addresses = vec!["1.2.3.4:5".parse().unwrap(), "[2001:db8::1]:8".parse().unwrap()];
    assert_eq!(soon(discovery.next()).await, Found { source: Source::Tracker, addresses });
    assert_eq!(said(&discovery, 0).await, "4 peers, 3 seeders, 9 leechers");

    let complete = Transferred { uploaded: 5, downloaded: 1000, left: 0 };
    transferred.send(complete).unwrap();
    let completed = tracker.next().await;
    assert_eq!((completed.announce.event, completed.announce.transferred), (Some(Event::Completed), complete));
    assert_eq!(completed.announce.key, started.announce.key);
    soon(discovery.next()).await;
    soon(discovery.stop()).await;
    let stopped = tracker.next().await;
    assert_eq!((stopped.announce.event, stopped.announce.numwant), (Some(Event::Stopped), Some(0)));
    assert!(!tracker.was_asked_more());
}

#[tokio::test]
async fn a_status_has_no_secret_and_nothing_that_commands_a_terminal() {
    let mut tracker = HttpTracker::start(Some(refusal("go\x1b[2J \u{202e}away"))).await;
    let (discovery, _transferred) = start(config(&[&[&tracker.url]]));
    assert_eq!(said(&discovery, 0).await, "refused: go[2J away");
    let status = discovery.statuses().borrow()[0].clone();
    assert_eq!(status.tracker, tracker.url.split("/announce").next().unwrap());
    let request = tracker.next_request().await.to_lowercase();
    assert!(request.contains(&format!("user-agent: covey native-peer/{}", env!("CARGO_PKG_VERSION"))), "{request}");
    // It does not have us on its list.
    soon(discovery.stop()).await;
    assert!(!tracker.was_asked_more());
}

#[tokio::test]
async fn another_of_the_tier_is_asked_when_one_fails_and_every_tier_is_asked() {
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap();
    let closed = format!("http://{closed}/announce");
    let broken = HttpTracker::start(Some(ok(b"<html>"))).await;
    let missing = HttpTracker::start(Some(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec())).await;
    let (good, other) =
        (HttpTracker::start(Some(peers(&["1.2.3.4:5"]))).await, HttpTracker::start(Some(peers(&["5.6.7.8:9"]))).await);
    let tiers: [&[&str]; 2] = [&[&closed, &broken.url, &missing.url, &good.url], &[&other.url]];
    let (mut discovery, _transferred) = start(config(&tiers));
    let mut found = [soon(discovery.next()).await, soon(discovery.next()).await].map(|found| found.addresses);
    found.sort_unstable();
    assert_eq!(found, [["1.2.3.4:5".parse().unwrap()], ["5.6.7.8:9".parse().unwrap()]]);
}

#[tokio::test]
async fn what_is_no_tracker_is_said() {
    for (answer, expected) in [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec(), "it answers 404 Not Found"),
        (ok(b"<html>"), "the answer is not a tracker's"),
        (ok(&vec![b'0'; RESPONSE_LEN_MAX + 1]), "its answer is too long"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/shutdown\r\n\r\n".to_vec(), "a tracker on this machine"),
    ] {
        let tracker = HttpTracker::start(Some(answer)).await;
        let (discovery, _transferred) = start(config(&[&[&tracker.url]]));
        let said = said(&discovery, 0).await;
        assert!(said.starts_with(expected), "{said}");
    }
}

#[tokio::test]
async fn redirects_end_at_some_point() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let to_itself = format!(
        "HTTP/1.1 302 Found\r\nLocation: http://{}/announce?again\r\nContent-Length: 0\r\n\r\n",
        listener.local_addr().unwrap()
    );
    let mut tracker = HttpTracker::listen(listener, Some(to_itself.into_bytes()));
    let (discovery, _transferred) = start(config(&[&[&tracker.url]]));
    assert_eq!(said(&discovery, 0).await, "too many redirects");
    let mut requests = 0;
    while tracker.was_asked_more() {
        requests += 1;
    }
    assert_eq!(requests, 6);
}

#[tokio::test]
async fn a_silent_tracker_holds_up_the_end_for_3_seconds_at_most() {
    let mut tracker = HttpTracker::start(None).await;
    let (discovery, _transferred) = start(config(&[&[&tracker.url]]));
    tracker.next().await;
    let began = Instant::now();
    soon(discovery.stop()).await;
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    assert_eq!(tracker.next().await.announce.event, Some(Event::Stopped));
}

#[tokio::test]
async fn who_stops_does_not_wait_for_those_who_take_what_is_found() {
    let trackers =
        [HttpTracker::start(Some(peers(&["1.2.3.4:5"]))).await, HttpTracker::start(Some(peers(&["1.2.3.4:6"]))).await];
    // More answers than the queue holds, and nobody takes them.
    let urls: Vec<String> = (0..60).map(|number| format!("{}&n={number}", trackers[number % 2].url)).collect();
    let tiers: Vec<Vec<&str>> = urls.iter().map(|url| vec![url.as_str()]).collect();
    let tiers: Vec<&[&str]> = tiers.iter().map(Vec::as_slice).collect();
    let (discovery, _transferred) = start(config(&tiers));
    said(&discovery, 0).await;
    soon(discovery.stop()).await;
}
