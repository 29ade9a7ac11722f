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
        let wanted = (0..self.items.len()).filter(|at| !self.dismissed(*at));
        for metric in wanted.filter_map(|at| self.items[at].metric()) {
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

    /// "Forget FPY for now", "leave OEE aside", "set-up not counted": a figure that is named to say that it is not meant.
    pub(super) fn dismissed(&self, at: usize) -> bool {
        let item = &self.items[at];
        let small = |from: usize, to: usize| {
            let words = self.tokens.get(from..to).unwrap_or_default();
            words.iter().all(|token| {
                crate::lexicon::get().stopwords.iter().any(|words| words.contains(&token.folded))
            })
        };
        let before = at.checked_sub(1).map(|at| &self.items[at]);
        let after = self.items.get(at + 1);
        if item.metric().is_none() {
            return false;
        }
        before.is_some_and(|before| before.concept("dismiss") && small(before.to, item.from))
            || after.is_some_and(|after| after.concept("aside") && small(item.to, after.from))
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
        // "What did we spend on material?": nothing is told apart by the noun alone.
        let plural = |word: &str| matches!(word, "materials" | "materialien" | "materiales");
        let spends = self.metrics().iter().any(|metric| metric.starts_with("material_"))
            && !self.tokens.iter().any(|token| plural(&token.folded));
        let chosen = self.ranks() || self.count().is_some() || self.has("above") || self.has("below");
        let ranked_of = |key: &str| if key == "order" { chosen } else { ranked };
        found.retain(|(by, dimension)| {
            *by || ranked_of(dimension.key)
                || !(whole && matches!(dimension.key, "machine" | "product" | "order")
                    || spends && dimension.key == "material")
                    && !(figured && (dimension.key == "order" || (scrapped && dimension.key == "product")))
        });
        let bought = self.has("pay") || self.metrics().iter().any(|metric| metric.starts_with("material_"));
        let sold = self.metrics().iter().any(|metric| {
            matches!(*metric, "revenue" | "margin" | "margin_ratio" | "late_orders" | "on_time_delivery")
        });
        if found.is_empty() && bought && !sold && self.has("employee") && ranked {
            found.extend(Dimension::keyed("supplier").map(|dimension| (true, dimension)));
        }
        // "Who do we have the slimmest margin with?"
        if found.is_empty() && sold && self.has("employee") && self.ranks() {
            found.extend(Dimension::keyed("customer").map(|dimension| (true, dimension)));
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
        const UNITS: &[&str] = &[
            "minute", "minutes", "min", "hour", "hours", "day", "days", "week", "weeks", "month", "months",
            "years", "minuten", "stunde", "stunden", "tage", "tagen", "wochen", "monate", "monaten", "jahre",
            "minuto", "minutos", "hora", "horas", "dia", "dias", "semanas", "meses", "anos", "o'clock",
            "uhr",
        ];
        self.items.iter().find_map(|item| match item.what {
            What::Number { value, percent: false }
                if (1.0..=50.0).contains(&value)
                    && value.fract() == 0.0
                    // "In ten minutes" counts no lines.
                    && !self.tokens.get(item.to).is_some_and(|token| UNITS.contains(&token.folded.as_str())) =>
            {
                Some(value as usize)
            }
            _ => None,
        })
    }
}
