//! The charts of the samples: their facts, and their pictures as the reports' renderer draws them.
//!
//! The pictures are files, and so is what a browser gets of them, since drawing is not the pages' work. A test holds them to what the renderer draws today;
//! `PLANTINTEL_REDRAW=1 cargo test -p pages` draws them again.

use domain::chart::{Band, Chart, ChartBody, Dot, Point, Stack, Step};

/// A chart with what the renderer makes of it.
pub(crate) struct Drawn {
    pub(crate) chart: Chart,
    pub(crate) svg: &'static str,
    pub(crate) phone: &'static str,
    /// What the browser gets of it, for a wide place and for a phone.
    pub(crate) live: [&'static str; 2],
    #[cfg(test)]
    name: &'static str,
}

macro_rules! drawn {
    ($name:ident) => {
        Drawn {
            chart: $name(),
            svg: include_str!(concat!("charts/", stringify!($name), ".svg")),
            phone: include_str!(concat!("charts/", stringify!($name), ".phone.svg")),
            live: [
                include_str!(concat!("charts/", stringify!($name), ".json")),
                include_str!(concat!("charts/", stringify!($name), ".phone.json")),
            ],
            #[cfg(test)]
            name: stringify!($name),
        }
    };
}

/// Every chart of the samples.
pub(crate) fn all() -> Vec<Drawn> {
    vec![
        drawn!(waterfall),
        drawn!(pareto),
        drawn!(heat),
        drawn!(control),
        drawn!(dots),
        drawn!(funnel),
        drawn!(stacked),
    ]
}

fn steps(told: &[(&str, f64)]) -> Vec<Step> {
    told.iter().map(|(label, value)| Step { label: (*label).to_owned(), value: *value }).collect()
}

fn chart(title: &str, caption: &str, alternative: &str, body: ChartBody) -> Chart {
    Chart { title: title.to_owned(), caption: caption.to_owned(), alternative: alternative.to_owned(), body }
}

pub(crate) fn waterfall() -> Chart {
    let mut all = steps(&[
        ("Planned cost", 6_120_000.0),
        ("Material price", 96_000.0),
        ("Material usage", 188_000.0),
        ("Labor hours", 142_000.0),
        ("Labor rate", -31_000.0),
        ("Scrap and rework", 121_000.0),
        ("Outside processing", 58_000.0),
        ("Actual cost", 6_694_000.0),
    ]);
    let end = all.remove(7);
    let start = all.remove(0);
    chart(
        "From planned to actual cost",
        "finished orders, flexed to the quantity made",
        "Actual cost is $6.69M against $6.12M planned; material usage adds most, $188k",
        ChartBody::Waterfall { start, steps: all, end, unit: "USD".to_owned() },
    )
}

pub(crate) fn pareto() -> Chart {
    chart(
        "Scrap cost by reason",
        "3 of 7 reasons make 80%",
        "Burr, porosity and out of tolerance make 80% of scrap cost",
        ChartBody::Pareto {
            bars: steps(&[
                ("Burr", 41_200.0),
                ("Porosity", 33_600.0),
                ("Out of tolerance", 21_900.0),
                ("Tool mark", 9_800.0),
                ("Wrong setup", 6_100.0),
                ("Handling", 4_200.0),
                ("Other", 4_000.0),
            ]),
            unit: "USD".to_owned(),
        },
    )
}

pub(crate) fn heat() -> Chart {
    let told: [(&str, [f64; 10]); 7] = [
        ("Saw", [3., 4., 2., 5., 6., 4., 3., 5., 4., 3.]),
        ("Turning", [9., 8., 11., 14., 12., 9., 16., 13., 11., 10.]),
        ("Milling", [6., 7., 9., 8., 12., 11., 9., 8., 10., 7.]),
        ("Deburr", [4., 5., 3., 6., 8., 7., 5., 6., 4., 5.]),
        ("Heat treat", [31., 38., 44., 52., 61., 58., 66., 72., 64., 69.]),
        ("Anodize (out)", [24., 26., 22., 31., 35., 28., -1., 30., 33., 29.]),
        ("Inspect", [12., 9., 14., 18., 22., 19., 17., 21., 16., 15.]),
    ];
    chart(
        "Hours waiting before each step",
        "median per week",
        "Orders wait longest before heat treat, 69 hours in week 39",
        ChartBody::Heat {
            columns: (30..40).map(|week| format!("W{week}")).collect(),
            rows: told.iter().map(|(name, _)| (*name).to_owned()).collect(),
            values: told
                .iter()
                .map(|(_, hours)| hours.iter().map(|hours| (*hours >= 0.0).then_some(*hours)).collect())
                .collect(),
            unit: "h".to_owned(),
        },
    )
}

pub(crate) fn control() -> Chart {
    let day = 86_400_000_000_i64;
    let wave = |at: i64| ((at * 7_919) % 97) as f64 / 97.0 - 0.5;
    let points = (0..290)
        .map(|at| {
            let late = at >= 140;
            let other = late && at % 9 == 0;
            let level = if late && !other { 1.115 } else { 1.008 };
            Point {
                at: (20_180 + at * 183 / 290) * day,
                value: level + wave(at) * 0.07,
                highlighted: late && !other,
            }
        })
        .collect();
    chart(
        "Material used, share of plan",
        "each dot is an order; the band is what to expect from Jan – Jun",
        "Usage rose from 100.8% to 111.5% of plan on 7 July",
        ChartBody::Control {
            points,
            expected: Some(Band { low: 0.96, high: 1.056 }),
            before: Some(1.008),
            after: Some(1.115),
            shift_at: Some(20_276 * day),
            unit: "%".to_owned(),
        },
    )
}

pub(crate) fn dots() -> Chart {
    let told = [
        ("Deburr 3", 1.42, 1.30, 1.55, 210),
        ("Deburr 1", 1.31, 1.22, 1.40, 340),
        ("Deburr 2", 1.08, 1.02, 1.15, 190),
    ];
    chart(
        "Used over planned hours",
        "by work center, with interval",
        "Deburr 3 uses 142% of its planned hours",
        ChartBody::Dots {
            dots: told
                .iter()
                .enumerate()
                .map(|(idx, (label, value, low, high, n))| Dot {
                    label: (*label).to_owned(),
                    value: *value,
                    low: *low,
                    high: *high,
                    n: *n,
                    highlighted: idx == 0,
                })
                .collect(),
            mean: Some(1.26),
            unit: "%".to_owned(),
        },
    )
}

pub(crate) fn funnel() -> Chart {
    chart(
        "Orders by step reached, and on time",
        "1,260 orders that were due by 30 September 2025, with what each step loses",
        "Of 1,240 orders 871 were on time; the step “Shipped on time” loses most, 317 (27%).",
        ChartBody::Funnel {
            steps: steps(&[
                ("Released", 1_240.0),
                ("Started", 1_231.0),
                ("Finished", 1_188.0),
                ("Shipped on time", 871.0),
            ]),
            unit: "orders".to_owned(),
        },
    )
}

pub(crate) fn stacked() -> Chart {
    let told = [
        ("All machines", 3_150.0, [880.0, 520.0, 150.0]),
        ("M07", 410.0, [380.0, 170.0, 40.0]),
        ("M03", 610.0, [240.0, 110.0, 60.0]),
        ("M12", 990.0, [150.0, 230.0, 30.0]),
        ("M01", 1_140.0, [110.0, 10.0, 20.0]),
    ];
    chart(
        "OEE and its losses, by machine",
        "share of planned production time, lowest first",
        "M07 is lowest with 41%; availability loss takes most, 38%. All machines reach 67%.",
        ChartBody::Stacked {
            kept: "Effective".to_owned(),
            lost: ["Availability loss", "Performance loss", "Quality loss"].map(str::to_owned).to_vec(),
            stacks: told
                .map(|(label, kept, lost)| Stack { label: label.to_owned(), kept, lost: lost.to_vec() })
                .to_vec(),
            unit: "h".to_owned(),
        },
    )
}

#[cfg(test)]
mod tests {
    use report::chart::{Drawing, Place};

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test may be asked to draw again")]
    fn pictures_are_what_the_renderer_draws() {
        let renderer = report::chart::Renderer::new().unwrap();
        for sample in all() {
            let name = sample.name;
            let width = match name {
                "control" => 760,
                "waterfall" => 720,
                _ => 520,
            };
            let english = translation::Tongue::English;
            let wide = Drawing::new(&sample.chart, Place::Wide(width), english);
            let phone = Drawing::new(&sample.chart, Place::Phone, english);
            for (file, drawn, kept) in [
                ("svg", renderer.draw(&wide, &sample.chart.alternative).unwrap(), sample.svg),
                ("phone.svg", renderer.draw(&phone, &sample.chart.alternative).unwrap(), sample.phone),
                ("json", wide.live(english), sample.live[0]),
                ("phone.json", phone.live(english), sample.live[1]),
            ] {
                if std::env::var("PLANTINTEL_REDRAW").is_ok() {
                    let path = format!("{}/src/gallery/charts/{name}.{file}", env!("CARGO_MANIFEST_DIR"));
                    std::fs::write(path, &drawn).unwrap();
                } else {
                    assert!(
                        drawn == kept,
                        "the picture {name}.{file} is not what the renderer draws: see the top of this file"
                    );
                }
            }
        }
    }
}
