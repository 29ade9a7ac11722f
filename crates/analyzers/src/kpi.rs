//! Key figures: ratios of sums, each with its numerator and denominator.
