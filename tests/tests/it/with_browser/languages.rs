//! The page in the language of the person.

use anyhow::{Result, ensure};
use covey_tests::content::MIB;
use covey_tests::wait::{SOON, TRANSFER, until};
use covey_tests::{Browser, PageView, Stage};
use fantoccini::Locator;
use serde_json::Value;
use wire_protocol::invite::Invite;

use super::accessibility::Looked;
use super::tab_shares::until_shared;
use crate::sharing::Sharing;

/// Slow enough to look at a download.
const SLOW: &str = "500k";

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_german_reads_no_english_on_any_screen() {
    Stage::play("whoever_reads_german_reads_no_english_on_any_screen", async |stage| {
        let sharing = Sharing::start_with(stage, "Reise.bin", 8 * MIB, &["--up", SLOW]).await?;
        let mut cleo = Reader::start(stage, "Cleo").await?;
        cleo.looked.tab.open(&sharing.tracker.url()).await?;
        cleo.at("home", |page| page.shows("invite-input") && page.shows("you")).await?;
        cleo.looked.tab.open(&sharing.invite).await?;
        cleo.at("an invite", |page| page.can_join).await?;
        cleo.looked.tab.click("join").await?;
        cleo.at("a download", |page| page.state == "downloading" && page.have_bytes > 0).await?;
        cleo.looked.tab.until_saved(&sharing.file, TRANSFER).await?;
        cleo.at("a download that is done", |page| page.state == "done").await?;
        cleo.looked.tab.click("you").await?;
        cleo.at("who one is", |page| page.shows("show-identity")).await?;
        cleo.looked.tab.click("close-you").await?;
        cleo.looked.tab.click("leave-group").await?;
        cleo.at("a question", |page| page.shows("confirm")).await?;

        let mut eva = Reader::start(stage, "Eva").await?;
        let invite: Invite = sharing.invite.parse()?;
        eva.looked.tab.open(&Invite::new(invite.server(), invite.slug(), [7; 16])?.to_string()).await?;
        eva.at("an invite that is no good", |page| !page.errors.is_empty()).await?;

        let mut dan = Reader::start(stage, "Dan").await?;
        let (address, _) = sharing.invite.rsplit_once('#').unwrap_or_default();
        dan.looked.tab.open(address).await?;
        dan.at("a group of others", |page| page.shows("stranger")).await?;
        dan.looked.tab.click("join").await?;
        dan.at("that one waits", |page| page.shows("withdraw")).await?;
        dan.looked.tab.open(&sharing.tracker.url()).await?;
        dan.at("home again", |page| page.shows("asked-row")).await?;
        dan.looked.tab.choose("share-file", &[&sharing.file]).await?;
        until_shared(&dan.looked.tab, "Reise.bin").await?;
        dan.at("a share", |page| !page.share_link.is_empty()).await?;
        let english = [cleo.english, eva.english, dan.english].concat();
        ensure!(english.is_empty(), "not in German: {english:#?}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_language_is_chosen_and_kept_while_a_download_goes_on() {
    Stage::play("another_language_is_chosen_and_kept_while_a_download_goes_on", async |stage| {
        let sharing = Sharing::start_with(stage, "Reise.bin", 8 * MIB, &["--up", SLOW]).await?;
        let cleo = stage.browser("Cleo").await?;
        cleo.join(&sharing.invite).await?;
        let has_some =
            |page: &PageView| (page.state == "downloading" && page.have_bytes > 0).then_some(page.have_bytes);
        let before = cleo.until("a part of it", TRANSFER, has_some).await?;
        ensure!(stop_button(&cleo).await? == "Cancel", "it is not in English to begin with");
        cleo.click("language-de").await?;
        ensure!(cleo.focus().await?.id == "language-de", "the focus is lost");
        let german = async || Ok((stop_button(&cleo).await? == "Abbrechen").then_some(()));
        until("the page is in German", SOON, german).await?;
        let after = cleo.page().await?;
        ensure!(after.state == "downloading" && after.have_bytes >= before, "{before} bytes, then {after:?}");
        cleo.until_saved(&sharing.file, TRANSFER).await?;
        cleo.client().refresh().await?;
        cleo.client().wait().at_most(SOON).for_element(Locator::Css("html[lang=de]")).await?;
        Ok(())
    })
    .await;
}

async fn stop_button(tab: &Browser) -> Result<String> {
    Ok(tab.client().find(Locator::Css("[data-testid=stop]")).await?.text().await?)
}

/// Somebody who reads German, and what they could not read.
struct Reader {
    looked: Looked,
    english: Vec<String>,
}

impl Reader {
    async fn start(stage: &Stage, who: &str) -> Result<Self> {
        Ok(Self { looked: Looked { tab: stage.german_browser(who).await? }, english: Vec::new() })
    }

    /// Looks at a screen, and into all that can be opened there, once it shows what it should.
    async fn at(&mut self, screen: &str, is_there: impl Fn(&PageView) -> bool) -> Result<()> {
        self.looked.tab.until(screen, TRANSFER, |page| is_there(page).then_some(())).await?;
        self.looked.open_all().await?;
        self.looked.at(screen, |_| true).await?;
        let found = self.looked.tab.client().execute(ENGLISH, vec![]).await?;
        let lines = found.as_array().into_iter().flatten().filter_map(Value::as_str);
        self.english.extend(lines.map(|line| format!("{screen}: {line}")));
        Ok(())
    }
}

/// What is to be read or heard and has words that only English has. What is in `<code>` is for machines, and a language
/// calls itself as it likes.
const ENGLISH: &str = r#"
const words = new Set(`the and of your you with this that from not is are it to for who what has have they their by as at or be
  can no nobody it's its somebody others everybody until when where how which there here yet only once again`.split(/\s+/));
const machine = (element) => !!element.closest('code, [lang]:not(html)');
const found = [document.documentElement.lang === 'de' ? '' : `lang=${document.documentElement.lang}`, document.title];
for (const element of document.body.querySelectorAll('*')) {
  if (machine(element) || !element.checkVisibility()) continue;
  for (const name of ['aria-label', 'title', 'placeholder', 'alt']) found.push(element.getAttribute(name) ?? '');
  const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  if (own.length) found.push(element.innerText ?? own.map((node) => node.data).join(' '));
}
const is_english = (text) => (text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? []).some((word) => words.has(word));
return [...new Set(found.filter((text) => text && (text.startsWith('lang=') || is_english(text))))];
"#;
