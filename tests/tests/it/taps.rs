//! Whoever listens on the path, or runs the relay, learns nothing of what is shared.

use anyhow::{Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::ordinary_client::free_port;
use covey_tests::tap::{Streams, contains};
use covey_tests::{NativePeer, Stage, Tap};

use crate::sharing::Sharing;

pub const LEN: u64 = 8 * MIB;
/// Of the file, so many pieces of so many bytes are looked for.
const SAMPLES: u64 = 32;
const SAMPLE_LEN: usize = 16;

/// What must not be seen: parts of the file, its name, and how its torrent is called.
pub fn secrets(sharing: &Sharing) -> Result<Vec<(String, Vec<u8>)>> {
    let file = std::fs::read(&sharing.file)?;
    let mut secrets: Vec<_> = (0..SAMPLES)
        .map(|sample| {
            // Within a block, in front of which stands its header.
            let at = (sample * LEN / SAMPLES) as usize + 100;
            (format!("the file at {at}"), file[at..at + SAMPLE_LEN].to_vec())
        })
        .collect();
    let name = sharing.file.file_name().expect("a shared file has a name").to_string_lossy().into_owned();
    secrets.push(("its name".to_owned(), name.into_bytes()));
    let info_hash = &sharing.info_hash;
    let hash = |at: usize| u8::from_str_radix(&info_hash[at..at + 2], 16);
    secrets.push(("its info-hash".to_owned(), (0..40).step_by(2).map(hash).collect::<Result<_, _>>()?));
    secrets.push(("its info-hash in letters".to_owned(), info_hash.as_bytes().to_vec()));
    secrets.push(("a plain handshake".to_owned(), b"BitTorrent protocol".to_vec()));
    Ok(secrets)
}

pub fn ensure_silent<'a>(heard: impl Iterator<Item = &'a [u8]>, secrets: &[(String, Vec<u8>)]) -> Result<()> {
    let mut bytes = 0;
    for stream in heard {
        bytes += stream.len();
        for (what, secret) in secrets {
            ensure!(!contains(stream, secret), "{what} can be read");
        }
    }
    ensure!(bytes as u64 >= LEN, "only {bytes} bytes were heard: the file went another way");
    Ok(())
}

/// Eve downloads while somebody listens at `port`.
async fn download(stage: &Stage, sharing: &Sharing, port: u16, more: &[&str]) -> Result<Streams> {
    let folder = stage.subfolder("Eve-files")?;
    let tap = Tap::start(port)?;
    let mut eve = NativePeer::download(stage, "Eve", &sharing.invite, &folder, more)?;
    eve.succeeds().await?;
    content::ensure_equal(&sharing.saved_in(&folder), &sharing.file)?;
    tap.streams()
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_path_of_a_direct_link_nothing_can_be_read() {
    Stage::play("on_the_path_of_a_direct_link_nothing_can_be_read", async |stage| {
        let port = free_port()?;
        let listen = format!("127.0.0.1:{port}");
        let sharing = Sharing::start_with(stage, "a private film.bin", LEN, &["--listen", &listen]).await?;
        let streams = download(stage, &sharing, port, &["--no-seed"]).await?;
        ensure_silent(streams.all(), &secrets(&sharing)?)
    })
    .await;
}

/// The control connection is another matter: the server knows names, and TLS keeps them from others.
#[tokio::test(flavor = "multi_thread")]
async fn the_relay_carries_nothing_that_it_could_read() {
    Stage::play("the_relay_carries_nothing_that_it_could_read", async |stage| {
        let sharing = Sharing::start(stage, "a private film.bin", LEN).await?;
        let port = sharing.tracker.address().port();
        let streams = download(stage, &sharing, port, &["--no-seed", "--no-tcp"]).await?;
        let relayed = streams.answers(port, b"GET /link");
        ensure_silent(relayed, &secrets(&sharing)?)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_hears_what_is_not_encrypted() {
    Stage::play("a_tap_hears_what_is_not_encrypted", async |stage| {
        let sharing = Sharing::start_with(stage, "an open film.bin", LEN, &["--unencrypted"]).await?;
        let port = sharing.tracker.address().port();
        let streams = download(stage, &sharing, port, &["--no-seed", "--no-tcp", "--unencrypted"]).await?;
        let secrets = secrets(&sharing)?;
        let relayed: Vec<&[u8]> = streams.answers(port, b"GET /link").collect();
        for (what, secret) in secrets.iter().filter(|(what, _)| what.starts_with("the file")) {
            ensure!(relayed.iter().any(|stream| contains(stream, secret)), "{what} is not heard: the tap is deaf");
        }
        Ok(())
    })
    .await;
}
