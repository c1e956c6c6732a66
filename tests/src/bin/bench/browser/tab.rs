//! A tab, asked over DevTools. It waits for what its page shows within the page: whoever asks again and again slows it
//! down, and a tab that is not in front is not ChromeDriver's business.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use covey_tests::Browser;
use covey_tests::devtools::Devtools;
use serde_json::{Value, json};

/// For one answer, however slow the machine: a download may be what is waited for.
const PATIENCE: Duration = Duration::from_secs(1200);
/// For what takes no time by itself.
const SOON: Duration = Duration::from_secs(60);

/// `until(() => value)` in every page: its first value that is not false.
const UNTIL: &str = "window.until ??= (look) => new Promise((resolve) => {
    const observer = new MutationObserver(() => again());
    const again = () => { const value = look(); if (value) { observer.disconnect(); resolve(value); } };
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    again();
});
window.by ??= (id) => document.querySelector(`[data-testid=\"${id}\"]`);";

/// One page of a browser.
pub struct Tab {
    devtools: Devtools,
    target: String,
    session: String,
}

impl Tab {
    /// The one that a browser begins with.
    ///
    /// # Errors
    /// If it is gone.
    pub async fn first(browser: &Browser) -> Result<Self> {
        let mut devtools = Devtools::open(browser).await?;
        let target = devtools.targets(&["page"]).await?.pop().context("a browser without a tab")?;
        Self::attach(devtools, target).await
    }

    /// Another one, in a window of its own or in front of the first.
    ///
    /// # Errors
    /// If Chromium refuses.
    pub async fn beside(browser: &Browser, is_own_window: bool) -> Result<Self> {
        let mut devtools = Devtools::open(browser).await?;
        let wanted = json!({"url": "about:blank", "newWindow": is_own_window});
        let created = devtools.call(None, "Target.createTarget", wanted).await?;
        let target = created["targetId"].as_str().context("a tab without an id")?.to_owned();
        Self::attach(devtools, target).await
    }

    async fn attach(mut devtools: Devtools, target: String) -> Result<Self> {
        let session = devtools.attach(&target).await?;
        Ok(Self { devtools, target, session })
    }

    /// Closes it, whatever its page would like to ask first.
    ///
    /// # Errors
    /// If it is gone.
    pub async fn close(mut self) -> Result<()> {
        self.devtools.call(None, "Target.closeTarget", json!({"targetId": self.target})).await.map(drop)
    }

    /// Opens an address.
    ///
    /// # Errors
    /// If there is nothing.
    pub async fn go(&mut self, url: &str) -> Result<()> {
        let gone = self.call("Page.navigate", json!({"url": url})).await?;
        if let Some(error) = gone["errorText"].as_str() {
            bail!("{url} does not open: {error}");
        }
        Ok(())
    }

    /// What an expression is, or comes to be if it is a promise. It may call `until(() => …)`, and `by(…)`, which finds an element
    /// by its `data-testid`.
    ///
    /// # Errors
    /// If it throws, or never comes to be.
    pub async fn ask(&mut self, expression: &str) -> Result<Value> {
        let expression = format!("{UNTIL}\n{expression}");
        let wanted =
            json!({"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true});
        let mut told = self.call("Runtime.evaluate", wanted).await?;
        if let Some(thrown) = told.get("exceptionDetails") {
            bail!("the page throws: {thrown}");
        }
        Ok(told["result"]["value"].take())
    }

    /// The same, of a number.
    ///
    /// # Errors
    /// The same, or if it is none.
    pub async fn number(&mut self, expression: &str) -> Result<f64> {
        let told = self.ask(expression).await?;
        told.as_f64().with_context(|| format!("`{told}` instead of a number"))
    }

    /// Waits until an element is there that can be pressed.
    ///
    /// # Errors
    /// If it does not come.
    pub async fn until_enabled(&mut self, id: &str) -> Result<()> {
        let enabled = format!("until(() => by('{id}') && !by('{id}').disabled)");
        self.soon(&enabled).await.with_context(|| format!("no `{id}` that can be pressed"))
    }

    /// Waits until the page says that it is connected.
    ///
    /// # Errors
    /// If it does not.
    pub async fn until_connected(&mut self) -> Result<()> {
        let connected = "until(() => by('status')?.innerText.includes('Connected'))";
        self.soon(connected).await.context("the page does not say that it is connected")
    }

    async fn soon(&mut self, expression: &str) -> Result<()> {
        tokio::time::timeout(SOON, self.ask(expression)).await?.map(drop)
    }

    /// Chooses a file in the chooser with this `data-testid`.
    ///
    /// # Errors
    /// If it is not there.
    pub async fn choose(&mut self, id: &str, file: &Path) -> Result<()> {
        let document = self.call("DOM.getDocument", json!({"depth": 0})).await?;
        let query = json!({"nodeId": document["root"]["nodeId"], "selector": format!("[data-testid=\"{id}\"]")});
        let found = self.call("DOM.querySelector", query).await?;
        let node = found["nodeId"].as_u64().filter(|node| *node != 0).with_context(|| format!("no `{id}`"))?;
        self.call("DOM.setFileInputFiles", json!({"files": [file], "nodeId": node})).await.map(drop)
    }

    /// Runs a script in every page that is opened from now on, before its own.
    ///
    /// # Errors
    /// If Chromium refuses.
    pub async fn prepare(&mut self, script: &str) -> Result<()> {
        self.call("Page.enable", json!({})).await?;
        let source = format!("{UNTIL}\n{script}");
        self.call("Page.addScriptToEvaluateOnNewDocument", json!({"source": source})).await.map(drop)
    }

    async fn call(&mut self, method: &str, parameters: Value) -> Result<Value> {
        let called = self.devtools.call(Some(&self.session), method, parameters);
        tokio::time::timeout(PATIENCE, called).await.with_context(|| format!("{method}: no answer"))?
    }
}
