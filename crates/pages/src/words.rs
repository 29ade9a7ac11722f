//! Words for the product's nouns, as a plant controller says them.

/// The part of the plant's money that a finding of this type belongs to.
pub use domain::review::category;
use domain::{
    Granularity,
    analysis::EvidenceGrade,
    mapping::{MatchKind, Status},
};
pub use ontology::field::sentence_case;
use ontology::{Entity, FieldId, field::ABBREVIATIONS};

/// A field as people read it.
pub fn field(field: FieldId) -> String {
    field.display_name()
}

/// A sentence that names fields by their ids or in code marks, in people's words: `actual_end by due_date` → `actual end
/// by due date`.
pub fn plain(sentence: &str) -> String {
    let spelled = |word: &str| match FieldId::named(word) {
        Some(id) if word.contains('_') => field(id).to_lowercase(),
        _ if ABBREVIATIONS.contains(&word) => word.to_uppercase(),
        _ if word.contains('_') => word.replace('_', " "),
        _ => word.to_owned(),
    };
    let mut said = String::with_capacity(sentence.len());
    let mut word = String::new();
    for letter in sentence.chars().filter(|letter| *letter != '`') {
        if letter.is_alphanumeric() || letter == '_' {
            word.push(letter);
        } else {
            said.push_str(&spelled(&word));
            word.clear();
            said.push(letter);
        }
    }
    said.push_str(&spelled(&word));
    said
}

pub fn entity(entity: Entity) -> &'static str {
    match entity {
        Entity::WorkOrder => "Work order",
        Entity::Operation => "Operation",
        Entity::Equipment => "Machine",
        Entity::Booking => "Booking",
        Entity::Material => "Material",
        Entity::Quality => "Quality",
    }
}

pub fn grade(grade: EvidenceGrade) -> &'static str {
    match grade {
        EvidenceGrade::Strong => "Strong",
        EvidenceGrade::Likely => "Likely",
        EvidenceGrade::Hint => "Hint",
    }
}

/// What a priority between 0 and 100 asks for.
pub fn band(priority: u8) -> &'static str {
    match priority {
        70.. => "urgent",
        40.. => "notable",
        _ => "background",
    }
}

pub fn status(status: Status) -> &'static str {
    match status {
        Status::Sure => "Sure",
        Status::Check => "Check",
        Status::YourCall => "Your call",
        Status::Unused => "Not used",
    }
}

/// By what a column was matched, as its badge says it.
pub fn match_kind(kind: MatchKind) -> &'static str {
    match kind {
        MatchKind::Confirmed => "As confirmed before",
        MatchKind::Exact => "Exact name",
        MatchKind::DisplayName => "Name of the field",
        MatchKind::Synonym => "Known word",
        MatchKind::Fuzzy => "Similar name",
        MatchKind::Pattern => "By its values",
    }
}

/// What becomes of a column where rows are gathered into orders; the words of `mapping::grouping::Gathered`.
pub fn gathered(how: &str) -> &'static str {
    match how {
        "once" => "counted once",
        "sum" => "added up",
        "mean" => "the mean",
        "earliest" => "the earliest",
        "latest" => "the latest",
        "first" => "of the first step",
        "last" => "of the last step",
        "largest" => "the largest",
        "smallest" => "the smallest",
        "any" => "true where any row says so",
        _ => "stays with the row",
    }
}

pub fn grain(granularity: Granularity) -> &'static str {
    match granularity {
        Granularity::Header => "One row is one work order",
        Granularity::Operation => "One row is one operation",
        Granularity::Labor => "One row is one booking",
        Granularity::Material => "One row is one material line",
        Granularity::Event => "One row is one event",
    }
}

/// What is counted as independent, in the plural: `148 orders`.
pub fn units(unit_of_analysis: &str, n: u64) -> String {
    let word = match unit_of_analysis {
        "work_order" => "orders",
        "machine_shift" => "machine shifts",
        "operation" => "operations",
        "booking" => "bookings",
        other => return format!("{} {}", domain::number::count(n), plural(&other.replace('_', " "), n)),
    };
    let word = if n == 1 { word.trim_end_matches('s') } else { word };
    format!("{} {word}", domain::number::count(n))
}

/// `1 row`, `214 rows`.
pub fn counted(n: u64, one: &str) -> String {
    format!("{} {}", domain::number::count(n), plural(one, n))
}

fn plural(one: &str, n: u64) -> String {
    if n == 1 || one.ends_with('s') { one.to_owned() } else { format!("{one}s") }
}

/// An analysis, as people ask for it.
pub fn analyzer(id: &str) -> String {
    let said = match id {
        "batch_size" => "Batch sizes",
        "bottleneck" => "Bottlenecks",
        "downtime_reason" => "Reasons of stops",
        "energy_per_hour" => "Energy per hour",
        "idle_energy" => "Energy while idle",
        "labor_efficiency" => "Labor and run time",
        "labor_rate" => "Labor rates",
        "late_orders" | "late_orders_driver" => "Late orders and queues",
        "late_release" => "Late releases",
        "margin_leak" => "Margins",
        "material_price" => "Material prices",
        "material_usage" => "Material usage",
        "mtbf" => "Machine failures",
        "mttr" => "Repair times",
        "oee" | "oee_loss" => "Machine effectiveness (OEE)",
        "order_overrun" => "Cost against plan",
        "rework_rate" => "Rework",
        "run_time_degradation" => "Machines that slow down",
        "scrap_rate" => "Scrap and defects",
        "setup_overrun" => "Setups",
        "standard_error" => "Plans that are wrong",
        "subcontract" => "Outside processing",
        other => return sentence_case(other),
    };
    said.to_owned()
}

/// `2025-07-07` → `7 Jul 2025`; anything else stays as it is.
pub fn day(iso: &str) -> String {
    iso.parse::<jiff::civil::Date>()
        .map_or_else(|_| iso.to_owned(), |date| date.strftime("%-d %b %Y").to_string())
}

/// `Jan – Sep 2025`, `Oct 2024 – Sep 2025`, `Sep 2025`.
pub fn period(start: &str, end: &str) -> String {
    let (Ok(from), Ok(to)) = (start.parse::<jiff::civil::Date>(), end.parse::<jiff::civil::Date>()) else {
        return format!("{start} – {end}");
    };
    let (first, last) = (from.strftime("%b").to_string(), to.strftime("%b %Y").to_string());
    if from.year() != to.year() {
        format!("{first} {} – {last}", from.year())
    } else if from.month() == to.month() {
        last
    } else {
        format!("{first} – {last}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_as_people_say_them() {
        let named = |id: &str| field(FieldId::named(id).unwrap());
        assert_eq!(named("work_order_id"), "Work order number");
        assert_eq!(named("planned_run_hours"), "Planned run time");
        assert_eq!(plain("actual_end by due_date; mtbf"), "actual end by due date; MTBF");
        assert_eq!(
            plain("(setting `downtime_correlation_threshold`)"),
            "(setting downtime correlation threshold)"
        );
        assert_eq!(plain("With machine id: 3.5 %"), "With machine id: 3.5 %");
        assert_eq!(counted(1, "row"), "1 row");
        assert_eq!(counted(1_214, "row"), "1,214 rows");
        assert_eq!(units("work_order", 1), "1 order");
        assert_eq!(day("2025-07-07"), "7 Jul 2025");
        assert_eq!(day("unknown"), "unknown");
        assert_eq!(period("2025-01-02", "2025-09-30"), "Jan – Sep 2025");
        assert_eq!(period("2024-10-01", "2025-09-30"), "Oct 2024 – Sep 2025");
        assert_eq!(period("2025-09-01", "2025-09-30"), "Sep 2025");
        assert_eq!(units("machine_shift", 20), "20 machine shifts");
    }
}
