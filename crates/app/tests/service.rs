//! The way of a plant's exports through the service, without HTTP: upload, import, mapping, analysis, findings.
#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    clippy::print_stdout,
    reason = "a test may fail loudly, read simply and say what it counted"
)]

mod service {
    mod all_data;
    mod analyze;
    mod conversations;
    mod given_back;
    mod hostile;
    pub(crate) mod house;
    mod judged;
    mod kept_rules;
    mod left_out;
    mod limits;
    mod models;
    mod month;
    mod over_time;
    mod packs;
    mod preparation;
    mod problems;
    mod savings;
    mod second_opinions;
    mod sources;
    mod store_away;
    mod taken_over;
    mod tenants;
    mod uploads;
    mod views;
    mod workers;
    mod your_data;
}
