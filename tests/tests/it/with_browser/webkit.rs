//! The same page in WebKit, in a private window: that is what its driver opens. It has no disk for pages.

use covey_tests::Stage;

use super::any_browser::{CLEO, begins_what_comes, downloads_and_gives, shares_what_is_chosen};

#[tokio::test(flavor = "multi_thread")]
async fn webkit_downloads_and_gives_to_chromium() {
    Stage::play("webkit_downloads_and_gives_to_chromium", async |stage| {
        downloads_and_gives(stage, &stage.webkit(CLEO).await?).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webkit_shares_what_is_chosen_in_it() {
    Stage::play("webkit_shares_what_is_chosen_in_it", async |stage| {
        shares_what_is_chosen(stage, &stage.webkit(CLEO).await?).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webkit_plays_what_comes() {
    Stage::play("webkit_plays_what_comes", async |stage| {
        begins_what_comes(stage, &stage.webkit(CLEO).await?, &["index-last.mp4", "song.mp3"]).await
    })
    .await;
}
