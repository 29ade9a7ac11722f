//! Where a request comes from: the address of the connection, or what a trusted proxy says about it.

use std::net::{IpAddr, SocketAddr};

use axum::{extract::ConnectInfo, http::Request};

use crate::state::ServerSettings;

/// The caller's address. Of `X-Forwarded-For` the last entry that no trusted proxy wrote counts; what stands before it
/// anybody may have written.
pub fn of<B>(request: &Request<B>, settings: &ServerSettings) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>()?.0.ip().to_canonical();
    let trusted = |address: IpAddr| settings.trusted_proxies.iter().any(|network| network.contains(address));
    if !trusted(peer) {
        return Some(peer);
    }
    let mut farthest = peer;
    let lines: Vec<&str> =
        request.headers().get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok()).collect();
    for entry in lines.join(",").rsplit(',') {
        let Ok(address) = entry.trim().parse::<IpAddr>() else { break };
        farthest = address.to_canonical();
        if !trusted(farthest) {
            break;
        }
    }
    Some(farthest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::network::Network;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let settings = ServerSettings {
            public_address: String::new(),
            trusted_proxies: vec![Network::parse("10.0.0.0/8").unwrap()],
            allowed_origins: Vec::new(),
            body_bytes_max: 0,
        };
        for (peer, forwarded, expected) in [
            ("203.0.113.9", &[][..], "203.0.113.9"),
            ("203.0.113.9", &["1.1.1.1"], "203.0.113.9"),
            ("10.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", &["1.1.1.1, 198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", &["1.1.1.1", "198.51.100.7, 10.0.0.2"], "198.51.100.7"),
            ("10.0.0.1", &["garbage"], "10.0.0.1"),
            ("10.0.0.1", &["1.1.1.1, garbage"], "10.0.0.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("::ffff:10.0.0.1", &["198.51.100.7"], "198.51.100.7"),
        ] {
            let mut request = Request::new(());
            request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
            for line in forwarded {
                request.headers_mut().append("x-forwarded-for", line.parse().unwrap());
            }
            assert_eq!(of(&request, &settings), Some(expected.parse().unwrap()), "{peer} {forwarded:?}");
        }
    }
}
