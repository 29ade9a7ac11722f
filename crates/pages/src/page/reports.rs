//! What can be taken along: workbooks, pages, tables.

use crate::{
    component::{
        Link,
        empty::Empty,
        table::{Cell, Head, Row, Table},
    },
    layout::{Crumb, Section, Shell},
    page::sheet::{Body, Part, Sheet},
    route,
};

/// One analysis with what can be downloaded of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Download {
    pub name: String,
    pub when: String,
    pub rows: String,
    pub findings: String,
    pub links: Vec<Link>,
}

pub fn page(shell: &Shell, downloads: &[Download]) -> Sheet {
    let shell = shell.with(Section::Reports, "Reports", vec![Crumb::here("Reports")]);
    let part = if downloads.is_empty() {
        Part::new(
            "",
            "",
            vec![Body::Empty(Empty::new(
                "file-text",
                "No report yet",
                "Each analysis can be taken along as a workbook with every figure, as one page that opens anywhere, or as tables.",
                Some(Link::new("Upload data", route::UPLOAD)),
            ))],
        )
    } else {
        let heads = vec![
            Head::text("Analysis"),
            Head::number("Rows used"),
            Head::number("Findings"),
            Head::text("Take along"),
        ];
        let rows = downloads
            .iter()
            .map(|download| {
                Row::new(vec![
                    Cell::OwnTwo(download.name.clone(), download.when.clone()),
                    Cell::number(&download.rows),
                    Cell::number(&download.findings),
                    Cell::Links(download.links.clone()),
                ])
            })
            .collect();
        Part::new("Analyses", "newest first", vec![Body::Table(Table::new("Analyses", heads, rows))])
    };
    Sheet::new(shell, "Reports", "Numbers in the workbooks are numbers and dates are dates.", vec![part])
}

pub fn samples() -> Vec<Sheet> {
    let shell = Shell::sample();
    let download = Download {
        name: "JOBCOST_SEP25.csv".to_owned(),
        when: "2 Oct 2025".to_owned(),
        rows: "12,266".to_owned(),
        findings: "15".to_owned(),
        links: vec![
            Link::new("Excel", "/reports/a1.xlsx"),
            Link::new("One page (HTML)", "/reports/a1.html"),
            Link::new("Findings (CSV)", "/reports/a1.csv"),
        ],
    };
    vec![page(&shell, &[download]), page(&shell, &[])]
}
