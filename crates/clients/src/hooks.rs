//! Messages to programs of customers, after the Standard Webhooks: signed, bounded, and never to addresses of our own network.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use futures::StreamExt;
use url::{Host, Url};

const PATIENCE: Duration = Duration::from_secs(15);
/// As much of an answer as is kept for the log.
const ANSWER: usize = 1024;

/// Why a message did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing may be sent there.
    #[error("{0}")]
    Address(String),
    /// Nobody answered.
    #[error("{0}")]
    Silent(String),
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// The beginning of its body.
    pub text: String,
}

impl Answer {
    /// Whether the receiver has it.
    pub fn is_taken(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// A message.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// The same for every attempt.
    pub id: &'a str,
    /// Seconds since 1970.
    pub at: i64,
    pub body: &'a str,
}

/// The sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hooks {
    /// Whether addresses of this machine and of private networks may be written to, without TLS too: for installations inside
    /// of a plant.
    pub private: bool,
}

impl Hooks {
    /// Whether something could be sent there, as far as the address itself tells.
    pub fn check(self, address: &str) -> Result<Url, Error> {
        let refuse = |why: &str| Err(Error::Address(why.to_owned()));
        let Ok(url) = Url::parse(address) else {
            return refuse("write an address such as https://example.com/hook");
        };
        if url.scheme() != "https" && !(self.private && url.scheme() == "http") {
            return refuse("the address must begin with https://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("the address must carry no password; the signature proves who sends");
        }
        let own = match url.host() {
            Some(Host::Ipv4(ip)) => !is_public(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => !is_public(IpAddr::V6(ip)),
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => return refuse("the address names no host"),
        };
        if own && !self.private {
            return refuse("the address is not on the public internet");
        }
        Ok(url)
    }

    /// Sends a message, signed with the secret.
    pub async fn send(self, address: &str, secret: &str, message: &Message<'_>) -> Result<Answer, Error> {
        let url = self.check(address)?;
        let silent = |error: reqwest::Error| Error::Silent(error.without_url().to_string());
        let builder = reach(&url, self.private).await?.timeout(PATIENCE);
        let client = builder.build().map_err(silent)?;
        let answer = client
            .post(url)
            .header("content-type", "application/json")
            .header("user-agent", "PlantIntel")
            .header("webhook-id", message.id)
            .header("webhook-timestamp", message.at)
            .header("webhook-signature", sign(secret, message))
            .body(message.body.to_owned())
            .send()
            .await
            .map_err(silent)?;
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        let mut pieces = answer.bytes_stream();
        while let Some(Ok(piece)) = pieces.next().await {
            body.extend_from_slice(&piece);
            if body.len() >= ANSWER {
                body.truncate(ANSWER);
                break;
            }
        }
        Ok(Answer { status, text: String::from_utf8_lossy(&body).into_owned() })
    }
}

/// The way to an address that somebody of an organisation wrote down. The name is looked up here, once, and what is connected to
/// is what was looked at: an address cannot change in between.
pub(crate) async fn reach(url: &Url, private: bool) -> Result<reqwest::ClientBuilder, Error> {
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .no_proxy();
    let Some(Host::Domain(name)) = url.host() else { return Ok(builder) };
    let port = url.port_or_known_default().unwrap_or(443);
    Ok(builder.resolve_to_addrs(name, &addresses(name, port, private).await?))
}

/// Where a host is, by its name or its number, as far as we may go there.
pub(crate) async fn addresses(host: &str, port: u16, private: bool) -> Result<Vec<SocketAddr>, Error> {
    let found = tokio::net::lookup_host((host, port)).await;
    let found: Vec<SocketAddr> = found
        .map_err(|_| Error::Silent(format!("{host} is not known")))?
        .filter(|address| private || is_public(address.ip()))
        .collect();
    if found.is_empty() {
        return Err(Error::Address("the address is not on the public internet".to_owned()));
    }
    Ok(found)
}

/// The signature of a message: `v1,` and the HMAC of id, time and body. The secret is `whsec_` and base64.
pub fn sign(secret: &str, message: &Message<'_>) -> String {
    let bare = secret.strip_prefix("whsec_").unwrap_or(secret);
    let bytes = STANDARD.decode(bare).unwrap_or_else(|_| bare.as_bytes().to_vec());
    let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
    let signed = format!("{}.{}.{}", message.id, message.at, message.body);
    format!("v1,{}", STANDARD.encode(hmac::sign(&key, signed.as_bytes())))
}

/// A new secret of 192 random bits.
pub fn secret(random: &[u8; 24]) -> String {
    format!("whsec_{}", STANDARD.encode(random))
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_broadcast()
                || ip.is_documentation()
                || ip.is_multicast()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 198 && (18..20).contains(&b)))
        }
        IpAddr::V6(ip) => {
            if let Some(inner) = ip.to_ipv4() {
                return is_public(IpAddr::V4(inner));
            }
            let first = ip.segments()[0];
            // Global unicast only, without documentation, and without what tunnels to addresses of the other kind.
            (first & 0xe000) == 0x2000
                && !(first == 0x2001 && ip.segments()[1] == 0x0db8)
                && first != 0x2002
                && !(first == 0x2001 && ip.segments()[1] == 0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_to_our_own_network() {
        for (address, public, private) in [
            ("https://example.com/hook", true, true),
            ("http://example.com/hook", false, true),
            ("https://user:word@example.com", false, false),
            ("https://localhost/x", false, true),
            ("http://127.0.0.1:9/x", false, true),
            ("https://10.1.2.3", false, true),
            ("https://192.168.0.1", false, true),
            ("https://169.254.169.254/latest/meta-data", false, true),
            ("https://100.64.0.1", false, true),
            ("https://0.0.0.0", false, true),
            ("https://[::1]", false, true),
            ("https://[::ffff:10.0.0.1]", false, true),
            ("https://[fd00::1]", false, true),
            ("https://[fe80::1]", false, true),
            ("https://2130706433", false, true),
            ("https://8.8.8.8", true, true),
            ("https://[2606:4700::1111]", true, true),
            // The first and last of each range that is not the internet's, and its neighbours.
            ("https://99.255.255.255", true, true),
            ("https://100.127.255.255", false, true),
            ("https://100.128.0.1", true, true),
            ("https://101.64.0.1", true, true),
            ("https://192.0.0.8", false, true),
            ("https://192.0.1.1", true, true),
            ("https://192.1.0.1", true, true),
            ("https://193.0.0.1", true, true),
            ("https://197.255.255.255", true, true),
            ("https://198.17.0.1", true, true),
            ("https://198.18.0.1", false, true),
            ("https://198.19.255.255", false, true),
            ("https://198.20.0.1", true, true),
            ("https://199.18.0.1", true, true),
            ("https://172.15.0.1", true, true),
            ("https://172.16.0.1", false, true),
            ("https://0.1.2.3", false, true),
            ("https://203.0.113.1", false, true),
            ("https://224.0.0.1", false, true),
            ("https://239.255.255.255", false, true),
            ("https://240.0.0.1", false, true),
            ("https://255.255.255.255", false, true),
            ("https://[2001:db8::1]", false, true),
            ("https://[2001::1]", false, true),
            ("https://[2001:db9::1]", true, true),
            ("https://[2001:4860:4860::8888]", true, true),
            ("https://[2a00:0:1::1]", true, true),
            ("https://[2a00:db8::1]", true, true),
            ("https://[2002:a00:1::1]", false, true),
            ("https://[ff02::1]", false, true),
            ("https://[::8.8.8.8]", true, true),
            ("https://hook.localhost", false, true),
            ("https://:word@example.com", false, false),
            ("https://user@example.com", false, false),
            ("ftp://example.com", false, false),
            ("nothing", false, false),
        ] {
            assert_eq!(Hooks { private: false }.check(address).is_ok(), public, "{address}");
            assert_eq!(Hooks { private: true }.check(address).is_ok(), private, "{address}");
        }
    }

    /// The example of the Standard Webhooks.
    #[test]
    fn the_signature_is_that_of_the_standard() {
        let message =
            Message { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", at: 1_614_265_330, body: "{\"test\": 2432232314}" };
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        assert_eq!(sign(secret, &message), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    /// A name is held to the same as an address, once it is known where it leads.
    #[tokio::test]
    async fn a_name_that_leads_home_is_refused_where_it_is_connected_to() {
        let home = Url::parse("https://localhost:9/hook").unwrap();
        assert!(matches!(reach(&home, false).await, Err(Error::Address(_))));
        assert!(reach(&home, true).await.is_ok());
        assert!(reach(&Url::parse("https://8.8.8.8/hook").unwrap(), false).await.is_ok());
    }

    #[test]
    fn a_message_is_taken_with_a_status_of_success_only() {
        for (status, taken) in
            [(199, false), (200, true), (204, true), (299, true), (300, false), (500, false)]
        {
            assert_eq!(Answer { status, text: String::new() }.is_taken(), taken, "{status}");
        }
        assert_eq!(secret(&[0; 24]), format!("whsec_{}", "A".repeat(32)));
        assert_ne!(secret(&[1; 24]), secret(&[2; 24]));
    }
}
