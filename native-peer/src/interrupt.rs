//! Ctrl-C and SIGTERM: the first asks the command to end, the second ends the process.

use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::exit_code;

/// Tells that the person wants the end.
#[derive(Debug)]
pub struct Interrupt {
    token: CancellationToken,
    _task: AbortOnDropHandle<()>,
}

impl Interrupt {
    /// Listens from now on.
    pub fn listen() -> Self {
        let token = CancellationToken::new();
        let asked = token.clone();
        let task = tokio::spawn(async move {
            wait_for_signal().await;
            asked.cancel();
            wait_for_signal().await;
            std::process::exit(i32::from(exit_code::INTERRUPTED));
        });
        Self { token, _task: AbortOnDropHandle::new(task) }
    }

    /// Waits for the first signal.
    pub async fn asked(&self) {
        self.token.cancelled().await;
    }
}

#[cfg(unix)]
async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = match signal(SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(error) => {
            tracing::warn!(%error, "cannot listen for SIGTERM");
            let _ = tokio::signal::ctrl_c().await;
            return;
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn wait_for_signal() {
    let _ = tokio::signal::ctrl_c().await;
}
