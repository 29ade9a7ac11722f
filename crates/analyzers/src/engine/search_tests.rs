use std::sync::Arc;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    observations::{Attribute, Cells, Kind, Observations, combine},
    pairs::Pairs,
    search::{Rules, search},
};
use crate::stats::change::Shape;

fn rules() -> Rules {
    Rules {
        confidence: 0.9,
        fewest_clusters: 20,
        outlier_sigma: 2.5,
        effect_threshold: 0.05,
        loss_threshold: f64::INFINITY,
        small_levels: true,
        smallest_change: 0.0,
        changes: true,
        both_ways: false,
        threads: 2,
    }
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0
}

fn attribute(field: &'static str, codes: Vec<u32>, levels: u32, stratum: &Arc<Vec<u32>>) -> Attribute {
    let names = (0..levels).map(|level| vec![format!("{field}-{level:02}")]).collect();
    Attribute {
        fields: vec![field],
        cells: Cells::new(codes, levels as usize, stratum.iter().copied(), Pairs::kinds(stratum)),
        names: Arc::new(names),
        own_history: false,
        parents: Vec::new(),
        reported: true,
    }
}

/// Orders with four operations each, a random effect per order, 12 machines, 3 shifts and 20 products.
pub(super) fn plant(seed: u64, orders: u32, effect: impl Fn(u32, u32, u32, f64) -> f64) -> Observations {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut y, mut cluster, mut day) = (Vec::new(), Vec::new(), Vec::new());
    let (mut machine, mut shift, mut product, mut centre) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for order in 0..orders {
        let of_order = 0.06 * normal(&mut rng);
        let when = f64::from(order) * 400.0 / f64::from(orders);
        let item = rng.random_range(0..20);
        for operation in 0..4 {
            // Difficult products lean to the first machine of each center.
            let lean = item < 5 && rng.random::<f64>() < 0.7;
            let at = operation * 3 + if lean { 0 } else { rng.random_range(0..3) };
            let on = rng.random_range(0..3);
            let value = of_order + 0.12 * normal(&mut rng) + effect(at, on, item, when);
            y.push(if rng.random::<f64>() < 0.0005 { value + 10_f64.ln() } else { value });
            cluster.push(order);
            day.push(when);
            machine.push(at);
            shift.push(on);
            product.push(item);
            centre.push(operation);
        }
    }
    let n = y.len();
    let within = combine(&[&product, &centre], n);
    let same_centre = combine(&[&centre], n);
    let attributes = vec![
        attribute("machine_id", machine, 12, &within),
        attribute("shift", shift, 3, &within),
        attribute("product_id", product, 20, &same_centre),
    ];
    Observations {
        kind: Kind::LogRatio,
        amount: y.iter().map(|y: &f64| 10.0 * y.exp()).collect(),
        y,
        weight: vec![1.0; n],
        cluster,
        draw: Vec::new(),
        day,
        row: (0..n as u32).collect(),
        attributes,
    }
}

#[test]
fn clean_plants_stay_silent() {
    let mut noisy = 0;
    for seed in 0..40 {
        let mut observations = plant(seed, 1_000, |_, _, _, _| 0.0);
        observations.add_pair(0, 1);
        // Without a threshold of size, only the tests hold chance back.
        let result = search(&observations, &Rules { effect_threshold: 0.0, ..rules() }, 1);
        noisy += u32::from(!result.found.is_empty());
    }
    assert!(noisy <= 6, "{noisy} of 40 clean plants had a finding at a target of 10 %");
}

#[test]
fn the_drifting_machine_is_named_and_its_shadows_are_not() {
    let observations =
        plant(
            3,
            3_000,
            |machine, _, _, day| {
                if machine == 6 { 0.30 * ((day - 150.0) / 250.0).max(0.0) } else { 0.0 }
            },
        );
    let result = search(&observations, &rules(), 1);
    assert_eq!(result.found.len(), 1, "{:#?}", result.found);
    let one = &result.found[0];
    assert_eq!((one.attribute, one.level), (0, 6));
    let Shape::Drift { day, .. } = one.fit.shape else { panic!("{one:?}") };
    assert!((day - 150.0).abs() < 45.0, "{day}");
    let truth: f64 = (0..observations.len())
        .filter(|idx| observations.attributes[0].level(*idx) == 6)
        .map(|idx| {
            let effect = 0.30 * ((observations.day[idx] - 150.0) / 250.0).max(0.0);
            observations.y[idx].min(0.6).exp() * 10.0 * (1.0 - (-effect).exp())
        })
        .sum();
    assert!((one.loss / truth - 1.0).abs() < 0.1, "{} {truth}", one.loss);
    assert!(one.loss_low < truth && truth < one.loss_high, "{one:?}");
}

#[test]
fn difficult_products_are_not_blamed_on_their_machine() {
    let observations = plant(4, 3_000, |_, _, product, _| if product < 5 { 0.2 } else { 0.0 });
    let result = search(&observations, &rules(), 1);
    assert!(result.found.iter().all(|one| one.attribute == 2 && one.level < 5), "{:#?}", result.found);
    assert_eq!(result.found.len(), 5);
}

#[test]
fn a_pair_is_named_as_a_pair() {
    let mut observations =
        plant(5, 3_000, |machine, shift, _, _| if machine == 4 && shift == 2 { 0.25 } else { 0.0 });
    observations.add_pair(0, 1);
    let result = search(&observations, &rules(), 1);
    assert_eq!(result.found.len(), 1, "{:#?}", result.found);
    let one = &result.found[0];
    let names = &observations.attributes[one.attribute].names[one.level as usize];
    assert_eq!(names, &["machine_id-04".to_owned(), "shift-02".to_owned()]);
}

#[test]
fn a_step_of_one_machine_has_its_day() {
    let observations =
        plant(6, 3_000, |machine, _, _, day| if machine == 2 && day > 200.0 { 0.12 } else { 0.0 });
    let result = search(&observations, &rules(), 1);
    assert_eq!(result.found.len(), 1, "{:#?}", result.found);
    let Shape::Step { day, .. } = result.found[0].fit.shape else { panic!("{result:?}") };
    assert!((day - 200.0).abs() <= 14.0, "{day}");
}
