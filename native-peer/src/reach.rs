//! By which address others reach the server. Whoever runs it on their own computer names it by an address that means
//! another computer everywhere else.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::time::timeout;
use wire_protocol::control::{TrackerToMember, decode_from_tracker};

use crate::links::own_addresses;
use crate::session::{ControlSocket, ServerUrl};

/// To find out who answers at an address of this computer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The server's address in links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// No slash at the end.
    pub url: String,
    /// The same server at further addresses of this computer.
    pub also: Vec<String>,
    /// It is not reached from other computers.
    pub is_only_here: bool,
}

/// Looks for an address by which others reach a server on this computer; any other server is reached as this one does.
pub async fn reach(server: &ServerUrl) -> Reach {
    let as_named = |is_only_here| Reach { url: openable(server), also: Vec::new(), is_only_here };
    if !server.origin().is_this_computer() {
        return as_named(false);
    }
    let mut reached = Vec::new();
    for elsewhere in own_addresses().into_iter().filter_map(|ip| at(server, ip)) {
        // Another program may listen there on the same port.
        if is_the_same(server, &elsewhere).await {
            reached.push(elsewhere.as_str().to_owned());
        }
    }
    let mut reached = reached.into_iter();
    match reached.next() {
        Some(url) => Reach { url, also: reached.collect(), is_only_here: false },
        None => as_named(true),
    }
}

/// "Any address" is one to listen on, and not every program can open it.
fn openable(server: &ServerUrl) -> String {
    let loopback = match server.origin().host() {
        "0.0.0.0" => IpAddr::V4(Ipv4Addr::LOCALHOST),
        "[::]" => IpAddr::V6(Ipv6Addr::LOCALHOST),
        _ => return server.as_str().to_owned(),
    };
    at(server, loopback).as_ref().unwrap_or(server).as_str().to_owned()
}

fn at(server: &ServerUrl, ip: IpAddr) -> Option<ServerUrl> {
    let origin = server.origin();
    let scheme = if origin.is_https() { "https" } else { "http" };
    ServerUrl::parse(&format!("{scheme}://{}", SocketAddr::new(ip, origin.port()))).ok()
}

async fn is_the_same(one: &ServerUrl, other: &ServerUrl) -> bool {
    let key = server_key(one).await;
    key.is_some() && server_key(other).await == key
}

/// Every connection begins with it.
async fn server_key(server: &ServerUrl) -> Option<[u8; 32]> {
    let asking = async {
        let mut socket = ControlSocket::open(server.control()).await.ok()?;
        match decode_from_tracker(&socket.incoming.recv().await?).ok()? {
            TrackerToMember::Hello(hello) => Some(hello.server_key),
            _ => None,
        }
    };
    timeout(PATIENCE, asking).await.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_server_at_another_address_keeps_its_port() {
        let url = |text: &str, ip: &str| at(&ServerUrl::parse(text).unwrap(), ip.parse().unwrap()).unwrap();
        assert_eq!(url("http://0.0.0.0:8080", "192.168.1.7").as_str(), "http://192.168.1.7:8080");
        assert_eq!(url("http://localhost", "fd00::7").as_str(), "http://[fd00::7]:80");
    }

    #[test]
    fn any_address_is_not_put_into_a_link() {
        let named = |text: &str| openable(&ServerUrl::parse(text).unwrap());
        assert_eq!(named("http://0.0.0.0:8080"), "http://127.0.0.1:8080");
        assert_eq!(named("http://[::]:8080"), "http://[::1]:8080");
        assert_eq!(named("http://localhost:8080"), "http://localhost:8080");
    }
}
