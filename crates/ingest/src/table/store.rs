//! The Parquet file, written column by column so that columns can be encoded side by side.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use domain::ValueKind;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use crate::error::ReadError;

/// The name of the column that holds the row of the file.
pub const SOURCE_ROW: &str = "source_row";

/// Bytes of the pages that are being written, over all columns.
const PAGES_BYTES: usize = 32 << 20;

pub struct Store {
    path: PathBuf,
    schema: SchemaRef,
    file: SerializedFileWriter<BufWriter<File>>,
    factory: ArrowRowGroupWriterFactory,
    groups: usize,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.path)
            .field("groups", &self.groups)
            .finish_non_exhaustive()
    }
}

pub fn data_type(kind: ValueKind) -> DataType {
    match kind {
        ValueKind::Boolean => DataType::Boolean,
        ValueKind::Integer => DataType::Int64,
        ValueKind::Decimal | ValueKind::Duration | ValueKind::TimeOfDay => DataType::Float64,
        ValueKind::Date | ValueKind::DateTime => DataType::Timestamp(TimeUnit::Microsecond, None),
        ValueKind::Text | ValueKind::Empty => DataType::Utf8,
    }
}

impl Store {
    /// Creates the file. `repeats` says for each column whether values repeat, so that a dictionary pays.
    pub fn create(path: &Path, kinds: &[ValueKind], repeats: &[bool]) -> Result<Self, ReadError> {
        let mut fields = vec![Field::new(SOURCE_ROW, DataType::Int64, false)];
        fields.extend(
            kinds.iter().enumerate().map(|(i, kind)| Field::new(format!("c{i}"), data_type(*kind), true)),
        );
        let schema = Arc::new(Schema::new(fields));
        // Each column holds a page and a dictionary while it is written, however many columns there are.
        let page = (PAGES_BYTES / kinds.len().max(1)).clamp(16 << 10, 1 << 20);
        let mut properties = WriterProperties::builder()
            .set_data_page_size_limit(page)
            .set_dictionary_page_size_limit(page)
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_column_dictionary_enabled(ColumnPath::from(SOURCE_ROW), false);
        // Nobody skips groups of rows by their texts.
        for (column, _) in kinds.iter().enumerate().filter(|(_, kind)| data_type(**kind) == DataType::Utf8) {
            let name = ColumnPath::from(format!("c{column}"));
            properties = properties.set_column_statistics_enabled(name, EnabledStatistics::None);
        }
        for (column, _) in repeats.iter().enumerate().filter(|(_, repeats)| !**repeats) {
            let name = ColumnPath::from(format!("c{column}"));
            properties = properties.set_column_dictionary_enabled(name, false);
        }
        let properties = Arc::new(properties.build());
        let parquet = ArrowSchemaConverter::new().convert(&schema).map_err(|e| failed(path, &e))?;
        let target = File::create(path).map_err(|e| ReadError::io("create", path, e))?;
        let file = SerializedFileWriter::new(BufWriter::new(target), parquet.root_schema_ptr(), properties)
            .map_err(|e| failed(path, &e))?;
        let factory = ArrowRowGroupWriterFactory::new(&file, Arc::clone(&schema));
        Ok(Self { path: path.to_owned(), schema, file, factory, groups: 0 })
    }

    /// Writers for the next group of rows: the source row, then the columns.
    pub fn writers(&self) -> Result<Vec<ColumnWriter>, ReadError> {
        let writers = self.factory.create_column_writers(self.groups).map_err(|e| failed(&self.path, &e))?;
        let fields = self.schema.fields().iter().map(|field| field.as_ref().clone());
        Ok(writers.into_iter().zip(fields).map(|(writer, field)| ColumnWriter { writer, field }).collect())
    }

    /// Appends a group of rows.
    pub fn append(&mut self, chunks: Vec<ArrowColumnChunk>) -> Result<(), ReadError> {
        let path = self.path.clone();
        let error = |e| failed(&path, &e);
        let mut group = self.file.next_row_group().map_err(error)?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut group).map_err(error)?;
        }
        group.close().map_err(error)?;
        self.groups += 1;
        Ok(())
    }

    pub fn finish(self) -> Result<(), ReadError> {
        let path = self.path;
        self.file.close().map(|_| ()).map_err(|e| failed(&path, &e))
    }
}

/// Encodes one column of a group of rows.
pub struct ColumnWriter {
    writer: ArrowColumnWriter,
    field: Field,
}

impl std::fmt::Debug for ColumnWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ColumnWriter").field("field", &self.field).finish_non_exhaustive()
    }
}

impl ColumnWriter {
    pub fn write(&mut self, array: &ArrayRef) -> Result<(), ParquetError> {
        for leaf in compute_leaves(&self.field, array)? {
            self.writer.write(&leaf)?;
        }
        Ok(())
    }

    pub fn close(self) -> Result<ArrowColumnChunk, ParquetError> {
        self.writer.close()
    }
}

pub fn failed(path: &Path, error: &ParquetError) -> ReadError {
    ReadError::Write { path: path.to_owned(), detail: error.to_string() }
}
