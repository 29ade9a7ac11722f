//! What a file may cost at most. One place, each with its reason.

/// An XLSX sheet ends at column XFD; no export of a plant is wider.
pub(crate) const COLUMNS_MAX: usize = 16_384;

/// Members of an archive. A workbook has some dozens; more is an attack or a backup.
pub(crate) const ENTRIES_MAX: usize = 10_000;

/// Bytes that the members of a workbook may unpack to: the largest sheets Excel itself can write stay below.
pub(crate) const WORKBOOK_BYTES_MAX: u64 = 2 << 30;

/// Unpacked over packed bytes. Sheets of repeated cells reach some 60; bombs of one layer 1,000.
pub(crate) const RATIO_MAX: u64 = 250;

/// Below this much unpacked data the ratio does not matter, and may be high for honest reasons.
pub(crate) const RATIO_FREE_BYTES: u64 = 32 << 20;

/// Cells of the rectangle around a sheet's data, above which most of them must be filled.
pub(crate) const SPARSE_CELLS_FREE: u64 = 100_000_000;

/// Rectangle over filled cells: two cells at opposite corners do not make a table.
pub(crate) const SPARSE_RATIO_MAX: u64 = 200;

/// Nested elements of XML. Exports need about ten.
pub(crate) const DEPTH_MAX: usize = 64;

/// Distinct element paths of an XML file that are watched for repetition.
pub(crate) const XML_PATHS_MAX: usize = 20_000;

/// Formats that have to be held in memory whole (old workbooks, HTML, XML that is not UTF-8).
pub(crate) const IN_MEMORY_BYTES_MAX: u64 = 512 << 20;

/// Merged regions of a sheet that are honoured.
pub(crate) const MERGED_MAX: usize = 20_000;

/// Rows that a merged label may cover before it counts as decoration.
pub(crate) const MERGED_ROWS_MAX: u32 = 10_000;
