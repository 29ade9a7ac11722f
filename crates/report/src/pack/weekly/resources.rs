//! What each resource lost in the week.

use domain::{
    Analysis,
    pack::{ResourceWeek, Weekly},
};

use super::{
    super::{Cell, Line, Part, Table, counted, figure, in_currency, span, text},
    PRINTED,
};

pub(super) fn resources(analysis: &Analysis, weekly: &Weekly) -> Option<Part> {
    weekly.resource_field?;
    let mut part = Part {
        heading: "By resource".to_owned(),
        caption: weekly
            .week
            .iter()
            .map(span)
            .chain([
                in_currency(&analysis.currency),
                counted(weekly.resources.iter().map(|one| one.operations).sum(), "operation"),
            ])
            .collect(),
        note: "Hours over what the plan allows for them, at what an hour costs there. They are part of the cost over plan, not on top of it."
            .to_owned(),
        ..Part::default()
    };
    if weekly.resources.is_empty() {
        part.lines
            .push(Line::new("No resource lost hours or pieces that the data tell of. That is an answer."));
        part.note.clear();
        return Some(part);
    }
    let any = |of: &dyn Fn(&ResourceWeek) -> bool| weekly.resources.iter().any(of);
    let (hours, money, scrap) =
        (any(&|one| one.hours.is_some()), any(&|one| one.money.is_some()), any(&|one| one.scrap.is_some()));
    let mut columns = vec![text("Resource", 1.7), figure("Operations", 0.9)];
    if hours {
        columns.extend([figure("Hours over plan", 1.0), figure("A week before", 1.0)]);
    }
    if money {
        columns.extend([figure("Cost of them", 1.0), figure("A week before", 1.0)]);
    }
    if scrap {
        columns.extend([figure("Pieces scrapped", 1.0), figure("A week before", 1.0)]);
    }
    let rows = weekly.resources.iter().map(|one| {
        let mut row = vec![Cell::own(&one.name), Cell::Count(one.operations)];
        let mut pair = |is_there: bool, pair: Option<(f64, f64)>, cell: &dyn Fn(f64) -> Cell| {
            if is_there {
                row.extend([
                    pair.map_or(Cell::Empty, |(last, _)| cell(last)),
                    pair.map_or(Cell::Empty, |(_, mean)| cell(mean)),
                ]);
            }
        };
        pair(hours, one.hours, &|value| Cell::Number(value, 1));
        pair(money, one.money, &Cell::Money);
        pair(scrap, one.scrap, &|value| Cell::Number(value, 1));
        row
    });
    let sum = |of: &dyn Fn(&ResourceWeek) -> Option<(f64, f64)>| {
        weekly.resources.iter().filter_map(of).fold((0.0, 0.0), |(a, b), (c, d)| (a + c, b + d))
    };
    let mut total =
        vec![Cell::said("All of them"), Cell::Count(weekly.resources.iter().map(|one| one.operations).sum())];
    if hours {
        let (last, before) = sum(&|one| one.hours);
        total.extend([Cell::Number(last, 1), Cell::Number(before, 1)]);
    }
    if money {
        let (last, before) = sum(&|one| one.money);
        total.extend([Cell::Money(last), Cell::Money(before)]);
    }
    if scrap {
        let (last, before) = sum(&|one| one.scrap);
        total.extend([Cell::Number(last, 1), Cell::Number(before, 1)]);
    }
    if !hours && !money {
        part.note.clear();
    }
    part.table = Some(Table { columns, rows: rows.collect(), total: Some(total), printed: PRINTED });
    Some(part)
}
