//! Every screen as assistive technology sees it: axe-core finds nothing to complain of, in light and in dark.

use anyhow::{Context, Result, ensure};
use covey_tests::content::MIB;
use covey_tests::wait::{SOON, TRANSFER};
use covey_tests::{Browser, PageView, Stage};
use fantoccini::Locator;
use serde_json::{Value, json};

use crate::sharing::Sharing;

/// Slow enough to look at a download.
const SLOW: &str = "500k";

#[tokio::test(flavor = "multi_thread")]
async fn no_screen_has_anything_that_keeps_somebody_out() {
    Stage::play("no_screen_has_anything_that_keeps_somebody_out", async |stage| {
        let sharing = Sharing::start_with(stage, "seen by all.bin", 8 * MIB, &["--up", SLOW]).await?;
        let cleo = Looked { tab: stage.browser("Cleo").await? };
        cleo.tab.open(&sharing.tracker.url()).await?;
        cleo.at("home", |page| page.shown.iter().any(|shown| shown == "invite-input")).await?;
        cleo.tab.open(&sharing.invite).await?;
        cleo.at("an invite", |page| page.can_join).await?;
        cleo.tab.click("join").await?;
        cleo.at("a download", |page| page.state == "downloading" && page.have_bytes > 0).await?;
        cleo.open_all().await?;
        cleo.at("a download with all that one may look into", |_| true).await?;
        cleo.tab.click("leave-group").await?;
        cleo.at("a question", |page| page.shown.iter().any(|shown| shown == "confirm")).await?;

        let dan = Looked { tab: stage.browser("Dan").await? };
        let (without_secret, _) = sharing.invite.rsplit_once('#').context("an invite has a secret")?;
        dan.tab.open(without_secret).await?;
        dan.at("a group of others", |page| page.shown.iter().any(|shown| shown == "stranger")).await?;
        dan.tab.open(&sharing.tracker.url()).await?;
        dan.at("home again", |page| page.shown.iter().any(|shown| shown == "invite-input")).await?;
        dan.tab.choose("share-file", &[&sharing.file]).await?;
        dan.at("a share", |page| !page.share_link.is_empty()).await
    })
    .await;
}

/// A tab that is looked at.
pub(super) struct Looked {
    pub(super) tab: Browser,
}

impl Looked {
    /// Looks once it shows what it should.
    pub(super) async fn at(&self, what: &str, is_there: impl Fn(&PageView) -> bool) -> Result<()> {
        self.tab.until(what, TRANSFER, |page| is_there(page).then_some(())).await?;
        for scheme in ["light", "dark"] {
            let features = json!([
                {"name": "prefers-color-scheme", "value": scheme},
                // Colours that fade in are none yet.
                {"name": "prefers-reduced-motion", "value": "reduce"},
            ]);
            self.tab.devtools("Emulation.setEmulatedMedia", json!({"features": features})).await?;
            // The page hears of it a moment later.
            let painted = format!("html[data-theme={scheme}]");
            self.tab.client().wait().at_most(SOON).for_element(Locator::Css(&painted)).await.context(painted)?;
            let violations = self.violations().await?;
            ensure!(violations.as_array().is_some_and(Vec::is_empty), "{what}, {scheme}: {violations:#}");
        }
        Ok(())
    }

    /// Opens all that one may look into.
    pub(super) async fn open_all(&self) -> Result<()> {
        let open = "document.querySelectorAll('details').forEach((part) => part.open = true)";
        self.tab.client().execute(open, vec![]).await?;
        Ok(())
    }

    async fn violations(&self) -> Result<Value> {
        let axe = std::env::var_os("COVEY_AXE").context("COVEY_AXE is not set: use `cargo xtask test`")?;
        let axe = std::fs::read_to_string(axe).context("axe-core")?;
        self.tab.client().execute(&axe, vec![]).await?;
        let found = self.tab.client().execute_async(RUN, vec![]).await?;
        ensure!(!found.is_string(), "axe-core failed: {found}");
        Ok(found)
    }
}

const RUN: &str = "
    const done = arguments[arguments.length - 1];
    const short = ({ id, help, nodes }) => ({ id, help, where: nodes.map((node) => node.html.slice(0, 200)) });
    axe.run(document, { resultTypes: ['violations'] })
        .then(({ violations }) => done(violations.map(short)), (error) => done(String(error)));";
