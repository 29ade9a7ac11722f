//! Products, materials, work centers and people, drawn once per seed.

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::random::{Purpose, Streams, between, index, noise};

pub(crate) const PRODUCTS: usize = 60;
pub(crate) const PRODUCTS_PER_FAMILY: usize = 10;
pub(crate) const MATERIALS: usize = 20;
pub(crate) const SUPPLIERS: usize = 12;
pub(crate) const CUSTOMERS: usize = 40;
pub(crate) const PLANNERS: usize = 6;
pub(crate) const MACHINES: usize = 24;
pub(crate) const WORK_CENTERS: usize = 7;
/// One for each machine and shift.
pub(crate) const EMPLOYEES: usize = MACHINES * 3;

/// Machines of each work center: M01 to M03 in WC-10, M04 to M07 in WC-20, …
pub(crate) const MACHINES_OF: [std::ops::Range<usize>; WORK_CENTERS] =
    [0..3, 3..7, 7..12, 12..15, 15..18, 18..22, 22..24];

/// How many of the ten products of a family pass each work center.
const VISITS: [usize; WORK_CENTERS] = [10, 6, 7, 5, 5, 7, 6];

pub(crate) const FAMILY_C: usize = 2;
/// The family that truly takes longer than its standards say, in every plant.
pub(crate) const FAMILY_D: usize = 3;
pub(crate) const FAMILY_F: usize = 5;
pub(crate) const MILLING: usize = 2;
/// M12, the milling machine that runs more of family D than its sisters.
pub(crate) const M12: usize = 11;
pub(crate) const M07: usize = 6;
pub(crate) const M17: usize = 16;
pub(crate) const M21: usize = 20;
pub(crate) const WC_40: usize = 3;
pub(crate) const WC_60: usize = 5;
pub(crate) const MAT_07: usize = 6;
pub(crate) const S03: usize = 2;
pub(crate) const PL3: usize = 2;
/// P013, P014 and P015.
pub(crate) const LOW_STANDARDS: std::ops::Range<usize> = 12..15;

/// Of the orders of an ordinary product.
const RARE_SHARE: f64 = 0.02;
const RARE_PRODUCTS: usize = 3;

#[derive(Debug, Clone)]
pub(crate) struct Product {
    pub(crate) family: usize,
    /// Share of the orders.
    pub(crate) weight: f64,
    /// Relative to a plant of ordinary size.
    pub(crate) mean_quantity: f64,
    pub(crate) routing: Vec<Step>,
    pub(crate) bill: Vec<Component>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) work_center: usize,
    /// Relative to a plant of ordinary size.
    pub(crate) setup_hours: f64,
    /// Work of one piece relative to the other products of the work center; the load turns it into hours.
    pub(crate) work: f64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Component {
    pub(crate) material: usize,
    /// Thousandths of a unit for one piece.
    pub(crate) per_piece: i64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Material {
    /// Ten-thousandths of a dollar per unit.
    pub(crate) price: i64,
    pub(crate) suppliers: [usize; 3],
}

/// Rates in cents per hour.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rates {
    pub(crate) labor: i64,
    pub(crate) machine: i64,
}

#[derive(Debug, Clone)]
pub(crate) struct MasterData {
    pub(crate) products: Vec<Product>,
    pub(crate) materials: Vec<Material>,
    pub(crate) rates: [Rates; WORK_CENTERS],
    /// Kilowatts of each machine while it works.
    pub(crate) power: [f64; MACHINES],
    /// What each employee is paid relative to the standard; it evens out within a work center and shift model.
    pub(crate) pay: [f64; EMPLOYEES],
}

impl MasterData {
    pub(crate) fn new(seed: u64) -> Self {
        let streams = Streams::new(seed, Purpose::MasterData, 0);
        let mut rng = streams.stream(0);
        let materials = (0..MATERIALS)
            .map(|material| Material {
                price: (80_000.0 * noise(&mut rng, 0.5)).round() as i64,
                suppliers: [material % SUPPLIERS, (material + 5) % SUPPLIERS, (material + 9) % SUPPLIERS],
            })
            .collect();
        let rates = [
            (3_150, 3_800),
            (3_600, 5_400),
            (3_750, 6_200),
            (3_900, 6_800),
            (3_300, 5_900),
            (3_000, 2_600),
            (2_750, 2_200),
        ]
        .map(|(labor, machine)| Rates {
            labor: labor + 10 * index(&mut rng, 21) as i64 - 100,
            machine: machine + 10 * index(&mut rng, 41) as i64 - 200,
        });
        let mut power = [0.0; MACHINES];
        for (work_center, machines) in MACHINES_OF.into_iter().enumerate() {
            let kilowatts = [6.0, 14.0, 18.0, 16.0, 45.0, 4.0, 3.0][work_center];
            for machine in machines {
                power[machine] = kilowatts;
            }
        }
        Self { products: products(&streams), materials, rates, power, pay: pay(&streams) }
    }
}

fn pay(streams: &Streams) -> [f64; EMPLOYEES] {
    let mut rng = streams.stream(1);
    let mut pay = [1.0; EMPLOYEES];
    for machines in MACHINES_OF {
        let crew = machines.start * 3..machines.end * 3;
        let draws: Vec<f64> = crew.clone().map(|_| between(&mut rng, -0.015, 0.015)).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        for (employee, draw) in crew.zip(draws) {
            pay[employee] += draw - mean;
        }
    }
    pay
}

fn products(streams: &Streams) -> Vec<Product> {
    let mut rng = streams.stream(2);
    // Each material is the main one of three products, so that every material is seen.
    let mut main: Vec<usize> = (0..PRODUCTS).map(|product| product % MATERIALS).collect();
    main.shuffle(&mut rng);
    let mut products: Vec<Product> = (0..PRODUCTS)
        .map(|product| Product {
            family: product / PRODUCTS_PER_FAMILY,
            weight: noise(&mut rng, 0.35),
            mean_quantity: 36.0 * noise(&mut rng, 0.4),
            routing: Vec::new(),
            bill: bill(&mut rng, main[product]),
        })
        .collect();
    for family in products.chunks_mut(PRODUCTS_PER_FAMILY) {
        route(family, &mut rng);
    }
    let total = products.iter().map(|product| product.weight).sum::<f64>();
    for family in products.chunks_mut(PRODUCTS_PER_FAMILY) {
        let sum = family.iter().map(|product| product.weight).sum::<f64>();
        for product in family {
            product.weight *= total / 6.0 / sum / total;
        }
    }
    for product in rare(&main, &mut rng) {
        products[product].weight = RARE_SHARE / PRODUCTS as f64;
    }
    products
}

/// Three products that are hardly ever ordered; none that carries a planted problem.
fn rare(main: &[usize], rng: &mut ChaCha8Rng) -> Vec<usize> {
    let mut candidates: Vec<usize> = (0..PRODUCTS)
        .filter(|product| !LOW_STANDARDS.contains(product) && main[*product] != MAT_07)
        .collect();
    candidates.shuffle(rng);
    candidates.truncate(RARE_PRODUCTS);
    candidates
}

fn bill(rng: &mut ChaCha8Rng, main: usize) -> Vec<Component> {
    let mut bill = vec![Component { material: main, per_piece: between(rng, 500.0, 1_600.0).round() as i64 }];
    for _ in 0..index(rng, 3) {
        let material = index(rng, MATERIALS);
        if bill.iter().all(|component| component.material != material) {
            bill.push(Component { material, per_piece: between(rng, 100.0, 900.0).round() as i64 });
        }
    }
    bill
}

/// Sends the right number of products of a family through each work center, and none through fewer than three.
fn route(family: &mut [Product], rng: &mut ChaCha8Rng) {
    let mut passes = vec![[false; WORK_CENTERS]; family.len()];
    for (work_center, visits) in VISITS.into_iter().enumerate() {
        let visits =
            if work_center == MILLING && family[0].family == FAMILY_C { family.len() } else { visits };
        let mut order: Vec<usize> = (0..family.len()).collect();
        order.shuffle(rng);
        for product in order.into_iter().take(visits) {
            passes[product][work_center] = true;
        }
    }
    for (product, passes) in family.iter_mut().zip(&mut passes) {
        for work_center in [WC_60, MILLING, 6] {
            if passes.iter().filter(|passes| **passes).count() < 3 {
                passes[work_center] = true;
            }
        }
        product.routing = (0..WORK_CENTERS)
            .filter(|work_center| passes[*work_center])
            .map(|work_center| Step {
                work_center,
                setup_hours: between(rng, 0.25, 0.75),
                work: noise(rng, 0.35),
            })
            .collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seed_has_what_the_problems_need() {
        for seed in 0..50 {
            let data = MasterData::new(seed);
            assert_eq!(data.products.len(), PRODUCTS);
            assert!((data.products.iter().map(|product| product.weight).sum::<f64>() - 1.0).abs() < 0.1);
            assert!(data.products.iter().all(|product| product.routing.len() >= 3));
            let uses = |material| {
                data.products.iter().filter(|p| p.bill.iter().any(|c| c.material == material)).count()
            };
            assert!((0..MATERIALS).all(|material| uses(material) >= 3));
            let rare = data.products.iter().filter(|product| product.weight < 0.001).count();
            assert_eq!(rare, RARE_PRODUCTS);
            let milled = data
                .products
                .iter()
                .filter(|p| p.family == FAMILY_C)
                .all(|p| p.routing.iter().any(|s| s.work_center == MILLING));
            assert!(milled);
        }
    }
}
