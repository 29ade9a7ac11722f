//! The two typefaces, as data addresses.

use base64::{Engine, engine::general_purpose::STANDARD};

pub(crate) fn sans() -> String {
    STANDARD.encode(include_bytes!("../../assets/ibm-plex-sans-latin-wght-normal.woff2"))
}

pub(crate) fn mono() -> String {
    STANDARD.encode(include_bytes!("../../assets/ibm-plex-mono-latin-400-normal.woff2"))
}
