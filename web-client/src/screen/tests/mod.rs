mod group_in_german;
mod in_german;

use local_peer::LinkFailure;
use wire_protocol::ids::{FileId, GroupId};

use super::*;
use crate::messages::{Behind, Figures, Path, PeerView, SwarmView};
use crate::storing::Disk;
use crate::tuning::Tuning;

pub(super) fn fetching() -> DownloadView {
    waiting(None, 0)
}

pub(super) fn waiting(waiting: Option<Waiting>, quiet_ms: u64) -> DownloadView {
    DownloadView {
        group: GroupId([1; 16]),
        file: FileId([2; 16]),
        name: "movie.mp4".to_owned(),
        size: 1000,
        tuning: Tuning::default(),
        stage: Stage::Fetching { waiting, quiet_ms },
        place: None,
        files: None,
        saving: None,
        figures: Figures { pieces: 100, pieces_have: 97, bytes: 1000, bytes_have: 970, ..Figures::default() },
        peers: Vec::new(),
        cells: Vec::new(),
        swarm: SwarmView::default(),
        playable: Vec::new(),
        wait: None,
    }
}

pub(super) fn peer(link: u64, name: &str) -> PeerView {
    PeerView {
        link,
        name: name.to_owned(),
        client: "native-peer 0.1.0".to_owned(),
        path: Path::Relay,
        behind: Vec::new(),
        have_per_mille: 1000,
        downloaded: 0,
        uploaded: 0,
        rate_down: 0,
        rate_up: 0,
        wants_from_us: true,
        is_linked: true,
    }
}

#[test]
fn of_a_bridge_the_clients_behind_it_are_shown_and_those_that_lied_as_such() {
    let client = |client: &str, is_banned| Behind { client: client.to_owned(), is_banned };
    let line = |behind: Vec<Behind>| client_line(&PeerView { behind, ..peer(1, "Ana") });
    assert_eq!(line(Vec::new()), "native-peer 0.1.0");
    let both = vec![client("Transmission 3.00", false), client("qBittorrent 4.5.2", false)];
    assert_eq!(line(both), "bridge to Transmission 3.00 and qBittorrent 4.5.2");
    let liar = client("aria2 1.36.0", true);
    assert_eq!(line(vec![liar.clone()]), "bridge; aria2 1.36.0 sent bad data");
    assert_eq!(
        line(vec![liar, client("rtorrent 0.9.8", false)]),
        "bridge to rtorrent 0.9.8; aria2 1.36.0 sent bad data"
    );
}

#[test]
fn a_file_that_nobody_online_has_is_named_with_what_is_missing_and_who_had_it() {
    let mut download = waiting(Some(Waiting::NobodyOnline), 0);
    download.swarm.gone_seeders = vec!["Ana".to_owned(), "Luis".to_owned()];
    assert_eq!(DownloadState::of(&download), DownloadState::Waiting);
    assert_eq!(
        download_line(&download),
        "No one who has movie.mp4 is online. Missing: 3 % (3 pieces). Ana and Luis had it. \
         It goes on by itself as soon as somebody comes back."
    );
}

#[test]
fn whoever_sent_damaged_data_is_named_where_there_is_nobody_else() {
    let mut download = waiting(Some(Waiting::NobodyOnline), 0);
    download.swarm.sent_bad = vec!["Ana".to_owned()];
    assert_eq!(
        download_line(&download),
        "Ana sent damaged data and is not asked again, and nobody else has movie.mp4 now. Missing: 3 % (3 pieces). \
         Tell them to look at the file; it goes on by itself as soon as somebody else comes."
    );
}

#[test]
fn a_wait_is_explained_after_three_seconds_and_not_before() {
    let not_reached = |last| Some(Waiting::NotReached { online: 1, last });
    let early = waiting(not_reached(None), EXPLAIN_AFTER_MS - 1);
    assert_eq!(DownloadState::of(&early), DownloadState::Downloading);
    assert_eq!(download_line(&early), "Connecting to the others …");
    let late = waiting(not_reached(Some(LinkFailure::NotPaired)), EXPLAIN_AFTER_MS);
    assert_eq!(
        download_line(&late),
        "1 other is online, but no link to them has opened yet. Last attempt: the other side did not come. \
         Trying again by itself."
    );
}

#[test]
fn linked_peers_without_the_missing_pieces_are_not_waited_for_in_silence() {
    let mut download = waiting(Some(Waiting::NotSending { connected: 1 }), EXPLAIN_AFTER_MS);
    download.peers = vec![peer(1, "Ana")];
    assert_eq!(download_line(&download), "Waiting for Ana to send.");
    download.stage = Stage::Fetching { waiting: Some(Waiting::NobodyHas { pieces: 3 }), quiet_ms: EXPLAIN_AFTER_MS };
    assert_eq!(
        download_line(&download),
        "Those who are online have no more of movie.mp4 than you do. Missing: 3 % (3 pieces)."
    );
}

#[test]
fn a_person_with_two_tabs_is_one_person() {
    let mut download = fetching();
    download.swarm.seeders = 2;
    download.peers = vec![peer(1, "Ana"), peer(2, "Ana"), peer(3, "Luis")];
    assert_eq!(download_line(&download), "Coming from 2 people.");
}

#[test]
fn who_is_gone_stays_in_the_list_and_out_of_the_count() {
    let mut download = fetching();
    download.swarm.seeders = 1;
    let gone = PeerView { is_linked: false, downloaded: 5_000_000, ..peer(2, "Luis") };
    assert_eq!(peer_line(&gone), "gave 5.00 MB");
    download.peers = vec![peer(1, "Ana"), gone];
    assert_eq!(download_line(&download), "Coming from 1 person.");
    assert_eq!(helped(&download), 1);
}

pub(super) fn done_download(name: &str) -> DownloadView {
    DownloadView { name: name.to_owned(), ..done(None, &[]) }
}

fn done(full_copies: Option<u32>, helps: &[&str]) -> DownloadView {
    let mut download = fetching();
    download.stage = Stage::Done { url: "blob:x".to_owned() };
    download.swarm.full_copies = full_copies.map(FullCopies);
    download.peers = helps.iter().zip(1..).map(|(name, link)| peer(link, name)).collect();
    download
}

#[test]
fn a_tab_that_has_all_of_it_says_whether_it_may_be_closed() {
    let line = |full_copies, helps: &[&str]| download_line(&done(full_copies, helps));
    assert_eq!(line(Some(2), &[]), "2 full copies without you. You can close this tab.");
    assert_eq!(
        line(Some(1), &["Ana"]),
        "1 full copy without you. You can close this tab. You are helping 1 person now."
    );
    assert_eq!(line(Some(0), &[]), "Nobody else has all of it yet: keep this tab open to help.");
    assert_eq!(line(None, &[]), "Keep this tab open: whoever comes next gets it from you too.", "nothing is promised");
}

#[test]
fn the_browser_does_not_ask_before_a_tab_is_closed_that_may_be() {
    let snapshot = |full_copies| Snapshot { downloads: vec![done(full_copies, &["Ana"])], ..Snapshot::default() };
    assert!(is_needed(&snapshot(Some(0))) && is_needed(&snapshot(None)));
    assert!(!is_needed(&snapshot(Some(1))));
    assert!(is_busy(&snapshot(Some(1))), "it is served until then, and the tab stays awake");
}

#[test]
fn the_tab_is_needed_while_it_fetches_and_while_others_fetch_from_it() {
    let mut snapshot = Snapshot { downloads: vec![fetching()], ..Snapshot::default() };
    assert!(is_needed(&snapshot));
    snapshot.downloads[0].stage = Stage::Done { url: "blob:x".to_owned() };
    assert!(is_needed(&snapshot), "it may be the only copy");
    assert!(!is_busy(&snapshot), "nobody fetches it now");
    snapshot.downloads[0].peers = vec![peer(1, "Ana")];
    assert!(is_needed(&snapshot));
    snapshot.downloads[0].swarm.full_copies = Some(FullCopies(1));
    assert!(!is_needed(&snapshot));
    snapshot.downloads[0].stage = Stage::Failed { reason: "x".to_owned() };
    assert!(!is_needed(&snapshot));
}

#[test]
fn nothing_is_foretold_once_nothing_has_come_for_three_seconds() {
    let download = |quiet_ms| {
        let mut download = waiting(None, quiet_ms);
        download.figures.rate_down = 10;
        download.peers = vec![PeerView { rate_down: 10, ..peer(1, "Ana") }];
        download
    };
    let coming = download(EXPLAIN_AFTER_MS - 1);
    assert_eq!((rate_down(&coming), time_left(&coming).as_deref()), (Some(10), Some("0:03")));
    assert_eq!(peers(&coming)[0].rate_down, 10);
    let quiet = download(EXPLAIN_AFTER_MS);
    assert_eq!((rate_down(&quiet), time_left(&quiet)), (None, None));
    assert_eq!(peers(&quiet)[0].rate_down, 0);
}

#[test]
fn the_title_shows_progress_and_then_a_tick() {
    let mut snapshot = Snapshot::default();
    assert_eq!(document_title(&snapshot), "Covey");
    snapshot.downloads = vec![fetching()];
    assert_eq!(document_title(&snapshot), "97 % movie.mp4");
    snapshot.downloads[0].figures.bytes_partial = 30;
    assert_eq!(document_title(&snapshot), "99 % movie.mp4", "100 is said only when all of it is verified");
    snapshot.downloads[0].stage = Stage::Done { url: "blob:x".to_owned() };
    snapshot.downloads[0].peers = vec![peer(1, "Ana"), peer(2, "Ana"), peer(3, "Luis")];
    assert_eq!(document_title(&snapshot), "2 people are waiting for you");
    snapshot.downloads[0].peers.clear();
    assert_eq!(document_title(&snapshot), "✔ movie.mp4");
}

#[test]
fn until_the_worker_speaks_the_page_shows_what_it_was_opened_for() {
    let screen = |address| Screen::of(&first_snapshot(&address));
    assert_eq!(screen(Address::Invite("https://share.example/j/lively-otter#x".to_owned())), Screen::Landing);
    assert_eq!(screen(Address::Group("lively-otter".to_owned())), Screen::Opening);
    assert_eq!(screen(Address::Broken("https://share.example/j/".to_owned())), Screen::Landing);
    assert_eq!(screen(Address::Home), Screen::Home);
}

#[test]
fn a_short_break_in_the_connection_is_not_mentioned() {
    let trouble = |for_ms| Connection::Trouble {
        reason: "closed".to_owned(),
        for_ms,
        retry_in_ms: 0,
        was_online: true,
        found: None,
    };
    assert_eq!(connection_trouble(&trouble(EXPLAIN_AFTER_MS - 1)), None);
    assert!(connection_trouble(&trouble(EXPLAIN_AFTER_MS)).is_some());
}

#[test]
fn what_keeps_a_browser_from_the_server_is_said_in_the_servers_own_words() {
    let found = Some("Something in front of this server speaks TLS for it.".to_owned());
    let reason = "the server cannot be reached".to_owned();
    let trouble = Connection::Trouble {
        reason,
        for_ms: EXPLAIN_AFTER_MS,
        retry_in_ms: 0,
        was_online: false,
        found: found.clone(),
    };
    assert_eq!(connection_trouble(&trouble), found);
}

#[test]
fn only_a_single_file_is_refused_before_joining() {
    let file = |size| OfferedFile { name: "a".to_owned(), size, is_ready: true, seeders: 1, leechers: 0 };
    let capacity = Capacity { file_len_max: 100, memory_len_max: 100, disk: Disk::Missing };
    let offer = |files| Offer { files, ..Offer::default() };
    assert!(too_big(&offer(vec![file(101)]), &capacity).is_some());
    assert!(too_big(&offer(vec![file(100)]), &capacity).is_none());
    assert!(too_big(&offer(vec![file(101), file(1)]), &capacity).is_none());
}

#[test]
fn the_one_button_says_what_it_does() {
    let file = OfferedFile { name: "a".to_owned(), size: 1, is_ready: true, seeders: 1, leechers: 0 };
    let offer = |needs_accept, files| Offer { needs_accept, files, ..Offer::default() };
    assert_eq!(join_button(&offer(false, vec![file.clone()]), false), "Join and download");
    assert_eq!(join_button(&offer(false, vec![file.clone(), file]), false), "Join");
    assert_eq!(join_button(&offer(true, Vec::new()), false), "Ask to join");
    assert_eq!(join_button(&offer(true, Vec::new()), true), "Asking …");
}

#[test]
fn an_invite_is_looked_up_before_the_worker_speaks_and_an_identity_is_not_in_the_snapshot() {
    let invite = "https://share.example/j/lively-otter#AAAAAAAAAAAAAAAAAAAAAA".to_owned();
    let landing = first_snapshot(&Address::Invite(invite)).landing.expect("an invite is in front");
    assert_eq!((landing.slug.as_str(), landing.state), ("lively-otter", LandingState::Asking));
    let secret = crate::identity_link::IdentitySecret::new([1; 32]);
    assert_eq!(first_snapshot(&Address::Identity(Ok(secret))), Snapshot::default());
}
