use wire_protocol::ids::{FileId, GroupId};

use super::*;
use crate::messages::{Path, SwarmView};
use crate::sharing::Trouble;
use crate::tuning::Tuning;

fn share(stage: ShareStage) -> ShareView {
    ShareView {
        group: GroupId([1; 16]),
        file: FileId([2; 16]),
        name: "movie.mp4".to_owned(),
        size: 4_310_000_000,
        files: None,
        tuning: Tuning::default(),
        stage,
        uploaded: 0,
        rate_up: 0,
        peers: Vec::new(),
        swarm: SwarmView { full_copies: Some(FullCopies(0)), ..SwarmView::default() },
    }
}

fn receiver(name: &str, have_per_mille: u16, uploaded: u64, rate_up: u64) -> PeerView {
    PeerView {
        link: 1,
        name: name.to_owned(),
        client: "Firefox 140".to_owned(),
        path: Path::Relay,
        behind: Vec::new(),
        have_per_mille,
        downloaded: 0,
        uploaded,
        rate_down: 0,
        rate_up,
        wants_from_us: have_per_mille < 1000,
        is_linked: true,
    }
}

#[test]
fn while_it_is_hashed_the_rate_and_the_time_left_are_said_and_that_the_link_is_good() {
    let share = share(ShareStage::Hashing { done: 2_629_100_000, rate: 840_450_000 });
    assert_eq!(hashed(&share), Some(61));
    assert_eq!(share_line(&share), "Preparing it. 840.5 MB/s, 0:02 left. You can send the link already.");
    assert_eq!(title(&share).as_deref(), Some("61 % movie.mp4"));
    assert_eq!(status(&share), "Preparing movie.mp4: 60 %.");
    assert!(is_busy(&share) && is_needed(&share));
}

#[test]
fn the_tab_is_to_stay_open_until_somebody_else_has_all_of_it() {
    let mut share = share(ShareStage::Serving);
    assert_eq!(share_line(&share), "Waiting for the first person. Keep this tab open.");
    assert!(is_needed(&share) && !is_busy(&share));
    share.peers = vec![receiver("Ana", 0, 0, 900)];
    share.swarm.leechers = 1;
    assert_eq!(share_line(&share), "Going to 1 person. Keep this tab open.", "they have only greeted each other");
    share.peers = vec![receiver("Ana", 640, 2_000_000_000, 22_000_000), receiver("Luis", 120, 500_000_000, 9_400_000)];
    share.swarm.leechers = 2;
    assert_eq!(share_line(&share), "Going to 2 people. Keep this tab open, about 1:11 more.");
    assert!(is_needed(&share) && is_busy(&share));
    share.peers = vec![receiver("Ana", 1000, 2_000_000_000, 0)];
    share.swarm.full_copies = Some(FullCopies(2));
    assert_eq!(share_line(&share), "2 full copies without you. You can close this tab.");
    assert!(!is_needed(&share) && !is_busy(&share));
}

#[test]
fn who_helps_whom_is_told_by_what_did_not_go_out_here() {
    let share = share(ShareStage::Serving);
    assert_eq!(receiver_line(&share, &receiver("Luis", 120, 517_000_000, 1)), "12 %");
    let helped = receiver("Luis", 500, 1_000_000_000, 1);
    assert_eq!(receiver_line(&share, &helped), "50 % · 1.16 GB of it from others");
    assert_eq!(receiver_line(&share, &receiver("Bo", 1000, 0, 0)), "has all of it", "perhaps from before");
    let gone = PeerView { is_linked: false, ..receiver("Bo", 500, 1_000_000_000, 0) };
    assert_eq!((receiver_line(&share, &gone).as_str(), receiver_percent(&share, &gone)), ("got 1.00 GB, gone", 23));
    let served = PeerView { is_linked: false, ..receiver("Bo", 0, 4_310_000_000, 0) };
    assert_eq!((receiver_line(&share, &served).as_str(), receiver_percent(&share, &served)), ("got all of it", 100));
}

#[test]
fn what_ended_says_why_and_what_to_do_and_keeps_nobody() {
    let reason = sharing_ended_line("movie.mp4", &Trouble::of("NotReadableError"));
    assert!(reason.contains("has changed on disk") && reason.contains("Share it again"), "{reason}");
    assert!(sharing_ended_line("movie.mp4", &Trouble::of("NotFoundError")).contains("Put it back"));
    assert!(not_hashed_line("movie.mp4", &Trouble::of("NotFoundError")).contains("is gone"));
    assert!(not_hashed_line("movie.mp4", &Trouble::of("SecurityError")).contains("(SecurityError)"));
    let share = share(ShareStage::Ended { reason: reason.clone() });
    assert_eq!((share_line(&share), title(&share), stop_button(&share)), (reason, None, "Close".to_owned()));
    assert!(!is_needed(&share) && !is_busy(&share));
}

#[test]
fn a_folder_says_how_many_files_it_has() {
    let folder = ShareView { files: Some(12), ..share(ShareStage::Serving) };
    assert_eq!(size_line(&folder), "folder of 12 files · 4.31 GB");
    assert_eq!(size_line(&share(ShareStage::Serving)), "4.31 GB");
}

#[test]
fn sentences_of_the_server_end_once() {
    assert_eq!(not_added_line("a", "The group is full."), "a is not shared: The group is full.");
    assert_eq!(not_added_line("a", "no room"), "a is not shared: no room.");
}
