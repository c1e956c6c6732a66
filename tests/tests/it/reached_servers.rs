//! Who reaches a server by the link that is printed.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use covey_tests::content::MIB;
use covey_tests::process::Stream;
use covey_tests::wait::SOON;
use covey_tests::{NativePeer, Process, Stage};
use tokio::process::{Child, Command};
use wire_protocol::invite::Invite;

use crate::sharing::{ANA, Sharing};

pub const ELSEWHERE: &str = "another computer";
pub const ONLY_HERE: &str = "this computer only";

/// A computer in a network of its own: it ends with this.
struct Computer {
    keeper: Child,
}

impl Computer {
    const ADDRESS: &str = "10.77.0.2";

    /// With a default route that leads nowhere.
    async fn start() -> Result<Self> {
        let set_up = format!(
            "ip link set lo up && ip addr add {0}/32 dev lo && ip route add default dev lo src {0} && echo ready && \
             exec sleep infinity",
            Self::ADDRESS
        );
        let mut command = Command::new("unshare");
        command.args(["--net", "sh", "-c", &set_up]).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut keeper = command.spawn().context("cannot make a network")?;
        let mut said = String::new();
        let stdout = keeper.stdout.take().context("stdout was asked for")?;
        tokio::io::AsyncBufReadExt::read_line(&mut tokio::io::BufReader::new(stdout), &mut said).await?;
        ensure!(said == "ready\n", "the network is not there: this test takes root");
        Ok(Self { keeper })
    }

    fn command(&self, program: &std::path::Path) -> Result<Command> {
        let id = self.keeper.id().context("the network is gone")?;
        let mut command = Command::new("nsenter");
        command.args(["--net", "--target", &id.to_string()]).arg(program);
        Ok(command)
    }

    /// A server there, and the URL that it prints.
    async fn server(&self, stage: &Stage, listen: &str, data: &str) -> Result<(Process, String)> {
        let programs = stage.programs();
        let mut command = self.command(&programs.tracker_relay)?;
        command.args(["--listen", listen, "--data"]).arg(stage.folder().join(data)).arg("--page").arg(&programs.page);
        let server = stage.start("tracker-relay", command)?;
        let url = server
            .line("where it listens", SOON, |stream, line| {
                let url = line.strip_prefix("listening on ")?;
                (stream == Stream::Stdout).then(|| url.to_owned())
            })
            .await?;
        Ok((server, url))
    }

    /// Shares a file there; the invite, and all that was said to the person before the file was ready.
    async fn share(&self, stage: &Stage, server: &str) -> Result<(Invite, String)> {
        let mut command = self.command(&stage.programs().native_peer)?;
        command.arg("share").arg(stage.file("wanted.bin", MIB)?).args(["--server", server, "--no-tcp", "--name", ANA]);
        command.arg("--data").arg(stage.subfolder("Ana-data")?);
        let ana = stage.start(ANA, command)?;
        ana.line("that it is ready", SOON, |_, line| line.starts_with("Ready").then_some(())).await?;
        let printed = ana.transcript().of(Stream::Stdout);
        Ok((printed.trim().parse()?, ana.transcript().of(Stream::Stderr)))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_listens_for_others_is_named_by_an_address_that_they_can_use() {
    Stage::play("a_server_that_listens_for_others_is_named_by_an_address_that_they_can_use", async |stage| {
        let computer = Computer::start().await?;
        for (number, listen) in ["0.0.0.0:0", "[::]:0"].into_iter().enumerate() {
            let (_server, url) = computer.server(stage, listen, &format!("server-{number}")).await?;
            let port = url.rsplit_once(':').context("a URL with a port")?.1;
            ensure!(url == format!("http://{}:{port}", Computer::ADDRESS), "{listen}: it prints {url}");
            for named in [
                format!("http://127.0.0.1:{port}"),
                format!("http://localhost:{port}"),
                format!("http://0.0.0.0:{port}"),
                url.clone(),
            ] {
                let (invite, said) = computer.share(stage, &named).await?;
                ensure!(invite.server() == url, "{listen}, {named}: a link to {}", invite.server());
                ensure!(said.contains(ELSEWHERE) && !said.contains(ONLY_HERE), "{listen}, {named}: says {said}");
            }
        }
        // It is loopback that this one listens on, and the computer has an address all the same.
        let (_server, url) = computer.server(stage, "127.0.0.1:0", "server-at-home").await?;
        let (invite, said) = computer.share(stage, &url).await?;
        ensure!(invite.server() == url && said.contains(ONLY_HERE) && !said.contains(ELSEWHERE), "{url}: says {said}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_of_a_link_from_the_environment_is_in_no_log_and_no_list_of_processes() {
    Stage::play("the_secret_of_a_link_from_the_environment_is_in_no_log_and_no_list_of_processes", async |stage| {
        let mut sharing = Sharing::start(stage, "wanted.bin", MIB).await?;
        let folder = stage.subfolder("Bo-files")?;
        let link = std::ffi::OsStr::new(&sharing.invite);
        let environment = [("NATIVE_PEER_LINK", link), ("NATIVE_PEER_LOG", "trace".as_ref())];
        let arguments = ["download".as_ref(), "--output".as_ref(), folder.as_os_str(), "--seed".as_ref()];
        let bo = NativePeer::start_with(stage, "Bo", &arguments, &environment)?;
        bo.done().await?;
        let secret = sharing.invite.split_once('#').context("an invite has a secret")?.1;
        let id = bo.process().id().context("it runs")?;
        let listed = std::fs::read_to_string(format!("/proc/{id}/cmdline"))?;
        ensure!(listed.contains("download") && !listed.contains(secret), "listed: {listed}");
        for said in [bo.process().transcript().text(), sharing.tracker.process().transcript().text()] {
            ensure!(!said.is_empty() && !said.contains(secret), "in the log");
        }
        // It would be in what is sent, if it were sent.
        let advice = sharing.ana.process().transcript().of(Stream::Stderr);
        let commands: Vec<_> = advice.lines().filter(|line| line.contains("native-peer download")).collect();
        ensure!(!commands.is_empty() && !commands.concat().contains(secret), "the advice: {commands:?}");
        Ok(())
    })
    .await;
}
