//! The other commit of `bench --against`, built with its own code and by its own `cargo xtask build`.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;

use super::costs;
use crate::checkout::Checkout;
use crate::step;
use crate::workspace::{Profile, Workspace};

/// Measures a login; speaks the control protocol of the commit that it is built with.
const CROWD: &str = "tests/src/bin/crowd.rs";

/// What is driven beside this commit's programs.
pub struct Other {
    checkout: Checkout,
    /// `None`: does not build there.
    crowd: Option<PathBuf>,
    /// `None`: this commit has no such benches.
    costs: Option<PathBuf>,
}

impl Other {
    /// Minutes the first time, seconds from then on.
    pub fn build(workspace: &Workspace, commit: &str) -> Result<Self> {
        let checkout = Checkout::of(workspace, commit)?;
        let what = format!("Building {} with its own code (the first time about 10 minutes)", checkout.name);
        step::run(&what, checkout.cargo().args(["xtask", "build"]))?;
        let crowd = or_without(build_crowd(workspace, &checkout));
        let costs = or_without(costs::build(checkout.cargo()));
        Ok(Self { checkout, crowd, costs })
    }

    /// What the measuring program is told about it.
    pub fn environment(&self) -> Vec<(&'static str, OsString)> {
        let mut told = vec![
            ("COVEY_OTHER", self.checkout.name.clone().into()),
            ("COVEY_OTHER_PAGE_DIR", self.checkout.page().into()),
            ("COVEY_OTHER_TRACKER_RELAY", self.program("tracker-relay").into()),
            ("COVEY_OTHER_NATIVE_PEER", self.program("native-peer").into()),
        ];
        told.extend(self.crowd.clone().map(|crowd| ("COVEY_OTHER_CROWD", crowd.into())));
        told.extend(self.costs.clone().map(|costs| ("COVEY_OTHER_COSTS", costs.into())));
        told
    }

    fn program(&self, name: &str) -> PathBuf {
        self.checkout.program(Profile::Release, name)
    }
}

/// A commit from before there was a crowd gets the first one: it spoke the protocol of its time.
fn build_crowd(workspace: &Workspace, checkout: &Checkout) -> Result<PathBuf> {
    checkout.add_missing(workspace, CROWD)?;
    let mut cargo = checkout.cargo();
    cargo.args(["build", "--locked", "--release", "--package", "covey-tests", "--bin", "crowd"]);
    step::run("Building its crowd", &mut cargo)?;
    Ok(checkout.program(Profile::Release, "crowd"))
}

/// An old commit may lack what only some figures need.
fn or_without(built: Result<PathBuf>) -> Option<PathBuf> {
    built.inspect_err(|error| eprintln!("{error:#}; going on without")).ok()
}
