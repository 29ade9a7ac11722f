//! What the ready-made packs are about, beside an analysis: orders against their due dates, the losses of a week, what is
//! claimed of a supplier. Everything in them is counted from the same rows as the analysis, each row once.

pub mod claim;
pub mod lateness;
pub mod weekly;

pub use claim::{Claim, ClaimLine, Claims};
pub use lateness::{Cause, DueMonth, LateOrder, Lateness, Rate, RatesBy};
pub use weekly::{FindingFate, FindingWeek, KindWeek, ResourceWeek, Week, Weekly};
