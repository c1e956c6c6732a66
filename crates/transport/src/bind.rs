//! The listening socket: both families where an address means "any".

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

/// Connections that wait to be accepted.
const BACKLOG: i32 = 1024;

/// Listens. `[::]` takes IPv4 as well, whatever the system's default is, and is `0.0.0.0` where there is no IPv6.
///
/// # Errors
/// The address is taken or not ours.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let is_any_ipv6 = address.is_ipv6() && address.ip().is_unspecified();
    match listen(address, is_any_ipv6) {
        Err(error) if is_any_ipv6 && error.kind() != io::ErrorKind::AddrInUse => {
            tracing::debug!(%error, "no IPv6 here");
            listen(SocketAddr::from((Ipv4Addr::UNSPECIFIED, address.port())), false)
        }
        result => result,
    }
}

/// Why an address cannot be listened on, in a clause.
pub fn why_not_bound(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => "another program listens there".to_owned(),
        io::ErrorKind::PermissionDenied => "this user may not: ports above 1023 are for everybody".to_owned(),
        io::ErrorKind::AddrNotAvailable => "this machine has no such address; :PORT is all that it has".to_owned(),
        _ => error.to_string(),
    }
}

fn listen(address: SocketAddr, both_families: bool) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if both_families {
        socket.set_only_v6(false)?;
    }
    // As tokio does: elsewhere it would let two programs have one port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn any_address_takes_both_families() {
        let listener = bind("[::]:0".parse().unwrap()).unwrap();
        let port = listener.local_addr().unwrap().port();
        TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        assert!(listener.accept().await.unwrap().1.ip().to_canonical().is_ipv4());
        // A machine without IPv6 cannot be reached over it.
        if std::net::TcpListener::bind("[::1]:0").is_ok() {
            TcpStream::connect(("::1", port)).await.unwrap();
            assert!(listener.accept().await.unwrap().1.ip().to_canonical().is_ipv6());
        }
    }

    #[tokio::test]
    async fn an_ipv4_address_stays_one() {
        let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        assert!(address.is_ipv4());
        assert_eq!(bind(address).unwrap_err().kind(), io::ErrorKind::AddrInUse);
    }
}
