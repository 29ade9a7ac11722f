//! Pure statistics: numbers in, numbers out. Nothing here knows a plant.

pub mod association;
pub mod change;
pub mod dispersion;
pub mod distribution;
pub mod least_squares;
pub mod multiplicity;
pub mod ranks;
pub mod resample;
pub mod robust;
pub mod serial;
pub mod shrink;
pub mod trend;
pub mod weibull;
