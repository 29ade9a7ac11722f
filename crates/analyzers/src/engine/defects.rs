//! Pieces and defects per record of work, with defects found at an inspection given back to the work that made them.
//!
//! Where a defect is booked is not where it was made: counted as booked, inspectors would be the cause of everything.

use super::{frame::Frame, observations::NONE, plant::Plant};

/// One record: pieces that passed, and how many of them were bad.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lot {
    pub row: u32,
    pub pieces: f64,
    pub bad: f64,
}

/// What was gathered, and how much of it moved.
#[derive(Debug, Default)]
pub struct Lots {
    pub lots: Vec<Lot>,
    /// Defects that were booked at inspections and attributed to the work before them.
    pub moved: f64,
    /// Defects booked at inspections with no work before them: nobody is blamed for them.
    pub unplaced: f64,
}

/// Stems of words for inspection in the languages of exports.
const INSPECTION: [&str; 24] = [
    "inspect",
    "quality",
    "q.c",
    "testing",
    "final check",
    "measur",
    "prüf",
    "pruef",
    "kontroll",
    "qualität",
    "messen",
    "contrôle",
    "controle",
    "inspección",
    "inspeccion",
    "calidad",
    "control de",
    "collaudo",
    "controllo",
    "qualidade",
    "inspeção",
    "jakoś",
    "检验",
    "检查",
];
/// Whole words for it.
const INSPECTION_WORDS: [&str; 8] = ["qc", "qa", "iqc", "oqc", "ipqc", "cmm", "test", "check"];

/// Whether a name says that work is only looked at there.
pub fn names_inspection(name: &str) -> bool {
    let lower = name.to_lowercase();
    INSPECTION.iter().any(|stem| lower.contains(stem))
        || lower.split(|c: char| !c.is_alphanumeric()).any(|word| INSPECTION_WORDS.contains(&word))
}

/// For each row of a frame, whether it is an inspection.
pub fn inspections(frame: &Frame) -> Vec<bool> {
    let mut inspected = vec![false; frame.len];
    for field in [
        "operation_type",
        "operation_name",
        "operation_code",
        "work_center_name",
        "work_center_id",
        "machine_id",
    ] {
        let Some(words) = frame.words(field) else { continue };
        let named: Vec<bool> = words.names.iter().map(|name| names_inspection(name)).collect();
        for (row, code) in words.iter().enumerate() {
            inspected[row] |= named.get(code as usize).copied().unwrap_or(false);
        }
    }
    inspected
}

/// Lots of a frame. `bad` is the field that counts defects, `all_bad` all fields that are not good pieces.
pub fn lots(plant: &Plant, frame: &Frame, bad: &str) -> Lots {
    let inspected = {
        let mut inspected = inspections(frame);
        if std::ptr::eq(frame, &raw const plant.bookings) {
            let of_operation = inspections(&plant.operations);
            for (row, operation) in plant.operation_of_booking.iter().enumerate() {
                inspected[row] |= of_operation.get(*operation as usize).copied().unwrap_or(false);
            }
        }
        inspected
    };
    let mut result = Lots::default();
    let mut row = 0;
    while row < frame.len {
        let order = frame.order[row];
        let mut end = row + 1;
        while end < frame.len && frame.order[end] == order && order != NONE {
            end += 1;
        }
        let from = result.lots.len();
        for (at, inspected) in (row..end).zip(&inspected[row..end]) {
            let defects = frame.number(bad, at).unwrap_or(0.0).max(0.0);
            if *inspected {
                // What stands before it in this order made the defect: shared out by pieces, since who did is not known.
                let before = &mut result.lots[from..];
                let pieces: f64 = before.iter().map(|lot| lot.pieces).sum();
                if pieces > 0.0 {
                    for lot in before.iter_mut() {
                        lot.bad = (lot.bad + defects * lot.pieces / pieces).min(lot.pieces);
                    }
                    result.moved += defects;
                } else {
                    result.unplaced += defects;
                }
                continue;
            }
            let good = frame.number("operation_quantity_completed", at);
            let scrap = frame.number("operation_quantity_scrapped", at).unwrap_or(0.0).max(0.0);
            let pieces = match good {
                Some(good) => good.max(0.0) + scrap,
                None => frame.number("operation_quantity_in", at).unwrap_or(0.0),
            };
            if pieces > 0.0 {
                result.lots.push(Lot { row: at as u32, pieces, bad: defects.min(pieces) });
            }
        }
        row = end;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::frame::{Codes, Column};

    fn frame(names: &[&str], codes: Vec<u32>, good: Vec<f64>, bad: Vec<f64>) -> Frame {
        let mut frame = Frame {
            len: codes.len(),
            file: vec![0; codes.len()],
            row: (1..=codes.len() as u32).collect(),
            order: vec![0; codes.len()],
            ..Frame::default()
        };
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        frame.columns.insert("operation_name", Column::Words(Codes::new(codes, names)));
        frame.columns.insert("operation_quantity_completed", Column::Numbers(good));
        frame.columns.insert("operation_quantity_scrapped", Column::Numbers(bad));
        frame
    }

    #[test]
    fn defects_found_at_inspection_go_to_the_work_before_it() {
        let frame = frame(
            &["Final Inspection", "Milling", "Turning"],
            vec![2, 1, 0, 1],
            vec![100.0, 50.0, 140.0, 10.0],
            vec![0.0, 0.0, 6.0, 1.0],
        );
        let lots = lots(&Plant::default(), &frame, "operation_quantity_scrapped");
        assert_eq!(lots.moved, 6.0);
        let bad: Vec<f64> = lots.lots.iter().map(|lot| lot.bad).collect();
        assert_eq!(bad, [4.0, 2.0, 1.0]);
        assert!(lots.lots.iter().all(|lot| lot.row != 2), "an inspection is no lot");
    }

    #[test]
    fn names_of_inspection_are_known_in_many_languages() {
        for name in [
            "Final Inspection Q.C.",
            "Qualitätsprüfung",
            "QC",
            "Contrôle final",
            "Collaudo",
            "Lapping QC 2",
            "检验",
        ] {
            assert!(names_inspection(name), "{name}");
        }
        for name in ["Turning & Milling", "Laser Marking", "Fräsen", "Packing", "Grinding Rework"] {
            assert!(!names_inspection(name), "{name}");
        }
    }
}
