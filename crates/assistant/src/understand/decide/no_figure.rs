//! Questions that name no figure, or that are about one and not for it.

use super::{LINES, Weighing};
use crate::{
    Dimension, Intent,
    intent::{Filter, Unclear},
    understand::{
        lever,
        read::{Item, What},
    },
};

impl Weighing<'_> {
    /// Questions that name no figure, or that are about one and not for it.
    pub(super) fn without_figure(
        &mut self,
        metrics: &[&'static str],
        dimensions: &[&'static Dimension],
        filters: &[Filter],
    ) -> Option<Intent> {
        let change =
            ["reduce", "increase", "half", "double", "third", "fourth"].iter().any(|word| self.has(word));
        if self.imagines()
            && (change || self.items.iter().any(|item| matches!(item.what, What::Number { .. })))
        {
            return Some(match lever::case(self.items) {
                lever::Case::Lever(lever) => Intent::WhatIf { lever, scope: filters.to_vec() },
                lever::Case::NoNumber | lever::Case::None => Intent::Unclear(Unclear::HowMuch),
            });
        }
        if let Some(said) = self.elsewhere() {
            return Some(Intent::Unclear(Unclear::NotHeld { said }));
        }
        if self.has("advice") {
            return Some(Intent::Findings { n: self.count().unwrap_or(LINES), filters: filters.to_vec() });
        }
        if self.has("efficientword") && metrics.iter().all(|metric| metric.ends_with("_efficiency")) {
            // "How efficient are we?" can mean the work, the set-ups or the machines.
            let several = ["labor_efficiency", "setup_efficiency", "utilization_efficiency"];
            let metrics: Vec<&'static str> =
                several.into_iter().filter(|metric| self.catalog.has(metric)).collect();
            if !metrics.is_empty() {
                return Some(Intent::Unclear(Unclear::Which { metrics }));
            }
        }
        if self.has("missing") {
            return Some(Intent::Missing { metric: metrics.first().copied() });
        }
        if let Some(dimension) = self.kinds_of(dimensions)
            && filters.is_empty()
            && let Some(field) = self.field(dimension)
        {
            return Some(Intent::Values { field });
        }
        // "Ohne C009 gerechnet" asks for the figure and not for how it comes about.
        if self.explains()
            && !self.has("without")
            && let Some(metric) = metrics.first()
        {
            if !self.catalog.has(metric) {
                return Some(Intent::Missing { metric: Some(metric) });
            }
            return Some(Intent::Explain { metric, filters: filters.to_vec() });
        }
        if !metrics.is_empty() {
            return None;
        }
        if self.has("help") {
            return Some(Intent::Help);
        }
        // What is asked with words that we do not know is not a question for everything.
        if self.has("overview") && !self.left_over && filters.is_empty() {
            return Some(Intent::Overview);
        }
        if self.has("findings") {
            let n = self.count().unwrap_or(LINES);
            return Some(Intent::Findings { n, filters: filters.to_vec() });
        }
        if let Some(dimension) = dimensions.first() {
            let ranked = ["most", "least", "worst", "best", "by", "compare", "trend", "order_by"]
                .iter()
                .any(|word| self.has(word));
            let Some(field) = self.field(dimension) else {
                return Some(Intent::Unclear(Unclear::NoSuchField { dimension: dimension.key }));
            };
            let asked = self.has("list") || self.has("count") || self.begins_with_what();
            // What there is of a part of the data, or of a time, is another question.
            let whole =
                filters.is_empty() && !self.items.iter().any(|item| matches!(item.what, What::Period(_)));
            if !ranked && !self.left_over && asked && whole {
                return Some(Intent::Values { field });
            }
            return Some(Intent::Unclear(Unclear::WhichFigure {
                dimension: dimension.key,
                most: !self.has("least"),
            }));
        }
        if let Some(filter) = filters.first() {
            let alone = self
                .items
                .iter()
                .all(|item| matches!(item.what, What::Value { .. }) || item.dimension().is_some());
            // A name alone: what was found about it. With other words beside it, something else is wanted.
            // "How is P053 doing?" asks for a figure and does not say which.
            let how = self
                .tokens
                .iter()
                .any(|token| matches!(token.folded.as_str(), "how" | "how's" | "wie" | "como"));
            if alone && !self.left_over && !how {
                return Some(Intent::Findings { n: LINES, filters: vec![filter.clone()] });
            }
            if let Some(dimension) = Dimension::of(filter.field) {
                return Some(Intent::Unclear(Unclear::WhichFigure { dimension: dimension.key, most: true }));
            }
        }
        Some(Intent::Unclear(Unclear::NotUnderstood))
    }

    /// "How is it computed?" asks how; "calculate it" and "could you work out" want the figure.
    fn explains(&self) -> bool {
        const HOW: &[&str] =
            &["how", "how's", "where", "why", "wie", "woher", "woraus", "womit", "warum", "como", "donde"];
        self.has("explain")
            || self.has("computedword")
                && self.tokens.iter().any(|token| HOW.contains(&token.folded.as_str()))
    }

    /// What no export tells of, in the words of the question.
    fn elsewhere(&self) -> Option<String> {
        let item = self.items.iter().find(|item| item.concept("outside"))?;
        let words: Vec<&str> =
            self.tokens[item.from..item.to].iter().map(|token| token.written.as_str()).collect();
        Some(words.join(" "))
    }

    /// "Which defect codes get booked here?", "how many different materials do we buy?": what there is of a kind, and no figure of it.
    fn kinds_of(&self, dimensions: &[&'static Dimension]) -> Option<&'static Dimension> {
        let [dimension] = dimensions else { return None };
        let figure = self.items.iter().any(|item| {
            item.metric().is_some_and(|metric| {
                !matches!(metric, "material_spend" | "material_price" | "defects" | "defect_records")
            }) && !(item.dimension().is_some() || Self::of_kind(item, dimension))
        });
        let dated = self.items.iter().any(|item| matches!(item.what, What::Period(_)));
        let different = self.items.windows(2).any(|pair| {
            let of =
                |one: &Item, other: &Item| one.concept("different") && other.dimension() == Some(*dimension);
            pair[0].to == pair[1].from && (of(&pair[0], &pair[1]) || of(&pair[1], &pair[0]))
        });
        // "How many materials do we purchase?" "How many parts" asks for pieces.
        let how_many = self.items.windows(2).any(|pair| {
            pair[0].concept("count") && pair[0].to == pair[1].from && pair[1].dimension() == Some(*dimension)
        }) && !matches!(
            dimension.key,
            "order" | "operation" | "product" | "downtime_reason" | "defect"
        );
        let counted = (different || how_many) && self.has("count");
        let booked = self.has("exists") && (self.has("list") || self.begins_with_what());
        // "Which materials do we buy?"
        let bought = matches!(dimension.key, "material" | "supplier")
            && self.has("pay")
            && (self.has("list") || self.begins_with_what())
            && !["by", "hour", "above", "below", "exceed", "compare", "fromus"]
                .iter()
                .any(|word| self.has(word));
        ((counted || booked || bought) && !figure && !dated && !self.ranks()).then_some(*dimension)
    }

    /// "Reasons for downtime", "types of maintenance": the figure only says of what kind they are.
    fn of_kind(item: &Item, dimension: &Dimension) -> bool {
        let kind = match item.metric() {
            Some("downtime_hours" | "stoppages") => "downtime_reason",
            Some("maintenance_cost") => "maintenance_type",
            Some("scrap_ratio" | "quantity_scrapped") => "defect",
            _ => return false,
        };
        dimension.key == kind
    }

    /// "What customers are in the data?"
    fn begins_with_what(&self) -> bool {
        self.tokens.first().is_some_and(|token| token.folded == "what")
            && self.items.first().is_some_and(|item| item.from == 1 && item.dimension().is_some())
    }
}
