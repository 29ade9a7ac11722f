//! From what was found in a question to what it asks for.

use ontology::FieldId;

use super::{
    Reading, lever,
    read::{Item, What},
};
use crate::{
    Catalog, Dimension, Intent, Language,
    intent::{Figure, Filter, Period, Side, Step, Unclear},
    lexicon,
    text::{Token, bare},
    when,
};

pub(super) struct Decided {
    pub(super) intent: Intent,
    pub(super) ignored: Vec<String>,
    pub(super) readings: Vec<Reading>,
}

/// Lines of a list where nobody says how many.
const LINES: usize = 5;

/// What may stand for a figure that a field cannot tell apart.
const INSTEAD: &[(&str, &str)] = &[
    ("actual_total_cost", "material_spend"),
    ("actual_material_cost", "material_spend"),
    ("labor_efficiency", "effectiveness"),
    ("effectiveness", "labor_efficiency"),
    ("late_orders", "on_time_delivery"),
    ("queue_hours", "queue_time_share"),
    ("quantity_scrapped", "defects"),
    ("scrap_ratio", "defects"),
];

pub(super) fn decide(
    question: &str,
    tokens: &[Token],
    items: &[Item],
    catalog: &Catalog,
    language: Language,
) -> Decided {
    let ignored = left_over(tokens, items, language);
    let mut readings = Vec::new();
    let intent = Weighing { question, tokens, items, catalog, readings: &mut readings }.intent();
    Decided { intent, ignored, readings }
}

/// Words that nothing was made of, small words aside.
fn left_over(tokens: &[Token], items: &[Item], language: Language) -> Vec<String> {
    let small = |word: &str| {
        Language::ALL.iter().any(|other| {
            lexicon::get().stopwords[*other as usize].contains(word) && (*other == language || word.len() < 4)
        })
    };
    tokens
        .iter()
        .enumerate()
        .filter(|(at, _)| !items.iter().any(|item| (item.from..item.to).contains(at)))
        .filter(|(_, token)| !small(&token.folded) && token.folded.chars().count() > 1)
        .map(|(_, token)| token.written.clone())
        .collect()
}

struct Weighing<'a> {
    question: &'a str,
    tokens: &'a [Token],
    items: &'a [Item],
    catalog: &'a Catalog,
    readings: &'a mut Vec<Reading>,
}

impl Weighing<'_> {
    fn has(&self, concept: &str) -> bool {
        self.items.iter().any(|item| item.concept(concept))
    }

    fn intent(&mut self) -> Intent {
        let items = self.items;
        let metrics: Vec<&'static str> = self.metrics();
        let dimensions: Vec<&'static Dimension> = self.groups();
        if self.has("future") && !self.has("whatif") {
            // Nothing here tells what will be.
            return Intent::Unclear(Unclear::Time { metric: None, known: self.catalog.period });
        }
        if self.asks_for_people(&dimensions) && metrics.iter().all(|metric| *metric != "worker_efficiency") {
            return Intent::Unclear(Unclear::People);
        }
        if let Some(what) = items.iter().find(|item| matches!(item.what, What::Unknown { .. })) {
            let What::Unknown { said, field } = &what.what else {
                return Intent::Unclear(Unclear::NotUnderstood);
            };
            if !field.is_some_and(|field| self.catalog.long.contains(&field)) {
                return Intent::Unclear(Unclear::NoSuchValue {
                    near: self.near(said, *field),
                    said: said.clone(),
                    field: *field,
                });
            }
        }
        let filters = match self.filters() {
            Ok(filters) => filters,
            Err(unclear) => return Intent::Unclear(unclear),
        };
        let periods: Vec<Period> = items
            .iter()
            .filter_map(|item| match item.what {
                What::Period(period) => Some(period),
                _ => None,
            })
            .collect();
        if let Some(intent) = self.without_figure(&metrics, &dimensions, &filters) {
            return intent;
        }
        let condition = items.iter().enumerate().find(|(at, item)| {
            item.concept("without")
                || item.concept("above")
                    && items
                        .get(at + 1)
                        .is_some_and(|next| matches!(next.what, What::Number { .. }) && next.from == item.to)
        });
        if let Some((_, item)) = condition {
            let said = self.tokens[item.from..]
                .iter()
                .map(|token| token.written.as_str())
                .collect::<Vec<_>>()
                .join(" ");
            return Intent::Unclear(Unclear::Condition { said });
        }
        self.with_figure(&metrics, &dimensions, filters, &periods)
    }

    /// "Who are our biggest suppliers?" asks for suppliers.
    fn asks_for_people(&self, dimensions: &[&'static Dimension]) -> bool {
        let firms = dimensions.iter().any(|dimension| matches!(dimension.key, "supplier" | "customer"));
        self.items.iter().filter(|item| item.concept("employee")).any(|item| {
            let words = &self.tokens[item.from..item.to];
            !(firms
                && words
                    .iter()
                    .all(|word| matches!(word.folded.as_str(), "who" | "wer" | "quien" | "quienes")))
        })
    }

    /// Questions that name no figure, or that are about one and not for it.
    fn without_figure(
        &mut self,
        metrics: &[&'static str],
        dimensions: &[&'static Dimension],
        filters: &[Filter],
    ) -> Option<Intent> {
        let change =
            ["reduce", "increase", "half", "double", "third", "fourth"].iter().any(|word| self.has(word));
        if self.has("whatif")
            && (change || self.items.iter().any(|item| matches!(item.what, What::Number { .. })))
        {
            return Some(match lever::case(self.items) {
                lever::Case::Lever(lever) => Intent::WhatIf { lever, scope: filters.to_vec() },
                lever::Case::NoNumber | lever::Case::None => Intent::Unclear(Unclear::HowMuch),
            });
        }
        if self.has("missing") {
            return Some(Intent::Missing { metric: metrics.first().copied() });
        }
        if self.has("explain")
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
        if self.has("overview") {
            return Some(Intent::Overview);
        }
        if self.has("findings") {
            let n = self.count().unwrap_or(LINES);
            return Some(Intent::Findings { n, filters: filters.to_vec() });
        }
        if let Some(dimension) = dimensions.first() {
            let ranked = ["most", "least", "worst", "best", "by", "compare", "trend"]
                .iter()
                .any(|word| self.has(word));
            let Some(field) = self.field(dimension) else {
                return Some(Intent::Unclear(Unclear::NoSuchField { dimension: dimension.key }));
            };
            if !ranked && (self.has("list") || self.has("count")) {
                return Some(Intent::Values { field });
            }
            return Some(Intent::Unclear(Unclear::WhichFigure {
                dimension: dimension.key,
                most: !self.has("least"),
            }));
        }
        if let Some(filter) = filters.first() {
            // A name alone: what was found about it.
            return Some(Intent::Findings { n: LINES, filters: vec![filter.clone()] });
        }
        Some(Intent::Unclear(Unclear::NotUnderstood))
    }

    fn with_figure(
        &mut self,
        metrics: &[&'static str],
        dimensions: &[&'static Dimension],
        filters: Vec<Filter>,
        periods: &[Period],
    ) -> Intent {
        let Some(first) = metrics.first().copied() else { return Intent::Unclear(Unclear::NotUnderstood) };
        if let Some(pair) = self.side_by_side() {
            return Intent::Unclear(Unclear::Which { metrics: pair });
        }
        let comparing = self.has("compare");
        let step = self.step();
        let grouping = dimensions.first().copied().map(|dimension| self.reason_of(first, dimension));
        // "The most common defects": kinds of them.
        let grouping = grouping.or_else(|| {
            (first == "defects" && filters.is_empty() && self.has("most"))
                .then(|| Dimension::keyed("defect"))
                .flatten()
        });
        let group = match grouping.map(|dimension| (dimension, self.field(dimension))) {
            Some((dimension, None)) => {
                return Intent::Unclear(Unclear::NoSuchField { dimension: dimension.key });
            }
            Some((_, field)) => field,
            None => None,
        };
        // "List the late orders": each order with its days.
        let of_orders = group.is_some_and(|field| field.as_str() == "work_order_id");
        let first = if first == "late_orders" && (of_orders || self.has("list")) && !self.has("count") {
            "median_days_late"
        } else {
            first
        };
        let group =
            if first == "median_days_late" && group.is_none() && self.has("list") && !self.has("count") {
                FieldId::named("work_order_id").filter(|field| self.catalog.can(first, *field))
            } else {
                group
            };
        let mut wanted: Vec<FieldId> = group.into_iter().collect();
        wanted.extend(filters.iter().map(|filter| filter.field));
        let metric = match self.able(first, &wanted) {
            Ok(metric) => metric,
            Err(unclear) => return Intent::Unclear(unclear),
        };
        let timed = step.is_some() && (self.has("trend") || self.has("by") || grouping.is_none())
            || self.has("trend");
        if (!periods.is_empty() || timed) && !self.catalog.dated(metric) {
            return Intent::Unclear(Unclear::Time { metric: Some(metric), known: None });
        }
        if let Some(known) = self.catalog.period
            && periods.iter().any(|period| period.last < known.first || period.first > known.last)
        {
            return Intent::Unclear(Unclear::Time { metric: None, known: Some(known) });
        }
        if (comparing || periods.len() > 1 || same_field(&filters))
            && let Some(intent) = self.comparison(metric, &filters, periods, group)
        {
            return intent;
        }
        let figure = Figure { metric, filters, period: periods.first().copied() };
        // "Im Jahr 2024" names a year and asks for no steps.
        let within = figure.period.is_some_and(|period| {
            let days = (period.last - period.first).get_days();
            let long = match step {
                Some(Step::Year) => 366,
                Some(Step::Quarter) => 92,
                Some(Step::Month) => 31,
                Some(Step::Week) => 7,
                _ => 0,
            };
            days < long && !self.has("trend")
        });
        if timed && group.is_none() && !within {
            let step = step.unwrap_or_else(|| self.usual_step(figure.period));
            return Intent::Trend { figure, step };
        }
        if let Some(group) = group {
            let higher_is_better = crate::Metric::named(metric).is_some_and(|metric| metric.higher_is_better);
            let most = if self.has("most") {
                Some(true)
            } else if self.has("least") {
                Some(false)
            } else if self.has("worst") {
                Some(!higher_is_better)
            } else if self.has("best") {
                Some(higher_is_better)
            } else {
                None
            };
            let n = self.count();
            if most.is_some() || n.is_some() || self.has("list") || of_orders {
                let which = self.has("list") && most.is_some() && n.is_none() && self.singular(grouping);
                let n = n.unwrap_or(if which { 3 } else { LINES });
                return Intent::Top { figure, group, n, most: most.unwrap_or(true) };
            }
            return Intent::Metric { figures: vec![figure], group: Some(group) };
        }
        let others: Vec<Figure> = metrics
            .iter()
            .skip(1)
            .filter(|other| **other != metric && self.able(other, &wanted) == Ok(**other))
            .take(2)
            .map(|other| Figure { metric: other, ..figure.clone() })
            .collect();
        let figures = std::iter::once(figure.clone()).chain(others).collect();
        Intent::Metric { figures, group: None }
    }

    /// Reasons are reasons of what is asked for: of rejects, not of stops.
    fn reason_of(&self, metric: &str, dimension: &'static Dimension) -> &'static Dimension {
        let rejects = matches!(
            metric,
            "scrap_ratio" | "quantity_scrapped" | "quality_ratio" | "defects" | "rework_ratio"
        );
        let other = Dimension::keyed("defect").filter(|defect| self.field(defect).is_some());
        other.filter(|_| rejects && dimension.key == "downtime_reason").unwrap_or(dimension)
    }

    fn comparison(
        &self,
        metric: &'static str,
        filters: &[Filter],
        periods: &[Period],
        group: Option<FieldId>,
    ) -> Option<Intent> {
        let figure =
            |filters: &[Filter], period: Option<Period>| Figure { metric, filters: filters.to_vec(), period };
        if periods.len() > 1 {
            let mut sides: Vec<Period> = periods.iter().copied().take(4).collect();
            // "This month against last month", where the data end with a month.
            if sides.len() == 2 && sides[0] == sides[1] {
                sides[1] = when::before(sides[0])?;
            }
            let sides = sides.into_iter().map(Side::Period).collect();
            return Some(Intent::Compare { figure: figure(filters, None), sides });
        }
        let field = filters
            .iter()
            .map(|filter| filter.field)
            .find(|field| filters.iter().filter(|other| other.field == *field).count() > 1);
        if let Some(field) = field {
            let (sides, rest): (Vec<Filter>, Vec<Filter>) =
                filters.iter().cloned().partition(|filter| filter.field == field);
            let sides = sides.into_iter().take(6).map(Side::Entity).collect();
            return Some(Intent::Compare { figure: figure(&rest, periods.first().copied()), sides });
        }
        if group.is_some() {
            return None;
        }
        if let ([period], true) = (periods, self.has("last") || self.says_before()) {
            let sides = vec![Side::Period(*period), Side::Period(when::before(*period)?)];
            return Some(Intent::Compare { figure: figure(filters, None), sides });
        }
        if let [filter] = filters {
            let sides = vec![Side::Entity(filter.clone()), Side::Whole];
            return Some(Intent::Compare { figure: figure(&[], periods.first().copied()), sides });
        }
        if let [period] = periods {
            let sides = vec![Side::Period(*period), Side::Period(when::before(*period)?)];
            return Some(Intent::Compare { figure: figure(filters, None), sides });
        }
        None
    }

    fn says_before(&self) -> bool {
        let folded = crate::text::fold(self.question);
        ["before", "previous", "davor", "vorher", "vormonat", "vorjahr", "anterior"]
            .iter()
            .any(|word| folded.contains(word))
    }

    /// Figures in the order in which they are named.
    fn metrics(&self) -> Vec<&'static str> {
        let mut metrics: Vec<&'static str> = Vec::new();
        for metric in self.items.iter().filter_map(Item::metric) {
            if !metrics.contains(&metric) {
                metrics.push(metric);
            }
        }
        let order =
            self.items.iter().any(|item| item.dimension().is_some_and(|dimension| dimension.key == "order"));
        if self.has("late") && (metrics == ["orders"] || (metrics.is_empty() && order)) {
            return vec!["late_orders"];
        }
        let about = |keys: &[&str]| {
            self.items.iter().any(|item| match &item.what {
                What::Value { fields, .. } => fields
                    .iter()
                    .any(|filter| Dimension::of(filter.field).is_some_and(|known| keys.contains(&known.key))),
                _ => item.dimension().is_some_and(|dimension| keys.contains(&dimension.key)),
            })
        };
        if metrics.is_empty() && !self.has("whatif") && !self.has("findings") {
            // "What did we pay S08?" and "How long was M14 down?" name a figure by what is done.
            if self.has("pay") && about(&["supplier", "material"]) {
                return vec!["material_spend"];
            }
            if self.has("dear") && about(&["product", "order", "product_family"]) {
                return vec!["actual_total_cost"];
            }
            if self.has("stand") && about(&["machine", "work_center"]) {
                return vec!["downtime_hours"];
            }
        }
        if metrics.is_empty() {
            // Reasons are reasons of something.
            let of = |key: &str| match key {
                "downtime_reason" => Some("downtime_hours"),
                "defect" => Some("defects"),
                "maintenance_type" => Some("maintenance_cost"),
                _ => None,
            };
            metrics.extend(
                self.items.iter().filter_map(Item::dimension).find_map(|dimension| of(dimension.key)),
            );
        }
        metrics
    }

    /// Two figures without a word between them are one that we do not know.
    fn side_by_side(&self) -> Option<Vec<&'static str>> {
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
    fn groups(&self) -> Vec<&'static Dimension> {
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
            let by = before.is_some_and(|before| {
                before.concept("by") || before.concept("list") || before.concept("most")
            });
            found.push((by, dimension));
        }
        // "cost of orders by machine": what stands behind "by" is what it is grouped by.
        found.sort_by_key(|(by, _)| !by);
        let plant_or_order = |key: &str| matches!(key, "facility" | "order" | "operation");
        let several = found.len() > 1;
        found
            .into_iter()
            .filter(|(by, dimension)| *by || !(several && plant_or_order(dimension.key)))
            .filter(|(by, dimension)| *by || dimension.key != "facility")
            .map(|(_, dimension)| dimension)
            .collect()
    }

    /// The field of a dimension that the data hold.
    fn field(&self, dimension: &Dimension) -> Option<FieldId> {
        dimension.fields.iter().copied().find(|field| self.catalog.holds(*field))
    }

    fn filters(&self) -> Result<Vec<Filter>, Unclear> {
        let mut filters: Vec<Filter> = Vec::new();
        let metric = self.items.iter().find_map(Item::metric);
        for item in self.items {
            match &item.what {
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
                What::Unknown { said, field: Some(field) } if self.catalog.long.contains(field) => {
                    filters.push(Filter { field: *field, value: said.clone() });
                }
                _ => {}
            }
        }
        Ok(filters)
    }

    /// The figure itself if it can be told apart by these fields, or one that stands for it.
    fn able(&mut self, metric: &'static str, fields: &[FieldId]) -> Result<&'static str, Unclear> {
        let can = |metric: &str| fields.iter().all(|field| self.catalog.can(metric, *field));
        if self.catalog.has(metric) && can(metric) {
            return Ok(metric);
        }
        let instead = INSTEAD
            .iter()
            .find(|(asked, taken)| *asked == metric && self.catalog.has(taken) && can(taken))
            .map(|(_, taken)| *taken);
        if let Some(taken) = instead {
            let reading = Reading::Instead { asked: metric, taken };
            if !self.readings.contains(&reading) {
                self.readings.push(reading);
            }
            return Ok(taken);
        }
        let Some(ability) = self.catalog.metrics.get(metric) else {
            return Err(Unclear::NotThere { metric });
        };
        let field = fields.iter().copied().find(|field| !ability.fields.contains(field));
        match field {
            Some(field) => Err(Unclear::NotBy {
                metric,
                field,
                instead: ability
                    .fields
                    .iter()
                    .copied()
                    .filter(|field| Dimension::of(*field).is_some())
                    .take(3)
                    .collect(),
                other: None,
            }),
            None => Err(Unclear::NotThere { metric }),
        }
    }

    /// "The last 7", "top 10", "fünf": a number that is no share.
    fn count(&self) -> Option<usize> {
        self.items.iter().find_map(|item| match item.what {
            What::Number { value, percent: false }
                if (1.0..=50.0).contains(&value) && value.fract() == 0.0 =>
            {
                Some(value as usize)
            }
            _ => None,
        })
    }

    fn singular(&self, dimension: Option<&Dimension>) -> bool {
        dimension.is_some_and(|dimension| {
            self.tokens.iter().any(|token| {
                dimension
                    .phrases
                    .iter()
                    .any(|phrases| phrases.first().is_some_and(|one| crate::text::fold(one) == token.folded))
            })
        })
    }

    fn step(&self) -> Option<Step> {
        [Step::Day, Step::Week, Step::Month, Step::Quarter, Step::Year]
            .into_iter()
            .find(|step| self.has(step.as_str()))
    }

    /// Months, or weeks where the data or the period are short.
    fn usual_step(&self, period: Option<Period>) -> Step {
        let days =
            period.or(self.catalog.period).map_or(365, |period| (period.last - period.first).get_days());
        match days {
            ..=21 => Step::Day,
            22..=100 => Step::Week,
            _ => Step::Month,
        }
    }

    /// Values of a field, or of all, that look like what was said.
    fn near(&self, said: &str, field: Option<FieldId>) -> Vec<String> {
        let said = bare(said);
        let mut near: Vec<(usize, &String)> = self
            .catalog
            .values
            .iter()
            .filter(|(own, _)| field.is_none_or(|field| Dimension::of(field) == Dimension::of(**own)))
            .flat_map(|(_, values)| values)
            .filter_map(|value| {
                let edits = crate::spelling::distance(&said, &bare(value), 2);
                edits.or(field.map(|_| 9)).map(|edits| (edits, value))
            })
            .collect();
        near.sort();
        near.dedup();
        near.into_iter().take(4).map(|(_, value)| value.clone()).collect()
    }
}

/// Whether two values of one field are named.
fn same_field(filters: &[Filter]) -> bool {
    filters
        .iter()
        .enumerate()
        .any(|(at, filter)| filters[..at].iter().any(|other| other.field == filter.field))
}
