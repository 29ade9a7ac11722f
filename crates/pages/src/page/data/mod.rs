//! What was uploaded, what was set aside, and the saved mappings.

pub mod mappings;
pub mod quality;
pub mod uploads;
pub mod variables;

use crate::route;

/// The pages under Data.
pub(crate) const TABS: [(&str, &str); 3] =
    [("Uploads", route::DATA), ("Data quality", route::QUALITY), ("Mappings", route::MAPPINGS)];
