//! Where the sample plant's time, material and quality go.

use domain::{
    Currency, Money,
    breakdown::{
        Band, Breakdown, Loss, MachineLine, OperationLine, QualityLine, Scale, Service, Sides, TierLine,
    },
};

fn money(amount: f64) -> Money {
    Money::rounded(amount, &Currency::parse("USD").unwrap_or_else(Currency::unstated))
}

pub(crate) fn breakdown() -> Breakdown {
    Breakdown {
        scales: [
            ("labor", "labor_efficiency_target", 0.15),
            ("scrap", "waste_reduction_target", 0.08),
            ("risk", "equipment_reliability_score", 0.15),
        ]
        .map(|(subject, setting, allowed)| Scale { subject, setting, allowed })
        .to_vec(),
        tiers: tiers(),
        sides: Some(Sides {
            orders_over: 812,
            over: money(731_000.0),
            orders_under: 604,
            under: money(157_000.0),
        }),
        losses: vec![
            Loss {
                class: "labor",
                amount: Some(money(214_000.0)),
                quantity: Some((4_120.0, "h")),
                basis: "rate, set-ups and hours against the plan for what was made".to_owned(),
            },
            Loss {
                class: "quality",
                amount: Some(money(96_400.0)),
                quantity: Some((3_400.0, "pieces")),
                basis: "scrapped pieces at the cost they had reached, and hours of rework; this is part of labor and material, not on top of them".to_owned(),
            },
        ],
        operations: vec![
            step("", 12_266, 31_400.0, 0.869, Band::Good),
            step("Deburr", 3_120, 8_200.0, 0.71, Band::Fair),
            step("Mill", 2_480, 9_400.0, 0.64, Band::Poor),
        ],
        machines: vec![machine("M07", 44), MachineLine { chance: None, band: None, service: None, ..machine("M12", 15) }],
        quality: ["product_id", "material_id", "supplier_id"]
            .into_iter()
            .map(|field| QualityLine {
                field,
                value: "7741-B".to_owned(),
                orders: 148,
                with_issue: 31,
                pieces: 14_800.0,
                scrapped: 520.0,
                scrap: Some(money(8_120.0)),
                rework: Some(money(1_040.0)),
                waste: (field != "product_id").then(|| money(12_300.0)),
                band: Some(Band::Good),
            })
            .collect(),
    }
}

fn step(name: &str, records: u64, hours: f64, efficiency: f64, band: Band) -> OperationLine {
    OperationLine {
        name: name.to_owned(),
        records,
        hours,
        allowed: hours * efficiency,
        efficiency,
        cost_efficiency: Some(efficiency * 0.96),
        spread: Some(0.18),
        band: Some(band),
    }
}

fn machine(name: &str, risk: u8) -> MachineLine {
    MachineLine {
        machine: name.to_owned(),
        hours: 3_120.0,
        labor: Some(money(18_400.0)),
        scrap: Some(money(6_200.0)),
        waste: None,
        standstill: Some(money(2_900.0)),
        driver: "Most of it is hours beyond the plan: $18,400".to_owned(),
        scrap_rate: Some(0.041),
        scrap_expected: Some(0.028),
        risk,
        reasons: vec![
            "Going by its own stops it stops again within 21 days with a chance of 48%".to_owned(),
            "Its service was due on 12 Sep 2025, 18 days before the data end".to_owned(),
        ],
        chance: Some(0.48),
        band: Some(Band::Poor),
        service: Some(Service {
            last: "2025-08-22".to_owned(),
            due: "2025-09-12".to_owned(),
            interval_days: 21.0,
            own_interval: false,
            overdue_days: 18.0,
        }),
    }
}

fn tiers() -> Vec<TierLine> {
    let tier = |tier, name, gives, reached: bool, sentence: &str| TierLine {
        tier,
        name,
        gives,
        analyzers: vec!["scrap_rate", "setup_overrun"],
        reached,
        missing: Vec::new(),
        sentence: sentence.to_owned(),
    };
    vec![
        tier(0, "order totals", "cost and hours of orders against their plan", true, ""),
        tier(
            3,
            "machines with start and end",
            "bottlenecks, queues, lead times and machines that slow down",
            false,
            "Add machine_id or work_center_id, operation_actual_start: then the analysis can tell bottlenecks, queues, lead times and machines that slow down.",
        ),
        tier(
            4,
            "shifts, defects and stops",
            "shifts, kinds of defects, reasons of stops and failures",
            false,
            "The tiers below come first.",
        ),
    ]
}
