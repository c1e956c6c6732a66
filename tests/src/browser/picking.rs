//! A person who gives files to the page: by a chooser, or by dragging them over its window.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::chromium::has_devtools;
use super::{Browser, by_id};

impl Browser {
    /// Chooses files, or a folder, in the chooser with this `data-testid`.
    ///
    /// # Errors
    /// If it is not there.
    pub async fn choose(&self, id: &str, paths: &[&Path]) -> Result<()> {
        if !has_devtools(self.client()) {
            let paths: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
            let chooser = self.client().find(by_id(id)).await.context("no chooser")?;
            return chooser.send_keys(&paths.join("\n")).await.context("the chooser takes no files");
        }
        let document = self.devtools("DOM.getDocument", json!({"depth": 0})).await?;
        let selector = format!("[data-testid=\"{id}\"]");
        let query = json!({"nodeId": document["root"]["nodeId"], "selector": selector});
        let found = self.devtools("DOM.querySelector", query).await?;
        let node = found["nodeId"].as_u64().filter(|node| *node != 0).with_context(|| format!("no `{id}`"))?;
        self.devtools("DOM.setFileInputFiles", json!({"files": paths, "nodeId": node})).await?;
        Ok(())
    }

    /// Drags files or folders over the middle of the page. They stay over it until [`Browser::let_go`].
    ///
    /// # Errors
    /// If Chromium refuses.
    pub async fn drag(&self, paths: &[&Path]) -> Result<()> {
        for kind in ["dragEnter", "dragOver"] {
            self.dispatch_drag(kind, paths).await?;
        }
        Ok(())
    }

    /// Lets go of what was dragged there.
    ///
    /// # Errors
    /// If Chromium refuses.
    pub async fn let_go(&self, paths: &[&Path]) -> Result<()> {
        self.dispatch_drag("drop", paths).await
    }

    /// Drops files or folders on the middle of the page.
    ///
    /// # Errors
    /// If Chromium refuses.
    pub async fn drop_on_page(&self, paths: &[&Path]) -> Result<()> {
        self.drag(paths).await?;
        self.let_go(paths).await
    }

    async fn dispatch_drag(&self, kind: &str, paths: &[&Path]) -> Result<()> {
        const COPY: u32 = 1;
        let data: Value = json!({"items": [], "files": paths, "dragOperationsMask": COPY});
        self.devtools("Input.dispatchDragEvent", json!({"type": kind, "x": 400, "y": 300, "data": data})).await?;
        Ok(())
    }
}
