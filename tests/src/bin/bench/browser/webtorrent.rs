//! WebTorrent as a yardstick: its own bundle in a page that can be driven like Covey's, and its own tracker.

use std::path::PathBuf;

use anyhow::{Context, Result};
use covey_tests::process::Stream;
use covey_tests::wait::SOON;
use covey_tests::{Process, Stage};
use tokio::process::Command;

use crate::pages::Pages;

/// Of what `cargo xtask bench` installs.
pub const VERSION: &str = "2.8.5";

const TRACKER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/webtorrent_tracker.mjs");

/// No STUN: both tabs are on this machine.
const PAGE: &str = r#"<!doctype html><meta charset="utf-8"><title>WebTorrent</title><body>
<input type="file" data-testid="share-file"><button data-testid="join">Download</button>
<script type="module">
import WebTorrent from '/webtorrent.js';
const announce = ['TRACKER'];
const client = new WebTorrent({ dht: false, lsd: false, tracker: { rtcConfig: { iceServers: [] } } });
client.on('error', (error) => { document.body.dataset.state = 'failed'; document.body.append(String(error)); });
document.querySelector('input').onchange = ({ target }) => {
  client.seed([...target.files], { announce }, (torrent) => {
    document.body.insertAdjacentHTML('beforeend',
      `<p data-testid="share-card" data-state="sharing"></p><p data-testid="share-link">${location.origin}/#${torrent.infoHash}</p>`);
  });
};
document.querySelector('button').onclick = () => {
  const torrent = client.add(location.hash.slice(1), { announce });
  torrent.on('done', () => { document.body.dataset.state = 'done'; });
};
document.body.insertAdjacentHTML('beforeend', '<p data-testid="status">Connected.</p>');
</script>"#;

/// Its page and its tracker. Ends when dropped.
pub struct WebTorrent {
    pages: Pages,
    _tracker: Process,
}

impl WebTorrent {
    /// From the folder `COVEY_WEBTORRENT`.
    ///
    /// # Errors
    /// If it was not installed, or does not start.
    pub async fn start(stage: &Stage) -> Result<Self> {
        let folder = std::env::var_os("COVEY_WEBTORRENT").map(PathBuf::from).context("it could not be installed")?;
        let bundle = folder.join("node_modules/webtorrent/dist/webtorrent.min.js");
        let bundle = std::fs::read_to_string(&bundle).with_context(|| format!("cannot read {}", bundle.display()))?;
        let mut command = Command::new("node");
        command.arg(TRACKER).arg(&folder);
        let tracker = stage.start("WebTorrent's tracker", command)?;
        let ready = |stream, line: &str| {
            let url = line.strip_prefix("listening on ")?;
            (stream == Stream::Stdout).then(|| url.to_owned())
        };
        let url = tracker.line("its address", SOON, ready).await?;
        let pages = Pages::serve(vec![("/", PAGE.replace("TRACKER", &url)), ("/webtorrent.js", bundle)]).await?;
        Ok(Self { pages, _tracker: tracker })
    }

    /// Where the page is.
    pub fn url(&self) -> String {
        self.pages.url()
    }
}
