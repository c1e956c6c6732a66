//! Torrents from web seeds (BEP 19), alone and beside peers, with a real HTTP server.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::wait::{SOON, TRANSFER};
use covey_tests::web_server::Conduct;
use covey_tests::{NativePeer, Stage, WebServer};
use metainfo::{Info, Metainfo};
use sha1::{Digest, Sha1};

use super::torrents::{Folder, download, local_address, seed};

const PIECE_LEN: u64 = 64 * 1024;

/// One file that is shared.
struct Film {
    folder: PathBuf,
    torrent: PathBuf,
}

const FILM: &str = "Film ä.mkv";

impl Film {
    async fn make(stage: &Stage, len: u64) -> Result<Self> {
        let folder = stage.subfolder("web")?;
        let file = folder.join(FILM);
        content::write(&file, len, 5)?;
        let torrent = stage.folder().join("film.torrent");
        let arguments = ["create".as_ref(), file.as_os_str(), "-o".as_ref(), torrent.as_os_str()];
        let piece_len = ["--piece-size".as_ref(), "64Ki".as_ref()];
        NativePeer::start(stage, "Maker", &[&arguments[..], &piece_len].concat())?.succeeds().await?;
        Ok(Self { folder, torrent })
    }

    /// The same torrent with these web seeds.
    fn with_seeds(&self, urls: &[&str]) -> Result<String> {
        with_seeds(&self.torrent, urls)
    }

    fn ensure_equal(&self, downloaded: &Path) -> Result<()> {
        content::ensure_equal(downloaded, &self.folder.join(FILM))
    }
}

fn with_seeds(torrent: &Path, urls: &[&str]) -> Result<String> {
    let mut metainfo = Metainfo::parse(&std::fs::read(torrent)?)?;
    metainfo.web_seeds = urls.iter().map(|url| (*url).to_owned()).collect();
    std::fs::write(torrent, metainfo.encode())?;
    Ok(torrent.display().to_string())
}

/// Everything that a download needs of seeds on this machine.
const HERE: [&str; 2] = ["--allow-private", "--no-seed"];

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_downloaded_from_web_seeds_alone() {
    Stage::play("a_file_is_downloaded_from_web_seeds_alone", async |stage| {
        let film = Film::make(stage, 12 * MIB + 77).await?;
        let server = WebServer::start(film.folder.clone(), Conduct::Honest).await?;
        // As the file's own address, and below one that ends with a slash.
        for (who, url) in [("Ana", server.url("Film%20%C3%A4.mkv")), ("Ben", server.url(""))] {
            let torrent = film.with_seeds(&[&url])?;
            let into = stage.subfolder(&format!("{who}-files"))?;
            let mut peer = download(stage, who, &torrent, &into, &HERE)?;
            let name = url.trim_start_matches("http://").split('/').next().context("a host")?;
            let joined = peer.event("peer", SOON, |event| event["event"] == "join").await?;
            ensure!(joined["name"] == format!("web seed {name}"), "{joined}");
            peer.done().await?;
            peer.succeeds().await?;
            film.ensure_equal(&into.join(FILM))?;
        }
        let asked = server.asked();
        ensure!(asked.iter().all(|asked| asked.path == "/Film%20%C3%A4.mkv" && asked.range.is_some()), "{asked:?}");
        // Neighbours are asked for together: two downloads of 770 blocks each.
        ensure!(asked.len() < 770, "{} requests", asked.len());
        Ok(())
    })
    .await;
}

/// Files between which there is padding, as of a hybrid torrent: name, bytes.
const PADDED: [(&str, usize); 6] = [
    ("one/Österreich 字幕?.srt", 100_000),
    (".pad/31072", 31_072),
    ("empty", 0),
    ("one/%41 #&.bin", 300_000),
    (".pad/27680", 27_680),
    ("zz", 1),
];

/// A torrent as other programs make them, and its files below `folder`.
fn padded_torrent(folder: &Path, torrent: &Path, url: &str) -> Result<()> {
    let (mut bytes, mut files) = (Vec::new(), String::new());
    for (seed, (name, len)) in (1..).zip(PADDED) {
        let is_padding = name.starts_with(".pad");
        let path = folder.join(name);
        if is_padding {
            bytes.resize(bytes.len() + len, 0);
        } else {
            std::fs::create_dir_all(path.parent().context("a file in a folder")?)?;
            content::write(&path, len as u64, seed)?;
            bytes.extend(std::fs::read(&path)?);
        }
        let parts: String = name.split('/').map(|part| format!("{}:{part}", part.len())).collect();
        let attributes = if is_padding { "4:attr1:p" } else { "" };
        files += &format!("d{attributes}6:lengthi{len}e4:pathl{parts}ee");
    }
    let pieces: Vec<u8> = bytes.chunks(PIECE_LEN as usize).flat_map(Sha1::digest).collect();
    let head = format!("d5:filesl{files}e4:name6:season12:piece lengthi{PIECE_LEN}e6:pieces{}:", pieces.len());
    let info = Info::parse([head.as_bytes(), &pieces, b"e"].concat().into())?;
    let metainfo = Metainfo { web_seeds: vec![url.to_owned()], ..Metainfo::from(info) };
    Ok(std::fs::write(torrent, metainfo.encode())?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_with_padding_and_an_empty_file_is_downloaded_from_a_web_seed() {
    Stage::play("a_folder_with_padding_and_an_empty_file_is_downloaded_from_a_web_seed", async |stage| {
        let web = stage.subfolder("web")?;
        let server = WebServer::start(web.clone(), Conduct::Honest).await?;
        let torrent = stage.folder().join("season.torrent");
        padded_torrent(&web.join("season"), &torrent, &server.url(""))?;
        let into = stage.subfolder("Ben-files")?;
        let mut ben = download(stage, "Ben", &torrent.display().to_string(), &into, &HERE)?;
        ben.done().await?;
        ben.succeeds().await?;
        // The name that is not safe on every disk is another one there.
        for (name, saved) in [(PADDED[0].0, "one/Österreich 字幕_.srt"), (PADDED[3].0, PADDED[3].0), ("zz", "zz")] {
            content::ensure_equal(&into.join("season").join(saved), &web.join("season").join(name))?;
        }
        ensure!(std::fs::metadata(into.join("season/empty"))?.len() == 0);
        let mut paths: Vec<String> = server.asked().into_iter().map(|asked| asked.path).collect();
        paths.sort_unstable();
        paths.dedup();
        let expected =
            ["/season/one/%2541%20%23%26.bin", "/season/one/%C3%96sterreich%20%E5%AD%97%E5%B9%95%3F.srt", "/season/zz"];
        ensure!(paths == expected, "{paths:?}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_seed_that_sends_wrong_bytes_is_banned_and_the_file_comes_from_another() {
    Stage::play("a_web_seed_that_sends_wrong_bytes_is_banned_and_the_file_comes_from_another", async |stage| {
        let film = Film::make(stage, 4 * MIB).await?;
        let bad = WebServer::start(film.folder.clone(), Conduct::Corrupt).await?;
        let good = WebServer::start(film.folder.clone(), Conduct::Slow(MIB)).await?;
        let torrent = film.with_seeds(&[&bad.url(""), &good.url("")])?;
        let into = stage.subfolder("Ben-files")?;
        let mut ben = download(stage, "Ben", &torrent, &into, &HERE)?;
        let banned = ben.event("peer_banned", TRANSFER, |_| true).await?;
        let host = bad.url("");
        ensure!(banned["name"] == format!("web seed {}", host.trim_start_matches("http://").trim_end_matches('/')));
        let asked = bad.asked().len();
        ben.done().await?;
        ben.succeeds().await?;
        film.ensure_equal(&into.join(FILM))?;
        // Requests that were on their way may have come in meanwhile.
        ensure!(bad.asked().len() <= asked + 3, "{} requests, then {}", asked, bad.asked().len());
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_seed_that_ignores_ranges_serves_small_files_and_is_given_up_for_large_ones() {
    Stage::play("a_web_seed_that_ignores_ranges_serves_small_files_and_is_given_up_for_large_ones", async |stage| {
        let film = Film::make(stage, 900_000).await?;
        let server = WebServer::start(film.folder.clone(), Conduct::WholeFiles).await?;
        let into = stage.subfolder("Ana-files")?;
        let mut ana = download(stage, "Ana", &film.with_seeds(&[&server.url("")])?, &into, &HERE)?;
        ana.done().await?;
        ana.succeeds().await?;
        film.ensure_equal(&into.join(FILM))?;

        let film = Film::make(stage, 3 * MIB).await?;
        let into = stage.subfolder("Ben-files")?;
        let torrent = film.with_seeds(&[&server.url("")])?;
        let mut ben = download(stage, "Ben", &torrent, &into, &[&HERE[..], &["--timeout", "3s"]].concat())?;
        let said = said(&ben, "is not asked any more").await?;
        ensure!(said.contains("it sends whole files only"), "{said}");
        ben.fails_with(3).await?;
        Ok(())
    })
    .await;
}

/// Waits for a line for people.
async fn said(peer: &NativePeer, words: &str) -> Result<String> {
    let what = format!("a line with `{words}`");
    peer.process().line(&what, SOON, |_, line| line.contains(words).then(|| line.to_owned())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_seed_that_redirects_is_followed_and_one_that_lacks_the_file_is_given_up() {
    Stage::play("a_web_seed_that_redirects_is_followed_and_one_that_lacks_the_file_is_given_up", async |stage| {
        let film = Film::make(stage, 2 * MIB).await?;
        let server = WebServer::start(film.folder.clone(), Conduct::Honest).await?;
        let into = stage.subfolder("Ben-files")?;
        let mut ben = download(stage, "Ben", &film.with_seeds(&[&server.url("moved/")])?, &into, &HERE)?;
        ben.done().await?;
        ben.succeeds().await?;
        film.ensure_equal(&into.join(FILM))?;

        let into = stage.subfolder("Cem-files")?;
        let torrent = film.with_seeds(&[&server.url("elsewhere/")])?;
        let mut cem = download(stage, "Cem", &torrent, &into, &[&HERE[..], &["--timeout", "3s"]].concat())?;
        let said = said(&cem, "is not asked any more").await?;
        ensure!(said.contains("it answers 404 Not Found"), "{said}");
        cem.fails_with(3).await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_seed_that_is_busy_is_asked_again_when_it_says() {
    Stage::play("a_web_seed_that_is_busy_is_asked_again_when_it_says", async |stage| {
        let film = Film::make(stage, 2 * MIB).await?;
        let server = WebServer::start(film.folder.clone(), Conduct::BusyFirst(1)).await?;
        let into = stage.subfolder("Ben-files")?;
        let mut ben = download(stage, "Ben", &film.with_seeds(&[&server.url("")])?, &into, &HERE)?;
        let said = said(&ben, "gives nothing now").await?;
        ensure!(said.contains("it answers 503 Service Unavailable. It is asked again in 2"), "{said}");
        ben.done().await?;
        ben.succeeds().await?;
        film.ensure_equal(&into.join(FILM))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_seed_and_a_seeder_serve_beside_each_other() {
    Stage::play("a_web_seed_and_a_seeder_serve_beside_each_other", async |stage| {
        let folder = Folder::make(stage, None).await?;
        // At such rates neither has sent it all before the other begins.
        let server = WebServer::start(folder.parent.clone(), Conduct::Slow(500_000)).await?;
        let address = local_address()?;
        let ana = seed(stage, "Ana", &folder, address).await?;
        let torrent = with_seeds(&folder.torrent, &[&server.url("")])?;
        let into = stage.subfolder("Ben-files")?;
        let peer = address.to_string();
        let more = ["--peer", &peer, "--down", "2M"];
        let mut ben = download(stage, "Ben", &torrent, &into, &[&HERE[..], &more].concat())?;
        ben.done().await?;
        ben.succeeds().await?;
        folder.ensure_equal(&into.join("season"))?;
        ensure!(!server.asked().is_empty());
        ana.event("progress", SOON, |event| event["sent"].as_u64().is_some_and(|sent| sent > 0)).await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_magnet_link_names_web_seeds() {
    Stage::play("a_magnet_link_names_web_seeds", async |stage| {
        let folder = Folder::make(stage, None).await?;
        let server = WebServer::start(folder.parent.clone(), Conduct::Honest).await?;
        let address = local_address()?;
        let _ana = seed(stage, "Ana", &folder, address).await?;
        with_seeds(&folder.torrent, &[&server.url("")])?;
        let magnet = folder.metainfo()?.magnet().to_string();
        ensure!(magnet.contains("&ws="), "{magnet}");
        let into = stage.subfolder("Ben-files")?;
        let more = ["--peer", &address.to_string(), "--down", "2M"];
        let mut ben = download(stage, "Ben", &magnet, &into, &[&HERE[..], &more].concat())?;
        ben.done().await?;
        ben.succeeds().await?;
        folder.ensure_equal(&into.join("season"))?;
        ensure!(!server.asked().is_empty());
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torrent_sends_nobody_to_this_machine_but_whoever_got_it_from_there() {
    Stage::play("a_torrent_sends_nobody_to_this_machine_but_whoever_got_it_from_there", async |stage| {
        let film = Film::make(stage, MIB).await?;
        let server = WebServer::start(film.folder.clone(), Conduct::Honest).await?;
        let port = server.url("").rsplit(':').next().context("a port")?.to_owned();
        let torrent = film.with_seeds(&[&server.url(""), &format!("http://localhost:{port}")])?;
        let into = stage.subfolder("Ben-files")?;
        let mut ben = download(stage, "Ben", &torrent, &into, &["--timeout", "3s"])?;
        for host in ["127.0.0.1", "localhost"] {
            let refused = said(&ben, &format!("The web seed {host}")).await?;
            ensure!(refused.contains("it is on this machine, where a torrent may not send us"), "{refused}");
        }
        ben.fails_with(3).await?;
        ensure!(server.asked().is_empty(), "{:?}", server.asked());

        std::fs::copy(&film.torrent, film.folder.join("film.torrent"))?;
        let mut cem = download(stage, "Cem", &server.url("film.torrent"), &into, &["--no-seed"])?;
        cem.done().await?;
        cem.succeeds().await?;
        film.ensure_equal(&into.join(FILM))
    })
    .await;
}
