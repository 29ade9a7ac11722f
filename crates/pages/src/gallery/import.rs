//! An upload that samples of the import are about.

use domain::{
    Cell, ColumnMapping, ColumnProfile, Granularity, Issue, Mapping, TableProfile, ValueKind,
    issue::Severity,
    mapping::{Alternative, MatchKind, SourceSystem, Status},
};

use super::samples::field;
use crate::{
    layout::Shell,
    page::import::{
        MatchPage, ReviewPage,
        columns::{Ability, ExampleOrder, Input, KnownFile, Order, Ran, Sides},
        preparation::Outcome,
        review::{Done, How, Place, Trying},
    },
};

const FILE: &str = "JOBCOST_SEP25.csv";

/// Header, field, status, other field, samples, reason.
type Told =
    (&'static str, Option<&'static str>, Status, Option<&'static str>, [&'static str; 3], &'static str);

const TOLD: [Told; 12] = [
    (
        "Est Hrs",
        Some("planned_run_hours"),
        Status::YourCall,
        Some("planned_labor_hours"),
        ["45", "120", "30"],
        "The header says hours, the values say minutes: only minutes × Lab Rate gives Est Lab $ (12,112 of 12,266 rows within 1%).",
    ),
    (
        "Mtl Cost2",
        Some("actual_material_cost"),
        Status::YourCall,
        None,
        ["1,204.50", "88.10", "412.00"],
        "A job total, 3.1% above Act Mtl $ on average. The difference looks like freight.",
    ),
    (
        "UD_07",
        Some("defect_code"),
        Status::YourCall,
        None,
        ["BURR", "POR", "DIM"],
        "Filled on 99.2% of rows with Qty Scr above 0 and almost nowhere else.",
    ),
    (
        "Req Date",
        Some("due_date"),
        Status::Check,
        None,
        ["09/03/25", "2025-09-14", "10/01/25"],
        "Two date styles. The second part goes above 12 in 41 values, the first never: month first.",
    ),
    (
        "Vendor",
        Some("supplier_id"),
        Status::Check,
        None,
        ["KESTREL", "V-1042", "BAUER"],
        "Numbers and names mixed; 6 pairs look alike.",
    ),
    (
        "Qty Comp",
        Some("operation_quantity_completed"),
        Status::Check,
        None,
        ["1,200 EA", "48", "-"],
        "Unit text “EA” removed; “-” read as empty on 164 rows.",
    ),
    ("Job", Some("work_order_id"), Status::Sure, None, ["J-20441-1", "J-20442-1", "J-20443-1"], "3,126 jobs"),
    (
        "Oper",
        Some("operation_sequence"),
        Status::Sure,
        None,
        ["10", "20", "30"],
        "Counts up within each job.",
    ),
    ("Part", Some("product_id"), Status::Sure, None, ["7741-B", "7742-A", "8810"], "One part per job."),
    (
        "Emp",
        None,
        Status::Unused,
        None,
        ["M. Ruiz", "K. Adler", "J. Oduya"],
        "Personal data; stays out unless you switch it on.",
    ),
    ("UD_03", None, Status::Unused, None, ["A", "B", "A"], "No use here."),
    ("", None, Status::Unused, None, ["", "", ""], "Empty."),
];

fn column(index: usize, told: &Told) -> (ColumnMapping, ColumnProfile) {
    let (header, meaning, status, other, values, why) = told;
    let mapping = ColumnMapping {
        index,
        source: (*header).to_owned(),
        field: meaning.map(field),
        confidence: 0.8,
        status: *status,
        unit: None,
        format: None,
        matched_by: meaning.map(|_| MatchKind::Synonym),
        alternatives: other
            .map(|other| Alternative { field: Some(field(other)), confidence: 0.1 })
            .into_iter()
            .collect(),
        evidence: vec![(*why).to_owned()],
    };
    let filled = if values[0].is_empty() { 0 } else { 12_266 };
    let profile = ColumnProfile {
        index,
        header: (*header).to_owned(),
        kind: ValueKind::Text,
        format: None,
        ambiguous: Vec::new(),
        currency: None,
        filled,
        empty: 12_480 - filled,
        unreadable: if *header == "Req Date" { 38 } else { 0 },
        distinct: 214,
        min: None,
        max: None,
        mean: None,
        negative: 0,
        zero: 0,
        length_min: 1,
        length_max: 9,
        top: values
            .iter()
            .zip([4_120, 3_004, 87])
            .map(|(value, count)| ((*value).to_owned(), count))
            .collect(),
        sample: values.iter().map(|value| Cell::Text((*value).to_owned())).collect(),
        sample_raw: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    (mapping, profile)
}

fn upload() -> (Mapping, TableProfile) {
    let (columns, profiles) = TOLD.iter().enumerate().map(|(index, told)| column(index, told)).unzip();
    let mapping = Mapping {
        file: FILE.to_owned(),
        rows: 12_480,
        source_system: Some(SourceSystem { name: "Epicor Kinetic".to_owned(), confidence: 0.93 }),
        granularity: Granularity::Operation,
        granularity_evidence: vec![
            "4.0 rows per job on average. Est Mtl $ and Act Mtl $ repeat on each row of a job and are counted once; adding every row would overstate material by $8.4M.".to_owned(),
        ],
        detail: domain::mapping::Detail::Keep,
        grain_columns: vec![6, 7],
        columns,
        issues: Vec::new(),
    };
    let table = TableProfile {
        file: FILE.to_owned(),
        part: None,
        rows: 12_480,
        sample_rows: Vec::new(),
        columns: profiles,
        issues: vec![issue(
            Severity::Note,
            "Header found in row 4; 2 title lines and 3 subtotals skipped.",
            5,
        )],
    };
    (mapping, table)
}

fn issue(severity: Severity, message: &str, rows: u64) -> Issue {
    Issue {
        file: FILE.to_owned(),
        row: None,
        column: None,
        severity,
        kind: "sample",
        message: message.to_owned(),
        rows,
        examples: (1..=rows.min(12)).map(|row| row * 997).collect(),
    }
}

pub(crate) fn matches() -> Vec<MatchPage> {
    let (mapping, table) = upload();
    let ability = |name: &str, missing: &[&str]| Ability {
        name: name.to_owned(),
        missing: missing.iter().map(|field| (*field).to_owned()).collect(),
        sparse: Vec::new(),
        switched_off: false,
    };
    let input = Input {
        dataset: "d1".to_owned(),
        tables: vec![FILE.to_owned()],
        abilities: vec![
            ability("Cost against plan", &[]),
            ability("Labor and run time", &[]),
            ability("Late orders and queues", &[]),
            Ability { sparse: vec!["defect code".to_owned()], ..ability("Scrap and defects", &[]) },
            Ability { switched_off: true, ..ability("Setups", &[]) },
            ability("Machine effectiveness (OEE)", &["planned production time"]),
        ],
        reach: vec![
            "Tier 2 of 5: operations with hours and quantities.".to_owned(),
            "18 of 32 analyses can run; 14 of 20 columns mean something.".to_owned(),
            "Add machine number or work center number, operation actual start: then the analysis can tell bottlenecks, queues, lead times and machines that slow down.".to_owned(),
        ],
        undo: Some((3, "due_date".to_owned())),
        sides: Sides {
            key: "Job".to_owned(),
            header: vec!["Job".to_owned(), "Part".to_owned(), "Act Mtl $".to_owned()],
            detail: vec![("Oper".to_owned(), "stays with the row"), ("Est Hrs".to_owned(), "added up")],
            example: Some(ExampleOrder {
                order: "J-20441-1".to_owned(),
                rows: 8,
                header: vec![
                    ("Job".to_owned(), "J-20441-1".to_owned()),
                    ("Part".to_owned(), "7741-B".to_owned()),
                    ("Act Mtl $".to_owned(), "1,204.50".to_owned()),
                ],
                detail: vec![vec!["10".to_owned(), "45".to_owned()], vec!["20".to_owned(), "120".to_owned()]],
                totals: vec![String::new(), "165".to_owned()],
            }),
            aggregated: false,
            below: true,
        },
        version: "1".to_owned(),
        may_decide: true,
        ..Input::default()
    };
    let open = Input {
        column: Some(0),
        tables: vec![FILE.to_owned(), "ROUTING.xlsx".to_owned()],
        grain_confirmed: true,
        profile: "Epicor job cost, Toledo".to_owned(),
        known: vec![
            KnownFile {
                file: FILE.to_owned(),
                profile: "Epicor job cost, Toledo".to_owned(),
                ..KnownFile::default()
            },
            KnownFile {
                file: "ROUTING.xlsx".to_owned(),
                profile: "Routing".to_owned(),
                new: vec!["Lot".to_owned(), "Rev".to_owned()],
                missing: vec!["Plant".to_owned()],
                drift: vec!["\"Std\" was confirmed in hours, its header now says minutes".to_owned()],
                endangered: true,
                others: vec!["Routing 2024 (62% alike)".to_owned()],
            },
        ],
        ..input.clone()
    };
    let as_filed = Input { order: Order::File, column: Some(6), ..open.clone() };
    let ran = |changed| Ran {
        when: "2 Sep 2025".to_owned(),
        result: crate::component::Link::new("See the result", crate::route::OVERVIEW),
        changed,
    };
    let settled = Input { ran: Some(ran(false)), ..open.clone() };
    let changed = Input { ran: Some(ran(true)), column: None, ..open.clone() };
    let by_meaning = Input { order: Order::Field, ..input.clone() };
    let reader = Input { may_decide: false, undo: None, abilities: Vec::new(), ..input.clone() };
    let shell = Shell::sample();
    [input, open, as_filed, by_meaning, reader, settled, changed]
        .into_iter()
        .map(|input| MatchPage::new(&shell, &mapping, Some(&table), input))
        .collect()
}

pub(crate) fn reviews() -> Vec<ReviewPage> {
    let issues = [
        issue(Severity::Warning, "“-” in Qty Comp is no quantity; the rows count as empty there.", 164),
        issue(Severity::Decision, "Req Date mixes two orders of day and month in 38 values.", 38),
        issue(Severity::Note, "Header found in row 4; 2 title lines and 3 subtotals skipped.", 5),
    ];
    let shell = Shell::sample();
    let mut first = ReviewPage::new(&shell, "d1", FILE, 12_480, &issues, 3, true);
    first.fixes = vec![crate::page::import::review::Fix {
        table: 0,
        id: "order:req date".to_owned(),
        reason: "400 dates of \"Req Date\" were read as mm/dd/yyyy and allow dd/mm/yyyy just as well"
            .to_owned(),
        confidence: "50%".to_owned(),
        label: "Read the other order".to_owned(),
        href: "/data/d1/preparation?table=0&column=Req+Date&take=order%3Areq+date".to_owned(),
    }];
    let place = |column: &str| Place { table: 0, file: FILE.to_owned(), column: column.to_owned() };
    let done = |column: &str, what: &str, change: &str| Done {
        table: 0,
        column: column.to_owned(),
        file: FILE.to_owned(),
        what: what.to_owned(),
        changed: "38 of 400 cells".to_owned(),
        href: "/data/d1/preparation?table=0&column=Resource".to_owned(),
        change: change.to_owned(),
    };
    first.done = vec![
        done("Resource", "Trim blanks", "step:0"),
        done("Resource", "“M7” becomes “M-07”", "entry:M7"),
        done("Qty Comp", "17 cells corrected by hand", "corrected"),
        Done { href: String::new(), ..done("Plant", "Rows with “TEST” are set aside", "branch:0") },
    ];
    first.causes[0].fix = Some(place("Qty Comp"));
    first.unconfirmed = true;
    first.downloads = vec![
        crate::component::Link::new("Excel", "/data/d1/rows/problems.xlsx"),
        crate::component::Link::new("CSV", "/data/d1/rows/problems.csv"),
    ];
    first.variables =
        vec![crate::component::Link::own("Epicor job cost, Toledo", "/data/mappings/m1#variables")];
    first.places = vec![place("Qty Comp"), place("Resource")];
    let trying = |how, refused: Option<&str>, outcome| Trying {
        place: place("Resource"),
        how,
        value: "M7".to_owned(),
        with: "M-07".to_owned(),
        refused: refused.map(str::to_owned),
        outcome,
    };
    let outcome = Outcome {
        counts: vec![("Changed".to_owned(), "38 of 400 cells".to_owned())],
        changes: vec![("997".to_owned(), "M7".to_owned(), "M-07".to_owned())],
        ..Outcome::default()
    };
    let mut second = first.clone();
    first.trying = Some(trying(How::Replace, None, Some(outcome.clone())));
    second.trying = Some(trying(How::SetAside, None, Some(outcome)));
    let mut third = second.clone();
    third.trying = Some(trying(
        How::Fill,
        Some("“Resource” follows a rule already; change the rule of the column instead."),
        None,
    ));
    third.refused = vec![
        "“jobs”, row 9, “Qty Comp”: “12,5” is no number.".to_owned(),
        "“jobs”, row 40, “Req Date”: “soon” is no date.".to_owned(),
    ];
    let mut again = ReviewPage::new(&shell, "d1", FILE, 12_480, &[], 0, true);
    again.ran = Some(Ran {
        when: "2 Sep 2025".to_owned(),
        result: crate::component::Link::new("See the result", crate::route::OVERVIEW),
        changed: false,
    });
    vec![first, second, third, again, ReviewPage::new(&shell, "d1", FILE, 12_480, &[], 0, false)]
}
