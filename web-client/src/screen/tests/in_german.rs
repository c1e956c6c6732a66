//! Tests: what is said in English is said in German too, of every state.

use local_peer::{FullCopies, LinkFailure, Waiting};
use wire_protocol::ids::{FileId, GroupId};

use super::super::*;
use super::{done_download, fetching, peer, waiting};
use crate::messages::{
    Asked, AskedView, Behind, FileView, FilesView, GroupView, InviteView, MakingProblem, MemberView, SaveAs,
    SavingStep, SavingView, ShareStage, ShareView, SharedView, StoredView, SwarmView, Wait,
};
use crate::sharing::Trouble as ShareTrouble;
use crate::storing::{Disk, Place, WhyMemory};
use crate::tuning::Tuning;
use crate::words::{english_in, in_german};

pub(super) const NAME: &str = "film.mkv";

/// Said in both languages, differently, and with the name in it if it is in the English sentence.
pub(super) fn both(say: impl Fn() -> String) {
    let (english, german) = (say(), in_german(&say));
    assert!(!german.is_empty() && german != english, "{english}");
    assert_eq!(english_in(&german), None, "{german}");
    for name in [NAME, "Ana", "Bo", "Hütte", "lively-otter", "Firefox 140"] {
        assert_eq!(german.contains(name), english.contains(name), "{english}\n{german}");
    }
}

fn download(stage: Stage) -> DownloadView {
    DownloadView { stage, name: NAME.to_owned(), ..fetching() }
}

pub(super) fn group(is_admin: bool, members: Vec<MemberView>) -> GroupView {
    GroupView {
        group: GroupId([1; 16]),
        slug: "lively-otter".to_owned(),
        name: "Hütte".to_owned(),
        is_admin,
        invite: None,
        members,
        files: Vec::new(),
        requests: Vec::new(),
        invites: None,
        activity: Vec::new(),
    }
}

#[test]
fn downloads_in_every_stage() {
    let mut waits: Vec<DownloadView> = [
        Waiting::NobodyOnline,
        Waiting::NobodyHas { pieces: 3 },
        Waiting::NotSending { connected: 1 },
        Waiting::NotReached { online: 1, last: Some(LinkFailure::NotPaired) },
        Waiting::NotReached { online: 2, last: None },
    ]
    .map(|why| DownloadView { name: NAME.to_owned(), ..waiting(Some(why), EXPLAIN_AFTER_MS) })
    .into();
    waits.extend(waits.clone().into_iter().flat_map(|download| {
        let peers = vec![peer(1, "Ana")];
        let gone = SwarmView { gone_seeders: vec!["Ana".to_owned()], ..SwarmView::default() };
        let bad = SwarmView { sent_bad: vec!["Ana".to_owned(), "Bo".to_owned()], ..SwarmView::default() };
        [
            DownloadView { swarm: gone, peers: peers.clone(), ..download.clone() },
            DownloadView { swarm: bad, peers, ..download },
        ]
    }));
    let done = |full_copies: Option<u32>, peers| DownloadView {
        swarm: SwarmView { full_copies: full_copies.map(FullCopies), ..SwarmView::default() },
        peers,
        ..done_download(NAME)
    };
    let others = [
        download(Stage::Joining),
        download(Stage::Preparing { per_mille: Some(710) }),
        download(Stage::Preparing { per_mille: None }),
        fetching(),
        DownloadView { peers: vec![peer(1, "Ana"), peer(2, "Bo")], ..fetching() },
        done(None, Vec::new()),
        done(Some(0), vec![peer(1, "Ana")]),
        done(Some(1), Vec::new()),
        done(Some(2), vec![peer(1, "Ana"), peer(2, "Bo")]),
    ];
    for download in waits.into_iter().chain(others) {
        both(|| download_line(&download));
        let snapshot = Snapshot { downloads: vec![download], ..Snapshot::default() };
        both(|| status_line(&snapshot));
    }
}

#[test]
fn the_connection_and_what_an_invite_leads_to() {
    let trouble = |was_online| Connection::Trouble {
        reason: "x".to_owned(),
        for_ms: EXPLAIN_AFTER_MS,
        retry_in_ms: 0,
        was_online,
        found: None,
    };
    let refused = Connection::Refused { reason: "x".to_owned() };
    let stopped = [true, false].map(|has_run| Connection::NoWorker { has_run });
    for connection in [refused, trouble(true), trouble(false)].into_iter().chain(stopped) {
        both(|| connection_trouble(&connection).unwrap_or_default());
    }
    for connection in [Connection::Online, Connection::Connecting] {
        let snapshot = Snapshot { connection, ..Snapshot::default() };
        both(|| status_line(&snapshot));
    }
    for problem in [InviteProblem::BadSecret, InviteProblem::UnknownGroup] {
        both(|| invite_problem(&problem));
    }
    for problem in [InviteProblem::BadSecret, InviteProblem::Other("x".to_owned())] {
        both(|| invite_problem_title(&problem));
    }
    let file =
        |is_ready, seeders, leechers| OfferedFile { name: NAME.to_owned(), size: 1, is_ready, seeders, leechers };
    for (needs_accept, is_joining) in [(true, true), (true, false), (false, true), (false, false)] {
        for files in [vec![file(true, 1, 0)], Vec::new()] {
            let offer = Offer { needs_accept, files, ..Offer::default() };
            both(|| join_button(&offer, is_joining));
        }
    }
    for file in [file(false, 0, 0), file(true, 0, 0), file(true, 0, 1), file(true, 1, 0), file(true, 2, 0)] {
        both(|| holders_line(&file));
    }
    let capacity = Capacity { file_len_max: 100, memory_len_max: 100, disk: Disk::Missing };
    both(|| too_big_line(NAME, 4_310_000_000, &capacity));
}

#[test]
fn saving_and_where_pieces_are() {
    let steps = [
        SavingStep::Waiting,
        SavingStep::Writing { done: 1_200_000, total: 3_000_000 },
        SavingStep::Saved { left_out: None },
    ];
    for (save_as, place) in [(SaveAs::Folder, Some(NAME)), (SaveAs::File, Some(NAME)), (SaveAs::Zip, None)] {
        both(|| saving::button(save_as));
        for step in steps.clone() {
            let saving = Some(SavingView { save_as, place: place.map(str::to_owned), step });
            let download = DownloadView { saving, ..done_download(NAME) };
            both(|| saving::line(&download).unwrap_or_default());
        }
    }
    let files = Some(FilesView { count: 2, ready: vec![0xc0] });
    for download in [done_download(NAME), DownloadView { files, ..done_download(NAME) }] {
        both(|| saving::finished_line(&download).unwrap_or_default());
    }
    use crate::saving::Trouble::*;
    let what = || "NotReadableError".to_owned();
    for trouble in [Refused, NoRoom, InUse, PlaceGone, Unreadable(what()), NotKept, Cancelled, Other(what())] {
        both(|| saving::trouble_line(NAME, &trouble));
    }
    for error in ["NotAllowedError", "TypeError"] {
        both(|| saving::picker_line(error).unwrap_or_default());
    }
    both(|| saving::moved_line(NAME));
    both(|| saving::left_out_line(&[NAME.to_owned()]).unwrap_or_default());
    both(|| saving::files_title(2));
    use WhyMemory::*;
    let memory = [NoDisk, Failing, Slow, Full, OtherTab, Wanted].map(Place::Memory);
    for place in memory.into_iter().chain([Place::Disk, Place::Database, Place::Chosen]) {
        let download = DownloadView { place: Some(place), ..fetching() };
        both(|| storing::place_line(&download).unwrap_or_default());
    }
    for have in [71, 100] {
        let (torrent, group, file) = ([0; 20], GroupId([1; 16]), FileId([2; 16]));
        let stored = StoredView { torrent, group, file, name: NAME.to_owned(), size: 100, have, is_elsewhere: false };
        both(|| storing::stored_line(&stored));
        both(|| storing::go_on_verb(&stored));
        both(|| storing::room_line(&stored));
    }
}

#[test]
fn shares_in_every_stage() {
    let share = |stage, peers, leechers, full_copies| ShareView {
        group: GroupId([1; 16]),
        file: FileId([2; 16]),
        name: NAME.to_owned(),
        size: 4_310_000_000,
        files: Some(12),
        tuning: Tuning::default(),
        stage,
        uploaded: 0,
        rate_up: 0,
        peers,
        swarm: SwarmView { leechers, full_copies: Some(FullCopies(full_copies)), ..SwarmView::default() },
    };
    let quick = PeerView { have_per_mille: 500, uploaded: 1_000_000_000, rate_up: 22_000_000, ..peer(1, "Ana") };
    let shares = [
        share(ShareStage::Waiting, Vec::new(), 0, 0),
        share(ShareStage::Hashing { done: 0, rate: 0 }, Vec::new(), 0, 0),
        share(ShareStage::Hashing { done: 0, rate: 1_000_000 }, Vec::new(), 0, 0),
        share(ShareStage::Publishing, Vec::new(), 0, 0),
        share(ShareStage::Serving, Vec::new(), 0, 0),
        share(ShareStage::Serving, Vec::new(), 1, 0),
        share(ShareStage::Serving, vec![peer(1, "Ana")], 1, 0),
        share(ShareStage::Serving, vec![quick.clone()], 1, 0),
        share(ShareStage::Serving, Vec::new(), 0, 2),
    ];
    for share in &shares {
        both(|| sharing::share_line(share));
        both(|| sharing::status(share));
        both(|| sharing::size_line(share));
        both(|| sharing::stop_button(share));
        if share.stage == ShareStage::Serving {
            both(|| sharing::title(share).unwrap_or_default());
        }
    }
    let whole = PeerView { have_per_mille: 1000, uploaded: 0, ..quick.clone() };
    let gone = |uploaded| PeerView { is_linked: false, uploaded, ..quick.clone() };
    for receiver in [&quick, &whole, &gone(1), &gone(4_310_000_000)] {
        both(|| sharing::receiver_line(&shares[4], receiver));
    }
    let what = ShareTrouble::Unreadable("SecurityError".to_owned());
    for trouble in [ShareTrouble::Gone, ShareTrouble::Changed, ShareTrouble::Damaged, what] {
        both(|| sharing::not_hashed_line(NAME, &trouble));
        both(|| sharing::sharing_ended_line(NAME, &trouble));
    }
    for (is_folder, has_handle) in [(false, false), (true, false), (false, true)] {
        let shared =
            SharedView { torrent: [0; 20], group: GroupId([1; 16]), name: NAME.to_owned(), is_folder, has_handle };
        both(|| sharing::again_line(&shared));
        both(|| sharing::ask_button(&shared));
    }
    for error in ["NotAllowedError", "NotFoundError", "TypeError"] {
        both(|| sharing::not_read_line(NAME, error));
    }
    both(|| sharing::empty_line(NAME));
    both(|| sharing::too_many_line(8));
    both(|| sharing::renamed_line("aux", NAME, 255));
    both(|| sharing::renamed_line("aux", NAME, 2));
    both(|| sharing::already_line(NAME));
    both(|| sharing::not_added_line(NAME, "x"));
    both(|| sharing::not_shared_line(NAME, "x"));
    both(|| sharing::removed_line(NAME));
    let in_group =
        Snapshot { groups: vec![group(true, Vec::new())], open_group: Some(GroupId([1; 16])), ..Snapshot::default() };
    let opening = Snapshot { is_opening: true, ..Snapshot::default() };
    for snapshot in [Snapshot::default(), in_group, opening] {
        both(|| sharing::drop_line(&snapshot));
    }
}

#[test]
fn files_invites_requests_and_what_is_asked() {
    let file = |info_hash: Option<&str>, seeders| FileView {
        file: FileId([2; 16]),
        name: NAME.to_owned(),
        size: 3_000_000,
        added_by: "Ana".to_owned(),
        info_hash: info_hash.map(str::to_owned),
        seeders,
        is_mine: false,
        is_removable: false,
        leechers: 0,
    };
    for file in [file(None, 0), file(Some("aa"), 0), file(Some("aa"), 1), file(Some("aa"), 2)] {
        both(|| files::file_line(&file));
        both(|| files::shared_line(&file));
    }
    for (needs_accept, is_mine, uses_left) in [(true, true, None), (false, false, Some(0)), (false, true, Some(2))] {
        let invite = InviteView {
            invite: wire_protocol::ids::InviteId([1; 16]),
            link: None,
            created_by: "Ana".to_owned(),
            is_mine,
            expires_at_ms: 0,
            uses_left,
            needs_accept,
        };
        both(|| invites::invite_line(&invite, "14. 9."));
        both(|| invites::unknown_link_line(&invite));
    }
    for open in 0..3 {
        both(|| invites::open_line(open));
    }
    invites::lifetimes().into_iter().enumerate().for_each(|(at, _)| both(|| invites::lifetimes()[at].0.clone()));
    invites::uses().into_iter().enumerate().for_each(|(at, _)| both(|| invites::uses()[at].0.clone()));
    for invited_by in [Some("Ana".to_owned()), None] {
        let (group, slug, message) = (GroupId([1; 16]), "lively-otter".to_owned(), String::new());
        let asked = Asked { group, slug, name: Some("Hütte".to_owned()), invited_by, message };
        both(|| asking::waiting_line(&asked));
        both(|| asking::refused_line(&asked));
    }
    both(|| asking::accepted_notice("Hütte"));
    both(|| asking::refused_notice("lively-otter"));
    for problem in [MakingProblem::Nameless, MakingProblem::WrongPassword, MakingProblem::InvitedOnly] {
        both(|| making::problem_line(&problem));
    }
    [true, false].into_iter().for_each(|has_vault| both(|| identity::not_kept(has_vault)));
    let asked = vec![AskedView { slug: "lively-otter".to_owned(), is_refused: false }];
    let groups = vec![group(true, Vec::new())];
    for snapshot in [Snapshot { asked, ..Snapshot::default() }, Snapshot { groups, ..Snapshot::default() }] {
        both(|| identity::warning(&snapshot).unwrap_or_default());
    }
}

#[test]
fn players_peers_and_other_clients() {
    let gone = |downloaded, uploaded| PeerView { is_linked: false, downloaded, uploaded, ..peer(1, "Ana") };
    let part = PeerView { have_per_mille: 500, ..peer(1, "Ana") };
    for peer in [peer(1, "Ana"), part, gone(5_500_000, 0), gone(0, 5_500_000), gone(5_500_000, 5_500_000)] {
        both(|| peer_line(&peer));
    }
    let behind = |is_banned| Behind { client: "Firefox 140".to_owned(), is_banned };
    for behind in [vec![behind(true)], vec![behind(true), behind(false)]] {
        let peer = PeerView { behind, ..peer(1, "Ana") };
        both(|| client_line(&peer));
    }
    for at in [None, Some(750.4)] {
        for wait in [None, Some(Wait { people: 0 }), Some(Wait { people: 1 }), Some(Wait { people: 2 })] {
            both(|| playing::wait_line(at, wait));
        }
    }
    use playing::{NoService, Trouble};
    [NoService::Insecure, NoService::Refused].into_iter().for_each(|why| both(|| playing::no_service_line(why)));
    [Trouble::Unknown, Trouble::Damaged, Trouble::Stopped, Trouble::NoSound]
        .into_iter()
        .for_each(|why| both(|| playing::trouble_line(NAME, why)));
    both(|| own_client::made(NAME, false));
    both(|| own_client::not_made(NAME, "x"));
    both(|| own_client::ended("Hütte"));
    both(|| downloads::removed_line(NAME));
    both(|| downloads::banned_line("Ana", 7));
    both(|| downloads::cannot_go_on_line(NAME, "x"));
}
