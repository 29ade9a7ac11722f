//! The wall between Postgres values and the product's nouns: ids, instants, dates, words of a fixed list, documents.

use domain::id::{
    AnalysisId, ApiKeyId, ConfigurationId, ConversationId, DatasetId, FacilityId, FileId, FindingId,
    InvitationId, JobId, OrgId, ProfileId, SessionId, ShareId, UserId,
};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgRow, PgTypeInfo, PgValueRef};
use sqlx::{Decode, Encode, Postgres, Row, Type};
use uuid::Uuid;

/// 2000-01-01T00:00:00Z, from which Postgres counts, in microseconds since 1970.
const POSTGRES_EPOCH_US: i64 = 946_684_800_000_000;
/// The same in days.
const POSTGRES_EPOCH_DAYS: i32 = 10_957;

/// An instant as `timestamptz`, to the microsecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp(pub(crate) Timestamp);

impl Type<Postgres> for Stamp {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("timestamptz")
    }
}

impl Encode<'_, Postgres> for Stamp {
    fn encode_by_ref(&self, buf: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <i64 as Encode<Postgres>>::encode(self.0.as_microsecond() - POSTGRES_EPOCH_US, buf)
    }
}

impl<'r> Decode<'r, Postgres> for Stamp {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let since_2000 = <i64 as Decode<Postgres>>::decode(value)?;
        let since_1970 = since_2000.checked_add(POSTGRES_EPOCH_US).ok_or("an instant beyond the calendar")?;
        Ok(Self(Timestamp::from_microsecond(since_1970)?))
    }
}

/// A calendar day as `date`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day(pub(crate) Date);

impl Type<Postgres> for Day {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("date")
    }
}

impl Encode<'_, Postgres> for Day {
    fn encode_by_ref(&self, buf: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let epoch = jiff::civil::date(1970, 1, 1);
        let days = self.0.since((jiff::Unit::Day, epoch))?.get_days();
        <i32 as Encode<Postgres>>::encode(days - POSTGRES_EPOCH_DAYS, buf)
    }
}

impl<'r> Decode<'r, Postgres> for Day {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let days = <i32 as Decode<Postgres>>::decode(value)?;
        let days = days.checked_add(POSTGRES_EPOCH_DAYS).ok_or("a day beyond the calendar")?;
        let day = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days)?)?;
        Ok(Self(day))
    }
}

/// A JSON document on its way in. Postgres refuses U+0000 in `jsonb`, so one NUL in a customer's header would fail a whole
/// import: it is shown as U+2400 instead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Document<'a>(pub(crate) &'a Value);

impl Type<Postgres> for Document<'_> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("jsonb")
    }
}

impl Encode<'_, Postgres> for Document<'_> {
    fn encode_by_ref(&self, buf: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        if has_nul(self.0) {
            return <Value as Encode<Postgres>>::encode(without_nul(self.0), buf);
        }
        <Value as Encode<Postgres>>::encode_by_ref(self.0, buf)
    }
}

/// A document that `jsonb` takes.
pub(crate) fn without_nul(document: &Value) -> Value {
    let mut clean = document.clone();
    replace_nul(&mut clean);
    clean
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(entries) => entries.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        _ => false,
    }
}

fn replace_nul(value: &mut Value) {
    match value {
        Value::String(text) => *text = plain(text),
        Value::Array(items) => items.iter_mut().for_each(replace_nul),
        Value::Object(entries) => {
            let old = std::mem::take(entries);
            for (key, mut value) in old {
                replace_nul(&mut value);
                entries.insert(plain(&key), value);
            }
        }
        _ => {}
    }
}

/// Text of a customer on its way in: NUL, which Postgres does not take, is shown as U+2400.
pub(crate) fn plain(text: &str) -> String {
    text.replace('\0', "\u{2400}")
}

/// The first `n` characters of a text of a customer, ready to be stored.
pub(crate) fn plain_prefix(text: &str, n: usize) -> String {
    plain(text).chars().take(n).collect()
}

/// A type that a column reads as.
pub(crate) trait Column: Sized {
    fn column(row: &PgRow, name: &str) -> Result<Self, sqlx::Error>;
}

macro_rules! plain_columns {
    ($($type:ty),* $(,)?) => {$(
        impl Column for $type {
            fn column(row: &PgRow, name: &str) -> Result<Self, sqlx::Error> {
                row.try_get(name)
            }
        }
        impl Column for Option<$type> {
            fn column(row: &PgRow, name: &str) -> Result<Self, sqlx::Error> {
                row.try_get(name)
            }
        }
    )*};
}
plain_columns!(
    bool,
    i16,
    i32,
    i64,
    f64,
    String,
    Uuid,
    Value,
    Decimal,
    Vec<u8>,
    Vec<String>,
    Vec<Uuid>,
    Vec<Vec<u8>>
);

macro_rules! converted_columns {
    ($($type:ty as $stored:ty, |$value:ident| $convert:expr);* $(;)?) => {$(
        impl Column for $type {
            fn column(row: &PgRow, name: &str) -> Result<Self, sqlx::Error> {
                row.try_get::<$stored, _>(name).map(|$value| $convert)
            }
        }
        impl Column for Option<$type> {
            fn column(row: &PgRow, name: &str) -> Result<Self, sqlx::Error> {
                row.try_get::<Option<$stored>, _>(name).map(|value| value.map(|$value| $convert))
            }
        }
    )*};
}
converted_columns! {
    Timestamp as Stamp, |stamp| stamp.0;
    Date as Day, |day| day.0;
    AnalysisId as Uuid, |id| AnalysisId(id);
    ApiKeyId as Uuid, |id| ApiKeyId(id);
    ConfigurationId as Uuid, |id| ConfigurationId(id);
    ConversationId as Uuid, |id| ConversationId(id);
    DatasetId as Uuid, |id| DatasetId(id);
    FacilityId as Uuid, |id| FacilityId(id);
    FileId as Uuid, |id| FileId(id);
    FindingId as Uuid, |id| FindingId(id);
    InvitationId as Uuid, |id| InvitationId(id);
    JobId as Uuid, |id| JobId(id);
    ShareId as Uuid, |id| ShareId(id);
    OrgId as Uuid, |id| OrgId(id);
    ProfileId as Uuid, |id| ProfileId(id);
    SessionId as Uuid, |id| SessionId(id);
    UserId as Uuid, |id| UserId(id);
}

/// Declares the rows of a table as a struct whose fields are read from the columns of the same name.
macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow> for $name {
            fn from_row(row: &'r sqlx::postgres::PgRow) -> std::result::Result<Self, sqlx::Error> {
                Ok(Self {
                    $($field: <$type as crate::column::Column>::column(row, stringify!($field).trim_start_matches("r#").trim_end_matches('_'))?,)*
                })
            }
        }
    };
}
pub(crate) use record;

/// Declares a fixed list of words as an enum that is stored under the words' names.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$word_doc])* $word,)*
        }

        impl $name {
            /// Every word of the list, in order.
            pub const ALL: &'static [Self] = &[$(Self::$word),*];

            /// The name under which it is stored and shown in the API.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$word => $text,)*
                }
            }

            /// The word of this name.
            pub fn parse(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Self::$word),)*
                    _ => None,
                }
            }
        }

        crate::column::named_column!($name);
    };
}
pub(crate) use words;

/// Lets a type with `parse` be read from a text column.
macro_rules! named_column {
    ($name:ty) => {
        impl crate::column::Column for $name {
            fn column(row: &sqlx::postgres::PgRow, name: &str) -> std::result::Result<Self, sqlx::Error> {
                let text: String = sqlx::Row::try_get(row, name)?;
                Self::parse(&text).ok_or_else(|| crate::column::unknown_word(name, &text))
            }
        }

        impl crate::column::Column for Option<$name> {
            fn column(row: &sqlx::postgres::PgRow, name: &str) -> std::result::Result<Self, sqlx::Error> {
                let text: Option<String> = sqlx::Row::try_get(row, name)?;
                let known = |text: String| {
                    <$name>::parse(&text).ok_or_else(|| crate::column::unknown_word(name, &text))
                };
                text.map(known).transpose()
            }
        }
    };
}
pub(crate) use named_column;
named_column!(domain::Role);

/// The error of a word that the program does not know.
pub(crate) fn unknown_word(column: &str, text: &str) -> sqlx::Error {
    sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: format!("the unknown word {text:?}").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nul_becomes_a_picture_everywhere_in_a_document() {
        let mut value = json!({"a\0b": ["x\0", {"k": "\0"}], "n": 1});
        assert!(has_nul(&value));
        replace_nul(&mut value);
        assert_eq!(value, json!({"a␀b": ["x␀", {"k": "␀"}], "n": 1}));
        assert!(!has_nul(&value));
    }
}
