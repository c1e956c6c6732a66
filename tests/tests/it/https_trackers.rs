//! Trackers and torrent files over HTTPS, with a certificate that is made here and believed because the person says so.

use std::ffi::OsStr;
use std::net::SocketAddrV4;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use covey_tests::{NativePeer, Stage};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use crate::torrents::{ALONE, Folder, local_address, seed};

const REQUEST_LEN_MAX: usize = 8 * 1024;

/// Tells whoever announces of one peer, and hands out the files of a folder. Ends when dropped.
struct SecureServer {
    url: String,
    /// PEM, for whoever is to believe it.
    certificate: PathBuf,
    task: JoinHandle<()>,
}

impl SecureServer {
    async fn start(stage: &Stage, peer: SocketAddrV4) -> Result<Self> {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
        let certificate = stage.folder().join("tracker.pem");
        std::fs::write(&certificate, made.cert.pem())?;
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![made.cert.der().clone()], key.into())?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("https://{}", listener.local_addr()?);
        let folder = stage.folder().to_path_buf();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // One after the other. Whoever does not believe the certificate hangs up.
                let _ = answer(&acceptor, stream, peer, &folder).await;
            }
        });
        Ok(Self { url, certificate, task })
    }
}

impl Drop for SecureServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(acceptor: &TlsAcceptor, stream: TcpStream, peer: SocketAddrV4, folder: &Path) -> Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        ensure!(request.len() < REQUEST_LEN_MAX && stream.read_buf(&mut request).await? > 0);
    }
    let request = String::from_utf8(request)?;
    let path = request.split(' ').nth(1).context("a path")?;
    let body = match path.starts_with("/announce?") {
        true => {
            let compact = [&peer.ip().octets()[..], &peer.port().to_be_bytes()].concat();
            [&b"d8:intervali1800e5:peers6:"[..], &compact, b"e"].concat()
        }
        false => std::fs::read(folder.join(path.trim_start_matches('/')))?,
    };
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&body).await?;
    Ok(stream.shutdown().await?)
}

fn download(stage: &Stage, who: &str, target: &str, into: &Path, environment: &[(&str, &OsStr)]) -> Result<NativePeer> {
    let mut arguments = vec![OsStr::new("download"), OsStr::new(target), OsStr::new("--output"), into.as_os_str()];
    arguments.extend(["--no-seed", "--timeout", "20s"].map(OsStr::new));
    arguments.extend(ALONE.map(OsStr::new));
    NativePeer::start_with(stage, who, &arguments, environment)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torrent_and_its_peers_come_over_https_from_whose_certificate_is_believed_and_from_nobody_else() {
    let name = "a_torrent_and_its_peers_come_over_https_from_whose_certificate_is_believed_and_from_nobody_else";
    Stage::play(name, async |stage| {
        let address = local_address()?;
        let server = SecureServer::start(stage, address).await?;
        let folder = Folder::make(stage, Some(&format!("{}/announce", server.url))).await?;
        let _ana = seed(stage, "Ana", &folder, address).await?;
        let target = format!("{}/season.torrent", server.url);
        let into = stage.subfolder("Ben-files")?;
        let believed = [("SSL_CERT_FILE", server.certificate.as_os_str())];
        let mut ben = download(stage, "Ben", &target, &into, &believed)?;
        ben.done().await?;
        ben.succeeds().await?;
        folder.ensure_equal(&into.join("season"))?;
        let said = download(stage, "Cem", &target, &stage.subfolder("Cem-files")?, &[])?.fails_with(3).await?;
        ensure!(said.contains("certificate"), "{said}");
        Ok(())
    })
    .await;
}
