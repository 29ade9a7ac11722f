//! The names of things: `M07`, `WC-40`, `S03`.
//!
//! Products, materials, suppliers and customers are those of the company; what stands or works in a facility is numbered by it, so that
//! machine 7 of the second facility is `M207`.

/// A short name made of a prefix and a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) prefix: &'static str,
    pub(crate) number: u64,
    pub(crate) width: usize,
}

const fn identity(prefix: &'static str, number: u64, width: usize) -> Identity {
    Identity { prefix, number, width }
}

/// The first facility keeps the plain numbers.
fn local(facility: u32, number: usize, span: u64) -> u64 {
    if facility == 1 { number as u64 } else { u64::from(facility) * span + number as u64 }
}

pub(crate) fn facility(facility: u32) -> Identity {
    identity("F", u64::from(facility), 2)
}

/// Of a machine counted from 0.
pub(crate) fn machine(facility: u32, machine: usize) -> Identity {
    identity("M", local(facility, machine + 1, 100), 2)
}

pub(crate) fn work_center(facility: u32, work_center: usize) -> Identity {
    identity("WC-", local(facility, (work_center + 1) * 10, 100), 2)
}

pub(crate) fn employee(facility: u32, employee: usize) -> Identity {
    identity("E", local(facility, employee + 1, 1_000), 3)
}

pub(crate) fn planner(facility: u32, planner: usize) -> Identity {
    identity("PL", local(facility, planner + 1, 10), 1)
}

pub(crate) fn product(product: usize) -> Identity {
    identity("P", product as u64 + 1, 3)
}

pub(crate) fn material(material: usize) -> Identity {
    identity("MAT-", material as u64 + 1, 2)
}

pub(crate) fn supplier(supplier: usize) -> Identity {
    identity("S", supplier as u64 + 1, 2)
}

pub(crate) fn customer(customer: usize) -> Identity {
    identity("C", customer as u64 + 1, 3)
}

pub(crate) const FAMILIES: [&str; 6] = ["A", "B", "C", "D", "E", "F"];

impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{:0width$}", self.prefix, self.number, width = self.width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_local_to_a_facility() {
        assert_eq!(machine(1, 6).to_string(), "M07");
        assert_eq!(machine(12, 6).to_string(), "M1207");
        assert_eq!(work_center(1, 3).to_string(), "WC-40");
        assert_eq!(work_center(2, 3).to_string(), "WC-240");
        assert_eq!(planner(3, 2).to_string(), "PL33");
        assert_eq!(material(6).to_string(), "MAT-07");
    }
}
