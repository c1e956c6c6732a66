//! The server as a whole: what is made at the start, and the end.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::accept::Door;
use crate::config::Config;
use crate::connections::Connections;
use crate::control::Control;
use crate::data_folder::DataFolder;
use crate::http::{Page, Readiness, Site, router};
use crate::limits::STOP_DEADLINE;
use crate::metrics::Metrics;
use crate::relay::Relay;
use crate::relay::rendezvous::Rendezvous;
use crate::store::Store;
use crate::tracker::Tracker;
use crate::tracker::hub::Hub;
use crate::tracker::invite_failures::InviteFailures;
use crate::tracker::ledger::Ledger;
use crate::tracker::link_book::LinkBook;
use crate::websocket::Origins;
use crate::{open_files, server_key};

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    door: Door,
    site: Arc<Site>,
    writer: JoinHandle<()>,
    folder: DataFolder,
}

impl Server {
    /// Opens the database, the key, the page and the listener.
    ///
    /// # Errors
    /// Any of them; the message says which, and what to do.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        let folder = DataFolder::open(&config.data)?;
        let key = server_key::load_or_create(&folder.server_key())?;
        let page = config.page.as_deref().map_or_else(Page::embedded, Page::from_folder)?;
        let (store, writer) = Store::open(&folder.database()).await?;
        let listener = TcpListener::bind(config.listen).await.map_err(|error| cannot_listen(config.listen, error))?;

        let metrics = Arc::new(Metrics::default());
        let stop = CancellationToken::new();
        let links = Arc::new(LinkBook::new(config.link_absence_max));
        let hub = Arc::new(Hub::new(links.clone()));
        let (ledger, writer) = Ledger::new(writer, hub.clone(), metrics.clone());
        let relay = Arc::new(Relay {
            rendezvous: Rendezvous::new(key.verifying_key()),
            links,
            metrics: metrics.clone(),
            stop: stop.clone(),
        });
        let invite_failures = InviteFailures::default();
        let tracker = Arc::new(Tracker { key, store, ledger, hub, invite_failures, metrics: metrics.clone() });
        let control =
            Arc::new(Control { tracker: tracker.clone(), public_host: config.public_host.clone(), stop: stop.clone() });
        let origins = Origins { public_host: config.public_host, also: config.allow_origins.into() };
        let site = Arc::new(Site {
            page,
            tracker,
            control,
            relay,
            origins,
            trusted_proxies: config.trusted_proxies,
            readiness: Readiness::default(),
            tasks: TaskTracker::new(),
            stop,
            end: CancellationToken::new(),
            metrics,
        });
        let door = Door {
            listener,
            router: router(site.clone()),
            connections: Arc::new(Connections::new(open_files::connections_max())),
            metrics: site.metrics.clone(),
            end: site.end.clone(),
        };
        Ok(Self { door, site, writer: tokio::spawn(writer), folder })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The operating system's.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.door.address()
    }

    /// Serves until `stop` is ready, then says goodbye to everybody and closes the database.
    ///
    /// # Errors
    /// The task that writes to the database has ended by itself, which is a bug. Without it nothing can
    /// be stored, so the server ends too, for whoever watches over it to start it again.
    pub async fn run(mut self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        tokio::select! {
            () = self.door.accept() => {}
            () = stop => {}
            ended = &mut self.writer => {
                let how = ended.map_or_else(|error| error.to_string(), |()| "it returned".to_owned());
                anyhow::bail!("the database's writer has ended ({how}); start the server again");
            }
        }
        info!("stopping");
        self.site.stop.cancel();
        self.site.tasks.close();
        // The listener stays open meanwhile: /readyz tells load balancers why not.
        let goodbyes = async {
            tokio::select! {
                () = self.door.accept() => {}
                () = self.site.tasks.wait() => {}
            }
        };
        if timeout(STOP_DEADLINE, goodbyes).await.is_err() {
            warn!("some connections did not end in time");
        }
        self.close().await;
        Ok(())
    }

    /// The ledger ends when nobody can reach it any more, and has then written everything.
    async fn close(self) {
        let Self { door, site, writer, folder } = self;
        let connections = door.connections.clone();
        drop(door);
        site.end.cancel();
        let closed = async {
            connections.tasks.close();
            connections.tasks.wait().await;
            site.tasks.wait().await;
            site.tracker.store.close().await;
            drop(site);
            let _ = writer.await;
        };
        if timeout(STOP_DEADLINE, closed).await.is_err() {
            // Every acknowledged change is on disk all the same; only the log is not folded in.
            warn!("the database was still busy; it will recover at the next start");
        }
        // Last: from here on another server may have the folder.
        drop(folder);
    }
}

fn cannot_listen(address: SocketAddr, error: std::io::Error) -> anyhow::Error {
    let hint = match error.kind() {
        std::io::ErrorKind::AddrInUse => ": another program listens there; choose another port with --listen",
        std::io::ErrorKind::PermissionDenied => ": this user may not; choose a port above 1023 with --listen",
        _ => "",
    };
    anyhow::Error::new(error).context(format!("cannot listen on {address}{hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_writer_that_ends_ends_the_server() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data: folder.path().join("data"),
            public_host: None,
            page: None,
            allow_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            link_absence_max: std::time::Duration::from_secs(60),
        };
        let server = Server::start(config).await.unwrap();
        server.writer.abort();
        let error = server.run(std::future::pending()).await.unwrap_err();
        assert!(error.to_string().contains("writer has ended"), "{error}");
    }
}
