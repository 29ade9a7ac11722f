//! Writing a canonical table: one file, rows in a fixed order, the same bytes every time.

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{SyncSender, sync_channel},
    },
    thread::JoinHandle,
};

use datafusion::{
    arrow::{
        array::{Array, RecordBatch},
        datatypes::{Schema, SchemaRef},
    },
    dataframe::DataFrame,
    parquet::{arrow::ArrowWriter, basic::Compression, file::properties::WriterProperties},
};
use futures::StreamExt;
use ontology::FieldId;

use super::CanonicalTable;
use crate::error::AnalyzeError;

/// A Parquet file in the making; it counts what it is given. Encoding is done on a thread of its own, so that the rows
/// that follow are computed meanwhile.
pub(crate) struct Sink {
    path: PathBuf,
    batches: SyncSender<RecordBatch>,
    writer: JoinHandle<Result<(), AnalyzeError>>,
    schema: SchemaRef,
    rows: u64,
    filled: Vec<u64>,
}

const ROW_GROUP: usize = 262_144;

/// Batches that may wait for the encoder.
const WAITING: usize = 4;

impl Sink {
    pub(crate) fn create(path: &Path, schema: &Schema) -> Result<Self, AnalyzeError> {
        // Nullability differs between plans; a file's schema does not.
        let fields: Vec<_> =
            schema.fields().iter().map(|field| field.as_ref().clone().with_nullable(true)).collect();
        let schema = Arc::new(Schema::new(fields));
        let file = File::create(path).map_err(|source| AnalyzeError::Io { path: path.to_owned(), source })?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .build();
        let mut writer = ArrowWriter::try_new(file, schema.clone(), Some(properties))?;
        let (batches, waiting) = sync_channel::<RecordBatch>(WAITING);
        let writer = std::thread::spawn(move || {
            for batch in waiting {
                writer.write(&batch)?;
            }
            writer.close()?;
            Ok(())
        });
        let filled = vec![0; schema.fields().len()];
        Ok(Self { path: path.to_owned(), batches, writer, schema, rows: 0, filled })
    }

    pub(crate) fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// Hands a batch to the encoder. Whatever the encoder could not do is said by [`Self::finish`].
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), AnalyzeError> {
        let batch = RecordBatch::try_new(self.schema.clone(), batch.columns().to_vec())?;
        self.rows += batch.num_rows() as u64;
        for (filled, column) in self.filled.iter_mut().zip(batch.columns()) {
            *filled += (column.len() - column.null_count()) as u64;
        }
        // A writer that has ended early keeps its error for the end; what comes after it is of no use to it.
        let _ = self.batches.send(batch);
        Ok(())
    }

    pub(crate) async fn write_all(&mut self, frame: DataFrame) -> Result<(), AnalyzeError> {
        let mut stream = frame.execute_stream().await?;
        while let Some(batch) = stream.next().await {
            self.write(&batch?)?;
            if self.writer.is_finished() {
                break;
            }
        }
        Ok(())
    }

    /// Rows it was given so far.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    pub(crate) fn finish(self) -> Result<CanonicalTable, AnalyzeError> {
        drop(self.batches);
        self.writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        let fields: BTreeMap<FieldId, f64> = self
            .schema
            .fields()
            .iter()
            .zip(&self.filled)
            .filter_map(|(field, filled)| {
                let id = FieldId::named(field.name())?;
                Some((id, if self.rows == 0 { 0.0 } else { *filled as f64 / self.rows as f64 }))
            })
            .collect();
        Ok(CanonicalTable { path: self.path, rows: self.rows, fields })
    }
}
