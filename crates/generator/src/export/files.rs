//! Writes finished orders to the files of a style, a few kilobytes at a time.

use std::collections::BTreeMap;

use super::{
    cell::Cell,
    columns::{Maintenance, Row, Show, show},
    style::{Grain, Style},
};
use crate::{
    calendar::{Calendar, WEEK},
    error::Error,
    plant::master_data::MACHINES_OF,
    simulation::{facility::Facility, order::Order},
    sink::Sink,
};

/// Bytes of a file that are collected before they go to the sink.
const PIECE: usize = 256 * 1024;

/// Weeks between two preventive services of a machine.
const SERVICE_WEEKS: i64 = 4;

#[derive(Debug)]
struct ExportFile {
    name: String,
    grain: Grain,
    columns: Vec<Show>,
    bytes: Vec<u8>,
    rows: u64,
}

/// All files of one plant.
pub(crate) struct Files<'a> {
    style: Style,
    open: Vec<ExportFile>,
    sink: &'a mut dyn Sink,
}

impl std::fmt::Debug for Files<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Files").field("open", &self.open).finish_non_exhaustive()
    }
}

impl<'a> Files<'a> {
    pub(crate) fn open(style: Style, sink: &'a mut dyn Sink) -> Result<Self, Error> {
        let mut files: Vec<ExportFile> = Vec::new();
        for column in &style.columns {
            let show =
                show(&column.key).ok_or_else(|| Error::Layout { what: "key", name: column.key.clone() })?;
            if files.last().is_none_or(|file| file.name != column.file) {
                files.push(ExportFile {
                    name: column.file.clone(),
                    grain: column.grain,
                    columns: Vec::new(),
                    bytes: Vec::new(),
                    rows: 0,
                });
            }
            if let Some(file) = files.last_mut() {
                if !file.columns.is_empty() {
                    file.bytes.push(style.delimiter);
                }
                style.quoted(&column.caption, &mut file.bytes);
                file.columns.push(show);
            }
        }
        for file in &mut files {
            file.bytes.extend_from_slice(b"\r\n");
        }
        Ok(Self { style, open: files, sink })
    }

    /// Canonical field of each caption of each file; columns without one are left out.
    pub(crate) fn fields(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let mut fields: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for column in &self.style.columns {
            let file = fields.entry(column.file.clone()).or_default();
            if !column.field.is_empty() {
                file.insert(column.caption.clone(), column.field.clone());
            }
        }
        fields
    }

    pub(crate) fn data_tier(&self) -> u8 {
        self.style.tier
    }

    /// Rows written so far, by file.
    pub(crate) fn rows(&self) -> BTreeMap<String, u64> {
        self.open.iter().map(|file| (file.name.clone(), file.rows)).collect()
    }

    fn row(&mut self, grain: Grain, row: Row<'_>) -> Result<(), Error> {
        for file in self.open.iter_mut().filter(|file| file.grain == grain) {
            let row = Row { serial: file.rows, ..row };
            for (position, show) in file.columns.iter().enumerate() {
                if position > 0 {
                    file.bytes.push(self.style.delimiter);
                }
                show(&row).unwrap_or(Cell::Empty).write(&self.style, &mut file.bytes);
            }
            file.bytes.extend_from_slice(b"\r\n");
            file.rows += 1;
            if file.bytes.len() >= PIECE {
                flush(file, self.sink)?;
            }
        }
        Ok(())
    }

    pub(crate) fn order(&mut self, order: &Order, calendar: Calendar) -> Result<(), Error> {
        let row = Row {
            calendar,
            order: Some(order),
            operation: None,
            ticket: None,
            line: None,
            stop: None,
            maintenance: None,
            serial: 0,
        };
        self.row(Grain::Order, row)?;
        for line in order.lines.iter().enumerate() {
            self.row(Grain::Line, Row { line: Some(line), ..row })?;
        }
        for operation in &order.operations {
            let row = Row { operation: Some(operation), ..row };
            self.row(Grain::Operation, row)?;
            for ticket in &operation.tickets {
                let row = Row { ticket: Some(ticket), ..row };
                self.row(Grain::Ticket, row)?;
                if ticket.scrap > 0 {
                    self.row(Grain::Reject, row)?;
                }
            }
            for stop in &operation.stops {
                self.row(Grain::Stop, Row { stop: Some(stop), ..row })?;
                let repair = Maintenance {
                    facility: order.facility,
                    work_center: operation.work_center,
                    machine: operation.machine,
                    day: calendar.closing_day(stop.start + stop.repair),
                    corrective: true,
                    cost: stop.repair_cost,
                };
                self.row(Grain::Maintenance, Row { maintenance: Some(&repair), ..row })?;
            }
        }
        Ok(())
    }

    /// The services of all machines of a facility, each every fourth Saturday.
    pub(crate) fn services(&mut self, facility: &Facility<'_>) -> Result<(), Error> {
        for week in 0..i64::from(facility.weeks) {
            for (work_center, machines) in MACHINES_OF.into_iter().enumerate() {
                for machine in machines.filter(|machine| (week + *machine as i64) % SERVICE_WEEKS == 0) {
                    let service = Maintenance {
                        facility: facility.number,
                        work_center,
                        machine,
                        day: facility.calendar.saturday(week * WEEK),
                        corrective: false,
                        cost: 18_000 + 1_000 * (machine as i64 % 7),
                    };
                    let row = Row {
                        calendar: facility.calendar,
                        order: None,
                        operation: None,
                        ticket: None,
                        line: None,
                        stop: None,
                        maintenance: Some(&service),
                        serial: 0,
                    };
                    self.row(Grain::Maintenance, row)?;
                }
            }
        }
        Ok(())
    }

    /// Hands the last pieces to the sink.
    pub(crate) fn close(mut self) -> Result<(), Error> {
        for file in &mut self.open {
            flush(file, self.sink)?;
        }
        Ok(())
    }
}

fn flush(file: &mut ExportFile, sink: &mut dyn Sink) -> Result<(), Error> {
    sink.write(&file.name, &file.bytes).map_err(|source| Error::Write { file: file.name.clone(), source })?;
    file.bytes.clear();
    Ok(())
}
