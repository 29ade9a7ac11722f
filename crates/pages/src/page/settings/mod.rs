//! Settings: the reader's own, the organisation's, and what changes results.

pub mod analysis;
pub mod assistant;
pub mod meanings;
pub mod organisation;
pub mod people;
pub mod profile;
pub mod programs;
pub mod sources;
pub mod told;
pub mod usage;
pub mod your_data;

use crate::layout::{Crumb, Section, Shell};

/// The pages under Settings.
pub(crate) const SIDE: [(&str, &str); 15] = [
    ("Profile", "/settings/profile"),
    ("Sign-in", "/settings/sign-in"),
    ("Organisation", "/settings/organisation"),
    ("Plants", "/settings/plants"),
    ("Analysis", "/settings/analysis"),
    ("Assistant", "/settings/assistant"),
    ("Sources", "/settings/sources"),
    ("Members", "/settings/members"),
    ("Mail", "/settings/mail"),
    ("API keys", "/settings/api-keys"),
    ("Webhooks", "/settings/webhooks"),
    ("Usage", "/settings/usage"),
    ("Billing", "/settings/billing"),
    ("Audit log", "/settings/audit"),
    ("Your data", "/settings/your-data"),
];

/// The frame of a page under Settings.
pub(crate) fn shell(shell: &Shell, name: &str) -> Shell {
    shell.with(Section::Settings, name, vec![Crumb::link("Settings", SIDE[0].1), Crumb::here(name)])
}
