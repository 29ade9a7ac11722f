//! The door as seen from outside.
#![expect(
    clippy::unwrap_used,
    clippy::format_collect,
    clippy::type_complexity,
    reason = "a test may fail loudly and say what it counted"
)]

mod access;
mod billing;
mod console;
mod data;
mod doorway;
mod house;
mod key_rotation;
mod library;
mod model;
mod networks;
mod oidc;
mod operating;
mod operator_api;
mod packs;
mod pages;
mod paging;
mod quotas;
mod retries;
mod robust;
mod shares;
mod signer;
mod strangers;
mod timing;
mod tokens;
mod told;
mod trail;
