//! Pure statistics: numbers in, numbers out. Nothing here knows a plant.

pub mod change;
pub mod dispersion;
pub mod distribution;
pub mod multiplicity;
pub mod resample;
pub mod robust;
pub mod shrink;
pub mod trend;
