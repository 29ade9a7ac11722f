//! Addresses of pages. Every object has a stable link.

pub const OVERVIEW: &str = "/";
pub const SUMMARY: &str = "/summary";
pub const BREAKDOWN: &str = "/breakdown";
pub const FINDINGS: &str = "/findings";
pub const CHANGES: &str = "/changes";
pub const ACTIONS: &str = "/actions";
pub const EXPLORE: &str = "/explore";
pub const DATA: &str = "/data";
pub const UPLOAD: &str = "/data/new";
pub const MAPPINGS: &str = "/data/mappings";
pub const QUALITY: &str = "/data/quality";
pub const REPORTS: &str = "/reports";
pub const ASK: &str = "/ask";
pub const SETTINGS: &str = "/settings/profile";
pub const HELP: &str = "/help";
pub const SIGN_IN: &str = "/sign-in";
pub const SIGN_OUT: &str = "/sign-out";

pub fn finding(id: &str) -> String {
    format!("{FINDINGS}/{id}")
}

/// A finding as an analysis has it that need not be the newest.
pub fn finding_of(id: &str, analysis: &str) -> String {
    format!("{FINDINGS}/{id}?analysis={}", escaped(analysis))
}

/// A work order. Its number is the customer's and may hold any sign.
pub fn order(id: &str) -> String {
    format!("/orders/{}", escaped(id))
}

/// The clean-up and rule of a column.
pub fn preparation(dataset: &str, table: &usize, column: &str) -> String {
    format!("{DATA}/{dataset}/preparation?table={table}&column={}", escaped(column))
}

/// Text as it may stand within an address.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// A conversation with the assistant.
pub fn conversation(id: &str) -> String {
    format!("{ASK}/{id}")
}

/// A step of an import: `match`, `rows`, `analysis`.
pub fn import(dataset: &str, step: &str) -> String {
    format!("{DATA}/{dataset}/{step}")
}

pub fn settings(section: &str) -> String {
    format!("/settings/{section}")
}
