//! All findings of a plant, ranked by yearly money or as asked for, with filters, grouping and order in the address.

use std::{cmp::Reverse, collections::BTreeMap};

use askama::Template;
use domain::{Analysis, Finding, number, review::FindingOrder};

use crate::{
    component::{
        Link,
        empty::Empty,
        findings::{BY_MONEY, Decision, FindingRow, FindingTable, yearly},
    },
    filters,
    layout::{Crumb, Section, Shell},
    page::{finding::state::State, overview::DataLine, overview::money},
    route, words,
};

/// What the address asks for. Empty text is no filter; unknown values find nothing rather than everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    pub text: String,
    pub category: String,
    pub status: String,
    pub evidence: String,
    pub place: String,
    pub owner: String,
    /// The part, product or family that it is about.
    pub part: String,
    /// `category`, `place`, `part`, `evidence`, `status`, `owner`, or nothing.
    pub group: String,
    /// The name of a [`FindingOrder`]; by money where it is none.
    pub sort: String,
}

impl Query {
    fn order(&self) -> FindingOrder {
        FindingOrder::named(&self.sort).unwrap_or_default()
    }
}

/// A select of the filter bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    pub name: &'static str,
    pub label: &'static str,
    pub value: String,
    /// Value and words.
    pub choices: Vec<(String, String)>,
}

/// A kept view of the list.
#[expect(clippy::struct_excessive_bools, reason = "each is shown by itself")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    pub id: String,
    pub name: String,
    pub href: String,
    /// Everybody in the organisation sees it.
    pub shared: bool,
    /// It is the reader's own.
    pub own: bool,
    pub may_change: bool,
    /// The list is as it says.
    pub current: bool,
}

/// Views that can be gone to, and what can be done with the list as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Views {
    pub views: Vec<SavedView>,
    /// What stands behind the question mark now; empty for all findings in one list.
    pub query: String,
    pub may_share: bool,
}

impl Views {
    fn current(&self) -> Option<&SavedView> {
        self.views.iter().find(|view| view.current)
    }

    /// The view that is shown, where the reader may change it.
    fn changeable(&self) -> Option<&SavedView> {
        self.current().filter(|view| view.may_change)
    }

    /// Whether there is something to keep: filters or groups that no view names yet.
    fn keepable(&self) -> bool {
        !self.query.is_empty() && self.current().is_none_or(|view| !view.own)
    }
}

#[derive(Debug, Clone, PartialEq, Template)]
#[template(path = "page/findings/template.html")]
pub struct Findings {
    pub shell: Shell,
    pub text: String,
    pub filters: Vec<Filter>,
    pub filtered: bool,
    /// `6 findings, $328,100 a year`.
    pub summary: String,
    pub table: FindingTable,
    pub empty: Option<Empty>,
    pub exports: Vec<Link>,
    pub views: Views,
    pub data: DataLine,
}

impl Findings {
    pub fn new(
        shell: &Shell,
        analysis: &Analysis,
        decisions: &BTreeMap<String, Decision>,
        query: &Query,
        exports: Vec<Link>,
    ) -> Self {
        let nobody = Decision::default();
        let decision = |finding: &Finding| decisions.get(&finding.id).unwrap_or(&nobody);
        let ranked = analysis.findings_by_money();
        let largest =
            ranked.iter().filter_map(|finding| yearly(finding)).map(|yearly| yearly.high).fold(0.0, f64::max);
        let mut kept: Vec<(usize, &Finding)> = ranked
            .iter()
            .enumerate()
            .filter(|(_, finding)| keeps(query, finding, decision(finding)))
            .map(|(idx, finding)| (idx, *finding))
            .collect();
        // The rank stays that of the money, whatever stands first.
        kept.sort_by_cached_key(|(_, finding)| Reverse(weight(query.order(), finding)));
        let total: f64 = kept
            .iter()
            .filter(|(_, finding)| money::counts(finding))
            .filter_map(|(_, finding)| yearly(finding))
            .map(|yearly| yearly.value)
            .sum();
        let mut summary = words::counted(kept.len() as u64, "finding");
        if total > 0.0 {
            summary = format!("{summary}, {} at stake a year", number::money(total, &analysis.currency));
        }
        let filters = filter_bar(query, &ranked, decisions);
        let filtered =
            *query != Query { group: query.group.clone(), sort: query.sort.clone(), ..Query::default() };
        let by = match query.order() {
            FindingOrder::Money => BY_MONEY,
            FindingOrder::Newest => "Findings, the newest first",
            FindingOrder::Evidence => "Findings by evidence",
            FindingOrder::Priority => "Findings by priority",
        };
        let table = FindingTable { by, rows: grouped(query, &kept, decisions, largest, analysis) };
        let empty = table.rows.is_empty().then(|| {
            if filtered {
                Empty::new("search", "No finding fits these filters", "Take one of them away to see more.", Some(Link::new("Show all findings", route::FINDINGS)))
            } else {
                Empty::new("list-ordered", "Nothing stands out from chance", "That is an answer. With more rows, or a bolder preset under Settings, Analysis, smaller losses can be told from chance.", Some(Link::new("Upload data", route::UPLOAD)))
            }
        });
        Self {
            shell: shell.with(Section::Findings, "Findings", vec![Crumb::here("Findings")]),
            text: query.text.clone(),
            filters,
            filtered,
            summary,
            table,
            empty,
            exports,
            views: Views::default(),
            data: DataLine::of(analysis),
        }
    }

    /// The page of a plant that has nothing analyzed yet.
    pub fn without_data(shell: &Shell) -> Self {
        Self {
            shell: shell.with(Section::Findings, "Findings", vec![Crumb::here("Findings")]),
            text: String::new(),
            filters: Vec::new(),
            filtered: false,
            summary: "Nothing analyzed yet".to_owned(),
            table: FindingTable::default(),
            empty: Some(Empty::new(
                "list-ordered",
                "No findings yet",
                "After the first upload you see here where the money goes, largest loss first, each with the rows it came from.",
                Some(Link::new("Upload data", route::UPLOAD)),
            )),
            exports: Vec::new(),
            views: Views::default(),
            data: DataLine::default(),
        }
    }

    pub fn samples() -> Vec<Self> {
        crate::gallery::samples::findings_pages()
    }
}

/// Work center, machine or the like that a finding is about.
fn place(finding: &Finding) -> Option<&str> {
    const PLACES: [&str; 4] = ["work_center_id", "machine_id", "department", "facility_id"];
    finding
        .entities
        .iter()
        .find(|entity| PLACES.contains(&entity.field.as_str()))
        .map(|entity| entity.value.as_str())
}

/// Part, product, material or family that a finding is about.
fn part(finding: &Finding) -> Option<&str> {
    const PARTS: [&str; 5] = ["product_family", "product_id", "material_id", "product_name", "material_name"];
    finding
        .entities
        .iter()
        .find(|entity| PARTS.contains(&entity.field.as_str()))
        .map(|entity| entity.value.as_str())
}

fn weight(order: FindingOrder, finding: &Finding) -> (i64, String) {
    let (grade, priority) = (finding.evidence_grade.as_str(), i64::from(finding.priority));
    order.weight(finding.start.as_deref(), grade, priority)
}

/// The findings that the address asks for, in its order.
pub fn asked_for<'a>(
    analysis: &'a Analysis,
    decisions: &BTreeMap<String, Decision>,
    query: &Query,
) -> Vec<&'a Finding> {
    let nobody = Decision::default();
    let ranked = analysis.findings_by_money().into_iter();
    let keeps = |finding: &&Finding| keeps(query, finding, decisions.get(&finding.id).unwrap_or(&nobody));
    let mut findings: Vec<&Finding> = ranked.filter(keeps).collect();
    findings.sort_by_cached_key(|finding| Reverse(weight(query.order(), finding)));
    findings
}

fn keeps(query: &Query, finding: &Finding, decision: &Decision) -> bool {
    let is = |wanted: &str, value: &str| wanted.is_empty() || wanted == value;
    let text = query.text.trim().to_lowercase();
    let mentions = || {
        finding.title.to_lowercase().contains(&text)
            || finding.entities.iter().any(|entity| entity.value.to_lowercase().contains(&text))
    };
    is(&query.category, words::category(finding.type_))
        && is(&query.evidence, finding.evidence_grade.as_str())
        && is(&query.place, place(finding).unwrap_or_default())
        && is(&query.part, part(finding).unwrap_or_default())
        && is(&query.owner, &decision.owner)
        // What was dismissed is only shown to those who ask for it.
        && (if query.status.is_empty() { decision.state != State::Dismissed } else { query.status == decision.state.name() })
        && (text.is_empty() || mentions())
}

fn group_of(by: &str, finding: &Finding, decision: &Decision) -> String {
    match by {
        "category" => words::category(finding.type_).to_owned(),
        "place" => place(finding).unwrap_or("No single place").to_owned(),
        "part" => part(finding).unwrap_or("No single part").to_owned(),
        "evidence" => words::grade(finding.evidence_grade).to_owned(),
        "status" => decision.state.words().to_owned(),
        "owner" if decision.owner.is_empty() => "Nobody yet".to_owned(),
        "owner" => decision.owner.clone(),
        _ => String::new(),
    }
}

/// Rows in their order; of groups the one with most money first, or where another order is asked for, that of the first finding.
fn grouped(
    query: &Query,
    kept: &[(usize, &Finding)],
    decisions: &BTreeMap<String, Decision>,
    largest: f64,
    analysis: &Analysis,
) -> Vec<FindingRow> {
    let nobody = Decision::default();
    let mut groups: Vec<(String, f64, Vec<FindingRow>)> = Vec::new();
    for (idx, finding) in kept {
        let decision = decisions.get(&finding.id).unwrap_or(&nobody);
        let rank = money::counts(finding).then_some(idx + 1);
        let row = FindingRow::new(rank, finding, &finding.id, decision, largest);
        let amount = yearly(finding).filter(|_| money::counts(finding)).map_or(0.0, |yearly| yearly.value);
        let name = group_of(&query.group, finding, decision);
        match groups.iter_mut().find(|(group, _, _)| *group == name) {
            Some((_, sum, rows)) => {
                *sum += amount;
                rows.push(row);
            }
            None => groups.push((name, amount, vec![row])),
        }
    }
    if query.order() == FindingOrder::Money {
        groups.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    }
    let mut rows = Vec::new();
    for (name, sum, mut members) in groups {
        if !name.is_empty()
            && let Some(first) = members.first_mut()
        {
            let note = if sum > 0.0 {
                format!("{} a year", number::money(sum, &analysis.currency))
            } else {
                String::new()
            };
            first.group = Some((name, note));
        }
        rows.extend(members);
    }
    rows
}

fn filter_bar(query: &Query, findings: &[&Finding], decisions: &BTreeMap<String, Decision>) -> Vec<Filter> {
    let distinct = |values: Vec<String>| -> Vec<(String, String)> {
        let mut values: Vec<String> = values.into_iter().filter(|value| !value.is_empty()).collect();
        values.sort();
        values.dedup();
        values.into_iter().map(|value| (value.clone(), value)).collect()
    };
    let filter = |name, label, value: &str, any: &str, choices: Vec<(String, String)>| Filter {
        name,
        label,
        value: value.to_owned(),
        choices: std::iter::once((String::new(), any.to_owned())).chain(choices).collect(),
    };
    let pair = |value: &str, words: &str| (value.to_owned(), words.to_owned());
    let mut bar = vec![
        filter(
            "category",
            "Category",
            &query.category,
            "All",
            distinct(findings.iter().map(|finding| words::category(finding.type_).to_owned()).collect()),
        ),
        filter(
            "place",
            "Work center or machine",
            &query.place,
            "All",
            distinct(findings.iter().filter_map(|finding| place(finding).map(str::to_owned)).collect()),
        ),
        filter(
            "part",
            "Part or family",
            &query.part,
            "All",
            distinct(findings.iter().filter_map(|finding| part(finding).map(str::to_owned)).collect()),
        ),
        filter(
            "evidence",
            "Evidence",
            &query.evidence,
            "All",
            vec![pair("strong", "Strong"), pair("likely", "Likely"), pair("hint", "Hint")],
        ),
        filter(
            "status",
            "Status",
            &query.status,
            "All but dismissed",
            State::ALL.map(|state| pair(state.name(), state.words())).to_vec(),
        ),
        filter(
            "owner",
            "Owner",
            &query.owner,
            "All",
            distinct(decisions.values().map(|decision| decision.owner.clone()).collect()),
        ),
        filter(
            "group",
            "Group by",
            &query.group,
            "Nothing",
            vec![
                pair("category", "Category"),
                pair("place", "Work center or machine"),
                pair("part", "Part or family"),
                pair("evidence", "Evidence"),
                pair("status", "Status"),
                pair("owner", "Owner"),
            ],
        ),
        filter(
            "sort",
            "Sort by",
            &query.sort,
            "Money at stake",
            vec![
                pair(FindingOrder::Newest.name(), "Newest"),
                pair(FindingOrder::Evidence.name(), "Evidence"),
                pair(FindingOrder::Priority.name(), "Priority"),
            ],
        ),
    ];
    bar.retain(|filter| filter.choices.len() > 1);
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_stand_in_the_order_that_the_address_asks_for() {
        let analysis = crate::gallery::samples::analysis();
        let ids = |sort: &str| -> Vec<String> {
            let query = Query { sort: sort.to_owned(), ..Query::default() };
            let listed = asked_for(&analysis, &BTreeMap::new(), &query);
            let page = Findings::new(&Shell::sample(), &analysis, &BTreeMap::new(), &query, Vec::new());
            let rows: Vec<&str> = page.table.rows.iter().map(|row| row.claim.label.as_str()).collect();
            let titles: Vec<&str> = listed.iter().map(|finding| finding.title.as_str()).collect();
            assert_eq!(rows, titles, "the table to take along stands as the page does");
            assert!(!page.filtered, "an order is no filter");
            listed.iter().map(|finding| finding.id.clone()).collect()
        };
        let by_money: Vec<String> =
            analysis.findings_by_money().iter().map(|finding| finding.id.clone()).collect();
        for sort in ["", "money", "best"] {
            assert_eq!(ids(sort), by_money, "{sort}");
        }
        let of = |id: &String| analysis.findings.iter().find(|finding| finding.id == *id).unwrap();
        assert!(ids("priority").iter().map(|id| of(id).priority).is_sorted_by(|a, b| a >= b));
        assert!(ids("newest").iter().map(|id| of(id).start.clone()).is_sorted_by(|a, b| a >= b));
        assert!(ids("evidence").iter().map(|id| of(id).evidence_grade).is_sorted());
        assert_ne!(ids("evidence"), by_money);
    }

    #[test]
    fn only_what_is_filtered_or_grouped_and_not_kept_yet_can_be_kept() {
        let pages = Findings::samples();
        let html = |page: &Findings| page.render().unwrap();
        let plain = html(&pages[0]);
        assert!(!plain.contains("/findings/views") && !plain.contains("Saved views"));
        let kept = pages.iter().find(|page| page.views.current().is_some()).unwrap();
        let shown = html(kept);
        assert!(shown.contains("Change this view") && !shown.contains("Save this view"));
        assert!(shown.contains("action=\"/findings/views/v1/delete\""));
        let new = pages.iter().find(|page| page.views.keepable()).unwrap();
        assert!(html(new).contains("name=\"query\" value=\"evidence=strong\""));
        // A shared view of somebody else can be kept as one's own, and not be changed.
        let mut theirs = kept.clone();
        theirs.views.views.iter_mut().for_each(|view| (view.own, view.may_change) = (false, false));
        let shown = html(&theirs);
        assert!(shown.contains("Save this view") && !shown.contains("Change this view"));
    }
}
