//! What `native-peer download` says and does on the wire, to seeders that are slow, odd, or lie.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::probe::{Greeting, Ledger, MODERN, Probe};
use covey_tests::wait::SOON;
use covey_tests::{NativePeer, Shape, SharedFile, Stage};
use peer_wire::{Block, ExtensionHandshake, Message};
use tokio::net::TcpListener;
use tokio::time::{Instant, timeout_at};

use crate::torrents::{download, local_address};

/// How long nothing comes when a program has asked for all that it will.
const LULL: Duration = Duration::from_millis(60);

/// Where a probe can be dialed, and what it greets with.
struct Door {
    listener: TcpListener,
    greeting: Greeting,
}

impl Door {
    async fn open(shared: &SharedFile, ip: Ipv4Addr) -> Result<Self> {
        let listener = TcpListener::bind((ip, 0)).await?;
        Ok(Self { listener, greeting: shared.greeting(MODERN) })
    }

    fn address(&self) -> Result<String> {
        Ok(self.listener.local_addr()?.to_string())
    }

    async fn accept(&self) -> Result<Probe> {
        Probe::accept(&self.listener, self.greeting).await
    }
}

/// A download, and what it downloads.
struct Downloading {
    ben: NativePeer,
    saved: std::path::PathBuf,
}

impl Downloading {
    fn start(stage: &Stage, shared: &SharedFile, peers: &[String], more: &[&str]) -> Result<Self> {
        let into = stage.subfolder("Ben-files")?;
        let torrent = shared.torrent.display().to_string();
        let peers = peers.join(",");
        let ben = download(stage, "Ben", &torrent, &into, &[&["--peer", &peers, "--no-seed"], more].concat())?;
        Ok(Self { ben, saved: into.join(shared.info.name()) })
    }

    async fn is_done(&mut self, shared: &SharedFile) -> Result<()> {
        self.ben.done().await?;
        self.ben.succeeds().await?;
        content::ensure_equal(&self.saved, &shared.file)
    }
}

/// Tells what it has, and serves; how is the test's.
async fn begin(probe: &mut Probe, request_queue_max: Option<u32>) -> Result<()> {
    probe.introduce(&ExtensionHandshake { request_queue_max, ..ExtensionHandshake::default() }).await?;
    probe.say([Message::HaveAll, Message::Unchoke]).await
}

/// Listens for so long, as somebody who has nothing to say.
async fn keep_quiet(probe: &mut Probe, how_long: Duration) -> Result<()> {
    let deadline = Instant::now() + how_long;
    while let Ok(message) = timeout_at(deadline, probe.next()).await {
        message?.context("it closed the link")?;
    }
    Ok(())
}

fn asked(message: &Message) -> Option<Block> {
    if let Message::Request(block) = message { Some(*block) } else { None }
}

/// Serves everything in heaps, each in the order that `order` gives it, until the link is closed; the books.
async fn serve(probe: &mut Probe, shared: &SharedFile, order: impl Fn(&mut Vec<Block>)) -> Result<Ledger> {
    let mut ledger = Ledger::default();
    loop {
        match tokio::time::timeout(LULL, probe.next()).await {
            Ok(Ok(Some(message))) => ledger.on_asker(&message),
            Ok(closed) => return closed.map(|_| ledger),
            Err(_) => {
                let mut heap = ledger.queued();
                order(&mut heap);
                let answers: Vec<Message> = heap.into_iter().map(|block| shared.answer(block)).collect();
                answers.iter().for_each(|answer| ledger.on_asked(answer, true));
                // It may have closed the link, having all that it wants.
                if probe.say(answers).await.is_err() {
                    return Ok(ledger);
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seeder_that_is_slow_to_begin_and_answers_backwards_is_waited_for() {
    Stage::play("a_seeder_that_is_slow_to_begin_and_answers_backwards_is_waited_for", async |stage| {
        let shared = SharedFile::make(stage, "fetched.bin", Shape::new(4 * MIB + 1, 64 * 1024))?;
        let door = Door::open(&shared, Ipv4Addr::LOCALHOST).await?;
        let mut download = Downloading::start(stage, &shared, &[door.address()?], &[])?;
        let mut probe = door.accept().await?;
        ensure!(probe.greeted_with()[20..28] == [0, 0, 0, 0, 0, 0x10, 0, 0x04], "{:?}", &probe.greeted_with()[20..28]);
        probe.introduce(&ExtensionHandshake::default()).await?;
        let said = probe.extensions().await?;
        ensure!(!said.upload_only, "it has nothing: {said:?}");
        keep_quiet(&mut probe, Duration::from_secs(1)).await?;
        probe.say([Message::HaveAll]).await?;
        probe.until_said(&Message::Interested).await?;
        // Transmission unchokes in its next round.
        keep_quiet(&mut probe, Duration::from_secs(10)).await?;
        ensure!(!probe.heard().iter().any(|heard| asked(&heard.message).is_some()), "it asks while it is choked");
        // A block that nobody asked for, in a piece that is not begun.
        let unasked = shared.answer(Block { piece: 40, begin: 0, len: 16_384 });
        probe.say([unasked, Message::Unchoke]).await?;
        let ledger = serve(&mut probe, &shared, |heap| heap.reverse()).await?;
        ensure!(ledger.faults.is_empty(), "{:?}", ledger.faults);
        ensure!(ledger.asked == shared.blocks().count(), "{} requests", ledger.asked);
        download.is_done(&shared).await
    })
    .await;
}

/// The most that waited at a seeder that says this of its queue.
async fn most_at(stage: &Stage, shared: &SharedFile, request_queue_max: Option<u32>) -> Result<usize> {
    let door = Door::open(shared, Ipv4Addr::LOCALHOST).await?;
    let mut download = Downloading::start(stage, shared, &[door.address()?], &["--overwrite"])?;
    let mut probe = door.accept().await?;
    begin(&mut probe, request_queue_max).await?;
    let ledger = serve(&mut probe, shared, |_| {}).await?;
    download.is_done(shared).await?;
    ensure!(ledger.faults.is_empty(), "{:?}", ledger.faults);
    std::fs::remove_file(&download.saved)?;
    Ok(ledger.most)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_waits_at_a_seeder_than_it_says_that_it_keeps_and_250_where_it_does_not_say() {
    let name = "no_more_waits_at_a_seeder_than_it_says_that_it_keeps_and_250_where_it_does_not_say";
    Stage::play(name, async |stage| {
        let shared = SharedFile::make(stage, "fetched.bin", Shape::new(24 * MIB, 64 * 1024))?;
        for (said, most) in [(Some(64), 1..=64), (None, 100..=250), (Some(2_000), 251..=2_000), (Some(1), 1..=1)] {
            let shared_small;
            let shared = match said {
                Some(1) => {
                    shared_small = SharedFile::make(stage, "small.bin", Shape::new(200_000, 64 * 1024))?;
                    &shared_small
                }
                _ => &shared,
            };
            let waited = most_at(stage, shared, said).await?;
            ensure!(most.contains(&waited), "{waited} requests waited at a seeder that says {said:?}");
        }
        Ok(())
    })
    .await;
}

/// As Transmission does: what waits is rejected, then comes the choke.
#[tokio::test(flavor = "multi_thread")]
async fn a_seeder_that_rejects_everything_before_it_chokes_is_asked_again_when_it_serves() {
    Stage::play("a_seeder_that_rejects_everything_before_it_chokes_is_asked_again_when_it_serves", async |stage| {
        let shared = SharedFile::make(stage, "fetched.bin", Shape::new(2 * MIB, 64 * 1024))?;
        let door = Door::open(&shared, Ipv4Addr::LOCALHOST).await?;
        let mut download = Downloading::start(stage, &shared, &[door.address()?], &[])?;
        let mut probe = door.accept().await?;
        begin(&mut probe, None).await?;
        let first = probe.until("a request", asked).await?;
        let mut waiting = BTreeSet::from([first]);
        while let Some(message) = probe.next_within(LULL).await? {
            waiting.extend(asked(&message));
        }
        probe.say(waiting.iter().map(|block| Message::Reject(*block)).chain([Message::Choke])).await?;
        while let Some(message) = probe.next_within(LULL).await? {
            ensure!(asked(&message).is_none(), "{message:?} while it is choked");
        }
        probe.say([Message::Unchoke]).await?;
        let ledger = serve(&mut probe, &shared, |_| {}).await?;
        ensure!(ledger.asked == shared.blocks().count() && ledger.faults.is_empty(), "{ledger:?}");
        download.is_done(&shared).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_seeder_rejects_is_asked_of_another_and_not_again_and_again() {
    Stage::play("what_a_seeder_rejects_is_asked_of_another_and_not_again_and_again", async |stage| {
        let shared = SharedFile::make(stage, "fetched.bin", Shape::new(8 * MIB, 64 * 1024))?;
        let ana = local_address()?;
        let _ana = NativePeer::seed(stage, "Ana", (&shared.torrent, &shared.file), ana, &["--up", "4M"]).await?;
        let door = Door::open(&shared, Ipv4Addr::new(127, 0, 0, 2)).await?;
        let mut download = Downloading::start(stage, &shared, &[door.address()?, ana.to_string()], &[])?;
        let mut probe = door.accept().await?;
        begin(&mut probe, None).await?;
        let mut asked_for: BTreeMap<Block, usize> = BTreeMap::new();
        while let Some(message) = probe.next().await? {
            if let Some(block) = asked(&message) {
                *asked_for.entry(block).or_default() += 1;
                if probe.say([Message::Reject(block)]).await.is_err() {
                    break;
                }
            }
        }
        ensure!(!asked_for.is_empty());
        let most = asked_for.values().max().copied().unwrap_or_default();
        ensure!(most <= 2, "a block was asked for {most} times");
        download.is_done(&shared).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_that_never_comes_is_asked_for_again_after_a_while_and_not_sooner() {
    Stage::play("a_block_that_never_comes_is_asked_for_again_after_a_while_and_not_sooner", async |stage| {
        let shared = SharedFile::make(stage, "fetched.bin", Shape::new(2 * MIB, 64 * 1024))?;
        let door = Door::open(&shared, Ipv4Addr::LOCALHOST).await?;
        let mut download = Downloading::start(stage, &shared, &[door.address()?], &[])?;
        let mut probe = door.accept().await?;
        begin(&mut probe, None).await?;
        let mut lost: Vec<Instant> = Vec::new();
        let mut lost_block = None;
        while let Some(message) = probe.next().await? {
            let Some(block) = asked(&message) else { continue };
            // The first one of all.
            if *lost_block.get_or_insert(block) == block {
                lost.push(Instant::now());
                if lost.len() == 1 {
                    continue;
                }
            }
            if probe.say([shared.answer(block)]).await.is_err() {
                break;
            }
        }
        ensure!(lost.len() == 2, "asked for {} times", lost.len());
        let after = lost[1] - lost[0];
        ensure!(after > Duration::from_secs(3), "asked for again after {after:?}");
        download.is_done(&shared).await
    })
    .await;
}

/// The liar is at another address: who lies is banned with its address.
#[tokio::test(flavor = "multi_thread")]
async fn a_seeder_that_sends_one_bad_piece_is_banned_and_the_rest_comes_from_an_honest_one() {
    Stage::play("a_seeder_that_sends_one_bad_piece_is_banned_and_the_rest_comes_from_an_honest_one", async |stage| {
        let shared = SharedFile::make(stage, "fetched.bin", Shape::new(16 * MIB, 64 * 1024))?;
        let ana = local_address()?;
        let _ana = NativePeer::seed(stage, "Ana", (&shared.torrent, &shared.file), ana, &["--up", "4M"]).await?;
        let door = Door::open(&shared, Ipv4Addr::new(127, 0, 0, 2)).await?;
        let mut download = Downloading::start(stage, &shared, &[door.address()?, ana.to_string()], &[])?;
        let mut probe = door.accept().await?;
        begin(&mut probe, None).await?;
        let mut bad = None;
        while let Some(message) = probe.next().await? {
            let Some(block) = asked(&message) else { continue };
            let answer = match shared.answer(block) {
                Message::Piece { piece, begin, data } if piece > 0 && *bad.get_or_insert(piece) == piece => {
                    Message::Piece { piece, begin, data: vec![7; data.len()].into() }
                }
                honest => honest,
            };
            if probe.say([answer]).await.is_err() {
                break;
            }
        }
        let banned = download.ben.event("peer_banned", SOON, |_| true).await?;
        ensure!(banned["index"].as_u64() == bad.map(u64::from), "{banned}, and piece {bad:?} was bad");
        download.is_done(&shared).await?;
        let again = timeout_at(Instant::now(), door.listener.accept()).await;
        ensure!(again.is_err(), "it was dialed again");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_torrent_is_downloaded_without_metadata_and_without_peer_exchange() {
    Stage::play("a_private_torrent_is_downloaded_without_metadata_and_without_peer_exchange", async |stage| {
        let shared = SharedFile::make(stage, "fetched.bin", Shape::new(MIB, 64 * 1024).private())?;
        let door = Door::open(&shared, Ipv4Addr::LOCALHOST).await?;
        let mut download = Downloading::start(stage, &shared, &[door.address()?], &[])?;
        let mut probe = door.accept().await?;
        let said = probe.extensions().await?;
        ensure!(said.ids.pex.is_none() && said.ids.metadata.is_none() && said.metadata_len.is_none(), "{said:?}");
        begin(&mut probe, None).await?;
        serve(&mut probe, &shared, |_| {}).await?;
        download.is_done(&shared).await
    })
    .await;
}
