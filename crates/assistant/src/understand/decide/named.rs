//! What a question names: figures, groups, values, numbers.

use super::Weighing;
use crate::{
    Dimension,
    intent::{Filter, Unclear},
    text::Token,
    understand::read::{Item, What},
};

impl Weighing<'_> {
    /// Figures in the order in which they are named.
    pub(super) fn metrics(&self) -> Vec<&'static str> {
        let mut metrics: Vec<&'static str> = Vec::new();
        for metric in self.items.iter().filter_map(Item::metric) {
            if !metrics.contains(&metric) {
                metrics.push(metric);
            }
        }
        if metrics.len() > 1 && !self.has("compare") {
            // "Spends most of its time on set-ups": a verb, and no purchase.
            let verb = |item: &Item| {
                self.tokens[item.from..item.to]
                    .iter()
                    .all(|token| matches!(token.folded.as_str(), "spend" | "spends" | "spent"))
            };
            let only_verb =
                self.items.iter().filter(|item| item.metric() == Some("material_spend")).all(verb);
            metrics.retain(|metric| *metric != "material_spend" || !only_verb);
        }
        let dimension = |key: &str| {
            self.items.iter().any(|item| item.dimension().is_some_and(|dimension| dimension.key == key))
        };
        let order = dimension("order");
        // "Late jobs" is one phrase and names its orders itself.
        let of_due =
            matches!(metrics[..], [] | ["orders" | "on_time_delivery"] | ["orders", "on_time_delivery"]);
        if self.has("late") && of_due {
            return vec!["late_orders"];
        }
        if let Some(meant) = self.meant(&metrics, order) {
            return vec![meant];
        }
        if metrics.is_empty() {
            metrics.extend(self.of_reasons());
        }
        // "Customers with the fewest orders": they are what is counted.
        let by_orders = (self.has("most") || self.has("least"))
            && !self.left_over
            && ["customer", "planner"].into_iter().any(dimension);
        if metrics.is_empty() && order && (by_orders || self.counts_orders()) {
            return vec!["orders"];
        }
        if let [one] = metrics.as_mut_slice() {
            *one = self.aspect(one);
        }
        metrics
    }

    /// Reasons are reasons of something: a noun for them tells of what, and so does one of them beside hours or a count.
    fn of_reasons(&self) -> Option<&'static str> {
        let counted = self.has("often") || self.has("count");
        let of = |key: &str| match key {
            "downtime_reason" if counted => Some("stoppages"),
            "downtime_reason" => Some("downtime_hours"),
            "defect" => Some("defects"),
            "maintenance_type" => Some("maintenance_cost"),
            _ => None,
        };
        let noun = self.items.iter().filter_map(Item::dimension).find_map(|dimension| of(dimension.key));
        let asked = counted || self.has("hour") || self.has("long");
        noun.or_else(|| {
            self.items.iter().filter(|_| asked).find_map(|item| match &item.what {
                What::Value { fields, .. } => {
                    fields.iter().find_map(|filter| of(Dimension::of(filter.field)?.key))
                }
                _ => None,
            })
        })
    }

    /// "Count of jobs for P014", "orders per month", "the orders of PL1": orders with nothing else that could be asked of them.
    fn counts_orders(&self) -> bool {
        let part = self.items.iter().any(|item| matches!(item.what, What::Value { .. } | What::Period(_)));
        let steps = ["day", "week", "month", "quarter", "year"].iter().any(|step| self.has(step));
        let counted = self.has("count") && part;
        let else_asked = self.ranks() || self.has("list") || self.has("long") || self.has("findings");
        !self.left_over && !else_asked && (counted || part || steps && self.has("by"))
    }

    /// A figure as the words around it want it: as a share, in pieces, in hours, each, as planned.
    fn aspect(&self, metric: &'static str) -> &'static str {
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
    fn meant(&self, metrics: &[&'static str], order: bool) -> Option<&'static str> {
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
                "margin"
            }
            [] if asks => return None,
            [] if self.has("sold") => "revenue",
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

    /// Two figures without a word between them are one that we do not know.
    pub(super) fn side_by_side(&self) -> Option<Vec<&'static str>> {
        self.items.windows(2).find_map(|pair| {
            let (a, b) = (pair[0].metric()?, pair[1].metric()?);
            let gap = self.tokens.get(pair[0].to..pair[1].from)?;
            let of = |token: &Token| {
                matches!(
                    token.folded.as_str(),
                    "of" | "von" | "der" | "des" | "de" | "del" | "la" | "for" | "fur"
                )
            };
            let comma = self.question[self.tokens[pair[0].to - 1].end..self.tokens[pair[1].from].start]
                .contains([',', '&', '+', ';']);
            (a != b && !comma && gap.iter().all(of)).then(|| vec![a, b])
        })
    }

    /// Things that figures are asked by: those that do not just introduce a value.
    pub(super) fn groups(&self) -> Vec<&'static Dimension> {
        let mut found: Vec<(bool, &'static Dimension)> = Vec::new();
        for (at, item) in self.items.iter().enumerate() {
            let Some(dimension) = item.dimension() else { continue };
            if item.metric().is_some() {
                continue;
            }
            let introduces = |other: Option<&Item>| {
                other.is_some_and(|other| match &other.what {
                    What::Value { fields, .. } => {
                        fields.iter().any(|filter| dimension.fields.contains(&filter.field))
                    }
                    What::Unknown { field, .. } => {
                        field.is_some_and(|field| dimension.fields.contains(&field))
                    }
                    _ => false,
                })
            };
            let before = at.checked_sub(1).and_then(|at| self.items.get(at));
            // "machines M-01 and M-02": the noun introduces all that follow.
            if introduces(self.items.get(at + 1))
                || introduces(before.filter(|before| before.to == item.from))
            {
                continue;
            }
            // "I have the customer on the phone", "PL4's jobs": no list of them is asked for.
            let one = self.one_of(item, dimension);
            let by = before.is_some_and(|before| {
                before.concept("by") || before.concept("list") || before.concept("most")
            });
            if by || !one {
                found.push((by, dimension));
            }
        }
        // "cost of orders by machine": what stands behind "by" is what it is grouped by.
        found.sort_by_key(|(by, _)| !by);
        let ranked = ["list", "compare", "above", "below"].iter().any(|word| self.has(word));
        let ranked = ranked || self.ranks() || self.count().is_some();
        // "What have the jobs of C024 cost?" is about all of them together, and "which share of the parts" about the parts.
        let scrapped = self.items.iter().filter_map(Item::metric).any(|metric| {
            matches!(metric, "scrap_ratio" | "quantity_scrapped" | "rework_ratio" | "quantity_reworked")
        });
        let figured = !self.metrics().is_empty();
        // "What share of machine time goes into changeovers?", "total machine run time": one figure of all of them.
        let whole = (self.has("share") || self.has("total")) && figured && !ranked;
        let chosen = self.ranks() || self.count().is_some() || self.has("above") || self.has("below");
        let ranked_of = |key: &str| if key == "order" { chosen } else { ranked };
        found.retain(|(by, dimension)| {
            *by || ranked_of(dimension.key)
                || !(whole && matches!(dimension.key, "machine" | "product" | "order"))
                    && !(figured && (dimension.key == "order" || (scrapped && dimension.key == "product")))
        });
        let bought = self.has("pay") || self.metrics().iter().any(|metric| metric.starts_with("material_"));
        if found.is_empty() && bought && self.has("employee") && ranked {
            found.extend(Dimension::keyed("supplier").map(|dimension| (true, dimension)));
        }
        let plant_or_order = |key: &str| matches!(key, "facility" | "order" | "operation");
        let several = found.len() > 1;
        found
            .into_iter()
            .filter(|(by, dimension)| *by || !(several && plant_or_order(dimension.key)))
            .filter(|(by, dimension)| *by || dimension.key != "facility")
            .map(|(_, dimension)| dimension)
            .collect()
    }

    /// A noun in the singular with its article, beside a figure.
    fn one_of(&self, item: &Item, dimension: &Dimension) -> bool {
        const ARTICLES: &[&str] = &[
            "the", "this", "that", "my", "der", "die", "das", "den", "dem", "el", "la", "del", "al", "esta",
            "este",
        ];
        let before = item.from.checked_sub(1).map(|at| self.tokens[at].folded.as_str());
        let words = self.tokens[item.from..item.to].iter().map(|token| token.folded.as_str());
        let said = words.collect::<Vec<_>>().join(" ");
        if self.ranks() || self.count().is_some() {
            return false;
        }
        let singular =
            dimension.phrases.iter().filter_map(|own| own.first()).any(|own| crate::text::fold(own) == said);
        singular && before.is_some_and(|word| ARTICLES.contains(&word))
    }

    /// Values that rows must have, or those that they must not.
    pub(super) fn filters(&self, left_out: bool) -> Result<Vec<Filter>, Unclear> {
        let mut filters: Vec<Filter> = Vec::new();
        let metric = self.items.iter().find_map(Item::metric);
        for (at, item) in self.items.iter().enumerate() {
            match &item.what {
                What::Value { .. } if self.left_out(at) != left_out => {}
                What::Value { said, fields } => {
                    // Of several fields, those that the figure can be told apart by.
                    let able: Vec<&Filter> = fields
                        .iter()
                        .filter(|filter| metric.is_none_or(|metric| self.catalog.can(metric, filter.field)))
                        .collect();
                    let chosen = match able[..] {
                        [one] => one.clone(),
                        [] => fields[0].clone(),
                        _ => {
                            return Err(Unclear::WhichField {
                                value: said.clone(),
                                fields: able.iter().map(|filter| filter.field).collect(),
                            });
                        }
                    };
                    if !filters.contains(&chosen) {
                        filters.push(chosen);
                    }
                }
                What::Unknown { said, field: Some(field) }
                    if !left_out && self.catalog.long.contains(field) =>
                {
                    filters.push(Filter { field: *field, value: said.clone() });
                }
                _ => {}
            }
        }
        Ok(filters)
    }

    /// "The last 7", "top 10", "fünf": a number that is no share.
    pub(super) fn count(&self) -> Option<usize> {
        self.items.iter().find_map(|item| match item.what {
            What::Number { value, percent: false }
                if (1.0..=50.0).contains(&value) && value.fract() == 0.0 =>
            {
                Some(value as usize)
            }
            _ => None,
        })
    }
}
