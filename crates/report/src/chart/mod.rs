//! Charts: facts in, pictures and tables out.
//!
//! [`option`] makes the ECharts option object, [`drawing`] makes it ready for a wide place or a phone, [`render`] draws it as SVG,
//! [`clean`] makes the SVG fit a page without inline style, [`table`] says the same in rows. Colours are tokens of the page, so one picture serves light, dark
//! and print.

mod amounts;
pub mod clean;
pub mod drawing;
mod narrow;
pub mod option;
pub mod render;
mod says;
pub mod table;

pub use drawing::{Drawing, Place};
pub use render::Renderer;

use domain::chart::{Chart, ChartBody};
use translation::Tongue;

/// A chart with our own words in a language, before it is drawn. Labels of machines, causes and the like are the customer's.
pub fn in_tongue(chart: &Chart, tongue: Tongue) -> Chart {
    let mut said = chart.clone();
    if tongue == Tongue::English {
        return said;
    }
    let speak = |words: &mut String| *words = translation::text(words, tongue).into_owned();
    for words in [&mut said.title, &mut said.caption, &mut said.alternative] {
        speak(words);
    }
    if let ChartBody::Waterfall { start, steps, end, .. } = &mut said.body {
        for step in steps.iter_mut().chain([start, end]) {
            speak(&mut step.label);
        }
    }
    if let ChartBody::Funnel { steps, .. } = &mut said.body {
        for step in steps.iter_mut() {
            speak(&mut step.label);
        }
    }
    if let ChartBody::Stacked { kept, lost, stacks, .. } = &mut said.body {
        let all =
            stacks.iter_mut().map(|stack| &mut stack.label).filter(|label| label.as_str() == EVERY_MACHINE);
        all.chain(lost).chain([kept]).for_each(speak);
    }
    if let ChartBody::Dots { dots, .. } = &mut said.body {
        for dot in dots.iter_mut().filter(|dot| OURS.contains(&dot.label.as_str())) {
            speak(&mut dot.label);
        }
    }
    said
}

/// The stack of all machines together; every other is named by the customer.
const EVERY_MACHINE: &str = "All machines";

/// Names of dots that are no customer's.
const OURS: [&str; 4] = ["day of the week", "shift of eight hours", "machine", "work center"];

#[cfg(test)]
mod tests {
    use domain::chart::{Dot, Stack, Step};

    use super::*;

    #[test]
    fn names_of_dots_are_the_customers_but_for_ours() {
        let dot = |label: &str| Dot {
            label: label.to_owned(),
            value: 1.0,
            low: 0.5,
            high: 1.5,
            n: 9,
            highlighted: false,
        };
        let chart = Chart {
            title: String::new(),
            caption: String::new(),
            alternative: String::new(),
            body: ChartBody::Dots {
                dots: vec![dot("day of the week"), dot("Plant"), dot("machine")],
                mean: None,
                unit: "1".to_owned(),
            },
        };
        let ChartBody::Dots { dots, .. } = in_tongue(&chart, Tongue::German).body else { unreachable!() };
        let labels: Vec<&str> = dots.iter().map(|dot| dot.label.as_str()).collect();
        assert_eq!(labels, ["Wochentag", "Plant", "Maschine"]);
    }

    #[test]
    fn steps_and_parts_are_ours_and_machines_the_customers() {
        let chart = |body: ChartBody| Chart {
            title: String::new(),
            caption: String::new(),
            alternative: String::new(),
            body,
        };
        let steps = ["Released", "Started", "Finished", "Shipped on time", "Finished on time"];
        let of = |label: &str| Step { label: label.to_owned(), value: 1.0 };
        let funnel = chart(ChartBody::Funnel { steps: steps.map(of).to_vec(), unit: "orders".to_owned() });
        let stack = |label: &str| Stack { label: label.to_owned(), kept: 1.0, lost: vec![1.0] };
        let parts = ["Availability loss", "Performance loss", "Quality loss"];
        let stacked = chart(ChartBody::Stacked {
            kept: "Effective".to_owned(),
            lost: parts.map(str::to_owned).to_vec(),
            stacks: vec![stack("All machines"), stack("Effective")],
            unit: "h".to_owned(),
        });
        for tongue in [Tongue::German, Tongue::Spanish] {
            let ChartBody::Funnel { steps: said, .. } = in_tongue(&funnel, tongue).body else {
                unreachable!()
            };
            assert!(said.iter().zip(steps).all(|(said, step)| said.label != step), "{said:?}");
            let ChartBody::Stacked { kept, lost, stacks, .. } = in_tongue(&stacked, tongue).body else {
                unreachable!()
            };
            assert!(lost.iter().zip(parts).all(|(said, part)| said != part), "{lost:?}");
            assert!(kept != "Effective" && stacks[0].label != "All machines");
            assert_eq!(stacks[1].label, "Effective", "a machine is called as the customer calls it");
        }
    }
}
