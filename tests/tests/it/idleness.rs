//! What the programs cost while nobody wants anything.

use anyhow::{Context, Result, ensure};
use covey_tests::content::MIB;
use covey_tests::wait::SOON;
use covey_tests::{NativePeer, Stage};

use crate::sharing::Sharing;

/// The clock of this test: lines of progress, which come a few times a second.
const TICKS: u64 = 8;
/// Hundredths of a second of processor time meanwhile.
const IDLE_MAX: u64 = 16;

/// Hundredths of a second that a process has been running on a processor (`proc_pid_stat(5)`, utime and stime).
fn processor_time(pid: Option<u32>) -> Result<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.context("it runs")?))?;
    // Behind the program's name, which may have blanks in it.
    let fields: Vec<&str> = stat.rsplit_once(") ").context("a name in brackets")?.1.split(' ').collect();
    Ok(fields[11].parse::<u64>()? + fields[12].parse::<u64>()?)
}

/// Waits for the next lines of progress.
async fn ticks(peer: &NativePeer) -> Result<()> {
    let first = peer.process().transcript().len();
    let mut seen = 0;
    let tick = |_, line: &str| {
        seen += u64::from(line.contains(r#""t":"progress""#));
        (seen == TICKS).then_some(())
    };
    peer.process().line_after(first, "progress", SOON, tick).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_shares_and_the_server_take_next_to_no_processor_time_while_nobody_downloads() {
    let name = "whoever_shares_and_the_server_take_next_to_no_processor_time_while_nobody_downloads";
    Stage::play(name, async |stage| {
        let mut sharing = Sharing::start(stage, "unwanted.bin", 8 * MIB).await?;
        ticks(&sharing.ana).await?;
        let (ana, server) = (sharing.ana.process().id(), sharing.tracker.process().id());
        let before = (processor_time(ana)?, processor_time(server)?);
        ticks(&sharing.ana).await?;
        let took = (processor_time(ana)? - before.0, processor_time(server)? - before.1);
        ensure!(
            took.0 <= IDLE_MAX && took.1 <= IDLE_MAX,
            "{took:?} hundredths of a second between {TICKS} lines of progress"
        );
        Ok(())
    })
    .await;
}
