//! The server as a whole: what is made at the start, the accept loop, and the end.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use tracing::{debug, info, warn};
use wire_protocol::ids::HistoryId;

use crate::config::Config;
use crate::control::{Control, OwnOrigin};
use crate::data_folder::DataFolder;
use crate::http::{ConnectedFrom, Page, Site, router};
use crate::limits::{CATCH_UPS_AT_ONCE, CONNECTIONS_PER_ADDRESS, HTTP_HEAD_DEADLINE, HTTP_HEAD_MAX, STOP_DEADLINE};
use crate::metrics::Metrics;
use crate::relay::Relay;
use crate::relay::rendezvous::Rendezvous;
use crate::store::Store;
use crate::tracker::Tracker;
use crate::tracker::bus::{Bus, Publisher};
use crate::tracker::hub::Hub;
use crate::tracker::invite_failures::{InviteFailures, network};
use crate::tracker::ledger::Ledger;
use crate::tracker::link_book::LinkBook;
use crate::websocket::Origins;
use crate::{open_files, server_key};

/// After an accept that failed (usually: no file descriptors left), the pause before the next try.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    site: Arc<Site>,
    writer: JoinHandle<()>,
    publisher: AbortOnDropHandle<()>,
    connections: Arc<Connections>,
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
        let bus = Arc::new(Bus::default());
        let (ledger, writer) = Ledger::new(writer, bus.clone(), metrics.clone());
        let publisher =
            Publisher { bus: bus.clone(), store: store.clone(), hub: hub.clone(), metrics: metrics.clone() };
        let relay = Arc::new(Relay {
            rendezvous: Rendezvous::new(key.verifying_key()),
            links: links.clone(),
            metrics: metrics.clone(),
            stop: stop.clone(),
        });
        let invite_failures = InviteFailures::default();
        let catching_up = Semaphore::new(CATCH_UPS_AT_ONCE);
        let tracker = Arc::new(Tracker {
            key,
            history: HistoryId([0; 16]), // the store knows it soon
            store,
            catching_up,
            ledger,
            bus,
            hub,
            links,
            invite_failures,
            metrics: metrics.clone(),
        });
        let own_origin = OwnOrigin { public: config.public_origin.clone() };
        let control = Arc::new(Control { tracker: tracker.clone(), own_origin, stop: stop.clone() });
        let origins = Origins {
            public_host: config.public_origin.map(|origin| origin.authority()),
            also: config.allow_origins.into(),
        };
        let site = Arc::new(Site {
            page,
            tracker,
            control,
            relay,
            origins,
            trusted_proxies: config.trusted_proxies,
            tasks: TaskTracker::new(),
            stop,
            end: CancellationToken::new(),
            metrics,
        });
        let connections = Arc::new(Connections { max: open_files::connections_max(), ..Connections::default() });
        let publisher = AbortOnDropHandle::new(tokio::spawn(publisher.run()));
        Ok(Self { listener, site, writer: tokio::spawn(writer), publisher, connections, folder })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The operating system's.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` is ready, then says goodbye to everybody and closes the database.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let router = router(self.site.clone());
        tokio::select! {
            () = self.accept(&router) => {}
            () = stop => {}
        }
        info!("stopping");
        self.site.stop.cancel();
        self.site.tasks.close();
        // The listener stays open meanwhile: /readyz tells load balancers why not.
        let goodbyes = async {
            tokio::select! {
                () = self.accept(&router) => {}
                () = self.site.tasks.wait() => {}
            }
        };
        if timeout(STOP_DEADLINE, goodbyes).await.is_err() {
            warn!("some connections did not end in time");
        }
        drop(router);
        self.close().await;
    }

    /// The ledger ends when nobody can reach it any more, and has then written everything.
    async fn close(self) {
        let Self { listener, site, writer, publisher, connections, folder } = self;
        drop(listener);
        site.end.cancel();
        let closed = async {
            connections.tasks.close();
            connections.tasks.wait().await;
            site.tasks.wait().await;
            drop(publisher);
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

    async fn accept(&self, router: &Router) {
        loop {
            match self.listener.accept().await {
                Ok((tcp, from)) => self.serve(tcp, from.ip().to_canonical(), router),
                Err(error) => {
                    warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn serve(&self, tcp: TcpStream, from: IpAddr, router: &Router) {
        let metrics = self.site.metrics.clone();
        let Some(place) = self.connections.enter(from) else {
            // Dropped without a word: an answer would cost what there is too little of.
            return metrics.accepts_refused.inc();
        };
        metrics.accepts_ok.inc();
        // Small control messages and requests must not wait for more.
        let _ = tcp.set_nodelay(true);
        let router = router.clone();
        let end = self.site.end.clone();
        self.connections.tasks.spawn(async move {
            let _present = metrics.connections_http.enter();
            tokio::select! {
                () = serve_http(tcp, from, place, router) => {}
                () = end.cancelled() => {}
            }
        });
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

/// One HTTP connection; an upgraded one goes on in a task of its own.
async fn serve_http(tcp: TcpStream, from: IpAddr, place: Place, router: Router) {
    let service = TowerToHyperService::new(router);
    let place = Arc::new(place);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectedFrom(from));
        // Goes on with the socket if this request becomes one.
        request.extensions_mut().insert(place.clone());
        hyper::service::Service::call(&service, request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HTTP_HEAD_DEADLINE)
        .max_buf_size(HTTP_HEAD_MAX)
        .serve_connection(TokioIo::new(tcp), service)
        .with_upgrades()
        .await;
    if let Err(error) = served {
        debug!(%error, "HTTP connection ended");
    }
}

/// All open connections, and how many there may be.
#[derive(Debug, Default)]
pub struct Connections {
    max: usize,
    open: Mutex<Open>,
    tasks: TaskTracker,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One connection's place; free again when dropped.
#[derive(Debug)]
pub struct Place {
    connections: Arc<Connections>,
    address: IpAddr,
}

impl Connections {
    fn enter(self: &Arc<Self>, from: IpAddr) -> Option<Place> {
        let address = network(from);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let theirs = open.by_address.get(&address).copied().unwrap_or(0);
        if open.all >= self.max || (theirs >= CONNECTIONS_PER_ADDRESS && !from.is_loopback()) {
            return None;
        }
        open.all += 1;
        open.by_address.insert(address, theirs + 1);
        Some(Place { connections: self.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all -= 1;
        if let Some(theirs) = open.by_address.get_mut(&self.address) {
            *theirs -= 1;
            if *theirs == 0 {
                open.by_address.remove(&self.address);
            }
        }
    }
}
