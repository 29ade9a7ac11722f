//! What customers order: which product, how many, and how hard this lot is.

use rand_chacha::ChaCha8Rng;

use super::master_data::MasterData;
use crate::random::{noise, pick, uniform};

/// Orders per week and facility for which lots and set-ups are those of the master data.
const USUAL_ORDERS_PER_WEEK: f64 = 20_000.0 / 61.0;

const SMALLEST_LOT: i64 = 5;

/// The demand of a facility.
#[derive(Debug, Clone)]
pub(crate) struct Market {
    /// How much larger the orders are than those of the master data.
    pub(crate) size: f64,
    pub(crate) mean_quantity: Vec<f64>,
    /// Cumulative shares of the products.
    product_shares: Vec<f64>,
}

/// The part of an order that decides how much work it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Demand {
    /// Where between its neighbours the order is entered, from 0 to 1.
    pub(crate) moment: f64,
    pub(crate) product: usize,
    pub(crate) quantity: i64,
    /// Run time of all its operations relative to the true standard: this lot's material, drawing, luck.
    pub(crate) difficulty: f64,
}

impl Market {
    pub(crate) fn new(data: &MasterData, orders: u64, weeks: u32) -> Self {
        let size = USUAL_ORDERS_PER_WEEK / (orders as f64 / f64::from(weeks));
        Self {
            size,
            mean_quantity: data
                .products
                .iter()
                .map(|product| product.mean_quantity * size.powf(0.6))
                .collect(),
            product_shares: cumulative(data.products.iter().map(|product| product.weight)),
        }
    }

    /// The first draws of the stream of an order.
    pub(crate) fn draw(&self, rng: &mut ChaCha8Rng) -> Demand {
        let moment = uniform(rng);
        let product = pick(&self.product_shares, uniform(rng));
        let quantity = ((self.mean_quantity[product] * noise(rng, 0.4)).round() as i64).max(SMALLEST_LOT);
        Demand { moment, product, quantity, difficulty: noise(rng, 0.06) }
    }
}

pub(crate) fn cumulative(weights: impl Iterator<Item = f64>) -> Vec<f64> {
    weights
        .scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect()
}
