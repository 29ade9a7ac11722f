//! A picture with its rows.

use domain::chart::Chart;
use translation::Tongue;

use super::Picture;
use crate::{
    ReportError,
    chart::{Renderer, in_tongue, table, table::TableCell},
    number,
};

pub(super) fn picture(
    chart: &Chart,
    renderer: &Renderer,
    width: u32,
    tongue: Tongue,
) -> Result<Picture, ReportError> {
    let rows = table::table(chart);
    Ok(Picture {
        title: chart.title.clone(),
        caption: chart.caption.clone(),
        svg: renderer.svg(&in_tongue(chart, tongue), width, tongue)?,
        heads: rows.heads,
        rows: rows
            .rows
            .into_iter()
            .take(60)
            .map(|row| {
                row.into_iter()
                    .map(|cell| match cell {
                        TableCell::Text(text) => text,
                        TableCell::Number(value) => number::short(value, ""),
                        TableCell::Day(micros) => number::day(micros),
                        TableCell::Empty => "–".to_owned(),
                    })
                    .collect()
            })
            .collect(),
    })
}
