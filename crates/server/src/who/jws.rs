//! A signed token in its compact form, before anything of it is believed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{Refusal, json};

/// The two ways of signing that an issuer may be configured for. There is no third: no `none`, no shared secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA with PKCS #1 v1.5 padding and SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

impl Algorithm {
    /// The algorithm of this name, letter by letter.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }
}

/// Header entries that change what a signature means or where its key comes from. We follow none of them.
const NEVER: [&str; 8] = ["crit", "b64", "jku", "jwk", "x5u", "x5c", "zip", "enc"];

/// A token cut into its parts. The payload stays bytes until the signature holds.
#[derive(Debug)]
pub(super) struct Jws<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<String>,
    /// What was signed: header and payload as sent.
    pub(super) signed: &'a [u8],
    /// The signature as sent, known to be canonical base64.
    pub(super) signature: &'a str,
    payload: &'a str,
}

impl<'a> Jws<'a> {
    /// Cuts a token. Each part must be canonical unpadded base64url and nothing may stand around them.
    pub(super) fn parse(token: &'a str) -> Result<Self, Refusal> {
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Refusal::Shape);
        };
        let header_bytes = URL_SAFE_NO_PAD.decode(header).map_err(|_| Refusal::Shape)?;
        let fields = json::object(&header_bytes).ok_or(Refusal::Header)?;
        if NEVER.iter().any(|name| fields.contains_key(*name)) {
            return Err(Refusal::Header);
        }
        let text = |name: &str| match fields.get(name) {
            None => Ok(None),
            Some(serde_json::Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(Refusal::Header),
        };
        let algorithm = text("alg")?.and_then(Algorithm::parse).ok_or(Refusal::Algorithm)?;
        match text("typ")? {
            None => {}
            Some(kind)
                if ["jwt", "at+jwt", "application/at+jwt"]
                    .iter()
                    .any(|known| kind.eq_ignore_ascii_case(known)) => {}
            Some(_) => return Err(Refusal::Header),
        }
        if text("cty")?.is_some() {
            return Err(Refusal::Header);
        }
        let kid = match text("kid")? {
            Some(kid) if kid.is_empty() || kid.len() > 256 || kid.chars().any(char::is_control) => {
                return Err(Refusal::Header);
            }
            kid => kid.map(str::to_owned),
        };
        if URL_SAFE_NO_PAD.decode(signature).map_err(|_| Refusal::Shape)?.is_empty() {
            return Err(Refusal::Signature);
        }
        let signed = &token.as_bytes()[..header.len() + 1 + payload.len()];
        Ok(Self { algorithm, kid, signed, signature, payload })
    }

    /// Anything with a signature, for looking at signatures alone.
    #[cfg(test)]
    pub(super) fn signed_by(algorithm: Algorithm, signed: &'a [u8], signature: &'a str) -> Self {
        Self { algorithm, kid: None, signed, signature, payload: "" }
    }

    /// The payload's bytes. Only to be asked for once the signature holds.
    pub(super) fn payload(&self) -> Result<Vec<u8>, Refusal> {
        URL_SAFE_NO_PAD.decode(self.payload).map_err(|_| Refusal::Shape)
    }
}
