//! A person without a mouse.

use anyhow::{Context, Result, bail, ensure};
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use serde::Deserialize;

use super::Browser;

/// Nothing on the page is farther away than this.
const TABS_MAX: usize = 60;

/// What has the focus.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Focus {
    /// Its `data-testid`, or its element's name.
    pub id: String,
    /// What is read out: its label, else its text.
    pub name: String,
    /// A ring around it is to be seen.
    pub is_marked: bool,
}

const READ: &str = r#"
const element = document.activeElement;
const style = getComputedStyle(element);
return {
  id: element.dataset.testid ?? element.localName,
  name: (element.getAttribute('aria-label') ?? element.labels?.[0]?.innerText ?? element.innerText ?? '').trim(),
  is_marked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
};
"#;

impl Browser {
    /// Presses a key and lets it go.
    ///
    /// # Errors
    /// If the tab is gone.
    pub async fn press(&self, key: Key) -> Result<()> {
        let key = char::from(key);
        let pressed = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key });
        Ok(self.client().perform_actions(pressed).await?)
    }

    /// Types a text, letter by letter.
    ///
    /// # Errors
    /// If the tab is gone.
    pub async fn type_keys(&self, text: &str) -> Result<()> {
        let typed = text.chars().fold(KeyActions::new("keyboard".to_owned()), |typed, value| {
            typed.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        Ok(self.client().perform_actions(typed).await?)
    }

    /// What has the focus now.
    ///
    /// # Errors
    /// If the tab is gone.
    pub async fn focus(&self) -> Result<Focus> {
        let focus = self.client().execute(READ, vec![]).await.context("cannot look for the focus")?;
        Ok(serde_json::from_value(focus)?)
    }

    /// Presses Tab until the element with this `data-testid` has the focus. Every stop on the way has a name and a ring.
    /// Returns the `data-testid`s of the stops, that one the last.
    ///
    /// # Errors
    /// If it cannot be reached so, or one cannot see or hear where one is.
    pub async fn tab_to(&self, id: &str) -> Result<Vec<String>> {
        let mut stops = Vec::new();
        while stops.len() < TABS_MAX {
            self.press(Key::Tab).await?;
            let focus = self.focus().await?;
            // After the last stop it goes through the browser's own bars.
            if focus.id != "body" {
                ensure!(!focus.name.is_empty(), "no name is read out at {focus:?}, after {stops:?}");
                ensure!(focus.is_marked, "it is not to be seen that {focus:?} has the focus, after {stops:?}");
            }
            stops.push(focus.id);
            if stops.last().is_some_and(|stop| stop == id) {
                return Ok(stops);
            }
        }
        bail!("Tab does not lead {} to `{id}`, but to {stops:?}", self.who())
    }
}
