//! A server, and people who run `native-peer group` there, each command a process of its own.

use std::ffi::OsStr;

use anyhow::{Context, Result, ensure};
use covey_tests::process::Stream;
use covey_tests::{NativePeer, Stage, Tracker};
use serde_json::Value;

/// A server, and people who run commands there.
pub struct World<'a> {
    pub stage: &'a Stage,
    pub server: String,
    pub tracker: Tracker,
}

impl<'a> World<'a> {
    /// Nobody is there yet.
    pub async fn start(stage: &'a Stage) -> Result<Self> {
        Self::start_with(stage, &[]).await
    }

    /// The same, with these options of the server.
    pub async fn start_with(stage: &'a Stage, options: &[&str]) -> Result<Self> {
        let tracker = Tracker::start_with(stage, options).await?;
        Ok(Self { stage, server: tracker.url(), tracker })
    }

    /// Starts a command.
    pub fn begin(&self, who: &str, arguments: &[&str]) -> Result<NativePeer> {
        let all = [arguments, &["--server", &self.server]].concat();
        NativePeer::start(self.stage, who, &all.iter().map(OsStr::new).collect::<Vec<_>>())
    }

    /// Runs `native-peer group …` to its end; the objects that it printed.
    pub async fn group(&self, who: &str, arguments: &[&str]) -> Result<Vec<Value>> {
        self.run(who, &[&["group"], arguments].concat()).await
    }

    /// Runs a command to its end; the objects that it printed.
    pub async fn run(&self, who: &str, arguments: &[&str]) -> Result<Vec<Value>> {
        let mut peer = self.begin(who, arguments)?;
        peer.succeeds().await.with_context(|| format!("{who}: {arguments:?}"))?;
        let printed = peer.process().transcript().of(Stream::Stdout);
        printed.lines().map(|line| serde_json::from_str(line).with_context(|| format!("not JSON: {line}"))).collect()
    }

    /// Runs `native-peer group …`, which fails with this code; what a person reads.
    pub async fn refused(&self, who: &str, arguments: &[&str], code: i32) -> Result<String> {
        let mut peer = self.begin(who, &[&["group"], arguments].concat())?;
        peer.fails_with(code).await.with_context(|| format!("{who}: group {arguments:?}"))
    }

    /// Makes a group; its slug and the first invite.
    pub async fn create(&self, who: &str, name: &str) -> Result<(String, String)> {
        let printed = self.group(who, &["create", name]).await?;
        Ok((text(only(&printed, "group")?, "slug")?, text(only(&printed, "invite")?, "link")?))
    }

    /// `(name, role)` of each member, as `who` sees them.
    pub async fn members(&self, who: &str, group: &str) -> Result<Vec<(String, String)>> {
        let printed = self.group(who, &["members", group]).await?;
        let members = all(&printed, "member").into_iter();
        members.map(|member| Ok((text(member, "name")?, text(member, "role")?))).collect()
    }

    /// The ids of the open invites, as `who` sees them.
    pub async fn invites(&self, who: &str, group: &str) -> Result<Vec<String>> {
        let printed = self.group(who, &["invites", group]).await?;
        all(&printed, "open_invite").into_iter().map(|invite| text(invite, "id")).collect()
    }
}

/// The objects of one kind.
pub fn all<'v>(printed: &'v [Value], kind: &str) -> Vec<&'v Value> {
    printed.iter().filter(|object| object["t"] == kind).collect()
}

/// The one object of its kind.
pub fn only<'v>(printed: &'v [Value], kind: &str) -> Result<&'v Value> {
    let found = all(printed, kind);
    ensure!(found.len() == 1, "{} objects `{kind}` in {printed:?}", found.len());
    Ok(found[0])
}

/// A text in an object.
pub fn text(object: &Value, field: &str) -> Result<String> {
    Ok(object[field].as_str().with_context(|| format!("no `{field}` in {object}"))?.to_owned())
}
