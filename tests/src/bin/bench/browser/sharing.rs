//! A file shared from a tab: how long until there is a link, and until others can fetch it; the latter beside a bare worker that
//! reads and digests the same file.

use std::path::Path;

use anyhow::{Result, ensure};
use covey_tests::Stage;
use metainfo::choose_piece_len;

use super::family::{self, Used};
use super::tab::Tab;
use super::turns::take_turns;
use super::world::{World, forget};
use crate::pages::Pages;
use crate::report::{Aim, Report, Row, median};

const PURPOSE: &str = "sharing";
const LINK_AIM_SECONDS: f64 = 1.0;

/// From the choice of the file on: when the link was there, and when the file was hashed; milliseconds.
const WATCH: &str = "window.times = new Promise((resolve) => {
    document.addEventListener('change', async () => {
        const chosen = performance.now();
        const linked = until(() => by('share-link')?.innerText.trim() && performance.now() - chosen);
        const ends = ['sharing', 'ended'];
        const state = await until(() => ends.find((end) => end === by('share-card')?.dataset.state));
        const shared = performance.now() - chosen;
        resolve({ state, shared, linked: await linked });
    }, { capture: true, once: true });
})";

/// Is ready, has a chooser and an end, as Covey's page does.
const PAGE: &str = r#"<!doctype html><meta charset="utf-8"><title>bare</title><body>
<input type="file" data-testid="share-file"><p data-testid="status">Connected.</p><script>
document.querySelector('input').onchange = ({ target }) => {
  const worker = new Worker('/worker.js');
  worker.onmessage = () => {
    document.body.insertAdjacentHTML('beforeend',
      '<p data-testid="share-link">none</p><p data-testid="share-card" data-state="sharing"></p>');
  };
  worker.postMessage(target.files[0]);
};
</script>"#;

/// Reads windows, some at a time, and starts the digests of all pieces of one at once.
const WORKER: &str = r#"
const WINDOW = 8 << 20, AT_A_TIME = 4;
onmessage = async ({ data: file }) => {
  let next = 0;
  const read = async () => {
    while (next < file.size) {
      const at = next;
      next += WINDOW;
      const bytes = await file.slice(at, at + WINDOW).arrayBuffer();
      const digests = [];
      for (let begin = 0; begin < bytes.byteLength; begin += PIECE_LEN) {
        const len = Math.min(PIECE_LEN, bytes.byteLength - begin);
        digests.push(crypto.subtle.digest('SHA-1', new Uint8Array(bytes, begin, len)));
      }
      await Promise.all(digests);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, read));
  postMessage('done');
};
"#;

/// One file that was chosen.
struct Shared {
    /// Seconds from the choice.
    linked: f64,
    /// The same, until it was hashed and others could fetch it.
    ready: f64,
    used: Used,
}

pub async fn measure(world: &World<'_>, report: &mut Report) -> Result<()> {
    let len = world.options.browser_len;
    let file = world.memory.file("shared.bin", len)?;
    let mut servers = Vec::new();
    for build in world.builds {
        servers.push(build.serve(&world.memory, PURPOSE).await?);
    }
    let worker = WORKER.replace("PIECE_LEN", &choose_piece_len(len).to_string());
    let pages = Pages::serve(vec![("/", PAGE.to_owned()), ("/worker.js", worker)]).await?;
    let mut bare = Vec::new();
    let turns = take_turns(world, report, async |turn, round| {
        if turn == 0 {
            bare.push(share(&world.memory, &format!("bare-sharer-{round}"), &pages.url(), &file).await?);
        }
        let who = world.builds[turn].folder("sharing-tab", &round.to_string());
        share(&world.memory, &who, &servers[turn].url, &file).await
    })
    .await?;
    report.add(Row {
        what: "sharing from a tab: the choice of a file to the link".to_owned(),
        covey: turns.median(|run| run.linked),
        yardstick: "the bound".to_owned(),
        plain: LINK_AIM_SECONDS,
        unit: "s",
        aim: Aim::AtMost(1.0),
    });
    let megabytes = len as f64 / 1e6;
    report.add(Row {
        what: "the choice to a file that others can fetch".to_owned(),
        covey: turns.median(|run| megabytes / run.ready),
        yardstick: "a bare worker that reads and digests it".to_owned(),
        plain: median(bare.iter().map(|run| megabytes / run.ready).collect()),
        unit: "MB/s",
        aim: Aim::AtLeast(0.8),
    });
    for (title, run) in [("a tab that shares", turns.this.last()), ("the bare worker", bare.last())] {
        report.note(format!("{title}: {}", run.map_or_else(String::new, |run| run.used.parts())));
    }
    turns.compare(report, "a file shared from a tab", "s", Aim::Open, |run| run.ready);
    Ok(std::fs::remove_file(file)?)
}

async fn share(stage: &Stage, who: &str, url: &str, file: &Path) -> Result<Shared> {
    let browser = stage.browser(who).await?;
    let mut tab = Tab::first(&browser).await?;
    tab.go(url).await?;
    tab.until_connected().await?;
    tab.ask(&format!("{WATCH}; null")).await?;
    let before = family::look(browser.profile())?;
    tab.choose("share-file", file).await?;
    let times = tab.ask("times").await?;
    let used = family::look(browser.profile())?.since(&before);
    ensure!(times["state"] == "sharing", "it is not shared: {times}");
    forget(&browser).await?;
    let seconds = |name: &str| times[name].as_f64().unwrap_or(f64::NAN) / 1000.0;
    Ok(Shared { linked: seconds("linked"), ready: seconds("shared"), used })
}
