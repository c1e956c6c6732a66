//! The page for languages that are written from right to left: nothing is cut off, and nothing lies on something else.

use anyhow::{Result, ensure};
use covey_tests::content::MIB;
use covey_tests::wait::TRANSFER;
use covey_tests::{Browser, PageView, Stage};
use serde_json::{Value, json};

use crate::sharing::Sharing;

/// A phone, and a desktop.
const WIDTHS: [u32; 2] = [390, 1280];

#[tokio::test(flavor = "multi_thread")]
async fn from_right_to_left_nothing_overflows_or_overlaps() {
    Stage::play("from_right_to_left_nothing_overflows_or_overlaps", async |stage| {
        let sharing = Sharing::start(stage, "from right to left, with a name that is long.bin", 4 * MIB).await?;
        // The longer of the two languages.
        let cleo = stage.german_browser("Cleo").await?;
        cleo.open(&sharing.tracker.url()).await?;
        fits(&cleo, "home", |page| page.shows("invite-input") && page.shows("you")).await?;
        cleo.open(&sharing.invite).await?;
        fits(&cleo, "an invite", |page| page.can_join).await?;
        cleo.press_join().await?;
        fits(&cleo, "a group with a download", |page| page.state == "done").await
    })
    .await;
}

/// Looks at a screen in all widths, in both directions, once it shows what it should.
async fn fits(tab: &Browser, screen: &str, is_there: impl Fn(&PageView) -> bool) -> Result<()> {
    tab.until(screen, TRANSFER, |page| is_there(page).then_some(())).await?;
    for width in WIDTHS {
        let device = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        tab.devtools("Emulation.setDeviceMetricsOverride", device).await?;
        for direction in ["rtl", "ltr"] {
            let faults = tab.client().execute(FAULTS, vec![json!(direction)]).await?;
            ensure!(faults == Value::Array(Vec::new()), "{screen}, {direction}, {width} pixels wide: {faults:#}");
        }
    }
    Ok(())
}

/// What stands out of the window, and what lies on something else, for somebody with a long name. A unit lies in its field
/// on purpose; of what is cut off, what is left counts.
const FAULTS: &str = r#"
const direction = arguments[0];
document.documentElement.dir = direction;
document.querySelectorAll('details').forEach((part) => part.open = true);
document.querySelector('[data-testid=you] strong').firstChild.data = 'Bartholomäus Quiet-Woodpecker';
const faults = [];
const root = document.documentElement;
if (root.scrollWidth > root.clientWidth) faults.push(`${root.scrollWidth} pixels wide in ${root.clientWidth}`);
if (getComputedStyle(document.querySelector('h1')).direction !== direction) faults.push(`it is not ${direction}`);
const says = (element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
const is_shown = (element) => element.checkVisibility() && !element.closest('.spoken, .limit span, option');
const all = [...document.body.querySelectorAll('*')].filter((element) => is_shown(element)
  && (says(element) || element.matches('input:not(.spoken), select, button, [role=progressbar], [role=img]')));
const cut = (box, element) => {
  let { left, right, top, bottom } = box;
  for (let around = element.parentElement; around; around = around.parentElement) {
    if (getComputedStyle(around).overflowX === 'visible') continue;
    const limits = around.getBoundingClientRect();
    [left, right] = [Math.max(left, limits.left), Math.min(right, limits.right)];
  }
  return { left, right, top, bottom };
};
const boxes = all.map((element) => [element, [...element.getClientRects()].map((box) => cut(box, element))
  .filter((box) => box.right > box.left && box.bottom > box.top)]);
const name = (element) => `${element.localName} ${element.dataset.testid ?? ''} “${element.textContent.trim().slice(0, 40)}”`;
for (const [element, own] of boxes) {
  for (const box of own) {
    if (box.left < -1 || box.right > innerWidth + 1) faults.push(`${name(element)} stands out: ${box.left} to ${box.right}`);
  }
}
// Lines of one paragraph may touch.
const lies_on = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 4
  && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;
boxes.forEach(([one, own], at) => boxes.slice(at + 1).forEach(([other, theirs]) => {
  if (one.contains(other) || other.contains(one)) return;
  if (own.some((a) => theirs.some((b) => lies_on(a, b)))) faults.push(`${name(one)} and ${name(other)} overlap`);
}));
return faults;
"#;
