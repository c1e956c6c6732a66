//! The server as a whole: what is made at the start, and the end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use tracing::{info, warn};

use crate::accept::{Door, Tls};
use crate::capacity::Capacity;
use crate::config::Config;
use crate::connections::Connections;
use crate::control::{Control, OwnOrigin, Restart};
use crate::data_folder::DataFolder;
use crate::free_disk::FreeDisk;
use crate::front::Front;
use crate::http::{Readiness, Site, admin_router, plain_router, router};
use crate::limits::{ANNOUNCED_LOOK_EVERY, CATCH_UPS_AT_ONCE, STOP_DEADLINE, info_parts};
use crate::metrics::Metrics;
use crate::opened::Opened;
use crate::proxies::TrustedProxies;
use crate::relay::Relay;
use crate::relay::link_memory::LinkMemory;
use crate::relay::rendezvous::Rendezvous;
use crate::shares::Shares;
use crate::store::{Store, WriteConnection};
use crate::tracker::Tracker;
use crate::tracker::admission::Admission;
use crate::tracker::announce_rates::AnnounceRates;
use crate::tracker::bus::{Bus, Publisher};
use crate::tracker::hub::Hub;
use crate::tracker::invite_failures::InviteFailures;
use crate::tracker::ledger::Ledger;
use crate::tracker::link_book::LinkBook;
use crate::tracker::rates::Rates;
use crate::tracker::rules::Rules;
use crate::websocket::Origins;

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    door: Door,
    admin_door: Option<Door>,
    site: Arc<Site>,
    writer: JoinHandle<()>,
    publisher: AbortOnDropHandle<()>,
    /// Ends what ordinary clients announced long ago.
    ending: AbortOnDropHandle<()>,
    /// Reads the certificate anew.
    certificate: Option<AbortOnDropHandle<()>>,
    drain_max: Duration,
    folder: DataFolder,
}

impl Server {
    /// Opens the database, the key, the page and the listener.
    ///
    /// # Errors
    /// Any of them; the message says which, and what to do.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        let Opened { folder, key, certificate, page, store, writer, listener, admin_listener } =
            Opened::of(&config).await?;
        warn_without_proxy(&config);

        let (metrics, front) = (Arc::new(Metrics::default()), Arc::new(Front::default()));
        let (drain, stop, end) = (CancellationToken::new(), CancellationToken::new(), CancellationToken::new());
        let capacity = Capacity::new(config.max_connections, config.link_bytes);
        let links = Arc::new(LinkBook::new(config.link_absence_max, capacity.link_sides(), metrics.clone()));
        let relay = Arc::new(Relay {
            rendezvous: Rendezvous::new(key.verifying_key(), &metrics),
            memory: Arc::new(LinkMemory::new(capacity.large_buffers(), metrics.clone())),
            links: links.clone(),
            metrics: metrics.clone(),
            drain: drain.clone(),
            stop: stop.clone(),
        });
        let (tracker, writer, publisher) = start_tracker(&config, key, store, writer, links, &metrics);
        let own_origin = OwnOrigin { public: config.public_origin.clone(), certificate: certificate.clone() };
        let control = Arc::new(Control {
            tracker: tracker.clone(),
            own_origin,
            front: front.clone(),
            restart: Arc::new(Restart::new(stop.clone())),
        });
        let origins = Origins {
            public_host: config.public_origin.map(|origin| origin.authority()),
            also: config.allow_origins.into(),
        };
        let free_disk = FreeDisk::new(config.data.clone(), config.min_free_disk);
        let proxies = Arc::new(TrustedProxies::new(config.trusted_proxies));
        let site = Arc::new(Site {
            page,
            tracker,
            control,
            relay,
            origins,
            proxies: proxies.clone(),
            front: front.clone(),
            readiness: Readiness::new(free_disk),
            has_admin_address: admin_listener.is_some(),
            sessions: TaskTracker::new(),
            links: TaskTracker::new(),
            drain,
            stop,
            end: end.clone(),
            metrics: metrics.clone(),
        });
        let connections = Arc::new(Connections::new(capacity.connections, proxies, metrics.clone()));
        let tls = certificate.as_ref().map(|own| Tls { acceptor: own.acceptor(), plain_router: plain_router() });
        let door = |listener, router, tls| Door {
            listener,
            router,
            tls,
            connections: connections.clone(),
            metrics: metrics.clone(),
            end: end.clone(),
        };
        Ok(Self {
            door: door(listener, router(site.clone()), tls),
            admin_door: admin_listener.map(|listener| door(listener, admin_router(site.clone()), None)),
            certificate: certificate
                .map(|certificate| AbortOnDropHandle::new(tokio::spawn(certificate.follow_files()))),
            ending: AbortOnDropHandle::new(tokio::spawn(end_announced(site.tracker.hub.clone()))),
            site,
            writer,
            publisher,
            drain_max: config.drain_max,
            folder,
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The operating system's.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.door.address()
    }

    /// `http`, or `https` where it speaks TLS itself.
    pub fn scheme(&self) -> &'static str {
        if self.door.tls.is_some() { "https" } else { "http" }
    }

    /// Where /metrics is, if it has an address of its own.
    ///
    /// # Errors
    /// The operating system's.
    pub fn admin_address(&self) -> std::io::Result<Option<SocketAddr>> {
        self.admin_door.as_ref().map(Door::address).transpose()
    }

    /// Serves until `stop` is ready, and lets links go on until `hurry` is or the time for that is over.
    /// Then says goodbye to everybody and closes the database.
    ///
    /// # Errors
    /// The task that writes to the database has ended by itself, which is a bug. Without it nothing can
    /// be stored, so the server ends too, for whoever watches over it to start it again.
    pub async fn run(mut self, stop: impl Future<Output = ()>, hurry: impl Future<Output = ()>) -> anyhow::Result<()> {
        let drained = async {
            stop.await;
            self.site.drain.cancel();
            drain(&self.site, self.drain_max, hurry).await;
        };
        tokio::select! {
            () = accept(&self.door, self.admin_door.as_ref()) => {}
            () = drained => {}
            ended = &mut self.writer => {
                let how = ended.map_or_else(|error| error.to_string(), |()| "it returned".to_owned());
                anyhow::bail!("the database's writer has ended ({how}); start the server again");
            }
        }
        info!("stopping");
        self.site.stop.cancel();
        self.site.sessions.close();
        self.site.links.close();
        // The listener stays open meanwhile: /readyz tells load balancers why not.
        let goodbyes = async {
            tokio::select! {
                () = accept(&self.door, self.admin_door.as_ref()) => {}
                () = async { tokio::join!(self.site.sessions.wait(), self.site.links.wait()); } => {}
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
        let Self { door, admin_door, site, writer, publisher, ending, certificate, folder, .. } = self;
        let connections = door.connections.clone();
        drop((door, admin_door));
        site.end.cancel();
        let closed = async {
            connections.tasks.close();
            connections.tasks.wait().await;
            tokio::join!(site.sessions.wait(), site.links.wait());
            drop((publisher, ending, certificate));
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

/// Lets links go on until the last one has ended, or it is enough.
async fn drain(site: &Site, max: Duration, hurry: impl Future<Output = ()>) {
    site.links.close();
    if !site.links.is_empty() {
        info!("draining: links may go on for {} s, nobody new is let in; a second signal ends them", max.as_secs());
    }
    tokio::select! {
        () = site.links.wait() => {}
        () = tokio::time::sleep(max) => warn!("ending the links that still go on"),
        () = hurry => {}
    }
}

/// Takes connections in at all doors, for ever.
async fn accept(door: &Door, admin: Option<&Door>) {
    match admin {
        Some(admin) => drop(tokio::join!(door.accept(), admin.accept())),
        None => door.accept().await,
    }
}

fn warn_without_proxy(config: &Config) {
    let is_https = config.public_origin.as_ref().is_some_and(|origin| origin.is_https());
    if is_https && config.tls.is_none() && config.trusted_proxies.is_empty() {
        warn!(
            "--public-url is https, so there is a reverse proxy in front of this server, but no --trusted-proxy: \
             all people will count as one address. Add --trusted-proxy with the proxy's address"
        );
    }
}

/// The tracker, its one writer, and whoever publishes what that commits.
fn start_tracker(
    config: &Config,
    key: SigningKey,
    store: Store,
    writer: WriteConnection,
    links: Arc<LinkBook>,
    metrics: &Arc<Metrics>,
) -> (Arc<Tracker>, JoinHandle<()>, AbortOnDropHandle<()>) {
    let hub = Arc::new(Hub::new(links.clone()));
    let bus = Arc::new(Bus::default());
    let rules = rules(config, &key);
    let (ledger, writer) = Ledger::new(writer, rules, bus.clone(), metrics.clone());
    let publisher = Publisher { bus: bus.clone(), store: store.clone(), hub: hub.clone(), metrics: metrics.clone() };
    let tracker = Arc::new(Tracker {
        key,
        ticket_lifetime: config.ticket_lifetime,
        groupless_max: config.groupless_max,
        history: store.history(),
        store,
        catching_up: Semaphore::new(CATCH_UPS_AT_ONCE),
        ledger,
        bus,
        hub,
        links,
        rates: Rates::default(),
        announce_rates: AnnounceRates::default(),
        info_parts: Arc::new(Shares::new(info_parts(), metrics.clone())),
        invite_failures: InviteFailures::default(),
        metrics: metrics.clone(),
    });
    (tracker, tokio::spawn(writer), AbortOnDropHandle::new(tokio::spawn(publisher.run())))
}

/// Takes out of the swarms, for ever, what ordinary clients announced too long ago.
async fn end_announced(hub: Arc<Hub>) {
    loop {
        tokio::time::sleep(ANNOUNCED_LOOK_EVERY).await;
        hub.end_announced(tokio::time::Instant::now());
    }
}

/// What whoever runs the server allows.
fn rules(config: &Config, key: &SigningKey) -> Rules {
    Rules {
        admission: Admission::new(config.groups, config.groups_password.as_ref(), key),
        quotas: config.quotas,
        free_disk: FreeDisk::new(config.data.clone(), config.min_free_disk),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;
    use crate::tracker::admission::GroupMakers;
    use crate::tracker::rules::Quotas;

    fn config(folder: &tempfile::TempDir) -> Config {
        Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            tls: None,
            admin_listen: None,
            data: folder.path().join("data"),
            new_history: false,
            public_origin: None,
            page: None,
            allow_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            groups: GroupMakers::Anyone,
            groups_password: None,
            quotas: Quotas::default(),
            min_free_disk: None,
            max_connections: None,
            link_bytes: None,
            groupless_max: Duration::from_secs(600),
            drain_max: Duration::from_secs(120),
            ticket_lifetime: Duration::from_secs(3600),
            link_absence_max: Duration::from_secs(60),
        }
    }

    async fn status(address: SocketAddr, path: &str, header: &str) -> String {
        let mut tcp = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}\r\n");
        tcp.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        tcp.read_to_string(&mut answer).await.unwrap();
        answer.split(' ').nth(1).unwrap().to_owned()
    }

    #[tokio::test]
    async fn a_writer_that_ends_ends_the_server() {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(config(&folder)).await.unwrap();
        server.writer.abort();
        let error = server.run(std::future::pending(), std::future::pending()).await.unwrap_err();
        assert!(error.to_string().contains("writer has ended"), "{error}");
    }

    #[tokio::test]
    async fn metrics_are_for_this_machine_or_for_an_address_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(config(&folder)).await.unwrap();
        let address = server.address().unwrap();
        let running = tokio::spawn(server.run(std::future::pending(), std::future::pending()));
        assert_eq!(status(address, "/metrics", "").await, "200");
        for sign in ["X-Forwarded-For: 203.0.113.7\r\n", "Forwarded: for=203.0.113.7\r\n", "X-Real-IP: 203.0.113.7\r\n"]
        {
            assert_eq!(status(address, "/metrics", sign).await, "404", "{sign}");
        }
        running.abort();

        let folder = tempfile::tempdir().unwrap();
        let admin_listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        let server = Server::start(Config { admin_listen, ..config(&folder) }).await.unwrap();
        let (address, admin) = (server.address().unwrap(), server.admin_address().unwrap().unwrap());
        let running = tokio::spawn(server.run(std::future::pending(), std::future::pending()));
        assert_eq!(status(address, "/metrics", "").await, "404");
        for (path, expected) in [("/metrics", "200"), ("/readyz", "200"), ("/healthz", "200"), ("/control", "404")] {
            assert_eq!(status(admin, path, "").await, expected, "{path}");
        }
        running.abort();
    }
}
