//! Why a proof does not hold. For the log and the tests; the caller hears the same words whatever it was.

/// The reasons, in the order in which they are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No issuer is configured, so that there is nobody whose token could hold.
    #[error("no issuer is configured")]
    NoIssuer,
    /// Not three parts of canonical base64.
    #[error("not a compact signed token")]
    Shape,
    /// A header that cannot be read, or one that asks for what we never do.
    #[error("the token's header is not acceptable")]
    Header,
    /// An algorithm that this issuer does not use.
    #[error("the token's algorithm is not acceptable")]
    Algorithm,
    /// A key that the issuer does not publish.
    #[error("the issuer publishes no such key")]
    UnknownKey,
    /// The signature is not the key's.
    #[error("the signature does not hold")]
    Signature,
    /// A payload that cannot be read in one way only.
    #[error("the token's claims cannot be read")]
    Claims,
    /// Another issuer, or none.
    #[error("the token is of another issuer")]
    Issuer,
    /// Expired, not valid yet, valid for too long, or without times.
    #[error("the token's times are not acceptable")]
    Time,
    /// Made for another program.
    #[error("the token was made for another party")]
    Party,
    /// Made for another audience.
    #[error("the token was made for another audience")]
    Audience,
    /// Not the answer to the question that was asked.
    #[error("the token's nonce is another one")]
    Nonce,
    /// Of nobody.
    #[error("the token names no usable subject")]
    Subject,
    /// The session still owes a step.
    #[error("the session at the issuer is not complete")]
    Pending,
    /// The organisation can be read in two ways, or in none.
    #[error("the token's organisation is not acceptable")]
    Organisation,
    /// No key, session or link of ours.
    #[error("the credential is not known or not valid any more")]
    Unknown,
    /// A person whose account was closed to them.
    #[error("the account is disabled")]
    Disabled,
}
