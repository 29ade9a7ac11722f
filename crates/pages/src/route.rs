//! Addresses of pages. Every object has a stable link.

pub const OVERVIEW: &str = "/";
pub const FINDINGS: &str = "/findings";
pub const ACTIONS: &str = "/actions";
pub const EXPLORE: &str = "/explore";
pub const DATA: &str = "/data";
pub const UPLOAD: &str = "/data/new";
pub const MAPPINGS: &str = "/data/mappings";
pub const QUALITY: &str = "/data/quality";
pub const REPORTS: &str = "/reports";
pub const SETTINGS: &str = "/settings/profile";
pub const HELP: &str = "/help";
pub const SIGN_IN: &str = "/sign-in";
pub const SIGN_OUT: &str = "/sign-out";

pub fn finding(id: &str) -> String {
    format!("{FINDINGS}/{id}")
}

/// A work order. Its number is the customer's and may hold any sign.
pub fn order(id: &str) -> String {
    let mut address = String::from("/orders/");
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    address
}

/// A step of an import: `match`, `rows`, `analysis`.
pub fn import(dataset: &str, step: &str) -> String {
    format!("{DATA}/{dataset}/{step}")
}

pub fn settings(section: &str) -> String {
    format!("/settings/{section}")
}
