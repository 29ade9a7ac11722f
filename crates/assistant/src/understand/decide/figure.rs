//! Questions for a figure: of a whole, by a group, over time, beside another.

use ontology::FieldId;

use super::{LINES, Weighing, conditions::Conditions};
use crate::{
    Dimension, Intent,
    intent::{Figure, Filter, Period, Side, Step, Unclear},
    when,
};

/// How far a period may lie outside of the days that the data are about, and is looked up all the same.
const MARGIN_DAYS: i32 = 183;

impl Weighing<'_> {
    pub(super) fn with_figure(
        &mut self,
        metrics: &[&'static str],
        dimensions: &[&'static Dimension],
        filters: Vec<Filter>,
        periods: &[Period],
        conditions: Conditions,
    ) -> Intent {
        let Some(first) = metrics.first().copied() else { return Intent::Unclear(Unclear::NotUnderstood) };
        if let Some(pair) = self.side_by_side() {
            return Intent::Unclear(Unclear::Which { metrics: pair });
        }
        let comparing = self.has("compare") && !self.towards(&filters) && !self.is_difference(first);
        let step = self.step();
        let grouping = dimensions.first().copied().map(|dimension| self.reason_of(first, dimension));
        // "The most common defects": kinds of them.
        let grouping = grouping.or_else(|| {
            (matches!(first, "defects" | "defect_records") && filters.is_empty() && self.has("most"))
                .then(|| Dimension::keyed("defect"))
                .flatten()
        });
        let plain = !comparing && filters.is_empty() && periods.len() < 2;
        let grouping = grouping.or_else(|| (plain && self.ranks()).then(|| self.implied(first)).flatten());
        let group = match grouping.map(|dimension| (dimension, self.field(dimension))) {
            Some((dimension, None)) => {
                return Intent::Unclear(Unclear::NoSuchField { dimension: dimension.key });
            }
            // The number of orders of each order is no question.
            Some((dimension, _)) if first == "orders" && dimension.key == "order" => None,
            Some((_, field)) => field,
            None => None,
        };
        // "List the late orders": each order with its days.
        let of_orders = group.is_some_and(|field| field.as_str() == "work_order_id");
        let listed = of_orders || (self.has("list") && group.is_none());
        let first =
            if first == "late_orders" && listed && !self.has("count") { "median_days_late" } else { first };
        let group =
            if first == "median_days_late" && group.is_none() && self.has("list") && !self.has("count") {
                FieldId::named("work_order_id").filter(|field| self.catalog.can(first, *field))
            } else {
                group
            };
        let mut wanted: Vec<FieldId> = group.into_iter().collect();
        wanted.extend(filters.iter().chain(&conditions.without).map(|filter| filter.field));
        let metric = match self.able(first, &wanted) {
            Ok(metric) => metric,
            Err(unclear) => return Intent::Unclear(unclear),
        };
        let timed = step.is_some() && (self.has("trend") || self.has("by") || grouping.is_none())
            || self.has("trend");
        if (!periods.is_empty() || timed) && !self.catalog.dated(metric) {
            return Intent::Unclear(Unclear::Time { metric: Some(metric), known: None });
        }
        // Some rows lie outside of what the data are about; a year away there is none.
        if let Some(known) = self.catalog.period
            && periods.iter().any(|period| {
                (known.first - period.last).get_days() > MARGIN_DAYS
                    || (period.first - known.last).get_days() > MARGIN_DAYS
            })
        {
            return Intent::Unclear(Unclear::Time { metric: None, known: Some(known) });
        }
        // "In June, July and August 2024", with nothing set against anything: one span.
        let follow = |pair: &[Period]| pair[0].last.tomorrow().is_ok_and(|next| next == pair[1].first);
        let joined = match periods {
            [first, .., last] if !comparing && !self.chooses() && periods.windows(2).all(follow) => {
                vec![Period { first: first.first, last: last.last }]
            }
            _ => periods.to_vec(),
        };
        let periods = &joined[..];
        if (comparing || periods.len() > 1 || same_field(&filters))
            && let Some(intent) = self.comparison(metric, &filters, &conditions, periods, group)
        {
            return intent;
        }
        let Conditions { without, beyond } = conditions;
        let figure = Figure { metric, filters, without, period: periods.first().copied(), beyond };
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
            let n = self.count().filter(|_| figure.beyond.is_none());
            if let Some(bound) = figure.beyond {
                return Intent::Top { figure, group, n: crate::plan::LINES_MAX, most: bound.above };
            }
            // "Show me the scrap rate by machine" wants all of them.
            let listed = self.has("list") && !self.has("by");
            if most.is_some() || n.is_some() || listed || of_orders {
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

    /// What lines are of that a superlative asks for without a noun of its own: "what material costs us the most" has it within the
    /// name of the figure, "what stops us most often" asks for reasons.
    fn implied(&self, metric: &str) -> Option<&'static Dimension> {
        let named = self.items.iter().filter(|item| item.metric().is_some()).find_map(|item| {
            self.tokens[item.from..item.to].iter().find_map(|token| {
                crate::lexicon::dimensions().iter().find(|dimension| {
                    dimension.phrases.iter().flatten().any(|phrase| crate::text::fold(phrase) == token.folded)
                })
            })
        });
        let usual = match metric {
            "stoppages" | "downtime_hours" => Dimension::keyed("downtime_reason"),
            "material_price" | "material_spend" => Dimension::keyed("material"),
            "unit_cost" => Dimension::keyed("product"),
            _ => None,
        };
        named.or(usual).filter(|dimension| self.field(dimension).is_some())
    }

    /// "Within plan? Give me the difference": what the figure is already.
    fn is_difference(&self, metric: &str) -> bool {
        const WORDS: &[&str] = &["difference", "unterschied", "differenz", "diferencia"];
        let said = |item: &crate::understand::read::Item| {
            self.tokens[item.from..item.to].iter().any(|token| WORDS.contains(&token.folded.as_str()))
        };
        // "Compared to what was planned": with the plan, as the figure is.
        let with_plan = |at: usize| {
            let behind = self.items.iter().skip(at + 1).take(2);
            behind
                .into_iter()
                .any(|next| next.concept("planned") && next.from.saturating_sub(self.items[at].to) < 4)
        };
        let compares = |at: &usize| self.items[*at].concept("compare");
        metric == "cost_variance"
            && (0..self.items.len()).filter(compares).all(|at| said(&self.items[at]) || with_plan(at))
    }

    /// "Liefertreue gegenüber C040": towards them, not against the rest.
    fn towards(&self, filters: &[Filter]) -> bool {
        let firm = matches!(filters, [one] if Dimension::of(one.field)
            .is_some_and(|dimension| matches!(dimension.key, "customer" | "supplier")));
        firm && self.items.iter().filter(|item| item.concept("compare")).all(|item| {
            item.to - item.from == 1 && self.tokens[item.from].folded == crate::text::fold("gegenüber")
        })
    }

    /// Reasons are reasons of what is asked for: of rejects, not of stops.
    fn reason_of(&self, metric: &str, dimension: &'static Dimension) -> &'static Dimension {
        let rejects = matches!(
            metric,
            "scrap_ratio"
                | "quantity_scrapped"
                | "quality_ratio"
                | "defects"
                | "defect_records"
                | "rework_ratio"
        );
        let other = Dimension::keyed("defect").filter(|defect| self.field(defect).is_some());
        other.filter(|_| rejects && dimension.key == "downtime_reason").unwrap_or(dimension)
    }

    fn comparison(
        &self,
        metric: &'static str,
        filters: &[Filter],
        conditions: &Conditions,
        periods: &[Period],
        group: Option<FieldId>,
    ) -> Option<Intent> {
        let figure = |filters: &[Filter], period: Option<Period>| Figure {
            metric,
            filters: filters.to_vec(),
            without: conditions.without.clone(),
            period,
            beyond: None,
        };
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

    /// "More in Q2 or in Q3?"
    fn chooses(&self) -> bool {
        self.tokens.iter().any(|token| matches!(token.folded.as_str(), "or" | "oder" | "o" | "u"))
    }

    fn says_before(&self) -> bool {
        let folded = crate::text::fold(self.question);
        ["before", "previous", "davor", "vorher", "vormonat", "vorjahr", "anterior"]
            .iter()
            .any(|word| folded.contains(word))
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
        let longer = [Step::Week, Step::Month, Step::Quarter, Step::Year];
        let longer = longer.into_iter().find(|step| self.has(step.as_str()));
        // "Average days … from one month to the next": the days are what it is counted in.
        if self.by_days() && (longer.is_none() || self.has("by")) { Some(Step::Day) } else { longer }
    }

    /// Days as steps; "in days", "on the days that M03 stood" and "days late" are none.
    fn by_days(&self) -> bool {
        self.items.iter().enumerate().filter(|(_, item)| item.concept("day")).any(|(at, item)| {
            let many = matches!(self.tokens[item.from].folded.as_str(), "days" | "tage" | "tagen" | "dias");
            let by = at
                .checked_sub(1)
                .is_some_and(|before| self.items[before].to == item.from && self.items[before].concept("by"));
            !many || by || self.has("trend")
        })
    }

    /// Months, or weeks where the data or the period are short.
    fn usual_step(&self, period: Option<Period>) -> Step {
        let known = self.catalog.period;
        let period = period.or(known).map(|period| {
            let last = known.map_or(period.last, |known| period.last.min(known.last.max(period.first)));
            Period { last, ..period }
        });
        let days = period.map_or(365, |period| (period.last - period.first).get_days());
        match days {
            ..=21 => Step::Day,
            22..=100 => Step::Week,
            _ => Step::Month,
        }
    }
}

/// Whether two values of one field are named.
fn same_field(filters: &[Filter]) -> bool {
    filters
        .iter()
        .enumerate()
        .any(|(at, filter)| filters[..at].iter().any(|other| other.field == filter.field))
}
