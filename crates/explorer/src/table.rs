//! One table: all rows of some columns, or all columns of some rows.

use std::{
    fs::File,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use arrow::array::RecordBatch;
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{
            ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
            RowSelectionPolicy, RowSelector,
        },
    },
    file::metadata::PageIndexPolicy,
};

use crate::{Described, ExploreError, aside::Aside};

/// Rows that are decoded at once.
const BATCH: usize = 16_384;

#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) described: Described,
    /// The foot of the file with where each page begins, read once.
    foot: Mutex<Option<ArrowReaderMetadata>>,
    aside: Mutex<Option<Arc<Aside>>>,
    cells: AtomicU64,
}

type Builder = ParquetRecordBatchReaderBuilder<File>;

impl Table {
    pub(crate) fn new(described: Described) -> Self {
        Self { described, foot: Mutex::default(), aside: Mutex::default(), cells: AtomicU64::new(0) }
    }

    pub(crate) fn cells_read(&self) -> u64 {
        self.cells.load(Ordering::Relaxed)
    }

    /// What was worked out about the table once. Those who ask at once work it out once.
    pub(crate) fn aside(&self) -> Result<Arc<Aside>, ExploreError> {
        let mut kept = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(aside) = &*kept {
            return Ok(Arc::clone(aside));
        }
        let aside = Arc::new(Aside::open_or_make(self)?);
        *kept = Some(Arc::clone(&aside));
        Ok(aside)
    }

    pub(crate) fn has(&self, column: &str) -> Result<bool, ExploreError> {
        Ok(self.foot()?.schema().column_with_name(column).is_some())
    }

    fn foot(&self) -> Result<ArrowReaderMetadata, ExploreError> {
        let mut kept = self.foot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(foot) = &*kept {
            return Ok(foot.clone());
        }
        let options = ArrowReaderOptions::new().with_offset_index_policy(PageIndexPolicy::Optional);
        let foot = ArrowReaderMetadata::load(&self.file()?, options)?;
        *kept = Some(foot.clone());
        Ok(foot)
    }

    fn file(&self) -> Result<File, ExploreError> {
        let path = &self.described.parquet;
        File::open(path).map_err(ExploreError::io(path))
    }

    fn builder(&self, columns: &[&str]) -> Result<Builder, ExploreError> {
        let foot = self.foot()?;
        let mask = ProjectionMask::columns(foot.parquet_schema(), columns.iter().copied());
        Ok(Builder::new_with_metadata(self.file()?, foot).with_projection(mask).with_batch_size(BATCH))
    }

    fn count(&self, batch: &RecordBatch) {
        self.cells.fetch_add((batch.num_rows() * batch.num_columns()) as u64, Ordering::Relaxed);
    }

    /// All rows of some columns: each batch with the position of its first row. Columns that are not there are not in it.
    pub(crate) fn scan(
        &self,
        columns: &[&str],
        mut see: impl FnMut(u32, &RecordBatch) -> Result<(), ExploreError>,
    ) -> Result<(), ExploreError> {
        let mut from = 0;
        for batch in self.builder(columns)?.build()? {
            let batch = batch?;
            self.count(&batch);
            see(from, &batch)?;
            from += batch.num_rows() as u32;
        }
        Ok(())
    }

    /// Some columns of the rows at these positions, which grow: only the pages that hold them are decoded.
    pub(crate) fn at(&self, columns: &[&str], positions: &[u32]) -> Result<RecordBatch, ExploreError> {
        let mut builder = self.builder(columns)?.with_batch_size(positions.len().clamp(1, BATCH));
        let mut groups = Vec::new();
        let mut selectors = Vec::new();
        let (mut begin, mut next) = (0_u64, 0_usize);
        for (group, meta) in builder.metadata().row_groups().iter().enumerate() {
            let rows = u64::try_from(meta.num_rows()).unwrap_or_default();
            let end = begin + rows;
            let until = next + positions[next..].partition_point(|at| u64::from(*at) < end);
            if until > next {
                groups.push(group);
                let mut reached = begin;
                for at in &positions[next..until] {
                    let at = u64::from(*at);
                    if at > reached {
                        selectors.push(RowSelector::skip((at - reached) as usize));
                    }
                    selectors.push(RowSelector::select(1));
                    reached = at + 1;
                }
                if end > reached {
                    selectors.push(RowSelector::skip((end - reached) as usize));
                }
            }
            (begin, next) = (end, until);
        }
        builder = builder
            .with_row_groups(groups)
            .with_row_selection(RowSelection::from(selectors))
            .with_row_selection_policy(RowSelectionPolicy::Selectors);
        let reader = builder.build()?;
        let schema = arrow::array::RecordBatchReader::schema(&reader);
        let batches = reader.collect::<Result<Vec<_>, _>>()?;
        let batch = arrow::compute::concat_batches(&schema, &batches)?;
        self.count(&batch);
        Ok(batch)
    }
}
