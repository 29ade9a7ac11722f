//! The sheets around the findings: overview with ledger, key figures, data quality.

use domain::{Analysis, analysis::EntityRef};
use rust_xlsxwriter::Workbook;

use super::style::Style;
use crate::{Caption, ReportError, number, pdf::grade};

pub(crate) fn write(
    workbook: &mut Workbook,
    analysis: &Analysis,
    caption: &Caption,
    style: &Style,
) -> Result<(), ReportError> {
    let sheet = workbook.add_worksheet();
    sheet.set_name(&*style.say("Overview"))?;
    sheet.set_column_width(0, 6)?;
    sheet.set_column_width(1, 70)?;
    sheet.set_column_width(2, 16)?;
    sheet.set_column_width(3, 16)?;
    sheet.set_column_width(4, 16)?;
    sheet.set_column_width(5, 16)?;
    sheet.write_string_with_format(0, 1, &*style.say("Where the plant is losing money"), &style.title)?;
    let period = analysis.period.as_ref().map_or(String::new(), |period| {
        style.say(&format!("{} to {}", number::date(&period.start), number::date(&period.end))).into_owned()
    });
    sheet.write_string(1, 1, format!("{period} {}", caption.files.join(", ")).trim())?;
    sheet.write_string(2, 1, &*style.say(&caption.settings))?;
    let heads = ["", "Finding", "In this period", "Low", "High", "A year", "Priority", "Evidence", "n"];
    for (column, head) in heads.into_iter().enumerate() {
        sheet.write_string_with_format(4, column as u16, &*style.say(head), &style.head)?;
    }
    let mut row = 5;
    for (rank, finding) in analysis.findings_by_money().into_iter().enumerate() {
        sheet.write_number_with_format(row, 0, (rank + 1) as f64, &style.count)?;
        sheet.write_string(row, 1, &*style.say(&finding.title))?;
        if let Some(impact) = &finding.impact {
            for (column, money) in (2..).zip([&impact.value, &impact.low, &impact.high, &impact.annualized]) {
                sheet.write_number_with_format(row, column, money.to_f64(), &style.money)?;
            }
        }
        sheet.write_number_with_format(row, 6, f64::from(finding.priority), &style.count)?;
        sheet.write_string(row, 7, &*style.say(grade(finding.evidence_grade)))?;
        sheet.write_number_with_format(row, 8, finding.n as f64, &style.count)?;
        row += 1;
    }
    row += 1;
    let totals = &analysis.totals;
    let mut lines = vec![
        ("Planned cost, flexed to the quantity made".to_owned(), &totals.planned_cost),
        ("Actual cost".to_owned(), &totals.actual_cost),
        ("Variance".to_owned(), &totals.variance),
    ];
    lines.extend(
        totals.parts.iter().map(|(name, money)| (format!("of it {}", name.replace('_', " ")), money)),
    );
    lines.push(("Explained by findings".to_owned(), &totals.explained));
    lines.push(("Remainder".to_owned(), &totals.remainder));
    for (label, money) in lines {
        sheet.write_string(row, 1, &*style.say(&label))?;
        sheet.write_number_with_format(row, 2, money.to_f64(), &style.money)?;
        row += 1;
    }
    sheet.set_freeze_panes(5, 0)?;
    Ok(())
}

pub(crate) fn write_kpis(
    workbook: &mut Workbook,
    analysis: &Analysis,
    style: &Style,
) -> Result<(), ReportError> {
    let sheet = workbook.add_worksheet();
    sheet.set_name(&*style.say("Key figures"))?;
    sheet.set_column_width(0, 34)?;
    sheet.set_column_width(1, 28)?;
    for (column, head) in
        ["Figure", "Of", "Value", "Unit", "Numerator", "Denominator", "Note"].into_iter().enumerate()
    {
        sheet.write_string_with_format(0, column as u16, &*style.say(head), &style.head)?;
    }
    for (row, kpi) in (1..).zip(&analysis.kpis) {
        let name = ontology::kpi::named(kpi.id).map_or(kpi.id, |definition| definition.name);
        let of = |entity: &EntityRef| {
            let said = format!("{} {}", entity.field.as_str().replace('_', " "), entity.value);
            style.say(&said).into_owned()
        };
        let scope: Vec<String> = kpi.scope.iter().map(of).collect();
        sheet.write_string(row, 0, &*style.say(&ontology::field::sentence_case(name)))?;
        sheet.write_string(row, 1, scope.join(", "))?;
        let format = if kpi.unit == "1" { &style.percent } else { &style.number };
        for (column, value, format) in
            [(2, kpi.value, format), (4, kpi.numerator, &style.number), (5, kpi.denominator, &style.number)]
        {
            if value.is_finite() {
                sheet.write_number_with_format(row, column, value, format)?;
            }
        }
        // A share says by its percent sign what it is.
        let unit = if kpi.unit == "1" { "" } else { kpi.unit };
        sheet.write_string(row, 3, &*style.say(unit))?;
        sheet.write_string(row, 6, &*style.say(kpi.note.as_deref().unwrap_or_default()))?;
    }
    Ok(())
}

pub(crate) fn write_quality(
    workbook: &mut Workbook,
    analysis: &Analysis,
    style: &Style,
) -> Result<(), ReportError> {
    let sheet = workbook.add_worksheet();
    sheet.set_name(&*style.say("Data quality"))?;
    sheet.set_column_width(0, 90)?;
    for (column, head) in ["What was found", "Rows", "File", "Row"].into_iter().enumerate() {
        sheet.write_string_with_format(0, column as u16, &*style.say(head), &style.head)?;
    }
    let mut row = 1;
    let set_aside = analysis
        .rows
        .set_aside
        .iter()
        .map(|item| (format!("Set aside: {}", item.reason), item.rows, &item.examples));
    let items =
        analysis.data_quality.items.iter().map(|item| (item.sentence.clone(), item.rows, &item.examples));
    for (sentence, rows, examples) in set_aside.chain(items) {
        sheet.write_string_with_format(row, 0, &*style.say(&sentence), &style.wrapped)?;
        sheet.write_number_with_format(row, 1, rows as f64, &style.count)?;
        for example in examples.iter().take(100) {
            sheet.write_string_with_format(row, 2, &example.file, &style.text)?;
            sheet.write_number_with_format(row, 3, example.row as f64, &style.count)?;
            row += 1;
        }
        if examples.is_empty() {
            row += 1;
        }
    }
    Ok(())
}
