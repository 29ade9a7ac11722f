//! Plans, jobs, use, announcements, audit log and health of an installation.

use crate::{
    component::{
        Button, Link, Tone,
        form::{Field, Form, Kind},
        pill::Pill,
        table::{Cell, Head, Row, Table},
    },
    layout::Shell,
    page::sheet::{Body, Part, Sheet},
};

/// A plan with its limits as text; empty is no limit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    pub plan: String,
    /// Uploads, rows, analyses, questions, tokens, mappings.
    pub limits: [String; 6],
    pub offered: bool,
    pub position: String,
}

const LIMITS: [(&str, &str); 6] = [
    ("uploads", "Uploads"),
    ("rows", "Rows"),
    ("analyses", "Analyses"),
    ("chat_messages", "Questions"),
    ("ai_tokens", "Tokens"),
    ("mapping_profiles", "Saved mappings"),
];

/// A limit as it is read, not as it is written into a form.
fn grouped(limit: &str) -> String {
    limit.parse().map_or_else(|_| limit.to_owned(), domain::number::count)
}

pub fn plans(shell: &Shell, plans: &[Plan]) -> Sheet {
    let rows = plans
        .iter()
        .map(|plan| {
            let mut cells = vec![Cell::Link(Link::own(
                crate::words::sentence_case(&plan.plan),
                format!("/console/plans?plan={}", plan.plan),
            ))];
            cells.extend(
                plan.limits
                    .iter()
                    .map(|limit| if limit.is_empty() { Cell::Empty } else { Cell::number(grouped(limit)) }),
            );
            cells.push(if plan.offered {
                Cell::Pill(Pill::new(Tone::Accent, "Offered"))
            } else {
                Cell::Empty
            });
            Row::new(cells)
        })
        .collect();
    let mut heads = vec![Head::text("Plan")];
    heads.extend(LIMITS.iter().map(|(_, words)| Head::number(words)));
    heads.push(Head::text("To choose"));
    let part = Part::new(
        "Plans",
        "a month; nothing is no limit",
        vec![Body::Table(Table::new("Plans", heads, rows).wide())],
    )
    .link("New plan", "/console/plans?plan=new");
    Sheet::new(super::shell(shell, "Plans and limits"), "Plans and limits", "", vec![part])
}

pub fn plan(shell: &Shell, plan: &Plan, is_new: bool) -> Sheet {
    let mut fields = vec![if is_new {
        Field::new(Kind::Text, "plan", "Name", "").hint("Small letters and underscores.").required()
    } else {
        Field::new(Kind::Hidden, "plan", "", &plan.plan)
    }];
    for ((name, words), limit) in LIMITS.iter().zip(&plan.limits) {
        fields.push(Field::new(Kind::Number, name, words, limit).hint("A month; nothing is no limit."));
    }
    fields.push(Field::new(
        Kind::Check,
        "offered",
        "People may choose it themselves",
        if plan.offered { "on" } else { "" },
    ));
    fields.push(Field::new(Kind::Number, "position", "Place in the list", &plan.position));
    let form = Form::new("/console/plans", &shell.csrf, "Save plan", fields);
    let part =
        Part::new("Limits", "they hold at once, for everybody who has the plan", vec![Body::Form(form)])
            .link("All plans", "/console/plans");
    let title = if is_new { "New plan" } else { &plan.plan };
    Sheet::new(super::shell(shell, "Plans and limits"), title, "", vec![part])
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Job {
    pub org: String,
    pub id: String,
    pub kind: String,
    pub organisation: String,
    pub state: String,
    pub attempts: String,
    pub reason: String,
    pub when: String,
}

pub fn jobs(shell: &Shell, jobs: &[Job], state: &str) -> Sheet {
    let rows: Vec<Row> = jobs
        .iter()
        .map(|job| {
            let tone = match job.state.as_str() {
                "failed" => Tone::Loss,
                "completed" => Tone::Gain,
                "running" => Tone::Accent,
                _ => Tone::Quiet,
            };
            let button = |label: &str, verb: &str| {
                Cell::Button(Button {
                    label: label.to_owned(),
                    action: format!("/console/jobs/{}/{}/{verb}", job.org, job.id),
                    csrf: shell.csrf.clone(),
                    ..Button::default()
                })
            };
            Row::new(vec![
                Cell::Two(job.kind.replace('_', " "), job.organisation.clone()),
                Cell::PillNote(Pill::new(tone, crate::words::sentence_case(&job.state)), job.reason.clone()),
                Cell::number(&job.attempts),
                Cell::Muted(job.when.clone()),
                match job.state.as_str() {
                    "failed" | "cancelled" => button("Set going again", "retry"),
                    "queued" | "running" => button("Stop", "cancel"),
                    _ => Cell::Empty,
                },
            ])
        })
        .collect();
    let body = if rows.is_empty() {
        Body::Text(vec!["No job in this state.".to_owned()])
    } else {
        let heads = vec![
            Head::text("Job"),
            Head::text("State"),
            Head::number("Attempts"),
            Head::text("Asked for"),
            Head::silent("Do"),
        ];
        Body::Table(Table::new("Jobs", heads, rows))
    };
    let at =
        if state.is_empty() { "/console/jobs".to_owned() } else { format!("/console/jobs?state={state}") };
    Sheet::new(super::shell(shell, "Jobs"), "Jobs", "", vec![Part::new("Jobs", "newest first", vec![body])])
        .tabs(
            &[
                ("All", "/console/jobs"),
                ("Dead letters", "/console/jobs?state=failed"),
                ("Waiting", "/console/jobs?state=queued"),
                ("Running", "/console/jobs?state=running"),
            ],
            &at,
        )
}

/// What an organisation used: name, address, plan, and uploads, rows, analyses, questions, tokens, bytes, seconds of work.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Use {
    pub name: String,
    pub href: String,
    pub plan: String,
    pub amounts: [String; 7],
}

pub fn usage(shell: &Shell, month: &str, uses: &[Use]) -> Sheet {
    let rows = uses
        .iter()
        .map(|one| {
            let mut cells =
                vec![Cell::Link(Link::own(one.name.clone(), one.href.clone())), Cell::text(&one.plan)];
            cells.extend(one.amounts.iter().map(Cell::number));
            Row::new(cells)
        })
        .collect();
    let mut heads = vec![Head::text("Organisation"), Head::text("Plan")];
    heads.extend(["Uploads", "Rows", "Analyses", "Questions", "Tokens", "Stored", "Work"].map(Head::number));
    let part = Part::new(
        "Use and cost",
        month,
        vec![
            Body::Table(Table::new("Use and cost", heads, rows).wide()),
            Body::Text(vec![
                "Cost is told in what causes it: bytes stored, seconds of a worker, tokens of a language model. What those cost you, this installation does not know.".to_owned(),
            ]),
        ],
    );
    Sheet::new(super::shell(shell, "Usage and cost"), "Usage and cost", "", vec![part])
}

/// Something said to everybody: id, title, text, until when, and whether pages show it still.
pub type Said = (String, String, String, String, bool);

pub fn announcements(shell: &Shell, said: &[Said]) -> Sheet {
    let rows: Vec<Row> = said
        .iter()
        .map(|(id, title, body, until, shown)| {
            Row::new(vec![
                Cell::OwnTwo(title.clone(), body.clone()),
                Cell::Muted(until.clone()),
                if *shown {
                    Cell::Pill(Pill::new(Tone::Accent, "Shown"))
                } else {
                    Cell::Pill(Pill::new(Tone::Quiet, "Ended"))
                },
                Cell::Button(Button {
                    label: "Take back".to_owned(),
                    action: format!("/console/announcements/{id}/withdraw"),
                    csrf: shell.csrf.clone(),
                    danger: true,
                    ..Button::default()
                }),
            ])
        })
        .collect();
    let body = if rows.is_empty() {
        Body::Text(vec!["Nothing was said yet.".to_owned()])
    } else {
        let heads =
            vec![Head::text("What"), Head::text("Until"), Head::text("State"), Head::silent("Take back")];
        Body::Table(Table::new("Announcements", heads, rows))
    };
    let fields = vec![
        Field::new(Kind::Text, "title", "In one line", "").required(),
        Field::new(Kind::Area, "body", "The rest", ""),
        Field::new(Kind::Number, "days", "Days on every page", "7").required(),
    ];
    let parts = vec![
        Part::new("Said", "newest first", vec![body]),
        Part::new(
            "Say something to everybody",
            "",
            vec![Body::Form(Form::new(
                "/console/announcements",
                &shell.csrf,
                "Show it on every page",
                fields,
            ))],
        ),
    ];
    Sheet::new(super::shell(shell, "Announcements"), "Announcements", "", parts)
}

/// When, who, what, why, about, outcome.
pub type AuditLine = [String; 6];

pub fn audit(shell: &Shell, lines: &[AuditLine], filter: &[(String, String)], next: Option<String>) -> Sheet {
    let value = |name: &str| {
        filter.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let fields = vec![
        Field::new(Kind::Text, "org", "Organisation", value("org"))
            .hint("Its id; empty for the installation's own trail."),
        Field::new(Kind::Text, "actor", "Who", value("actor")).hint("The id of a person, key or job."),
        Field::new(Kind::Text, "action", "What", value("action"))
            .hint("Such as file.store, or file. for all of files."),
        Field::new(Kind::Text, "type", "About", value("type")).hint("A kind of thing, such as analysis."),
        Field::new(Kind::Date, "from", "From", value("from")),
        Field::new(Kind::Date, "until", "Before", value("until")),
    ];
    let rows: Vec<Row> = lines
        .iter()
        .map(|[when, who, what, why, about, outcome]| {
            Row::new(vec![
                Cell::Muted(when.clone()),
                Cell::own(who),
                if why.is_empty() {
                    Cell::Strong(what.clone())
                } else {
                    Cell::Noted(what.clone(), why.clone())
                },
                Cell::own(about.clone()),
                Cell::text(outcome),
            ])
        })
        .collect();
    let body = if rows.is_empty() {
        Body::Text(vec!["No line matches.".to_owned()])
    } else {
        let heads = vec![
            Head::text("When"),
            Head::text("Who"),
            Head::text("What"),
            Head::text("About"),
            Head::text("Outcome"),
        ];
        Body::Table(Table::new("Audit log", heads, rows))
    };
    let mut log = Part::new("Audit log", "newest first; nobody can change it", vec![body]);
    if let Some(next) = next {
        log = log.link("Older", next);
    }
    let parts = vec![
        log,
        Part::new(
            "Filter",
            "",
            vec![Body::Form(Form::new("/console/audit", &shell.csrf, "Show the lines", fields))],
        ),
    ];
    Sheet::new(super::shell(shell, "Audit log"), "Audit log", "", parts)
}

/// What is looked at, how it is, and whether that is good.
pub type Check = (String, String, bool);

pub fn health(shell: &Shell, checks: &[Check], queues: &[[String; 4]]) -> Sheet {
    let rows = checks
        .iter()
        .map(|(what, how, good)| {
            let pill =
                if *good { Pill::new(Tone::Gain, "Good") } else { Pill::new(Tone::Warn, "Look at it") };
            Row::new(vec![Cell::Strong(what.clone()), Cell::text(how), Cell::Pill(pill)])
        })
        .collect();
    let heads = vec![Head::text("What"), Head::text("How it is"), Head::text("State")];
    let queue = if queues.is_empty() {
        Body::Text(vec!["Nothing waits and nothing runs.".to_owned()])
    } else {
        let rows = queues
            .iter()
            .map(|[kind, state, jobs, oldest]| {
                Row::new(vec![
                    Cell::Strong(kind.clone()),
                    Cell::text(state),
                    Cell::number(jobs),
                    Cell::number(oldest),
                ])
            })
            .collect();
        let heads = vec![
            Head::text("Kind"),
            Head::text("State"),
            Head::number("Jobs"),
            Head::number("Oldest is due for"),
        ];
        Body::Table(Table::new("Jobs that wait or run", heads, rows))
    };
    let parts = vec![
        Part::new("Checks", "", vec![Body::Table(Table::new("Checks", heads, rows))]),
        Part::new("Jobs that wait or run", "", vec![queue]),
    ];
    Sheet::new(super::shell(shell, "Health"), "Health", "", parts)
}

pub(super) fn samples(shell: &Shell) -> Vec<Sheet> {
    let starter = Plan {
        plan: "starter".to_owned(),
        limits: ["100", "1,000,000", "200", "1,000", "", "50"].map(str::to_owned),
        offered: true,
        position: "3".to_owned(),
    };
    let job = Job {
        org: "o1".to_owned(),
        id: "j1".to_owned(),
        kind: "send_letter".to_owned(),
        organisation: "Brandt & Lowe".to_owned(),
        state: "failed".to_owned(),
        attempts: "8 of 8".to_owned(),
        reason: "the mail server does not answer".to_owned(),
        when: "2 Oct 2025 09:14".to_owned(),
    };
    let running = Job { state: "running".to_owned(), reason: String::new(), ..job.clone() };
    let used = Use {
        name: "Brandt & Lowe".to_owned(),
        href: "/console/customers/o1".to_owned(),
        plan: "pilot".to_owned(),
        amounts: ["7", "84,000", "12", "3", "0", "12 MB", "140 s"].map(str::to_owned),
    };
    let said = |shown| {
        (
            "n1".to_owned(),
            "Maintenance on Sunday".to_owned(),
            "An hour.".to_owned(),
            "9 Oct 2025".to_owned(),
            shown,
        )
    };
    let line = ["2 Oct 2025 09:14", "operator", "Operator looked in", "support case 7", "org o1", "done"]
        .map(str::to_owned);
    vec![
        plans(shell, std::slice::from_ref(&starter)),
        plan(shell, &starter, false),
        plan(shell, &Plan::default(), true),
        jobs(shell, &[job, running], ""),
        jobs(shell, &[], "failed"),
        usage(shell, "October 2025", &[used]),
        announcements(shell, &[said(true), said(false)]),
        announcements(shell, &[]),
        audit(
            shell,
            &[line],
            &[("org".to_owned(), "o1".to_owned())],
            Some("/console/audit?before=3".to_owned()),
        ),
        audit(shell, &[], &[], None),
        health(
            shell,
            &[
                ("Database".to_owned(), "answers".to_owned(), true),
                ("Mail".to_owned(), "not set".to_owned(), false),
            ],
            &[["analyze", "running", "1", "2 s"].map(str::to_owned)],
        ),
        health(shell, &[], &[]),
    ]
}
