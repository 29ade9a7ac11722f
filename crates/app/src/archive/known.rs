//! What is kept of a confirmed table, so that it is known again.

use mapping::learning::{KnownColumn, KnownTable, ValueShape};

use super::fields;

fields!(KnownTable { name, granularity, columns });
fields!(KnownColumn { source, field, unit, shape });
fields!(ValueShape { kind, format, mean, length_min, length_max, fill, distinct });
