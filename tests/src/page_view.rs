//! What the page shows, read in one go so that it belongs together.

use anyhow::{Context, Result};
use fantoccini::Client;
use serde::Deserialize;

/// The page as a person sees it. Missing elements are empty or zero.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PageView {
    /// `data-state` of the first download.
    pub state: String,
    /// The spoken line.
    pub status: String,
    /// What a group's page says to a screen reader.
    pub spoken: String,
    /// Texts of all `error`s.
    pub errors: Vec<String>,
    /// Texts of all `notice`s.
    pub notices: Vec<String>,
    /// The landing's button is there and not disabled.
    pub can_join: bool,
    /// The group's name.
    pub group: String,
    /// Bytes verified.
    pub have_bytes: u64,
    /// `aria-valuenow` of the progress bar.
    pub percent: u64,
    /// Bytes of the worker's WASM memory, where the page says it.
    pub wasm_bytes: u64,
    /// Who it is linked with, or was.
    pub peers: Vec<PeerRow>,
    /// The piece policy of the first download; before that the one that is chosen for it.
    pub policy: String,
    /// `data-name`s of the files.
    pub files: Vec<String>,
    /// Names of the members.
    pub members: Vec<String>,
    /// Names of those who ask to join.
    pub requests: Vec<String>,
    /// What happened in the group, the latest first.
    pub activity: Vec<String>,
    /// Links that can be copied.
    pub invites: Vec<String>,
    /// What is said of where the pieces of a download are.
    pub place: String,
    /// `data-saving` of the first download.
    pub saving: String,
    /// What is said of how it is saved.
    pub saving_line: String,
    /// Files of folders that can be saved.
    pub ready_files: Vec<String>,
    /// What earlier visits left.
    pub stored: Vec<String>,
    /// The link to what this tab shares.
    pub share_link: String,
    /// What this tab shares.
    pub shares: Vec<ShareRow>,
    /// `data-testid`s of everything that is to be seen.
    pub shown: Vec<String>,
}

/// One `share-card`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ShareRow {
    /// What is shared.
    pub name: String,
    /// `data-state`.
    pub state: String,
    /// What it says.
    pub line: String,
}

/// One `peer-row`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PeerRow {
    /// Display name.
    pub name: String,
    /// Its program, or what stands behind it.
    pub client: String,
    /// `relay`, `direct` or `bridge`.
    pub path: String,
    /// Bytes received from it.
    pub downloaded: u64,
    /// Bytes sent to it.
    pub uploaded: u64,
}

impl PageView {
    /// Bytes received from a person.
    pub fn downloaded_from(&self, name: &str) -> u64 {
        self.peers.iter().filter(|peer| peer.name == name).map(|peer| peer.downloaded).sum()
    }

    /// Whether the element with this `data-testid` is to be seen.
    pub fn shows(&self, id: &str) -> bool {
        self.shown.iter().any(|shown| shown == id)
    }

    /// How far the share of this name is; empty: there is none.
    pub fn share_state(&self, name: &str) -> &str {
        self.shares.iter().find(|share| share.name == name).map_or("", |share| &share.state)
    }

    /// Everything that is said about trouble.
    pub fn complaints(&self) -> String {
        let all: Vec<&str> = self.errors.iter().chain(&self.notices).map(String::as_str).collect();
        all.join("\n")
    }
}

const READ: &str = r#"
const all = (id) => [...document.querySelectorAll(`[data-testid="${id}"]`)];
const texts = (id) => all(id).map((element) => element.innerText.trim()).filter((text) => text);
const names = (id) => all(id).map((row) => row.dataset.name ?? '');
const number = (text) => Number(text ?? 0) || 0;
const progress = all('progress')[0];
const join = all('join')[0];
return {
  state: document.querySelector('[data-state]')?.dataset.state ?? '',
  status: texts('status').join('\n'),
  spoken: texts('spoken').join('\n'),
  errors: texts('error'),
  notices: texts('notice'),
  can_join: !!join && !join.disabled,
  group: texts('group-name')[0] ?? '',
  have_bytes: number(progress?.dataset.haveBytes),
  percent: number(progress?.getAttribute('aria-valuenow')),
  wasm_bytes: number(document.querySelector('[data-wasm-bytes]')?.dataset.wasmBytes),
  peers: all('peer-row').map((row) => ({
    name: row.dataset.peerName ?? '',
    path: row.dataset.path ?? '',
    client: row.querySelector('.who .faint')?.innerText ?? '',
    downloaded: number(row.dataset.downloaded),
    uploaded: number(row.dataset.uploaded),
  })),
  policy: all('advanced')[0]?.dataset.policy ?? '',
  files: names('file-row'),
  members: names('member-row'),
  requests: names('request-row'),
  activity: texts('activity-row'),
  invites: texts('invite-link'),
  place: texts('place-line').join('\n'),
  saving: all('saving-line')[0]?.dataset.saving ?? '',
  saving_line: texts('saving-line').join('\n'),
  ready_files: all('folder-file').filter((row) => row.dataset.ready === 'true').map((row) => row.dataset.name),
  stored: texts('stored-line'),
  share_link: texts('share-link')[0] ?? '',
  shares: all('share-card').map((card) => ({
    name: card.dataset.name ?? '',
    state: card.dataset.state ?? '',
    line: card.querySelector('.line')?.innerText ?? '',
  })),
  shown: [...document.querySelectorAll('[data-testid]')]
    .filter((element) => element.checkVisibility())
    .map((element) => element.dataset.testid),
};
"#;

/// Reads the page of this session.
///
/// # Errors
/// If the tab is gone.
pub async fn read(client: &Client) -> Result<PageView> {
    let view = client.execute(READ, vec![]).await.context("cannot look at the page")?;
    serde_json::from_value(view).context("the page shows something unforeseen")
}
