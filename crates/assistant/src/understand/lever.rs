//! What changes in a case that somebody imagines, with the number that is asked for.

use super::read::{Item, What};
use crate::intent::Lever;

/// What a "what if" amounts to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Case {
    Lever(Lever),
    /// The lever is clear and its number is not said.
    NoNumber,
    /// No lever is named.
    None,
}

pub(super) fn case(items: &[Item]) -> Case {
    let has = |concept: &str| items.iter().any(|item| item.concept(concept));
    let dimension =
        |key: &str| items.iter().any(|item| item.dimension().is_some_and(|dimension| dimension.key == key));
    let numbers: Vec<(usize, f64, bool)> = items
        .iter()
        .enumerate()
        .filter_map(|(at, item)| match item.what {
            What::Number { value, percent } => Some((at, value, percent)),
            _ => None,
        })
        .collect();
    // "From 4 % to 2 %": where it goes counts, not where it comes from.
    let after_to = |at: usize| at > 0 && items[at - 1].concept("to") && items[at - 1].to == items[at].from;
    let number = numbers.iter().copied().find(|(at, ..)| after_to(*at)).or(numbers.first().copied());
    // "another machine", "una máquina más", "noch eine Schicht": one.
    let count = number.filter(|(_, _, percent)| !percent).map_or(1.0, |(_, value, _)| value);
    let less = has("reduce") && !adds(items);
    let share = match number {
        Some((_, value, true)) => Some(value.abs() / 100.0),
        Some((_, value, false)) if value > 0.0 && value < 1.0 => Some(value),
        _ if has("half") => Some(0.5),
        _ if has("third") => Some(1.0 / 3.0),
        _ if has("fourth") => Some(0.25),
        _ => None,
    };
    let sign = match number {
        Some((_, value, _)) if value < 0.0 => -1.0,
        _ if less => -1.0,
        _ => 1.0,
    };
    if has("batchsize") && !has("setupword") {
        let times = if has("half") {
            Some(0.5)
        } else if has("double") {
            Some(2.0)
        } else {
            share.map(|share| 1.0 + sign * share).or(number.filter(|n| !n.2 && n.1 > 0.0).map(|n| n.1))
        };
        return times.map_or(Case::NoNumber, |times| Case::Lever(Lever::Batch { times }));
    }
    if has("setupword") {
        return match share {
            Some(share) => Case::Lever(Lever::Setup {
                shorter: if less || has("half") || sign < 0.0 { share } else { -share },
            }),
            None => Case::NoNumber,
        };
    }
    if has("scrapword") {
        let Some(share) = share else { return Case::NoNumber };
        let to = number.is_some_and(|(at, ..)| after_to(at));
        return Case::Lever(if to {
            Lever::ScrapTo { rate: share }
        } else {
            Lever::ScrapBy { share: if less || has("half") || sign < 0.0 { share } else { -share } }
        });
    }
    let material_cost = items.iter().any(|item| {
        item.metric()
            .is_some_and(|id| matches!(id, "actual_material_cost" | "material_spend" | "material_price"))
    });
    if has("pricechange") || material_cost {
        return share.map_or(Case::NoNumber, |share| Case::Lever(Lever::Price { change: sign * share }));
    }
    if dimension("material") && (has("reduce") || has("increase")) && share.is_some() {
        // "Material gets 6 % cheaper."
        return share.map_or(Case::NoNumber, |share| Case::Lever(Lever::Price { change: sign * share }));
    }
    if has("hour") {
        let hours = number.filter(|n| !n.2).map(|n| n.1.abs());
        return hours.map_or(Case::NoNumber, |hours| Case::Lever(Lever::Hours { more: sign * hours }));
    }
    if dimension("shift") {
        return Case::Lever(Lever::Hours { more: sign * 40.0 * count.abs() });
    }
    if dimension("machine") || dimension("work_center") {
        return Case::Lever(Lever::Machines { more: sign * count.abs() });
    }
    Case::None
}

/// Something is added, whatever else the words say.
fn adds(items: &[Item]) -> bool {
    let place = |concept: &str| items.iter().position(|item| item.concept(concept));
    match (place("increase"), place("reduce")) {
        (Some(_), None) => true,
        // "a shift more costs less": what comes first is what is done.
        (Some(more), Some(less)) => more < less,
        _ => false,
    }
}
