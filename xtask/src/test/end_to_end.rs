//! The programs together, from outside. Most of such a test is waiting: for a client's next round, a pause, a
//! deadline. So lanes go side by side: those with a browser, which keeps a core busy, those with one that sleeps, and the others.

use std::path::PathBuf;
use std::process::Command;
use std::thread;

use anyhow::{Result, ensure};

use super::built::TestProgram;
use super::tally::Tally;
use crate::arguments::TestOptions;
use crate::workspace::{Profile, Workspace};
use crate::{axe, browser_packages, step, tools};

/// The module of all tests that open a browser.
const WITH_BROWSER: &str = "with_browser::";

/// The module of those whose browser does nothing for minutes.
const ASLEEP: &str = "with_browser::sleeping_tabs::";
/// The module of those that open Firefox.
const IN_FIREFOX: &str = "with_browser::firefox::";
/// The module of those that open WebKit.
const IN_WEBKIT: &str = "with_browser::webkit::";

/// What tests of the page need beside a browser.
struct PageTests {
    axe: PathBuf,
    /// `None`: the tests in Firefox are left out.
    geckodriver: Option<PathBuf>,
    /// WebKit's browser; `None`: the tests in it are left out.
    webkit: Option<PathBuf>,
}

impl PageTests {
    fn find(workspace: &Workspace, options: &TestOptions) -> Result<Self> {
        let geckodriver = match options.with_firefox {
            true => Some(tools::geckodriver(workspace)?),
            false => tools::geckodriver_if_there()?,
        };
        if geckodriver.is_some() {
            browser_packages::install_firefox()?;
        } else {
            step::say("geckodriver is not here: nothing is tested in Firefox (`cargo xtask test --firefox` gets it)");
        }
        if options.with_webkit {
            browser_packages::install_webkit()?;
        }
        let webkit = browser_packages::webkit();
        ensure!(webkit.is_some() || !options.with_webkit, "WebKit's MiniBrowser is not where Debian has it");
        if webkit.is_none() {
            step::say("WebKit is not here: nothing is tested in it (`cargo xtask test --webkit` gets it)");
        }
        Ok(Self { axe: axe::script()?, geckodriver, webkit })
    }
}

/// Tests that run one after the other, or a few at once, beside the other lanes.
struct Lane {
    title: &'static str,
    /// Which tests, and how many at once.
    arguments: &'static [&'static str],
    /// Opening a browser fails the test: it belongs into the other lane.
    has_browser: bool,
}

const LANES: [Lane; 3] = [
    Lane {
        title: "with a browser",
        arguments: &[WITH_BROWSER, "--skip", ASLEEP, "--test-threads", "1"],
        has_browser: true,
    },
    Lane { title: "with a browser that sleeps", arguments: &[ASLEEP, "--test-threads", "1"], has_browser: true },
    Lane { title: "without one", arguments: &["--skip", WITH_BROWSER, "--test-threads", "3"], has_browser: false },
];
/// Of a name that somebody looks at: in order, so that what they say is not mixed.
const CHOSEN: Lane = Lane { title: "chosen by name", arguments: &["--test-threads", "1"], has_browser: true };

/// Runs them all, or those whose name contains what was asked for.
pub fn run(workspace: &Workspace, options: &TestOptions, programs: &[TestProgram], tally: &mut Tally) -> Result<()> {
    let pages = PageTests::find(workspace, options)?;
    for tests in programs {
        let lanes = if options.name.is_some() { &[CHOSEN][..] } else { &LANES };
        let ran: Vec<Result<Tally>> = thread::scope(|scope| {
            let lanes: Vec<_> =
                lanes.iter().map(|lane| scope.spawn(|| lane.run(workspace, options, tests, &pages))).collect();
            lanes.into_iter().map(|lane| lane.join().expect("running tests does not panic")).collect()
        });
        for lane in ran {
            tally.add_all(lane?);
        }
    }
    Ok(())
}

impl Lane {
    fn run(
        &self,
        workspace: &Workspace,
        options: &TestOptions,
        tests: &TestProgram,
        pages: &PageTests,
    ) -> Result<Tally> {
        let mut tally = Tally::default();
        let what = format!("Running the tests with real processes, {}: {}", self.title, tests.title());
        let mut command = self.command(workspace, options, tests);
        command.env("COVEY_AXE", &pages.axe);
        match &pages.geckodriver {
            Some(geckodriver) => command.env("COVEY_GECKODRIVER", geckodriver),
            None => command.args(["--skip", IN_FIREFOX]),
        };
        match &pages.webkit {
            Some(webkit) => command.env("COVEY_WEBKIT", webkit),
            None => command.args(["--skip", IN_WEBKIT]),
        };
        tally.test(&what, &mut command)?;
        Ok(tally)
    }

    fn command(&self, workspace: &Workspace, options: &TestOptions, tests: &TestProgram) -> Command {
        let mut command = tests.command(options.name.as_deref());
        command
            .args(self.arguments)
            .env("COVEY_PAGE_DIR", workspace.page())
            .env("COVEY_TRACKER_RELAY", workspace.program(Profile::Dev, "tracker-relay"))
            .env("COVEY_NATIVE_PEER", workspace.program(Profile::Dev, "native-peer"))
            .env("COVEY_EXAMPLES_DIR", workspace.target.join("debug/examples"))
            .env("COVEY_FAILURES_DIR", workspace.target.join("e2e-failures"))
            .envs(options.policy.iter().map(|policy| ("COVEY_TEST_POLICY", policy)));
        if !self.has_browser {
            command.env("COVEY_NO_BROWSER", "1");
        }
        command
    }
}
