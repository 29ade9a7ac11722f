//! What was used this month against the plan, and what the plan costs.

use super::SIDE;
use crate::{
    component::{
        Button, Link, Tone,
        facts::{Fact, Facts},
        pill::Pill,
        table::{Cell, Head, Row, Table},
    },
    layout::Shell,
    page::sheet::{Body, Part, Sheet},
    route,
};

/// One thing that a plan limits, in words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Allowance {
    pub what: String,
    pub used: String,
    /// Empty without a limit.
    pub limit: String,
    /// `free`, `near` or `reached`.
    pub standing: String,
}

/// This month's use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Usage {
    pub plan: String,
    /// `November 2026`.
    pub month: String,
    /// `1 Dec 2026`.
    pub anew: String,
    pub allowances: Vec<Allowance>,
    /// What, how often, how much.
    pub totals: Vec<(String, String, String)>,
}

pub fn page(shell: &Shell, usage: &Usage) -> Sheet {
    let limited = usage.allowances.iter().any(|one| !one.limit.is_empty());
    let plan = Fact::new("Your plan", &usage.plan, if limited { "" } else { "no limits" });
    let facts = vec![
        plan,
        Fact::new("Month", &usage.month, "in universal time"),
        Fact::new("Counts anew", &usage.anew, ""),
    ];
    let rows = usage
        .allowances
        .iter()
        .map(|one| {
            let (tone, words) = match one.standing.as_str() {
                "reached" => (Tone::Loss, "Used up"),
                "near" => (Tone::Warn, "Four fifths used"),
                _ if one.limit.is_empty() => (Tone::Quiet, "No limit"),
                _ => (Tone::Gain, "Room left"),
            };
            Row::new(vec![
                Cell::Strong(one.what.clone()),
                Cell::number(&one.used),
                if one.limit.is_empty() { Cell::Empty } else { Cell::number(&one.limit) },
                Cell::Pill(Pill::new(tone, words)),
            ])
        })
        .collect();
    let heads =
        vec![Head::text("What"), Head::number("Used"), Head::number("Of"), Head::text("How it stands")];
    let mut parts = vec![
        Part::new("", "", vec![Body::Facts(Facts { facts })]),
        Part::new(
            "Against the plan",
            "this month",
            vec![Body::Table(Table::new("Use against the plan", heads, rows))],
        )
        .link("Plans and billing", route::settings("billing")),
    ];
    let recorded = if usage.totals.is_empty() {
        Body::Text(vec!["Nothing was used this month yet.".to_owned()])
    } else {
        let rows = usage
            .totals
            .iter()
            .map(|(what, events, quantity)| {
                Row::new(vec![Cell::Strong(what.clone()), Cell::number(events), Cell::number(quantity)])
            })
            .collect();
        let heads = vec![Head::text("What"), Head::number("Number of times"), Head::number("How many")];
        Body::Table(Table::new("Everything recorded", heads, rows))
    };
    parts.push(Part::new("Everything recorded", "each once, in the moment it took effect", vec![recorded]));
    parts.push(Part::new(
        "How we count",
        "",
        vec![Body::List(
            [
                "An upload counts when its bytes have arrived, rows when they have been read, a run when it is started.",
                "A run that ends without a result is given back.",
                "What you delete later stays counted. What you have already stays readable when a limit is reached.",
            ]
            .map(str::to_owned)
            .to_vec(),
        )],
    ));
    Sheet::new(super::shell(shell, "Usage"), "Usage", "", parts).side(&SIDE, &route::settings("usage"))
}

/// A plan that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    pub id: String,
    pub name: String,
    /// `$490 a month`; empty where the payment provider says it at checkout.
    pub price: String,
    /// What it allows, in a sentence.
    pub allows: String,
    pub current: bool,
    /// Whether it can be bought here.
    pub offered: bool,
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Invoice {
    pub number: String,
    pub day: String,
    pub amount: String,
    pub state: String,
    pub link: String,
}

/// The organisation's plan and payment.
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each asked for by its name")]
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Billing {
    /// Whether plans can be bought here.
    pub connected: bool,
    pub plan: String,
    /// The state in words; empty without a subscription.
    pub state: String,
    /// When the paid period, or the trial, ends; and what then happens.
    pub until: String,
    pub then: String,
    /// What somebody should do now.
    pub warning: String,
    pub plans: Vec<Plan>,
    pub invoices: Vec<Invoice>,
    /// Whether there is a customer at the payment provider, so that its own pages can be opened.
    pub customer: bool,
    pub may_change: bool,
    /// Whether there is a subscription that gives a right to its plan, and whether it ends with the paid period.
    pub subscribed: bool,
    pub ends: bool,
    /// Payment data that are not real money.
    pub test: bool,
}

pub fn billing_page(shell: &Shell, billing: &Billing) -> Sheet {
    let mut shell = super::shell(shell, "Billing");
    if !billing.warning.is_empty() {
        shell.notices.push(crate::component::notice::Notice::new(Tone::Warn, billing.warning.clone(), ""));
    }
    let mut facts = vec![Fact::new("Your plan", &billing.plan, &billing.state)];
    if !billing.until.is_empty() {
        facts.push(Fact::new("Paid until", &billing.until, &billing.then));
    }
    let mut parts = vec![
        Part::new("", "", vec![Body::Facts(Facts { facts })])
            .link("Usage this month", route::settings("usage")),
    ];
    if !billing.connected {
        parts.push(Part::new(
            "No payments here",
            "",
            vec![Body::Text(vec![
                "This installation takes no payments. Plans are set by whoever runs it; ask them for another one."
                    .to_owned(),
            ])],
        ));
    }
    let csrf = shell.csrf.clone();
    let button = |label: String, action: &str, values: Vec<(String, String)>| {
        Cell::Button(Button {
            label,
            action: action.to_owned(),
            values,
            csrf: csrf.clone(),
            ..Button::default()
        })
    };
    let rows = billing
        .plans
        .iter()
        .map(|plan| {
            let act = if plan.current {
                Cell::Pill(Pill::new(Tone::Accent, "Yours"))
            } else if billing.connected && billing.may_change && plan.offered {
                let values = vec![("plan".to_owned(), plan.id.clone())];
                button(format!("Choose {}", plan.name), "/settings/billing/checkout", values)
            } else {
                Cell::Empty
            };
            Row::new(vec![
                Cell::OwnStrong(plan.name.clone()),
                if plan.price.is_empty() { Cell::Empty } else { Cell::text(&plan.price) },
                Cell::Muted(plan.allows.clone()),
                act,
            ])
        })
        .collect();
    let heads = vec![
        Head::text("Name of the plan"),
        Head::text("Price"),
        Head::text("A month"),
        Head::silent("Choose"),
    ];
    parts.push(Part::new("Plans", "", vec![Body::Table(Table::new("Plans", heads, rows))]));
    if billing.customer && billing.may_change {
        let mut buttons = vec![Button {
            label: "Open the payment pages".to_owned(),
            action: "/settings/billing/portal".to_owned(),
            csrf: csrf.clone(),
            ..Button::default()
        }];
        if billing.subscribed && billing.ends {
            buttons.push(Button {
                label: "Go on after all".to_owned(),
                action: "/settings/billing/resume".to_owned(),
                csrf: csrf.clone(),
                ..Button::default()
            });
        } else if billing.subscribed {
            buttons.push(Button {
                label: "End with the paid period".to_owned(),
                action: "/settings/billing/cancel".to_owned(),
                values: vec![("sure".to_owned(), "yes".to_owned())],
                csrf: csrf.clone(),
                danger: true,
            });
        }
        parts.push(Part::new(
            "Cards, addresses, cancelling",
            "",
            vec![
                Body::Text(vec![
                    "Cards and bank details stay with the payment provider; we never see them.".to_owned(),
                ]),
                Body::Buttons(buttons),
            ],
        ));
    }
    if !billing.invoices.is_empty() {
        let heads = vec![
            Head::text("Invoice"),
            Head::text("Date"),
            Head::number("Amount"),
            Head::text("State"),
            Head::silent("Open"),
        ];
        let rows = billing
            .invoices
            .iter()
            .map(|one| {
                let link = if one.link.is_empty() {
                    Cell::Empty
                } else {
                    Cell::Link(Link::new("Open", one.link.clone()))
                };
                Row::new(vec![
                    Cell::Code(one.number.clone()),
                    Cell::text(&one.day),
                    Cell::number(&one.amount),
                    Cell::text(&one.state),
                    link,
                ])
            })
            .collect();
        parts.push(Part::new(
            "Invoices",
            "newest first",
            vec![Body::Table(Table::new("Invoices", heads, rows))],
        ));
    }
    let lead = if billing.test { "Test mode: nothing here is real money." } else { "" };
    Sheet::new(shell, "Billing", lead, parts).side(&SIDE, &route::settings("billing"))
}

/// What changing to another plan costs, before it is done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    pub plan_id: String,
    pub plan: String,
    /// What, and how much, as the payment provider computed it.
    pub lines: Vec<(String, String)>,
    pub due: String,
    pub at: String,
}

pub fn change_page(shell: &Shell, change: &Change) -> Sheet {
    let shell = super::shell(shell, "Billing");
    let rows = change
        .lines
        .iter()
        .map(|(what, amount)| Row::new(vec![Cell::text(what), Cell::number(amount)]))
        .collect();
    let heads = vec![Head::text("What"), Head::number("Amount")];
    let parts = vec![
        Part::new(
            "What it costs",
            "as the payment provider computed it just now",
            vec![
                Body::Table(Table::new("What it costs", heads, rows)),
                Body::Text(vec![format!("To pay with the next invoice: {}, on {}.", change.due, change.at)]),
            ],
        )
        .link("Back without a change", route::settings("billing")),
        Part::new(
            "",
            "",
            vec![Body::Buttons(vec![Button {
                label: format!("Change to {}", change.plan),
                action: "/settings/billing/change".to_owned(),
                values: vec![("plan".to_owned(), change.plan_id.clone())],
                csrf: shell.csrf.clone(),
                ..Button::default()
            }])],
        ),
    ];
    Sheet::new(shell, "Change the plan", "", parts).side(&SIDE, &route::settings("billing"))
}

/// On the way to a page of the payment provider's.
pub fn away_page(shell: &Shell, page: &str) -> Sheet {
    let part = Part::new(
        "To the payment provider",
        "",
        vec![Body::Text(vec!["Your browser goes there by itself; if it does not, use the link.".to_owned()])],
    )
    .link("Go on", page);
    Sheet::new(super::shell(shell, "Billing"), "One moment", "", vec![part])
        .side(&SIDE, &route::settings("billing"))
}

pub fn samples() -> Vec<Sheet> {
    let shell = Shell::sample();
    let allowance = |what: &str, used: &str, limit: &str, standing: &str| Allowance {
        what: what.to_owned(),
        used: used.to_owned(),
        limit: limit.to_owned(),
        standing: standing.to_owned(),
    };
    let usage = Usage {
        plan: "Starter".to_owned(),
        month: "October 2025".to_owned(),
        anew: "1 Nov 2025".to_owned(),
        allowances: vec![
            allowance("Uploads", "84", "100", "near"),
            allowance("Rows", "1,000,000", "1,000,000", "reached"),
            allowance("Analyses", "12", "200", "free"),
            allowance("Questions", "7", "", "free"),
        ],
        totals: vec![("Files uploaded".to_owned(), "84".to_owned(), "84".to_owned())],
    };
    let plan = |id: &str, name: &str, price: &str, current: bool| Plan {
        id: id.to_owned(),
        name: name.to_owned(),
        price: price.to_owned(),
        allows: "100 uploads, 1,000,000 rows, 200 analyses".to_owned(),
        current,
        offered: true,
    };
    let invoice = Invoice {
        number: "PI-0007".to_owned(),
        day: "1 Oct 2025".to_owned(),
        amount: "$490.00".to_owned(),
        state: "Paid".to_owned(),
        link: "https://invoice.example/7".to_owned(),
    };
    let billing = Billing {
        connected: true,
        plan: "Starter".to_owned(),
        state: "active".to_owned(),
        until: "1 Nov 2025".to_owned(),
        then: "then it ends".to_owned(),
        warning: "The last payment did not go through. Look at your card before 8 Nov 2025.".to_owned(),
        plans: vec![
            plan("starter", "Starter", "$490 a month", true),
            plan("professional", "Professional", "", false),
        ],
        invoices: vec![invoice],
        customer: true,
        may_change: true,
        subscribed: true,
        ends: false,
        test: true,
    };
    let change = Change {
        plan_id: "professional".to_owned(),
        plan: "Professional".to_owned(),
        lines: vec![("Unused time on Starter".to_owned(), "-$245.00".to_owned())],
        due: "$745.00".to_owned(),
        at: "1 Nov 2025".to_owned(),
    };
    vec![
        page(&shell, &usage),
        page(&shell, &Usage { plan: "Unlimited".to_owned(), ..Usage::default() }),
        billing_page(&shell, &billing),
        billing_page(&shell, &Billing { plan: "Unlimited".to_owned(), ..Billing::default() }),
        change_page(&shell, &change),
        away_page(&shell, "https://pay.example/session"),
    ]
}
