//! What stands beside the canonical tables of an analysis.

use super::fields;
use crate::analyses::canonical::{Kept, KeptTable};

fields!(Kept { datasets, files, tables, rows, issues, currency });
fields!(KeptTable { entity, rows, fields });
