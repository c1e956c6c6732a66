//! Films and songs, played in a tab while they come.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use covey_tests::browser::PlayerView;
use covey_tests::content::MIB;
use covey_tests::wait::{SOON, TRANSFER};
use covey_tests::{Browser, NativePeer, PageView, Proxy, Stage, Tracker};
use serde_json::json;

use crate::sharing::ANA;
use crate::world::World;

const CLEO: &str = "Cleo";
/// Of the song, bytes per second: 16 bits, two channels, 22,050 times a second.
const SONG_RATE: u32 = 88_200;
/// How long the song lasts, seconds.
const SONG_LEN: u32 = 120;

/// A film or a song that is checked in.
pub fn medium(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("media").join(name)
}

pub fn goes_on(player: &PlayerView) -> bool {
    player.is_playing && player.time > 0.3
}

/// Plays one after the other what a group has.
pub async fn play_each(cleo: &Browser, names: &[&str]) -> Result<()> {
    for name in names {
        cleo.click_in("file-row", name, "play-now").await?;
        let player = cleo.until_player(&format!("{name} goes on"), TRANSFER, goes_on).await?;
        ensure!(player.name == *name && player.trouble.is_empty(), "{player:?}");
        let has_picture = player.width > 0;
        ensure!(has_picture == (name.ends_with("mp4") || name.ends_with("webm")), "{player:?}");
        println!("{name}: first after {:?} ms", player.first_ms);
        // Forward past what it has read ahead, and back.
        cleo.seek(player.duration - 1.5).await?;
        let end = player.duration - 1.4;
        cleo.until_player("the end of it", SOON, |player| player.time > end && player.trouble.is_empty()).await?;
        cleo.seek(0.0).await?;
        cleo.resume().await?;
        cleo.until_player("the beginning again", SOON, |player| player.is_playing && player.time < 3.0).await?;
        cleo.click("close-player").await?;
        ensure!(cleo.player().await?.is_none(), "it is still there");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn films_and_songs_of_many_kinds_are_played_and_of_others_it_is_said_that_they_are_not() {
    let name = "films_and_songs_of_many_kinds_are_played_and_of_others_it_is_said_that_they_are_not";
    Stage::play(name, async |stage| {
        let played = ["index-first.mp4", "index-last.mp4", "film.webm", "song.mp3", "song.flac"];
        let world = World::start(stage).await?;
        let (slug, link) = world.create(ANA, "Films").await?;
        let refused = ["noise.mp4", "old.wmv"];
        let mut files: Vec<PathBuf> = played.iter().map(|name| medium(name)).collect();
        for name in refused {
            files.push(stage.file(name, MIB)?);
        }
        let mut sharing = Vec::new();
        for file in &files {
            let ana = NativePeer::share(stage, ANA, file, &world.server, &["--group", &slug])?;
            ana.ready().await?;
            sharing.push(ana);
        }
        let cleo = stage.browser(CLEO).await?;
        cleo.join(&link).await?;
        let all = files.len();
        cleo.until("the files", SOON, |page| (page.files.len() == all).then_some(())).await?;
        play_each(&cleo, &played).await?;
        for name in refused {
            cleo.click_in("file-row", name, "play-now").await?;
            let player = cleo.until_player("that it cannot", TRANSFER, |player| !player.trouble.is_empty()).await?;
            ensure!(player.line.contains(&format!("cannot play {name}")), "{player:?}");
            ensure!(player.line.contains("The download goes on"), "{player:?}");
            cleo.click("close-player").await?;
        }
        // What is here is played as what comes: after a reload, from the browser's disk.
        cleo.client().refresh().await?;
        let is_kept = |page: &PageView| {
            let is_kept = page.shows("continue") && page.stored.iter().any(|line| line.contains("index-last.mp4"));
            is_kept.then_some(())
        };
        cleo.until("what is kept", SOON, is_kept).await?;
        cleo.click_in("stored-row", "index-last.mp4", "continue").await?;
        cleo.click_once_shown("play").await?;
        cleo.until_player("what was kept goes on", SOON, goes_on).await?;
        Ok(())
    })
    .await;
}

const ASK_BEYOND_THE_END: &str = r#"
const done = arguments[0];
const { src } = document.querySelector('[data-testid="player"] :is(video, audio)');
fetch(src, { headers: { range: "bytes=999999999-" } })
  .then((response) => response.text().then(() => done(response.status)))
  .catch((error) => done(String(error)));
"#;

/// A film whose index lies behind `between` bytes that are of no use.
fn film_with_a_far_index(stage: &Stage, between: u32) -> Result<PathBuf> {
    let path = stage.file("far index.mp4", 1)?;
    write_film_with_a_far_index(stage, &path, between)?;
    Ok(path)
}

fn write_film_with_a_far_index(stage: &Stage, path: &Path, between: u32) -> Result<()> {
    let film = std::fs::read(medium("index-last.mp4"))?;
    let index = film.windows(4).position(|name| name == b"moov").context("a film has an index")? - 4;
    let unused = stage.file("unused", u64::from(between) - 8)?;
    let (head, tail) = film.split_at(index);
    let free = [&between.to_be_bytes()[..], b"free", &std::fs::read(unused)?].concat();
    Ok(std::fs::write(path, [head, &free, tail].concat())?)
}

/// Ana shares a file behind a slow network, and Cleo has the page.
async fn slow(stage: &Stage, file: &Path, bytes_per_second: u64) -> Result<(Tracker, NativePeer, Proxy, Browser)> {
    let tracker = Tracker::start(stage).await?;
    let ana = NativePeer::share(stage, ANA, file, &tracker.url(), &[])?;
    let invite = ana.invite().await?;
    ana.ready().await?;
    let proxy = Proxy::start(tracker.address()).await?;
    let cleo = stage.browser(CLEO).await?;
    cleo.open(&proxy.invite(&invite)).await?;
    cleo.until("the button", SOON, |page| page.shows("join-and-play").then_some(())).await?;
    proxy.limit_from_server(bytes_per_second);
    cleo.click("join-and-play").await?;
    Ok((tracker, ana, proxy, cleo))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_begins_long_before_it_is_here_wherever_its_index_is() {
    Stage::play("a_film_begins_long_before_it_is_here_wherever_its_index_is", async |stage| {
        let file = film_with_a_far_index(stage, 40 << 20)?;
        let len = std::fs::metadata(&file)?.len();
        let (_tracker, _ana, proxy, cleo) = slow(stage, &file, 2_000_000).await?;
        let player = cleo.until_player("it goes on", TRANSFER, goes_on).await?;
        let page = cleo.page().await?;
        println!("first picture after {:?} ms, with {} of {len} bytes", player.first_ms, page.have_bytes);
        ensure!(player.width > 0 && page.have_bytes < len / 2, "only with {} bytes: {player:?}", page.have_bytes);
        // Of what is beyond the end there is nothing, and that is an answer.
        let status = cleo.client().execute_async(ASK_BEYOND_THE_END, vec![]).await?;
        ensure!(status == 416, "{status}");
        proxy.unlimit();
        cleo.until_saved(&file, TRANSFER).await?;
        Ok(())
    })
    .await;
}

/// Of the film: what is said when, milliseconds.
const SAID: [(u32, u32, &str); 2] = [(1_000, 2_500, "Good morning."), (3_500, 5_500, "It is raining.")];
const SAID_IN_GERMAN: (u32, u32, &str) = (0, 6_000, "Guten Morgen.");

/// As files of subtitles have it. `point`: before the milliseconds.
fn cue((from, to, text): (u32, u32, &str), point: char) -> String {
    let moment = |ms| format!("00:00:0{}{point}{:03}", ms / 1_000, ms % 1_000);
    format!("{} --> {}\n{text}\n\n", moment(from), moment(to))
}

/// As from the player's menu, and back to the beginning.
const CHOOSE_GERMAN: &str = r#"
const film = document.querySelector('[data-testid="player"] video');
for (const track of film.textTracks) track.mode = track.label === 'de' ? 'showing' : 'disabled';
film.currentTime = 0.5;
film.play();
return null;
"#;

/// A folder with a film, what is said in it, and more.
fn folder_with_a_film(stage: &Stage) -> Result<PathBuf> {
    let folder = stage.subfolder("season")?;
    std::fs::write(folder.join("about.txt"), "A film.")?;
    std::fs::rename(stage.file("before", 12 * MIB)?, folder.join("bonus.bin"))?;
    write_film_with_a_far_index(stage, &folder.join("film.mp4"), 16 << 20)?;
    let said: String = (1..).zip(SAID).map(|(number, said)| format!("{number}\n{}", cue(said, ','))).collect();
    std::fs::write(folder.join("film.srt"), said)?;
    std::fs::write(folder.join("film.de.vtt"), format!("WEBVTT\n\n{}", cue(SAID_IN_GERMAN, '.')))?;
    std::fs::rename(stage.file("behind", 12 * MIB)?, folder.join("pictures.zip"))?;
    Ok(folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_in_a_folder_begins_before_the_folder_is_here_and_what_is_said_in_it_is_shown_at_its_moment() {
    let name = "a_film_in_a_folder_begins_before_the_folder_is_here_and_what_is_said_in_it_is_shown_at_its_moment";
    Stage::play(name, async |stage| {
        let folder = folder_with_a_film(stage)?;
        let tracker = Tracker::start(stage).await?;
        let ana = NativePeer::share(stage, ANA, &folder, &tracker.url(), &[])?;
        let invite = ana.invite().await?;
        ana.ready().await?;
        let proxy = Proxy::start(tracker.address()).await?;
        let cleo = stage.browser(CLEO).await?;
        cleo.open(&proxy.invite(&invite)).await?;
        proxy.limit_from_server(1_000_000);
        cleo.press_join().await?;
        cleo.click_once_shown("play").await?;
        for (from, to, text) in SAID {
            let is_shown = |player: &PlayerView| player.subtitle == text;
            let player = cleo.until_player(text, TRANSFER, is_shown).await?;
            let [from, to] = [from, to].map(|ms| f64::from(ms) / 1_000.0);
            ensure!(player.name == "film.mp4" && (from..to + 0.5).contains(&player.time), "{player:?}");
            let is_over = |player: &PlayerView| player.subtitle.is_empty();
            let player = cleo.until_player("nothing is said", TRANSFER, is_over).await?;
            ensure!(player.time >= to - 0.5, "{player:?}");
        }
        cleo.client().execute(CHOOSE_GERMAN, vec![]).await?;
        let is_german = |player: &PlayerView| player.subtitle == SAID_IN_GERMAN.2;
        cleo.until_player("the other subtitles", TRANSFER, is_german).await?;
        let page = cleo.page().await?;
        ensure!(page.state == "downloading", "the folder was here before the film was over: {page:?}");
        proxy.unlimit();
        cleo.until("the folder", TRANSFER, |page| (page.state == "done").then_some(())).await?;
        Ok(())
    })
    .await;
}

/// Two minutes of a sawtooth.
fn song(stage: &Stage) -> Result<PathBuf> {
    let len = SONG_RATE * SONG_LEN;
    let mut song = [&b"RIFF"[..], &(len + 36).to_le_bytes(), b"WAVEfmt ", &16_u32.to_le_bytes()].concat();
    song.extend([1_u16, 2].iter().flat_map(|word| word.to_le_bytes()));
    song.extend([SONG_RATE / 4, SONG_RATE].iter().flat_map(|word| word.to_le_bytes()));
    song.extend([4_u16, 16].iter().flat_map(|word| word.to_le_bytes()));
    song.extend([&b"data"[..], &len.to_le_bytes()].concat());
    song.extend((0..len / 2).flat_map(|at| ((at.wrapping_mul(401) >> 3) as i16 / 8).to_le_bytes()));
    let path = stage.file("song.wav", 1)?;
    std::fs::write(&path, song)?;
    Ok(path)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_song_goes_on_over_seeks_and_after_the_service_worker_was_stopped() {
    Stage::play("a_song_goes_on_over_seeks_and_after_the_service_worker_was_stopped", async |stage| {
        let file = song(stage)?;
        let len = std::fs::metadata(&file)?.len();
        let half_as_fast_again = u64::from(SONG_RATE) * 3 / 2;
        let (_tracker, _ana, proxy, cleo) = slow(stage, &file, half_as_fast_again).await?;
        let player = cleo.until_player("it goes on", TRANSFER, |player| player.time > 4.0).await?;
        println!("first sound after {:?} ms, {} stalls in 4 s", player.first_ms, player.stalls);
        for to in [90.0, 30.0] {
            cleo.seek(to).await?;
            let is_there = |player: &PlayerView| player.is_playing && player.time > to + 1.0;
            cleo.until_player(&format!("it goes on at {to}"), TRANSFER, is_there).await?;
            let have = cleo.page().await?.have_bytes;
            ensure!(have < len / 2, "it went there only with {have} of {len} bytes");
        }
        ensure!(cleo.page().await?.policy == "rarest-first", "another policy was chosen");

        cleo.pause().await?;
        cleo.devtools("ServiceWorker.enable", json!({})).await?;
        cleo.devtools("ServiceWorker.stopAllWorkers", json!({})).await?;
        cleo.seek(60.0).await?;
        cleo.resume().await?;
        let is_there = |player: &PlayerView| player.is_playing && player.time > 61.0;
        let player = cleo.until_player("it goes on without the old one", TRANSFER, is_there).await?;
        ensure!(player.trouble.is_empty(), "{player:?}");

        cleo.click("close-player").await?;
        proxy.unlimit();
        cleo.until_saved(&file, TRANSFER).await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_https_a_film_is_played_once_it_is_here_and_until_then_it_is_said_why() {
    Stage::play("without_https_a_film_is_played_once_it_is_here_and_until_then_it_is_said_why", async |stage| {
        let film = film_with_a_far_index(stage, 8 << 20)?;
        let tracker = Tracker::start(stage).await?;
        let ana = NativePeer::share(stage, ANA, &film, &tracker.url(), &[])?;
        let invite = ana.invite().await?;
        ana.ready().await?;
        let proxy = Proxy::start(tracker.address()).await?;
        let cleo = stage.browser(CLEO).await?;
        // The one address of this computer that is no secure place.
        cleo.open(&proxy.invite(&invite).replace("127.0.0.1", "0.0.0.0")).await?;
        cleo.until("the button", SOON, |page| page.shows("join-and-play").then_some(())).await?;
        proxy.limit_from_server(1_000_000);
        cleo.click("join-and-play").await?;
        cleo.until_player("why it waits", SOON, |player| player.line.contains("without HTTPS")).await?;
        proxy.unlimit();
        let player = cleo.until_player("it goes on", TRANSFER, goes_on).await?;
        ensure!(player.width > 0, "{player:?}");
        Ok(())
    })
    .await;
}
