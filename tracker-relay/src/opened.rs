//! What the server needs of the machine before it can begin: folder, key, certificate, page, database and ports.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use ed25519_dalek::SigningKey;
use tokio::net::TcpListener;

use crate::config::Config;
use crate::data_folder::{self, DataFolder};
use crate::http::Page;
use crate::server_key;
use crate::store::{Store, WriteConnection};
use crate::tls::Certificate;

/// All of it, opened.
#[derive(Debug)]
pub struct Opened {
    /// Held for this process.
    pub folder: DataFolder,
    /// The server's own.
    pub key: SigningKey,
    /// Where the server speaks TLS itself.
    pub certificate: Option<Arc<Certificate>>,
    /// What browsers get.
    pub page: Page,
    /// The database.
    pub store: Store,
    /// The one connection that writes to it.
    pub writer: WriteConnection,
    /// For everybody.
    pub listener: TcpListener,
    /// For whoever runs the server.
    pub admin_listener: Option<TcpListener>,
}

impl Opened {
    /// Opens what a configuration names.
    ///
    /// # Errors
    /// Any of them; the message says which, and what to do.
    pub async fn of(config: &Config) -> anyhow::Result<Self> {
        let explained = |error| data_folder::explain(&config.data, error);
        let folder = DataFolder::open(&config.data).map_err(explained)?;
        let key = server_key::load_or_create(&folder.server_key()).map_err(explained)?;
        let certificate = config.tls.clone().map(Certificate::load).transpose()?.map(Arc::new);
        let page = config.page.as_deref().map_or_else(Page::embedded, Page::from_folder)?;
        let (mut store, mut writer) = Store::open(&folder.database()).await.map_err(explained)?;
        if config.new_history {
            store.renew_history(&mut writer).await.context("cannot begin a new history")?;
        }
        let listener = listen("--listen", config.listen)?;
        let admin_listener = config.admin_listen.map(|address| listen("--admin-listen", address)).transpose()?;
        Ok(Self { folder, key, certificate, page, store, writer, listener, admin_listener })
    }
}

fn listen(option: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    let advice = |error: std::io::Error| {
        let why = transport::why_not_bound(&error);
        anyhow::anyhow!("cannot listen on {address}: {why}; choose another with {option}")
    };
    transport::bind(address).map_err(advice)
}
