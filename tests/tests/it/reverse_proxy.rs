//! Real reverse proxies in front of a real server: nginx and Caddy, as Debian has them, with the files that the docs show.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use covey_tests::ordinary_client::free_port;
use covey_tests::wait::{SOON, until};
use covey_tests::{NativePeer, Process, Stage};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::certificate::Certificate;

/// What the docs show.
const NGINX: &str = include_str!("../../../docs/self-hosting/nginx.conf");
const CADDY: &str = include_str!("../../../docs/self-hosting/Caddyfile");
/// Of a server that passes WebSockets on.
pub const UPGRADE: &str =
    "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";";
pub const HOST: &str = "proxy_set_header Host $http_host;";
pub const ADDRESS: &str = "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;";

/// Runs until it is dropped.
pub struct ReverseProxy {
    pub process: Process,
    /// Of what it serves.
    pub url: String,
    /// Where it redirects from, if it does.
    pub plain_url: String,
    /// Whom to believe, for its certificate.
    pub authority: PathBuf,
}

/// Where a proxy is to be.
#[derive(Clone, Copy)]
pub struct Place {
    pub secure: u16,
    pub plain: u16,
}

impl Place {
    pub fn find() -> Result<Self> {
        Ok(Self { secure: free_port()?, plain: free_port()? })
    }

    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.secure)
    }

    pub fn plain_url(&self) -> String {
        format!("http://localhost:{}", self.plain)
    }
}

impl ReverseProxy {
    /// nginx as in the docs, with other ports and names.
    pub async fn nginx(stage: &Stage, place: Place, server: SocketAddr) -> Result<Self> {
        let certificate = Certificate::local(stage)?;
        let sites = substituted(
            NGINX,
            &[
                ("listen 443", &format!("listen 127.0.0.1:{}", place.secure)),
                ("listen 80", &format!("listen 127.0.0.1:{}", place.plain)),
                ("https://$host$", &format!("https://$host:{}$", place.secure)),
                ("/etc/letsencrypt/live/share.example/fullchain.pem", &certificate.certificate.display().to_string()),
                ("/etc/letsencrypt/live/share.example/privkey.pem", &certificate.key.display().to_string()),
                ("127.0.0.1:8080", &server.to_string()),
                ("share.example", "localhost"),
            ],
        )?;
        let process = start_nginx(stage, &sites).await?;
        Self::ready(process, place, certificate.certificate).await
    }

    /// nginx without TLS, with these settings of its one location, as people write them.
    pub async fn nginx_with(stage: &Stage, server: SocketAddr, settings: &str) -> Result<Self> {
        let location = format!("location / {{ proxy_pass http://{server}; {settings} }}");
        Self::nginx_serving(stage, &location).await
    }

    /// nginx without TLS, with this in its one server.
    pub async fn nginx_serving(stage: &Stage, locations: &str) -> Result<Self> {
        let place = Place::find()?;
        let sites = format!("server {{ listen 127.0.0.1:{}; {locations} }}", place.plain);
        let process = start_nginx(stage, &sites).await?;
        until_listens(place.plain).await?;
        let url = format!("http://127.0.0.1:{}", place.plain);
        Ok(Self { process, url: url.clone(), plain_url: url, authority: PathBuf::new() })
    }

    /// Caddy as in the docs, with other ports and a name whose certificate it makes itself.
    pub async fn caddy(stage: &Stage, place: Place, server: SocketAddr) -> Result<Self> {
        let site = substituted(CADDY, &[("share.example {", "localhost {"), ("127.0.0.1:8080", &server.to_string())])?;
        let ports = format!("http_port {}\nhttps_port {}", place.plain, place.secure);
        let folder = stage.subfolder("caddy")?;
        let config = folder.join("Caddyfile");
        std::fs::write(
            &config,
            format!("{{\nadmin off\nskip_install_trust\ndefault_bind 127.0.0.1\n{ports}\n}}\n{site}"),
        )?;
        let mut command = Command::new("caddy");
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(&config);
        command.env("XDG_DATA_HOME", &folder).env("XDG_CONFIG_HOME", &folder).env("HOME", &folder);
        let process = stage.start("caddy", command)?;
        let authority = folder.join("caddy/pki/authorities/local/root.crt");
        let has_authority = async || Ok(authority.exists().then_some(()));
        until("Caddy's certificate", SOON, has_authority).await?;
        Self::ready(process, place, authority).await
    }

    async fn ready(process: Process, place: Place, authority: PathBuf) -> Result<Self> {
        until_listens(place.secure).await?;
        until_listens(place.plain).await?;
        Ok(Self { process, url: place.url(), plain_url: place.plain_url(), authority })
    }

    /// Shares a file through it.
    pub fn share(&self, stage: &Stage, who: &str, file: &Path, more: &[&str]) -> Result<NativePeer> {
        let mut arguments = vec![OsStr::new("share"), file.as_os_str(), OsStr::new("--server"), OsStr::new(&self.url)];
        arguments.extend(more.iter().map(OsStr::new));
        NativePeer::start_with(stage, who, &arguments, &self.believed())
    }

    /// Downloads through it, over the relay alone.
    pub fn download(&self, stage: &Stage, who: &str, invite: &str, folder: &Path) -> Result<NativePeer> {
        let mut arguments =
            vec![OsStr::new("download"), OsStr::new(invite), OsStr::new("--output"), folder.as_os_str()];
        arguments.extend(["--no-seed", "--no-tcp"].map(OsStr::new));
        NativePeer::start_with(stage, who, &arguments, &self.believed())
    }

    /// For a program's environment.
    pub fn believed(&self) -> Vec<(&str, &OsStr)> {
        match self.authority.as_os_str() {
            nobody if nobody.is_empty() => Vec::new(),
            authority => vec![("SSL_CERT_FILE", authority)],
        }
    }
}

/// Each of these must be there: a page that changes takes its test along.
fn substituted(page: &str, replacements: &[(&str, &str)]) -> Result<String> {
    let mut text = page.to_owned();
    for (from, to) in replacements {
        ensure!(text.contains(from), "`{from}` is not in the file of the docs");
        text = text.replace(from, to);
    }
    Ok(text)
}

async fn start_nginx(stage: &Stage, sites: &str) -> Result<Process> {
    let folder = stage.subfolder("nginx")?;
    let (config, here) = (folder.join("nginx.conf"), folder.display());
    let temporary =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|kind| format!("{kind}_temp_path {here}/{kind};"));
    let main = format!(
        "daemon off; master_process off; pid {here}/pid; error_log stderr warn;\n\
         events {{ worker_connections 1024; }}\nhttp {{ access_log off; {} \n{sites}\n}}\n",
        temporary.join(" ")
    );
    std::fs::write(&config, main)?;
    let of_debian = Path::new("/usr/sbin/nginx");
    let mut command = Command::new(if of_debian.exists() { of_debian } else { Path::new("nginx") });
    command.arg("-c").arg(&config).arg("-p").arg(&folder).args(["-e", "stderr"]);
    stage.start("nginx", command).context("nginx")
}

async fn until_listens(port: u16) -> Result<()> {
    until("the proxy listens", SOON, async || Ok(TcpStream::connect(("127.0.0.1", port)).await.ok().map(drop))).await
}
