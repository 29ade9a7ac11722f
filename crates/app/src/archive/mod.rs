//! What is kept of a reading, a mapping and an analysis, so that it comes back as it was.
//!
//! The domain's nouns are no storage format: this is the wall where they become one, and back. Numbers are written as
//! text, because JSON readers may round the last digit and a result must come back to the last bit. A form that cannot
//! be read (written by a newer program, damaged) is an [`Unreadable`], never a guess.

mod analysis;
mod canonical;
mod chart;
mod known;
mod mapping;
mod over_time;
mod table;
mod words;

use std::sync::Arc;

use serde_json::{Map, Value};

/// Why an archived thing cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the stored form cannot be read: {0}")]
pub struct Unreadable(String);

impl Unreadable {
    fn not(what: &str, value: &Value) -> Self {
        let mut text = value.to_string();
        text.truncate(text.floor_char_boundary(60));
        Self(format!("{text} is no {what}"))
    }
}

/// The version of the form.
const FORM: u64 = 1;

/// A noun that can be kept.
pub trait Archived: Sized {
    fn keep(&self) -> Value;
    fn restore(value: Value) -> Result<Self, Unreadable>;
}

/// The bytes to keep.
pub fn encode<T: Archived>(noun: &T) -> Vec<u8> {
    serde_json::json!({"form": FORM, "of": noun.keep()}).to_string().into_bytes()
}

/// What [`encode`] was given.
pub fn decode<T: Archived>(bytes: &[u8]) -> Result<T, Unreadable> {
    let mut value: Value = serde_json::from_slice(bytes).map_err(|error| Unreadable(error.to_string()))?;
    if value["form"] != FORM {
        return Err(Unreadable(format!("its form is {}, this program reads {FORM}", value["form"])));
    }
    T::restore(value["of"].take())
}

/// Keeps a struct of the domain field by field. A field that an older form lacks reads as none or empty where its type
/// knows such a value.
macro_rules! fields {
    ($noun:path { $($field:ident),* $(,)? }) => {
        impl $crate::archive::Archived for $noun {
            fn keep(&self) -> serde_json::Value {
                let mut members = serde_json::Map::new();
                $(members.insert(stringify!($field).to_owned(), $crate::archive::Archived::keep(&self.$field));)*
                serde_json::Value::Object(members)
            }

            fn restore(value: serde_json::Value) -> Result<Self, $crate::archive::Unreadable> {
                let mut members = $crate::archive::members(value)?;
                Ok(Self {
                    $($field: $crate::archive::take(&mut members, stringify!($field))?,)*
                })
            }
        }
    };
}

/// Keeps a noun that has a name of its own by that name.
macro_rules! named {
    ($noun:path, $name:expr, $named:expr) => {
        impl $crate::archive::Archived for $noun {
            fn keep(&self) -> serde_json::Value {
                let name: fn(&$noun) -> String = $name;
                serde_json::Value::String(name(self))
            }

            fn restore(value: serde_json::Value) -> Result<Self, $crate::archive::Unreadable> {
                let named: fn(&str) -> Option<$noun> = $named;
                value
                    .as_str()
                    .and_then(named)
                    .ok_or_else(|| $crate::archive::Unreadable::not(stringify!($noun), &value))
            }
        }
    };
}

pub(crate) use {fields, named};

fn members(value: Value) -> Result<Map<String, Value>, Unreadable> {
    match value {
        Value::Object(members) => Ok(members),
        other => Err(Unreadable::not("object", &other)),
    }
}

fn take<T: Archived>(members: &mut Map<String, Value>, field: &str) -> Result<T, Unreadable> {
    let value = members.remove(field).unwrap_or(Value::Null);
    T::restore(value).map_err(|error| Unreadable(format!("{field}: {}", error.0)))
}

impl Archived for String {
    fn keep(&self) -> Value {
        Value::String(self.clone())
    }

    fn restore(value: Value) -> Result<Self, Unreadable> {
        match value {
            Value::String(text) => Ok(text),
            other => Err(Unreadable::not("text", &other)),
        }
    }
}

/// Words of the program's own vocabulary.
impl Archived for &'static str {
    fn keep(&self) -> Value {
        Value::String((*self).to_owned())
    }

    fn restore(value: Value) -> Result<Self, Unreadable> {
        value.as_str().and_then(words::word).ok_or_else(|| Unreadable::not("word", &value))
    }
}

impl Archived for f64 {
    fn keep(&self) -> Value {
        Value::String(format!("{self:?}"))
    }

    fn restore(value: Value) -> Result<Self, Unreadable> {
        value.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| Unreadable::not("number", &value))
    }
}

macro_rules! whole {
    ($($number:ty),*) => {$(
        impl Archived for $number {
            fn keep(&self) -> Value {
                Value::from(*self)
            }

            fn restore(value: Value) -> Result<Self, Unreadable> {
                let whole = value.as_i64().and_then(|whole| whole.try_into().ok());
                let whole = whole.or_else(|| value.as_u64().and_then(|whole| whole.try_into().ok()));
                whole.ok_or_else(|| Unreadable::not("whole number", &value))
            }
        }
    )*};
}
whole!(u8, u64, i64, usize);

impl Archived for bool {
    fn keep(&self) -> Value {
        Value::Bool(*self)
    }

    fn restore(value: Value) -> Result<Self, Unreadable> {
        value.as_bool().ok_or_else(|| Unreadable::not("truth value", &value))
    }
}

impl Archived for char {
    fn keep(&self) -> Value {
        Value::String(self.to_string())
    }

    fn restore(value: Value) -> Result<Self, Unreadable> {
        value.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| Unreadable::not("letter", &value))
    }
}

impl<T: Archived> Archived for Option<T> {
    fn keep(&self) -> Value {
        self.as_ref().map_or(Value::Null, Archived::keep)
    }

    fn restore(value: Value) -> Result<Self, Unreadable> {
        if value.is_null() { Ok(None) } else { T::restore(value).map(Some) }
    }
}

impl<T: Archived> Archived for Vec<T> {
    fn keep(&self) -> Value {
        self.iter().map(Archived::keep).collect()
    }

    fn restore(value: Value) -> Result<Self, Unreadable> {
        match value {
            Value::Array(items) => items.into_iter().map(T::restore).collect(),
            Value::Null => Ok(Self::new()),
            other => Err(Unreadable::not("list", &other)),
        }
    }
}

impl<A: Archived, B: Archived> Archived for (A, B) {
    fn keep(&self) -> Value {
        Value::Array(vec![self.0.keep(), self.1.keep()])
    }

    fn restore(mut value: Value) -> Result<Self, Unreadable> {
        match value.as_array_mut().map(Vec::as_mut_slice) {
            Some([first, second]) => Ok((A::restore(first.take())?, B::restore(second.take())?)),
            _ => Err(Unreadable::not("pair", &value)),
        }
    }
}

impl<T: Archived> Archived for Arc<T> {
    fn keep(&self) -> Value {
        self.as_ref().keep()
    }

    fn restore(value: Value) -> Result<Self, Unreadable> {
        T::restore(value).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_to_the_last_bit() {
        for number in [0.1, -0.0, 1e-300, f64::MAX, f64::MIN_POSITIVE, f64::INFINITY, 86_400.005] {
            let back: f64 = decode(&encode(&number)).unwrap();
            assert_eq!(back.to_bits(), number.to_bits());
        }
        assert!(decode::<f64>(&encode(&f64::NAN)).unwrap().is_nan());
        assert_eq!(decode::<u64>(&encode(&u64::MAX)).unwrap(), u64::MAX);
        assert_eq!(decode::<i64>(&encode(&i64::MIN)).unwrap(), i64::MIN);
    }

    #[test]
    fn what_is_no_form_is_refused() {
        assert!(decode::<u64>(b"").is_err());
        assert!(decode::<u64>(br#"{"form":2,"of":1}"#).is_err());
        assert!(decode::<u8>(br#"{"form":1,"of":256}"#).is_err());
        assert!(decode::<Vec<String>>(br#"{"form":1,"of":[1]}"#).is_err());
    }
}
