//! Products in lists of components: where a column says outright that it is the component's, one that says product, part
//! or item is that of the order, unless the component alone decides it.

use domain::Granularity;

use super::vote;
use crate::{candidate::Candidate, matchers::Beliefs, view::View};

/// What a component is known by, and the same of the product.
const TWINS: [(&str, &str); 2] = [("material_id", "product_id"), ("material_name", "product_name")];

pub(super) fn vote_for_products(view: &View<'_>, beliefs: &Beliefs, votes: &mut [Vec<f64>]) {
    let concepts = view.knowledge.concepts;
    let (Some(material), Some(product)) = (concepts.id("material"), concepts.id("product")) else { return };
    let twins = TWINS.map(|(one, other)| (Candidate::named(one), Candidate::named(other)));
    let by = beliefs.grain.of(Granularity::Material);
    if by < 0.3 {
        return;
    }
    let outright: Vec<usize> = (0..view.len())
        .filter(|column| view.names[*column].names(material) && !view.names[*column].names(product))
        .filter(|column| twins.iter().any(|(one, _)| beliefs.of(*column, &[*one]) > 0.5))
        .collect();
    if outright.is_empty() {
        return;
    }
    for column in 0..view.len() {
        let name = &view.names[column];
        let named = name.names(product) && !name.names(material);
        if !named || outright.iter().any(|component| view.relations.determines(*component, column)) {
            continue;
        }
        for (of_component, of_product) in twins {
            vote(votes, column, &[of_product], 0.8 * by);
            if let Some(vote) = votes[column].get_mut(of_component.idx()) {
                *vote -= 0.8 * by;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Knowledge, Remembered, propose, training::names_only};

    fn meanings(headers: &[&str]) -> Vec<Option<&'static str>> {
        let mapping = propose(&names_only("list.csv", headers), Knowledge::shipped(), &Remembered::nothing());
        mapping.columns.iter().map(|column| column.field.map(ontology::FieldId::as_str)).collect()
    }

    #[test]
    fn the_product_stands_beside_the_component() {
        let both = meanings(&[
            "Nr zlecenia",
            "Indeks wyrobu",
            "Indeks materiału",
            "Ilość wymagana",
            "Ilość pobrana",
        ]);
        assert_eq!(both[1..3], [Some("product_id"), Some("material_id")]);
    }
}
