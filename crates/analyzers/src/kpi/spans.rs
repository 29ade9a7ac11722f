//! When orders and resources were busy, from spans that overlap, repeat and leave gaps.
//!
//! Spans are gathered once and sorted here, in twenty-odd bytes each: a window over five million rows of text keys
//! takes the query engine past any memory it may have.

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray},
        compute::cast,
        datatypes::{DataType, Int64Type},
    },
    prelude::SessionContext,
};
use futures::StreamExt;
use ontology::Entity;

use crate::{
    engine::{
        frame::{Codes, CodesBuilder},
        observations::NONE,
    },
    error::AnalyzeError,
    query::table_name,
};

/// Spans of a table with both ends, and what each belongs to.
#[derive(Debug)]
pub(super) struct Spans {
    /// Microseconds.
    start: Vec<i64>,
    end: Vec<i64>,
    /// One set of codes per field asked for, in that order.
    of: Vec<Codes>,
}

/// The spans of one order or resource, laid over each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LaidOver {
    pub(super) name: String,
    /// Microseconds in which at least one span ran.
    pub(super) busy: i64,
    /// Microseconds from the first start to the last end.
    pub(super) reach: i64,
}

impl Spans {
    pub(super) async fn read(
        session: &SessionContext,
        entity: Entity,
        by: &[&str],
    ) -> Result<Self, AnalyzeError> {
        let columns: String = by.iter().flat_map(|field| [", ", field]).collect();
        let query = format!(
            "SELECT CAST(operation_actual_start AS BIGINT), CAST(operation_actual_end AS BIGINT){columns} \
             FROM {} WHERE operation_actual_start <= operation_actual_end",
            table_name(entity)
        );
        let mut stream = session.sql(&query).await?.execute_stream().await?;
        let (mut start, mut end) = (Vec::new(), Vec::new());
        let mut of: Vec<CodesBuilder> = by.iter().map(|_| CodesBuilder::default()).collect();
        while let Some(batch) = stream.next().await {
            let batch = batch?;
            start.extend_from_slice(batch.column(0).as_primitive::<Int64Type>().values());
            end.extend_from_slice(batch.column(1).as_primitive::<Int64Type>().values());
            for (builder, column) in of.iter_mut().zip(&batch.columns()[2..]) {
                words(column, builder)?;
            }
        }
        Ok(Self { start, end, of: of.into_iter().map(CodesBuilder::finish).collect() })
    }

    /// The spans of each value of the field at `which`, by name. Spans without a value are left out.
    pub(super) fn laid_over(&self, which: usize) -> Vec<LaidOver> {
        let Some(codes) = self.of.get(which) else { return Vec::new() };
        let mut order: Vec<u32> =
            (0..self.start.len() as u32).filter(|row| codes.code(*row as usize) != NONE).collect();
        let key = |row: u32| (codes.code(row as usize), self.start[row as usize], self.end[row as usize]);
        order.sort_unstable_by_key(|row| key(*row));
        let mut all: Vec<LaidOver> = Vec::new();
        let mut current = NONE;
        let (mut first, mut reached) = (0, 0);
        for (code, start, end) in order.into_iter().map(key) {
            if code != current {
                current = code;
                (first, reached) = (start, start);
                all.push(LaidOver { name: codes.names[code as usize].clone(), busy: 0, reach: 0 });
            }
            if let Some(one) = all.last_mut() {
                one.busy += (end - start.max(reached)).max(0);
                reached = reached.max(end);
                one.reach = reached - first;
            }
        }
        all
    }
}

fn words(column: &ArrayRef, builder: &mut CodesBuilder) -> Result<(), AnalyzeError> {
    let text = cast(column, &DataType::Utf8)?;
    let text = text.as_string::<i32>();
    for row in 0..text.len() {
        builder.push(text.is_valid(row).then(|| text.value(row)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Codes, LaidOver, NONE, Spans};

    #[test]
    fn spans_that_overlap_count_once_and_gaps_do_not_count() {
        let spans = Spans {
            start: vec![0, 5, 20, 7, 3, 50],
            end: vec![10, 12, 30, 9, 3, 60],
            of: vec![Codes::new(vec![0, 0, 0, 1, 1, NONE], vec!["A".to_owned(), "B".to_owned()])],
        };
        let busy = |name: &str, busy, reach| LaidOver { name: name.to_owned(), busy, reach };
        assert_eq!(spans.laid_over(0), [busy("A", 22, 30), busy("B", 2, 6)]);
        assert_eq!(spans.laid_over(1), []);
    }
}
