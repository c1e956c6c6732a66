//! The same page in Firefox.

use covey_tests::Stage;

use super::any_browser::{
    CLEO, begins_or_says_that_there_is_no_sound, downloads_and_gives, plays_what_comes, shares_what_is_chosen,
};
use super::kept_pieces::HalfWay;

#[tokio::test(flavor = "multi_thread")]
async fn firefox_downloads_and_gives_to_chromium() {
    Stage::play("firefox_downloads_and_gives_to_chromium", async |stage| {
        downloads_and_gives(stage, &stage.firefox(CLEO).await?).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn firefox_goes_on_after_a_reload() {
    Stage::play("firefox_goes_on_after_a_reload", async |stage| {
        let half = HalfWay::reach_in(stage, "fox again.bin", stage.firefox(CLEO).await?).await?;
        half.cleo.client().refresh().await?;
        half.go_on(&half.cleo).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn firefox_shares_what_is_chosen_in_it() {
    Stage::play("firefox_shares_what_is_chosen_in_it", async |stage| {
        shares_what_is_chosen(stage, &stage.firefox(CLEO).await?).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn firefox_plays_what_comes() {
    Stage::play("firefox_plays_what_comes", async |stage| {
        let media = ["index-first.mp4", "index-last.mp4", "film.webm"];
        plays_what_comes(stage, &stage.firefox(CLEO).await?, &media).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn firefox_calls_no_song_damaged_that_cannot_be_heard() {
    Stage::play("firefox_calls_no_song_damaged_that_cannot_be_heard", async |stage| {
        begins_or_says_that_there_is_no_sound(stage, &stage.firefox(CLEO).await?, &["song.mp3", "song.flac"]).await
    })
    .await;
}
