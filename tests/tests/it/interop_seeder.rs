//! What `native-peer seed` says and does on the wire, to a peer that is no friend of it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use covey_tests::content::MIB;
use covey_tests::probe::{MODERN, PLAIN, Probe};
use covey_tests::process::Stream;
use covey_tests::wait::{SOON, until};
use covey_tests::{NativePeer, Shape, SharedFile, Stage};
use peer_wire::{BLOCK_LEN_MAX, Block, Message, Reserved};

use crate::torrents::local_address;

const PIECE_LEN: u32 = 64 * 1024;

/// Ana, who serves a file.
struct Seeding {
    shared: SharedFile,
    address: std::net::SocketAddr,
    ana: NativePeer,
}

impl Seeding {
    async fn start(stage: &Stage, shape: Shape<'_>, more: &[&str]) -> Result<Self> {
        let shared = SharedFile::make(stage, "served.bin", shape)?;
        let address = local_address()?;
        let ana = NativePeer::seed(stage, "Ana", (&shared.torrent, &shared.file), address, more).await?;
        Ok(Self { shared, address: address.into(), ana })
    }

    /// It says that it is ready a moment before it takes anybody.
    async fn dial(&self, reserved: Reserved) -> Result<Probe> {
        let greeting = self.shared.greeting(reserved);
        until("a handshake", SOON, async || Ok(Probe::dial(self.address, greeting).await.ok())).await
    }

    /// The same, when it may ask for blocks.
    async fn be_served(&self, reserved: Reserved) -> Result<Probe> {
        let mut probe = self.dial(reserved).await?;
        probe.say([Message::Interested]).await?;
        probe.until_said(&Message::Unchoke).await?;
        Ok(probe)
    }
}

fn is_fast(message: &Message) -> bool {
    use Message::{AllowedFast, HaveAll, HaveNone, Reject, SuggestPiece};
    matches!(message, SuggestPiece(_) | HaveAll | HaveNone | Reject(_) | AllowedFast(_))
}

fn block_of(message: &Message) -> Option<Block> {
    match message {
        Message::Piece { piece, begin, data } => Some(Block { piece: *piece, begin: *begin, len: data.len() as u32 }),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_of_the_oldest_kind_gets_a_whole_bitfield_and_silence_where_others_get_a_reject() {
    let name = "a_peer_of_the_oldest_kind_gets_a_whole_bitfield_and_silence_where_others_get_a_reject";
    Stage::play(name, async |stage| {
        // 61 pieces: three spare bits.
        let seeding = Seeding::start(stage, Shape::new(61 * u64::from(PIECE_LEN), PIECE_LEN), &[]).await?;
        let mut probe = seeding.dial(PLAIN).await?;
        // Neither DHT nor BEP 52, which libtorrent closes for.
        ensure!(probe.greeted_with()[20..28] == [0, 0, 0, 0, 0, 0x10, 0, 0x04], "{:?}", &probe.greeted_with()[20..28]);
        let first = probe.next().await?;
        let whole = Bytes::from_static(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf8]);
        ensure!(first == Some(Message::Bitfield(whole)), "{first:?}");
        let blocks: Vec<Block> = seeding.shared.blocks().collect();
        // Asked while it is choked.
        probe.say([Message::Request(blocks[7]), Message::Interested]).await?;
        probe.until_said(&Message::Unchoke).await?;
        probe.say([Message::Request(blocks[9]), Message::Request(blocks[10]), Message::Cancel(blocks[10])]).await?;
        probe.until_said(&seeding.shared.answer(blocks[9])).await?;
        probe.say([Message::NotInterested, Message::Interested, Message::Request(blocks[11])]).await?;
        probe.until_said(&seeding.shared.answer(blocks[11])).await?;
        let unexpected = |message: &Message| is_fast(message) || matches!(message, Message::Extended { .. });
        let said = probe.heard().iter().map(|heard| &heard.message);
        ensure!(!said.clone().any(unexpected), "{:?}", probe.heard());
        ensure!(!said.filter_map(block_of).any(|block| block == blocks[7]), "it was served while it was choked");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn six_hundred_requests_at_once_are_answered_once_each() {
    Stage::play("six_hundred_requests_at_once_are_answered_once_each", async |stage| {
        let seeding = Seeding::start(stage, Shape::new(10 * MIB, PIECE_LEN), &[]).await?;
        let mut probe = seeding.be_served(MODERN).await?;
        let asked: Vec<Block> = seeding.shared.blocks().take(600).collect();
        ensure!(asked.len() == 600);
        probe.say(asked.iter().map(|block| Message::Request(*block))).await?;
        // Two that are read at the same time may come in any order.
        let mut waiting: BTreeSet<Block> = asked.into_iter().collect();
        probe
            .until("every block", |message| {
                let came = block_of(message)?;
                assert!(waiting.remove(&came) && *message == seeding.shared.answer(came), "{came:?}");
                waiting.is_empty().then_some(())
            })
            .await?;
        ensure!(!probe.heard().iter().any(|heard| matches!(heard.message, Message::Reject(_))));
        Ok(())
    })
    .await;
}

/// With an upload limit, so that what is asked for waits.
#[tokio::test(flavor = "multi_thread")]
async fn as_many_requests_wait_as_are_announced_and_more_are_rejected_or_dropped() {
    Stage::play("as_many_requests_wait_as_are_announced_and_more_are_rejected_or_dropped", async |stage| {
        let seeding = Seeding::start(stage, Shape::new(40 * MIB, PIECE_LEN), &["--up", "1M"]).await?;
        let blocks: Vec<Block> = seeding.shared.blocks().collect();
        let mut probe = seeding.be_served(MODERN).await?;
        let room = probe.extensions().await?.request_queue_max.context("no reqq")? as usize;
        ensure!(room + 200 < blocks.len(), "too few blocks to ask for more than {room}");
        probe.say(blocks.iter().map(|block| Message::Request(*block))).await?;
        let first_rejected = probe.until("a reject", rejected).await?;
        let last = *blocks.last().context("no block")?;
        probe.until("the reject of the last one", |message| (rejected(message) == Some(last)).then_some(())).await?;
        let at = blocks.iter().position(|block| *block == first_rejected).context("rejected what nobody asked for")?;
        ensure!((room..room + 200).contains(&at), "request {at} was rejected, and {room} are announced");
        drop(probe);

        let mut plain = seeding.be_served(PLAIN).await?;
        plain.say(blocks.iter().map(|block| Message::Request(*block))).await?;
        plain.until("a block", block_of).await?;
        ensure!(!plain.heard().iter().any(|heard| is_fast(&heard.message)));
        Ok(())
    })
    .await;
}

fn rejected(message: &Message) -> Option<Block> {
    if let Message::Reject(block) = message { Some(*block) } else { None }
}

/// Asks for two hundred blocks and takes every second one back; how often each was answered with a block, and with a
/// reject, up to the last that was not taken back.
async fn answers_to_cancels(
    stage: &Stage,
    reserved: Reserved,
) -> Result<(BTreeMap<Block, [usize; 2]>, BTreeSet<Block>)> {
    let seeding = Seeding::start(stage, Shape::new(5 * MIB, PIECE_LEN), &["--up", "4M"]).await?;
    let mut probe = seeding.be_served(reserved).await?;
    let asked: Vec<Block> = seeding.shared.blocks().take(200).collect();
    let cancelled: BTreeSet<Block> = asked.iter().skip(1).step_by(2).skip(1).copied().collect();
    let last = *asked.iter().rfind(|block| !cancelled.contains(block)).context("no block")?;
    probe.say(asked.iter().map(|block| Message::Request(*block))).await?;
    // It has begun to read and to send.
    probe.until("a block", block_of).await?;
    probe.say(cancelled.iter().map(|block| Message::Cancel(*block))).await?;
    let mut answers: BTreeMap<Block, [usize; 2]> = asked.iter().map(|block| (*block, [0, 0])).collect();
    probe.until("the last block", |message| (block_of(message) == Some(last)).then_some(())).await?;
    // An answer to this comes after all others.
    probe.say([Message::Request(asked[0])]).await?;
    probe.until("the first block again", |message| (block_of(message) == Some(asked[0])).then_some(())).await?;
    for heard in probe.heard() {
        let (block, what) = match (block_of(&heard.message), rejected(&heard.message)) {
            (Some(block), _) => (block, 0),
            (_, Some(block)) => (block, 1),
            _ => continue,
        };
        answers.get_mut(&block).context("an answer to no request")?[what] += 1;
    }
    answers.remove(&asked[0]);
    Ok((answers, cancelled))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_request_is_answered_once_and_all_others_with_their_blocks() {
    Stage::play("a_cancelled_request_is_answered_once_and_all_others_with_their_blocks", async |stage| {
        let (answers, cancelled) = answers_to_cancels(stage, MODERN).await?;
        for (block, [sent, rejected]) in answers {
            match cancelled.contains(&block) {
                true => ensure!(sent + rejected == 1, "{block:?} was sent {sent} times and rejected {rejected} times"),
                false => ensure!((sent, rejected) == (1, 0), "{block:?}: {sent} {rejected}"),
            }
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_fast_extension_a_cancelled_request_is_answered_with_its_block_or_not_at_all() {
    let name = "without_the_fast_extension_a_cancelled_request_is_answered_with_its_block_or_not_at_all";
    Stage::play(name, async |stage| {
        let (answers, cancelled) = answers_to_cancels(stage, PLAIN).await?;
        let mut saved = 0;
        for (block, [sent, rejected]) in answers {
            let is_cancelled = cancelled.contains(&block);
            ensure!(rejected == 0 && (sent == 1 || is_cancelled && sent == 0), "{block:?}: {sent} {rejected}");
            saved += usize::from(sent == 0);
        }
        ensure!(saved > 0, "everything that was cancelled was sent");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_of_any_length_up_to_16_kib_are_served() {
    Stage::play("blocks_of_any_length_up_to_16_kib_are_served", async |stage| {
        let seeding = Seeding::start(stage, Shape::new(1_000_000, 100_000), &[]).await?;
        let mut probe = seeding.be_served(MODERN).await?;
        // As Transmission cuts such pieces, and odd ones.
        let eighths = (0..8).map(|index| Block { piece: 3, begin: 12_500 * index, len: 12_500 });
        let odd = [(9, 99_999, 1), (4, 1, 3), (4, 50_001, BLOCK_LEN_MAX)].map(|(piece, begin, len)| Block {
            piece,
            begin,
            len,
        });
        for block in eighths.chain(odd) {
            probe.say([Message::Request(block)]).await?;
            probe.until_said(&seeding.shared.answer(block)).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_nobody_could_answer_ends_the_link_and_is_said_why() {
    Stage::play("a_request_that_nobody_could_answer_ends_the_link_and_is_said_why", async |stage| {
        let seeding = Seeding::start(stage, Shape::new(10 * u64::from(PIECE_LEN) + 1, PIECE_LEN), &[]).await?;
        let wrong =
            [(0, 0, 128 * 1024 + 1), (0, 0, 0), (11, 0, 1), (10, 0, 2), (0, u32::MAX, u32::MAX), (0, PIECE_LEN, 1)];
        for (piece, begin, len) in wrong {
            let mut probe = seeding.be_served(MODERN).await?;
            let first = seeding.ana.process().transcript().len();
            probe.say([Message::Request(Block { piece, begin, len })]).await?;
            probe.until_closed().await.with_context(|| format!("{piece} {begin} {len}"))?;
            let says =
                |_: Stream, line: &str| line.contains("request outside the torrent or above 16 KiB").then_some(());
            seeding.ana.process().line_after(first, "why", SOON, says).await?;
        }
        let mut probe = seeding.be_served(MODERN).await?;
        let last = Block { piece: 10, begin: 0, len: 1 };
        probe.say([Message::Request(last)]).await?;
        probe.until_said(&seeding.shared.answer(last)).await
    })
    .await;
}

/// As libtorrent and aria2 do, thousands of times a second.
#[tokio::test(flavor = "multi_thread")]
async fn who_asks_again_at_once_for_what_was_rejected_is_let_go() {
    Stage::play("who_asks_again_at_once_for_what_was_rejected_is_let_go", async |stage| {
        let seeding = Seeding::start(stage, Shape::new(MIB, PIECE_LEN), &[]).await?;
        let mut probe = seeding.dial(MODERN).await?;
        let block = seeding.shared.blocks().next().context("no block")?;
        probe.say([Message::Request(block)]).await?;
        let mut rejects = 0;
        while let Some(message) = probe.next().await? {
            if rejected(&message).is_some() {
                rejects += 1;
                // Whether it is open still is what is to be seen.
                let _ = probe.say([Message::Request(block)]).await;
            }
        }
        ensure!((1_000..20_000).contains(&rejects), "{rejects} rejects");
        let says = |_: Stream, line: &str| line.contains("sent more than it was asked for").then_some(());
        seeding.ana.process().line("why", SOON, says).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_torrent_is_served_without_metadata_and_without_peer_exchange() {
    Stage::play("a_private_torrent_is_served_without_metadata_and_without_peer_exchange", async |stage| {
        let seeding = Seeding::start(stage, Shape::new(MIB, PIECE_LEN).private(), &[]).await?;
        let mut probe = seeding.be_served(MODERN).await?;
        let said = probe.extensions().await?;
        ensure!(said.ids.pex.is_none() && said.ids.metadata.is_none() && said.metadata_len.is_none(), "{said:?}");
        ensure!(said.upload_only, "it has everything: {said:?}");
        Ok(())
    })
    .await;
}
