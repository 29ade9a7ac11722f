//! Which figure is meant by the words around the one that is named, or by what is done.

use super::Weighing;
use crate::{Dimension, understand::read::What};

impl Weighing<'_> {
    /// A figure as the words around it want it: as a share, in pieces, in hours, each, as planned.
    pub(super) fn aspect(&self, metric: &'static str) -> &'static str {
        let share = self.items.iter().enumerate().any(|(at, item)| {
            let number = at.checked_sub(1).and_then(|before| self.items.get(before));
            item.concept("share")
                && !number
                    .is_some_and(|before| matches!(before.what, What::Number { .. }) || before.concept("not"))
        }) || self.percent_alone();
        let pieces = self.items.iter().enumerate().any(|(at, item)| {
            let beside = at.checked_sub(1).is_some_and(|before| self.items[before].metric() == Some(metric))
                || self.items.get(at + 1).is_some_and(|next| next.metric() == Some(metric));
            // "The most parts", "how many parts": their number and not a share of them.
            let number = at.checked_sub(1).is_some_and(|before| {
                let before = &self.items[before];
                before.to == item.from && ["most", "least", "count"].iter().any(|word| before.concept(word))
            });
            item.concept("pieces") && (self.has("count") || number || beside && item.dimension().is_none())
        });
        // "The actual cost of what PL4 planned" is no plan.
        let actual = self.items.iter().any(|item| {
            item.metric() == Some(metric)
                && self.tokens[item.from..item.to].iter().any(|token| {
                    token.folded.starts_with("ist")
                        || matches!(token.folded.as_str(), "actual" | "actuals" | "real" | "reales")
                })
        });
        let compared = self.has("compare") || actual;
        let found = match metric {
            "scrap_ratio" if pieces && !share => "quantity_scrapped",
            "quantity_scrapped" | "defects" if share => "scrap_ratio",
            "rework_ratio" if self.has("hour") && !share => "rework_hours",
            "rework_ratio" if pieces && !share => "quantity_reworked",
            "quantity_reworked" if share => "rework_ratio",
            "margin" if share || self.percent_bound() => "margin_ratio",
            "downtime_hours" if !self.has("hour") && self.counts_stops() => "stoppages",
            "actual_setup_hours" if share => "setup_ratio",
            "queue_hours" if share => "queue_time_share",
            "cost_variance" if share => "cost_variance_ratio",
            "actual_setup_hours" if self.has("planned") && !compared => "planned_setup_hours",
            "actual_run_hours" if self.has("planned") && !compared => "planned_run_hours",
            "actual_total_cost" if self.has("planned") && !compared => "planned_total_cost",
            "actual_material_cost" if self.has("planned") && !compared => "planned_material_cost",
            "actual_labor_cost" if self.has("planned") && !compared => "planned_labor_cost",
            "downtime_hours" if self.has("often") => "stoppages",
            "defects" if self.has("often") => "defect_records",
            _ => metric,
        };
        if crate::Metric::named(found).is_some() { found } else { metric }
    }

    /// "Margin below 10 percent".
    fn percent_bound(&self) -> bool {
        self.items.windows(2).any(|pair| {
            (pair[0].concept("above") || pair[0].concept("below"))
                && matches!(pair[1].what, What::Number { percent: true, .. })
        })
    }

    /// "Máquinas con más de 15 paros": what stands still is counted there.
    fn counts_stops(&self) -> bool {
        self.items.windows(3).any(|run| {
            (run[0].concept("above") || run[0].concept("below"))
                && matches!(run[1].what, What::Number { percent: false, .. })
                && run[2].metric() == Some("downtime_hours")
                && !self.tokens[run[2].from..run[2].to]
                    .iter()
                    .any(|token| token.folded.starts_with("hour") || token.folded.starts_with("hora"))
        })
    }

    /// "Margin % on P014", "merma en %": a sign of percent that no number stands before.
    fn percent_alone(&self) -> bool {
        self.question
            .char_indices()
            .filter(|(_, letter)| *letter == '%')
            .any(|(at, _)| !self.question[..at].trim_end().ends_with(|letter: char| letter.is_ascii_digit()))
    }

    /// A figure that words around it, or what is done, make another one: "how often was M14 down", "cost per piece", "what did we pay S08".
    pub(super) fn meant(&self, metrics: &[&'static str], order: bool) -> Option<&'static str> {
        let about = |keys: &[&str]| {
            self.items.iter().any(|item| match &item.what {
                What::Value { fields, .. } => fields
                    .iter()
                    .any(|filter| Dimension::of(filter.field).is_some_and(|known| keys.contains(&known.key))),
                _ => item.dimension().is_some_and(|dimension| keys.contains(&dimension.key)),
            })
        };
        let (bought, made) = (&["supplier", "material"][..], &["product", "order", "product_family"][..]);
        let machine = about(&["machine", "work_center"]);
        let stopped = self.has("stand") && machine && (!self.has("count") || self.has("hour"));
        let asks = self.imagines() || self.has("findings");
        Some(match metrics {
            ["downtime_hours" | "stoppages"]
            | ["stoppages", "downtime_hours"]
            | ["downtime_hours", "stoppages"]
            | [] if (self.has("average") || self.has("each"))
                && (self.has("long") || self.has("duration") || self.has("repair"))
                && (!metrics.is_empty() || self.has("repair") || stopped) =>
            {
                "mttr"
            }
            ["downtime_hours"] if self.has("often") => "stoppages",
            ["stoppages"] | ["stoppages", "downtime_hours"] | ["downtime_hours", "stoppages"]
                if (self.has("hour") || self.has("long")) && !self.has("often") =>
            {
                "downtime_hours"
            }
            ["planned_total_cost"] | ["planned_total_cost", "actual_total_cost"] | []
                if self.has("exceed") =>
            {
                "cost_variance"
            }
            // "How much of the output was rejected?"
            ["quantity_completed", "scrap_ratio"] => "scrap_ratio",
            // What is left of revenue when costs are taken off.
            ["revenue", "actual_total_cost"] if self.has("without") || self.has("remain") => "margin",
            ["actual_total_cost"] if self.has("remain") => self.aspect("margin"),
            ["margin", "actual_total_cost" | "revenue"] | ["actual_total_cost" | "revenue", "margin"]
                if !self.has("compare") =>
            {
                self.aspect("margin")
            }
            ["actual_material_quantity", "energy_kwh"] => "energy_kwh",
            ["material_spend" | "actual_total_cost", "energy_kwh"]
                if self.has("pay") || self.has("compare") =>
            {
                "energy_kwh"
            }
            ["actual_total_cost" | "material_spend"] if self.has("each") && about(&["material"]) => {
                "material_price"
            }
            ["actual_total_cost"] if self.has("each") && about(&["product", "product_family"]) => "unit_cost",
            ["actual_total_cost" | "material_spend"] | [] if self.has("maintenanceword") && !asks => {
                "maintenance_cost"
            }
            ["material_spend"] if self.has("planned") => "planned_total_cost",
            ["actual_total_cost"] | ["revenue", "actual_total_cost"] | []
                if self.has("earned") && !asks && !self.has("compare") =>
            {
                self.aspect("margin")
            }
            [] if asks => return None,
            [] if about(&["supplier"]) && self.bounded() => "material_spend",
            [] | ["material_spend"] if self.customers_buy() && !about(&["supplier"]) => "revenue",
            [] if self.has("sold") => "revenue",
            [] if self.has("setupword") && self.has("share") => "setup_ratio",
            [] if self.has("made") && (self.has("pieces") || self.has("count")) && !order => {
                "quantity_completed"
            }
            [] if self.has("laborword") && self.has("pay") => "actual_labor_cost",
            [] if self.has("laborword") && (self.has("hour") || self.has("long")) => "actual_labor_hours",
            [] if self.has("setupword") && (self.has("hour") || self.has("long") || self.has("dear")) => {
                "actual_setup_hours"
            }
            [] if self.has("dear") && self.has("each") && about(&["product", "product_family"]) => {
                "unit_cost"
            }
            [] if (self.has("pay") || self.has("dear")) && about(&["material"]) && self.has("each") => {
                "material_price"
            }
            // "What did we pay S08?" and "How long was M14 down?" name a figure by what is done.
            [] if self.has("pay") && (about(bought) || self.has("employee")) => "material_spend",
            [] if self.has("dear") && about(made) => "actual_total_cost",
            [] if self.has("stand") && self.has("often") => "stoppages",
            [] if stopped => "downtime_hours",
            [] if self.has("runword") && machine => "actual_run_hours",
            [] if self.has("long") && order => "lead_time",
            _ => return None,
        })
    }

    /// "Who buys most from us?"
    pub(super) fn customers_buy(&self) -> bool {
        let buys = self.items.iter().filter(|item| item.concept("pay")).any(|item| {
            let word = self.tokens[item.from].folded.as_str();
            word.starts_with("buy") || word.starts_with("purchas") || word == "bought"
        });
        let whole = self.items.iter().any(|item| item.concept("fromus") && item.to - item.from > 2);
        whole || buys && self.has("fromus")
    }

    /// "Vendors that got less than 150,000 from us": an amount, and it can be of money only.
    fn bounded(&self) -> bool {
        self.items.windows(2).any(|pair| {
            (pair[0].concept("above") || pair[0].concept("below"))
                && matches!(pair[1].what, What::Number { value, percent: false } if value >= 1_000.0)
        })
    }
}
