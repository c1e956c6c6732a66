//! What is already there is never lost: whatever has a name that a download needs is looked at before anything is fetched.

use std::ffi::OsStr;
use std::os::unix::fs::{MetadataExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::wait::TRANSFER;
use covey_tests::{NativePeer, Stage};

use crate::torrents::{download, local_address};

const LEN: u64 = 3 * MIB + 5;
const NAME: &str = "movie.bin";
const USAGE: i32 = 2;
const NO_SOURCE: i32 = 3;
const LOCAL_FILES: i32 = 6;
/// What the person may say.
const FLAGS: [&[&str]; 2] = [&[], &["--overwrite"]];

/// A file that Ana serves to whoever has its torrent.
struct Served {
    file: PathBuf,
    torrent: String,
    peer: String,
    _ana: NativePeer,
}

impl Served {
    async fn start(stage: &Stage, more: &[&str]) -> Result<Self> {
        let (file, torrent) = (stage.file(NAME, LEN)?, stage.folder().join("movie.torrent"));
        let create = ["create".as_ref(), file.as_os_str(), "-o".as_ref(), torrent.as_os_str()];
        let pieces: [&OsStr; 2] = ["--piece-size".as_ref(), "64Ki".as_ref()];
        NativePeer::start(stage, "Maker", &[&create[..], &pieces].concat())?.succeeds().await?;
        let address = local_address()?;
        let ana = NativePeer::seed(stage, "Ana", (&torrent, &file), address, more).await?;
        Ok(Self { file, torrent: torrent.display().to_string(), peer: address.to_string(), _ana: ana })
    }

    fn download(&self, stage: &Stage, to: &Path, more: &[&str]) -> Result<NativePeer> {
        let all = [&["--peer", &self.peer, "--no-seed"], more].concat();
        download(stage, "Ben", &self.torrent, to, &all)
    }

    /// It is refused, and says so of this path.
    async fn refused(&self, stage: &Stage, to: &Path, more: &[&str], named: &Path) -> Result<String> {
        let said = self.download(stage, to, more)?.fails_with(LOCAL_FILES).await;
        let said = said.with_context(|| format!("{more:?} to {}", to.display()))?;
        ensure!(said.contains(&named.display().to_string()), "{} is not named: {said}", named.display());
        Ok(said)
    }

    async fn saved(&self, stage: &Stage, to: &Path, more: &[&str], path: &Path) -> Result<()> {
        self.download(stage, to, more)?.succeeds().await.with_context(|| format!("to {}", path.display()))?;
        content::ensure_equal(path, &self.file)
    }
}

/// What can have a name: each makes one there.
type Make = fn(&Path) -> Result<()>;

fn others() -> Vec<(&'static str, Make)> {
    vec![
        ("folder", |path| Ok(std::fs::create_dir(path)?)),
        ("link", |path| {
            let file = path.with_extension("precious");
            std::fs::write(&file, b"precious")?;
            Ok(symlink(file, path)?)
        }),
        ("link", |path| Ok(symlink(path.parent().context("a folder")?, path)?)),
        ("link", |path| Ok(symlink(path.with_extension("nowhere"), path)?)),
        ("link", |path| Ok(symlink(path, path)?)),
        ("link", |path| Ok(symlink("/dev/null", path)?)),
        ("pipe", |path| {
            ensure!(std::process::Command::new("mkfifo").arg(path).status()?.success(), "no pipe");
            Ok(())
        }),
        ("socket", |path| {
            UnixListener::bind(path)?;
            Ok(())
        }),
        ("device", |path| {
            let made = std::process::Command::new("mknod").arg(path).args(["c", "1", "7"]).status()?;
            ensure!(made.success(), "no device: making one takes root");
            Ok(())
        }),
    ]
}

/// What identifies it, and whether it was changed.
fn state(path: &Path) -> Result<(u64, u64, i64, i64)> {
    let metadata = std::fs::symlink_metadata(path)?;
    Ok((metadata.ino(), metadata.size(), metadata.mtime(), metadata.mtime_nsec()))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_is_neither_followed_nor_replaced_nor_waited_for() {
    Stage::play("what_is_no_file_is_neither_followed_nor_replaced_nor_waited_for", async |stage| {
        let served = Served::start(stage, &[]).await?;
        for (number, (kind, make)) in others().into_iter().enumerate() {
            for taken in [NAME, "movie.bin.part"] {
                let folder = stage.subfolder(&format!("{number}-{taken}"))?;
                let path = folder.join(taken);
                make(&path)?;
                let before = state(&path)?;
                // A folder that has the name is one to save to.
                let to = folder.join(NAME);
                let to = if to.is_dir() && taken == NAME { folder.clone() } else { to };
                for flags in FLAGS {
                    let said = served.refused(stage, &to, flags, &path).await?;
                    ensure!(said.contains(kind), "{kind}: {said}");
                }
                served.saved(stage, &to, &["--rename"], &folder.join("movie (2).bin")).await?;
                ensure!(state(&path)? == before, "the {kind} was changed");
                let precious = path.with_extension("precious");
                ensure!(!precious.exists() || std::fs::read(precious)? == b"precious", "it was written through a link");
            }
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_has_nothing_of_the_torrent_is_somebody_elses() {
    Stage::play("a_part_that_has_nothing_of_the_torrent_is_somebody_elses", async |stage| {
        let served = Served::start(stage, &[]).await?;
        // As long as the whole, shorter than a piece, longer; and one that begins as the file does, but goes on behind it.
        let whole = std::fs::read(&served.file)?;
        let longer = [&whole[..], b"and more"].concat();
        let foreign = [vec![7; LEN as usize], b"note".to_vec(), vec![7; LEN as usize + 1], longer];
        for (number, bytes) in foreign.iter().enumerate() {
            let folder = stage.subfolder(&format!("Ben-{number}"))?;
            let part = folder.join("movie.bin.part");
            std::fs::write(&part, bytes)?;
            let before = state(&part)?;
            for flags in FLAGS {
                let said = served.refused(stage, &folder, flags, &part).await?;
                ensure!(said.contains("nothing of this download") && said.contains("--rename"), "{said}");
            }
            served.saved(stage, &folder, &["--rename"], &folder.join("movie (2).bin")).await?;
            ensure!(state(&part)? == before && std::fs::read(&part)? == *bytes, "it was changed");
            ensure!(!folder.join(NAME).exists(), "it was saved all the same");
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_is_blank_or_has_some_of_the_torrent_is_gone_on_with() {
    Stage::play("a_part_that_is_blank_or_has_some_of_the_torrent_is_gone_on_with", async |stage| {
        let served = Served::start(stage, &[]).await?;
        let whole = std::fs::read(&served.file)?;
        let half = whole[..whole.len() / 2].to_vec();
        let mixed = [&half[..], &vec![7; whole.len() - half.len()]].concat();
        let kinds: [(&str, &[u8], u64); 4] = [
            ("empty", b"", LEN),
            ("holes", b"", LEN),
            ("shorter", &half, LEN / 2 + MIB),
            ("mixed", &mixed, LEN / 2 + MIB),
        ];
        for (kind, bytes, fetched_max) in kinds {
            let folder = stage.subfolder(kind)?;
            let part = folder.join("movie.bin.part");
            std::fs::write(&part, bytes)?;
            if kind == "holes" {
                std::fs::File::options().write(true).open(&part)?.set_len(LEN)?;
            }
            let mut ben = served.download(stage, &folder, &[])?;
            let done = ben.done().await?;
            ben.succeeds().await?;
            content::ensure_equal(&folder.join(NAME), &served.file)?;
            ensure!(done["fetched"].as_u64().is_some_and(|fetched| fetched <= fetched_max), "{kind}: {done}");
            ensure!(!part.exists(), "{kind}: the .part stays");
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_a_running_download_writes_to_is_in_use() {
    Stage::play("a_part_that_a_running_download_writes_to_is_in_use", async |stage| {
        let served = Served::start(stage, &["--up", "300K"]).await?;
        let folder = stage.subfolder("Ben-files")?;
        let first = served.download(stage, &folder, &[])?;
        let has_begun = |event: &serde_json::Value| event["verified"].as_u64().is_some_and(|bytes| bytes > 0);
        first.event("progress", TRANSFER, has_begun).await?;
        let said = served.refused(stage, &folder, &["--overwrite"], &folder.join("movie.bin.part")).await?;
        ensure!(said.contains("in use"), "{said}");
        first.done().await?;
        content::ensure_equal(&folder.join(NAME), &served.file)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_serves_leaves_nothing_behind() {
    Stage::play("what_nobody_serves_leaves_nothing_behind", async |stage| {
        let (file, folder) = (stage.file(NAME, LEN)?, stage.subfolder("season")?);
        content::write(&folder.join("a"), MIB, 1)?;
        for source in [file, folder] {
            let torrent = source.with_extension("torrent");
            let create = ["create".as_ref(), source.as_os_str(), "-o".as_ref(), torrent.as_os_str()];
            NativePeer::start(stage, "Maker", &create)?.succeeds().await?;
            let torrent = torrent.display().to_string();
            let into = stage.folder().join("new/folder/");
            download(stage, "Ben", &torrent, &into, &["--timeout", "1s"])?.fails_with(NO_SOURCE).await?;
            ensure!(!stage.folder().join("new").exists(), "a folder was made");
            let into = stage.subfolder("Ben-files")?;
            download(stage, "Ben", &torrent, &into, &["--timeout", "1s"])?.fails_with(NO_SOURCE).await?;
            ensure!(std::fs::read_dir(&into)?.count() == 0, "something was made for {torrent}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn output_may_be_said_in_every_way_and_what_makes_no_sense_is_explained() {
    Stage::play("output_may_be_said_in_every_way_and_what_makes_no_sense_is_explained", async |stage| {
        let served = Served::start(stage, &[]).await?;
        let folder = stage.subfolder("there")?;
        let file = folder.join("file");
        std::fs::write(&file, b"mine")?;
        // A link to a folder is one.
        symlink(&folder, stage.folder().join("shortcut"))?;
        for (to, path) in [
            ("there/", "there/movie.bin"),
            ("new/sub/", "new/sub/movie.bin"),
            ("there/../up.bin", "up.bin"),
            ("new/..", "movie.bin"),
            ("shortcut", "there/movie.bin"),
            ("there/own name. ", "there/own name. "),
        ] {
            served.saved(stage, Path::new(to), &[], &stage.folder().join(path)).await?;
        }
        for to in ["there/file/", "there/file/x.bin"] {
            let said = served.refused(stage, Path::new(to), &["--overwrite"], Path::new("there/file")).await?;
            ensure!(said.contains("not a folder"), "{said}");
        }
        for to in ["/dev/null", "/dev/full", "/dev/stdout"] {
            // Without a flag: whoever runs this may be root.
            let said = served.refused(stage, Path::new(to), &[], Path::new(to)).await?;
            ensure!(said.contains("-o -"), "{said}");
        }
        ensure!(std::fs::read(&file)? == b"mine", "the file was changed");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_goes_to_no_place_where_its_files_would_follow_a_link_or_replace_a_folder() {
    Stage::play("a_folder_goes_to_no_place_where_its_files_would_follow_a_link_or_replace_a_folder", async |stage| {
        let (season, torrent) = (stage.subfolder("originals/season/a")?, stage.folder().join("season.torrent"));
        content::write(&season.join("b"), MIB, 1)?;
        let season = season.parent().context("its folder")?.to_path_buf();
        let create = ["create".as_ref(), season.as_os_str(), "-o".as_ref(), torrent.as_os_str()];
        NativePeer::start(stage, "Maker", &create)?.succeeds().await?;
        let address = local_address()?;
        let _ana = NativePeer::seed(stage, "Ana", (&torrent, &season), address, &[]).await?;
        let (torrent, peer) = (torrent.display().to_string(), address.to_string());
        let outside = stage.subfolder("outside")?;
        std::fs::write(outside.join("b"), b"precious")?;
        let ways: [(&str, Make); 3] = [
            ("a", |path| Ok(std::fs::write(path, b"precious")?)),
            ("a", |path| Ok(symlink("../../outside", path)?)),
            ("a/b", |path| Ok(std::fs::create_dir_all(path)?)),
        ];
        for (number, (below, make)) in ways.into_iter().enumerate() {
            for name in ["season", "season.part"] {
                let into = stage.subfolder(&format!("Ben-{number}-{name}"))?;
                std::fs::create_dir(into.join(name))?;
                let path = into.join(name).join(below);
                make(&path)?;
                for flags in FLAGS {
                    let more = [&["--peer", &peer, "--no-seed"], flags].concat();
                    let said = download(stage, "Ben", &torrent, &into, &more)?.fails_with(LOCAL_FILES).await?;
                    ensure!(said.contains(&path.display().to_string()), "{said}");
                }
                let more = ["--peer", &peer, "--no-seed", "--rename"];
                download(stage, "Ben", &torrent, &into, &more)?.succeeds().await?;
                content::ensure_equal(&into.join("season (2)/a/b"), &season.join("a/b"))?;
            }
        }
        ensure!(std::fs::read(outside.join("b"))? == b"precious", "it was written through a link");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_no_source_and_is_not_waited_for() {
    Stage::play("a_stream_is_no_source_and_is_not_waited_for", async |stage| {
        let pipe = stage.folder().join("pipe");
        ensure!(std::process::Command::new("mkfifo").arg(&pipe).status()?.success(), "no pipe");
        let pipe = pipe.display().to_string();
        for source in [&pipe, "/dev/null", "/dev/zero", "-"] {
            for command in [&["share", source][..], &["create", source, "-o", "new.torrent"]] {
                let command: Vec<&OsStr> = command.iter().map(OsStr::new).collect();
                let said = NativePeer::start(stage, "Ana", &command)?.fails_with(USAGE).await?;
                ensure!(said.contains("cannot be shared"), "{said}");
            }
        }
        let (file, torrent) = (stage.file(NAME, LEN)?, stage.folder().join("movie.torrent"));
        let create = ["create".as_ref(), file.as_os_str(), "-o".as_ref(), torrent.as_os_str()];
        NativePeer::start(stage, "Ana", &create)?.succeeds().await?;
        for command in [["info", &pipe][..].to_vec(), vec!["seed", &pipe], vec!["seed", "movie.torrent", &pipe]] {
            let command: Vec<&OsStr> = command.iter().map(OsStr::new).collect();
            let peer = NativePeer::start(stage, "Ana", &command)?;
            peer.event("error", TRANSFER, |error| error["message"].as_str().is_some_and(|said| said.contains("pipe")))
                .await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torrent_file_replaces_only_an_older_one_of_its_name() {
    Stage::play("a_torrent_file_replaces_only_an_older_one_of_its_name", async |stage| {
        let (file, other) = (stage.file(NAME, LEN)?, stage.file("other.bin", MIB)?);
        let torrent = stage.folder().join("x.torrent");
        let create = async |source: &Path, torrent: &Path| {
            let create = ["create".as_ref(), source.as_os_str(), "-o".as_ref(), torrent.as_os_str()];
            NativePeer::start(stage, "Maker", &create)
        };
        create(&file, &torrent).await?.succeeds().await?;
        create(&file, &torrent).await?.succeeds().await?;
        let before = std::fs::read(&torrent)?;
        create(&other, &torrent).await?.fails_with(LOCAL_FILES).await?;
        ensure!(std::fs::read(&torrent)? == before, "another torrent was replaced");
        let original = std::fs::read(&file)?;
        create(&file, &file).await?.fails_with(LOCAL_FILES).await?;
        ensure!(std::fs::read(&file)? == original, "the file itself was replaced");
        create(&file, Path::new("-")).await?.fails_with(USAGE).await?;
        let link = stage.folder().join("link.torrent");
        symlink(stage.folder().join("nowhere"), &link)?;
        create(&file, &link).await?.fails_with(LOCAL_FILES).await?;
        ensure!(!stage.folder().join("nowhere").exists(), "a link was followed");
        Ok(())
    })
    .await;
}
