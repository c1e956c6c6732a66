//! Whom a torrent may have us ask, by what it wants of them.

use std::collections::BTreeSet;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::reach::Reach;

/// How the paths of trackers on this machine begin.
const LOOPBACK_PATH: &str = "/announce";
/// Where the environment names proxies, in either case.
const PROXY_ENV: [&str; 3] = ["http_proxy", "https_proxy", "all_proxy"];

/// Whom a torrent may have us ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// Trackers. A torrent's maker could name any page of a program that listens on this machine only.
    Trackers,
    /// Whoever is no nearer than this.
    UpTo(Reach),
}

/// What is not asked, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// It could be any program's.
    #[error("a tracker on this machine must be at /announce")]
    NoTracker,
    /// It could be anything that only this machine reaches.
    #[error("it is on this machine, where a torrent may not send us (--allow-private lets it)")]
    OnThisMachine,
    /// It could be anything that only this network reaches.
    #[error("it is in a private network, where a torrent may not send us (--allow-private lets it)")]
    InANetwork,
}

impl Allowed {
    /// How near this URL may lead.
    pub fn reach(self, url: &Url) -> Reach {
        match self {
            Self::Trackers if url.path().starts_with(LOOPBACK_PATH) => Reach::Machine,
            Self::Trackers => Reach::Network,
            Self::UpTo(reach) => reach,
        }
    }

    /// All that [`Self::reach`] says.
    pub fn reaches(self) -> Vec<Reach> {
        match self {
            Self::Trackers => vec![Reach::Network, Reach::Machine],
            Self::UpTo(reach) => vec![reach],
        }
    }

    /// # Errors
    /// The host's address is too near. A name is looked at when it is resolved.
    pub fn check(self, url: &Url) -> Result<(), NotAllowed> {
        let near = Reach::of_url(url);
        if near > self.reach(url) { Err(self.refusal(near)) } else { Ok(()) }
    }

    fn refusal(self, near: Reach) -> NotAllowed {
        match (self, near) {
            (Self::Trackers, _) => NotAllowed::NoTracker,
            (Self::UpTo(_), Reach::Machine) => NotAllowed::OnThisMachine,
            (Self::UpTo(_), _) => NotAllowed::InANetwork,
        }
    }
}

/// Resolves names, and drops what is too near: what is connected to is what was looked at, however the name resolves the next time.
#[derive(Debug)]
pub struct Resolver {
    allowed: Allowed,
    reach: Reach,
    /// Whom the environment names, the person does.
    proxies: Arc<BTreeSet<String>>,
}

impl Resolver {
    /// Of what is allowed, for URLs that may lead so near.
    pub fn new(allowed: Allowed, reach: Reach) -> Self {
        let names = PROXY_ENV.iter().flat_map(|name| [(*name).to_owned(), name.to_uppercase()]);
        let proxies = names.filter_map(|name| proxy_host(&std::env::var(name).ok()?)).collect();
        Self { allowed, reach, proxies: Arc::new(proxies) }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (allowed, reach) = (self.allowed, self.reach);
        let is_proxy = self.proxies.contains(&name.as_str().to_ascii_lowercase());
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let may_ask = |address: &SocketAddr| is_proxy || Reach::of(address.ip()) <= reach;
            let kept: Vec<SocketAddr> = found.iter().copied().filter(may_ask).collect();
            let nearest = found.iter().map(|address| Reach::of(address.ip())).max();
            match nearest.filter(|_| kept.is_empty()) {
                Some(near) => Err(Box::new(allowed.refusal(near)) as Box<dyn Error + Send + Sync>),
                None => Ok(Box::new(kept.into_iter()) as Addrs),
            }
        })
    }
}

/// `proxy.example` of `http://user@proxy.example:3128` or `proxy.example:3128`.
fn proxy_host(setting: &str) -> Option<String> {
    let url = if setting.contains("://") { setting.to_owned() } else { format!("http://{setting}") };
    Some(Url::parse(&url).ok()?.host_str()?.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trackers_are_asked_on_this_machine() {
        for (url, is_allowed) in [
            ("http://127.0.0.1:80/announce?x", true),
            ("http://127.0.0.1/shutdown", false),
            ("http://[::1]/shutdown?/announce", false),
            ("http://[::ffff:127.0.0.1]/", false),
            ("http://localhost/x", false),
            ("http://0.0.0.0/x", false),
            ("http://192.168.1.7/x", true),
            ("http://tracker.example/x", true),
        ] {
            assert_eq!(Allowed::Trackers.check(&Url::parse(url).unwrap()).is_ok(), is_allowed, "{url}");
        }
    }

    #[test]
    fn what_is_too_near_is_said() {
        let check = |reach, url: &str| Allowed::UpTo(reach).check(&Url::parse(url).unwrap());
        assert_eq!(check(Reach::Internet, "http://192.168.1.7/"), Err(NotAllowed::InANetwork));
        assert_eq!(check(Reach::Internet, "http://[::1]/"), Err(NotAllowed::OnThisMachine));
        assert_eq!(check(Reach::Network, "http://127.0.0.1/"), Err(NotAllowed::OnThisMachine));
        assert_eq!(check(Reach::Network, "http://192.168.1.7/"), Ok(()));
        assert_eq!(check(Reach::Machine, "http://127.0.0.1/"), Ok(()));
    }

    #[test]
    fn proxies_are_named_with_and_without_a_scheme() {
        assert_eq!(proxy_host("http://user:word@Proxy.example:3128/").as_deref(), Some("proxy.example"));
        assert_eq!(proxy_host("proxy.example:3128").as_deref(), Some("proxy.example"));
        assert_eq!(proxy_host("").as_deref(), None);
    }

    async fn resolve(allowed: Allowed, reach: Reach, proxies: &[&str]) -> Result<usize, String> {
        let proxies = Arc::new(proxies.iter().map(|name| (*name).to_owned()).collect());
        let resolver = Resolver { allowed, reach, proxies };
        let resolved = resolver.resolve("localhost".parse().unwrap()).await;
        resolved.map(Iterator::count).map_err(|error| error.to_string())
    }

    /// `localhost` stands for any name: what it resolves to is looked at, not how it is written.
    #[tokio::test]
    async fn a_name_that_resolves_to_this_machine_is_this_machine() {
        let trackers = resolve(Allowed::Trackers, Reach::Network, &[]).await;
        assert_eq!(trackers, Err(NotAllowed::NoTracker.to_string()));
        let seeds = resolve(Allowed::UpTo(Reach::Network), Reach::Network, &[]).await;
        assert_eq!(seeds, Err(NotAllowed::OnThisMachine.to_string()));
        assert!(resolve(Allowed::Trackers, Reach::Machine, &[]).await.is_ok_and(|found| found > 0));
        let proxy = resolve(Allowed::UpTo(Reach::Internet), Reach::Internet, &["localhost"]).await;
        assert!(proxy.is_ok_and(|found| found > 0), "whom the person named as a proxy is asked");
    }
}
