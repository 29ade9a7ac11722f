//! The plant as it stands before the first order: master data, load, and what is wrong with it.

pub(crate) mod calibration;
pub(crate) mod demand;
pub(crate) mod effects;
pub(crate) mod identity;
pub(crate) mod master_data;
