//! What a person sees and hears of a film, as its element tells it.

use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::json;

use super::Browser;
use crate::wait::until;

/// The player of the page.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PlayerView {
    /// What is played.
    pub name: String,
    /// Seconds into it.
    pub time: f64,
    /// How long it lasts, seconds; 0: not known.
    pub duration: f64,
    /// Pixels; 0: there is no picture.
    pub width: u64,
    /// It goes on now, as far as the browser has anything.
    pub is_playing: bool,
    /// The subtitle that is shown.
    pub subtitle: String,
    /// What is wrong; empty: nothing.
    pub trouble: String,
    /// What is said of a wait.
    pub line: String,
    /// From the press to the first picture, milliseconds.
    pub first_ms: Option<u64>,
    /// How often it stood still.
    pub stalls: u32,
}

const READ: &str = r#"
const player = document.querySelector('[data-testid="player"]');
const element = player?.querySelector('video, audio');
const shown = [...(element?.textTracks ?? [])].filter((track) => track.mode === 'showing');
const cues = shown.flatMap((track) => [...(track.activeCues ?? [])]);
return player && {
  name: player.dataset.name,
  time: element?.currentTime ?? 0,
  duration: element?.duration || 0,
  width: element?.videoWidth ?? 0,
  is_playing: !!element && !element.paused && element.readyState > 2,
  subtitle: cues.map((cue) => cue.text).join('\n'),
  trouble: player.dataset.trouble ?? '',
  line: player.querySelector('[data-testid="player-line"]').textContent,
  first_ms: player.dataset.firstMs ? Number(player.dataset.firstMs) : null,
  stalls: Number(player.dataset.stalls ?? 0),
};
"#;

const DO: &str = r#"
const element = document.querySelector('[data-testid="player"] :is(video, audio)');
const [what, to] = arguments;
if (what === 'seek') element.currentTime = to;
if (what === 'pause') element.pause();
if (what === 'play') element.play();
return null;
"#;

impl Browser {
    /// The player; `None`: the page has none.
    ///
    /// # Errors
    /// If the tab is gone.
    pub async fn player(&self) -> Result<Option<PlayerView>> {
        let view = self.client().execute(READ, vec![]).await.context("cannot look at the player")?;
        serde_json::from_value(view).context("the player shows something unforeseen")
    }

    /// Waits until the player is as `is_it` wants it.
    ///
    /// # Errors
    /// If it is not in time; the error says how it is instead.
    pub async fn until_player(
        &self,
        what: &str,
        within: Duration,
        mut is_it: impl FnMut(&PlayerView) -> bool,
    ) -> Result<PlayerView> {
        let mut last = None;
        let look = async || {
            last = self.player().await?;
            Ok(last.clone().filter(|player| is_it(player)))
        };
        let found = until(&format!("{}'s player: {what}", self.who()), within, look).await;
        found.with_context(|| format!("the player was last {last:?}"))
    }

    /// Goes to a moment, seconds.
    ///
    /// # Errors
    /// If there is no player.
    pub async fn seek(&self, to: f64) -> Result<()> {
        self.client().execute(DO, vec![json!("seek"), json!(to)]).await.map(drop).context("cannot seek")
    }

    /// Presses pause.
    ///
    /// # Errors
    /// If there is no player.
    pub async fn pause(&self) -> Result<()> {
        self.client().execute(DO, vec![json!("pause")]).await.map(drop).context("cannot pause")
    }

    /// Goes on after a pause.
    ///
    /// # Errors
    /// If there is no player.
    pub async fn resume(&self) -> Result<()> {
        self.client().execute(DO, vec![json!("play")]).await.map(drop).context("cannot go on")
    }
}
