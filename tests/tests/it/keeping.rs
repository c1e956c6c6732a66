//! A keeper holds what a group shares, so that whoever shared it can go.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::process::Stream;
use covey_tests::wait::{TRANSFER, until};
use covey_tests::{NativePeer, Stage};

use crate::world::World;

/// The one file of this name below a folder.
fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?;
    entries.flatten().find_map(|entry| match entry.file_name() == name {
        true => Some(entry.path()),
        false => find(&entry.path(), name),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keeper_gives_what_the_sharer_left_and_deletes_what_is_removed() {
    Stage::play("a_keeper_gives_what_the_sharer_left_and_deletes_what_is_removed", async |stage| {
        let world = World::start(stage).await?;
        let film = stage.file("film.mkv", 8 * MIB)?;
        let folder = stage.subfolder("shared")?.join("album");
        std::fs::create_dir_all(&folder)?;
        content::write(&folder.join("one.flac"), MIB, 1)?;
        content::write(&folder.join("two.flac"), 2 * MIB, 2)?;
        let huge = stage.file("huge.bin", 30 * MIB)?;
        let (slug, _) = world.create("Ana", "films").await?;
        let invite = world.group("Ana", &["invite", &slug]).await?;
        let invite = crate::world::text(crate::world::only(&invite, "invite")?, "link")?;
        world.group("Bo", &["join", &invite]).await?;

        let kept = stage.folder().join("kept");
        let keeper = world.begin("Bo", &["keep", &slug, "-o", &kept.display().to_string(), "--quota", "20M"])?;
        let says = async |words: &str| {
            let said = |stream: Stream, line: &str| (stream == Stream::Stderr && line.contains(words)).then_some(());
            keeper.process().line(words, TRANSFER, said).await
        };
        let mut sharers = Vec::new();
        for path in [&film, &folder, &huge] {
            let sharer = NativePeer::share(stage, "Ana", path, &world.server, &["--group", &slug])?;
            sharer.ready().await?;
            sharers.push(sharer);
        }
        says("Kept: film.mkv").await?;
        says("Kept: album").await?;
        says("Not kept: huge.bin").await?;
        for mut sharer in sharers {
            sharer.interrupt().await?;
        }
        let into = stage.subfolder("Cem-files")?;
        let mut cem = NativePeer::download(stage, "Cem", &invite, &into, &["--no-seed", "--file", "film.mkv"])?;
        cem.done().await?;
        cem.succeeds().await?;
        content::ensure_equal(&into.join("film.mkv"), &film)?;

        ensure!(find(&kept, "film.mkv").is_some() && find(&kept, "two.flac").is_some());
        world.group("Ana", &["remove-file", &slug, "film.mkv"]).await.context("removing it")?;
        says("No longer kept: film.mkv").await?;
        until("it is deleted", TRANSFER, async || Ok(find(&kept, "film.mkv").is_none().then_some(()))).await?;
        ensure!(find(&kept, "two.flac").is_some());
        Ok(())
    })
    .await;
}
