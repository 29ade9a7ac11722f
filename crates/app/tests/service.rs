//! The way of a plant's exports through the service, without HTTP: upload, import, mapping, analysis, findings.

mod service {
    mod analyze;
    mod hostile;
    pub(crate) mod house;
    mod tenants;
    mod uploads;
    mod workers;
}
