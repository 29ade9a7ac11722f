//! Reading key sets (RFC 7517) and PEM texts, and keeping only keys that may verify a signature.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use serde::Deserialize;

use super::{Error, PublishedKey};

/// The most keys of one set.
const MOST_KEYS: usize = 64;
/// RSA moduli, in bytes: 2048 to 8192 bits.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;

#[derive(Deserialize)]
struct Document {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Entry {
    kty: String,
    #[serde(rename = "use")]
    use_: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    kid: Option<String>,
    n: Option<String>,
    e: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// The usable keys of a document. Entries that we have no use for are passed over, as the standard asks.
pub fn keys_of_document(bytes: &[u8]) -> Result<Vec<PublishedKey>, Error> {
    let document: Document =
        serde_json::from_slice(bytes).map_err(|_| Error::Unreadable("it is no JSON key set"))?;
    if document.keys.len() > MOST_KEYS {
        return Err(Error::Unreadable("it has too many keys"));
    }
    let entries = document.keys.into_iter().filter_map(|entry| serde_json::from_value(entry).ok());
    Ok(entries.filter_map(usable).collect())
}

fn usable(entry: Entry) -> Option<PublishedKey> {
    let verifies = entry.use_.as_deref().is_none_or(|use_| use_ == "sig")
        && entry.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
    if !verifies {
        return None;
    }
    let bytes = |text: Option<&String>| URL_SAFE_NO_PAD.decode(text?).ok();
    match (entry.kty.as_str(), entry.alg.as_deref()) {
        ("RSA", None | Some("RS256")) => {
            rsa(entry.kid.clone(), &bytes(entry.n.as_ref())?, &bytes(entry.e.as_ref())?)
        }
        ("EC", None | Some("ES256")) if entry.crv.as_deref() == Some("P-256") => {
            let (x, y) = (bytes(entry.x.as_ref())?, bytes(entry.y.as_ref())?);
            (x.len() == 32 && y.len() == 32).then(|| PublishedKey::P256 {
                kid: entry.kid,
                point: [&[4], x.as_slice(), y.as_slice()].concat(),
            })
        }
        _ => None,
    }
}

fn rsa(kid: Option<String>, n: &[u8], e: &[u8]) -> Option<PublishedKey> {
    let strip = |number: &[u8]| number.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<u8>>();
    let (n, e) = (strip(n), strip(e));
    let odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
    let sound =
        MODULUS.contains(&n.len()) && n[0] & 0x80 != 0 && odd(&n) && odd(&e) && e.len() <= 4 && e != [1];
    sound.then_some(PublishedKey::Rsa { kid, n, e })
}

/// The one key of a PEM text: a public key (`PUBLIC KEY` or `RSA PUBLIC KEY`). It names itself not, so that it serves
/// whatever tokens call it.
pub fn keys_of_pem(text: &str) -> Result<Vec<PublishedKey>, Error> {
    if text.contains("PRIVATE KEY") {
        return Err(Error::Unreadable("it is a private key; give the public one"));
    }
    let unusable = Error::Unreadable("it is no RSA or P-256 public key in PEM form");
    if let Ok(key) = DecodingKey::from_rsa_pem(text.as_bytes()) {
        let der = key.try_get_as_bytes().map_err(|_| Error::Unreadable("it is no RSA public key"))?;
        return two_integers(der).and_then(|(n, e)| rsa(None, n, e)).map(|key| vec![key]).ok_or(unusable);
    }
    match DecodingKey::from_ec_pem(text.as_bytes()) {
        Ok(key) => match key.try_get_as_bytes() {
            Ok(point) if point.len() == 65 && point[0] == 4 => {
                Ok(vec![PublishedKey::P256 { kid: None, point: point.to_vec() }])
            }
            _ => Err(unusable),
        },
        Err(_) => Err(unusable),
    }
}

/// The contents of `SEQUENCE { INTEGER, INTEGER }`, which is how PKCS #1 writes a public key.
fn two_integers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, rest) = element(der, 0x30)?;
    let (n, after) = element(sequence, 0x02)?;
    let (e, end) = element(after, 0x02)?;
    (rest.is_empty() && end.is_empty()).then_some((n, e))
}

/// The content of the first element, which must have this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, first], rest) = der.split_first_chunk::<2>()?;
    if found != tag {
        return None;
    }
    let (length, rest) = match first {
        short if short < 0x80 => (usize::from(short), rest),
        0x81 => (usize::from(*rest.first()?), rest.get(1..)?),
        0x82 => (usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?])), rest.get(2..)?),
        _ => return None,
    };
    Some((rest.get(..length)?, rest.get(length..)?))
}
