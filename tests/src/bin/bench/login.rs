//! What a login in a full group costs, by a `crowd` of each build.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use covey_tests::Stage;
use serde::Deserialize;
use tokio::process::Command;

use crate::builds::Build;
use crate::options::Options;
use crate::report::{Aim, Comparison, Report};

/// Members and files: what the first protocol could do, and what a group may have.
const SIZES: [(usize, usize); 2] = [(20, 100), (128, 256)];

/// What `crowd` prints.
#[derive(Deserialize)]
struct Login {
    messages: f64,
    bytes: f64,
    /// Why it did not come to an end.
    error: Option<String>,
    /// Pairs of a member and a file that the swarms had when it began.
    entries: usize,
    /// Members whom the server had cut by then.
    thrown_out: usize,
}

/// Adds bytes and messages of one login, and what happens where it fails. It counts, so one round is enough.
pub async fn measure(stage: &Stage, builds: &[Build], options: &Options, report: &mut Report) -> Result<()> {
    let sizes = if options.rounds > 1 { &SIZES[..] } else { &SIZES[..1] };
    for (members, files) in sizes {
        eprintln!("==> A login in a group of {members} members and {files} files");
        let mut logins = Vec::new();
        for build in builds {
            let Some(crowd) = &build.crowd else {
                report.note(format!("a login in a full group was not measured: {} has no crowd", build.title()));
                return Ok(());
            };
            let login = run(stage, build, crowd, *members, *files).await?;
            note(report, build, &login, *members, *files);
            logins.push(login);
        }
        compare(report, &logins, *members, *files);
    }
    Ok(())
}

fn note(report: &mut Report, build: &Build, login: &Login, members: usize, files: usize) {
    let outcome = match &login.error {
        Some(error) => format!("fails ({error})"),
        None => format!("takes {} messages and {} bytes", login.messages, login.bytes),
    };
    report.note(format!(
        "{}: a login in a group of {members} × {files} {outcome}; the swarms had {} of {} entries, {} members had been cut",
        build.title(),
        login.entries,
        (members - 1) * files,
        login.thrown_out
    ));
}

fn compare(report: &mut Report, logins: &[Login], members: usize, files: usize) {
    let [this, other] = logins else { return };
    // Where members were cut, less is told.
    if logins.iter().any(|login| login.error.is_some() || login.thrown_out > 0) {
        return;
    }
    let mut compare = |unit, pick: fn(&Login) -> f64| {
        let what = format!("a login in a group of {members} × {files}, everybody seeding");
        let (this, other) = (vec![pick(this)], vec![pick(other)]);
        report.compare(Comparison { what, unit, this, other, aim: Aim::AtMost(0.1) });
    };
    compare("bytes", |login| login.bytes);
    compare("messages", |login| login.messages);
}

async fn run(stage: &Stage, build: &Build, crowd: &Path, members: usize, files: usize) -> Result<Login> {
    let server = build.serve(stage, &format!("login-{members}")).await?;
    let mut command = Command::new(crowd);
    command.args(["--server", &server.url, "--members", &members.to_string(), "--files", &files.to_string()]);
    command.stdin(Stdio::null()).stderr(Stdio::inherit()).kill_on_drop(true);
    let output = command.output().await.with_context(|| format!("cannot run {}", crowd.display()))?;
    ensure!(output.status.success(), "{} ended with {}", crowd.display(), output.status);
    serde_json::from_slice(&output.stdout).context("the crowd says something unforeseen")
}
