//! The program: reads what was typed, runs the server until it is told to stop.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use tokio_util::sync::CancellationToken;
use tracker_relay::args::{Args, Task};
use tracker_relay::backup;
use tracker_relay::check;
use tracker_relay::clock;
use tracker_relay::config::Config;
use tracker_relay::effective::Effective;
use tracker_relay::server::Server;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody may be there to read it.
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> anyhow::Result<()> {
    log_to_stderr();
    clock::set_offset(args.clock_offset());
    match args.into_task()? {
        Task::Serve(config) => serve(*config).await,
        Task::Backup { from, to } => backup::backup(&from, &to).await,
        Task::Check(url) => check::check(&url).await,
        Task::PrintConfig { config, json } => print_config(&Effective::new(&config), json),
    }
}

fn print_config(effective: &Effective, json: bool) -> anyhow::Result<()> {
    let text = if json { format!("{}\n", effective.to_json()) } else { effective.to_text() };
    std::io::stdout().write_all(text.as_bytes()).context("cannot write to stdout")
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let Stop { stop, hurry } = listen_for_signals()?;
    let server = Server::start(config).await?;
    let address = server.address().context("cannot tell the address")?;
    if let Some(admin) = server.admin_address().context("cannot tell the address")? {
        tracing::info!("metrics on http://{admin}/metrics");
    }
    // The one line on stdout; whoever started this waits for it.
    let mut stdout = std::io::stdout();
    writeln!(stdout, "listening on {}://{address}", server.scheme())
        .and_then(|()| stdout.flush())
        .context("cannot write to stdout")?;
    server.run(stop.cancelled_owned(), hurry.cancelled_owned()).await
}

fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        // A log that cannot be written, because its disk is full, ends nobody's work.
        .log_internal_errors(false)
        .init();
}

/// When to stop, and when to stop at once.
struct Stop {
    /// Cancelled by the first signal.
    stop: CancellationToken,
    /// Cancelled by Ctrl-C, which comes from somebody who waits, or by the second signal.
    hurry: CancellationToken,
}

/// Listens for signals. One more than were needed ends the process at once.
fn listen_for_signals() -> anyhow::Result<Stop> {
    let mut signals = Signals::new().context("cannot listen for signals")?;
    let (stop, hurry) = (CancellationToken::new(), CancellationToken::new());
    let told = Stop { stop: stop.clone(), hurry: hurry.clone() };
    tokio::spawn(async move {
        let first = signals.next().await;
        stop.cancel();
        if first == Signal::Terminate {
            signals.next().await;
        }
        hurry.cancel();
        signals.next().await;
        std::process::exit(130);
    });
    Ok(told)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM, which only Unix has.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there is none"))]
    Terminate,
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Signal {
        // Without a console there is nobody to press Ctrl-C.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Signal::Interrupt
    }
}
