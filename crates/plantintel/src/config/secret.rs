//! A setting that is never shown.

use std::{fmt, fs, os::unix::fs::PermissionsExt, path::Path};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::failure::Failure;

/// Text that is neither printed nor logged.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Secret(Option<String>);

impl Secret {
    /// The text, for whoever needs it.
    pub(crate) fn reveal(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The secret in a file that not everybody may read.
    pub(crate) fn of_file(file: &Path) -> Result<String, Failure> {
        let mut secret = Self::default();
        secret.or_file(Some(file))?;
        match secret.0 {
            Some(text) if text.chars().count() >= 32 => Ok(text),
            _ => Err(Failure::Usage(format!(
                "the secret in {} has fewer than 32 characters; make one with: openssl rand -base64 48",
                file.display()
            ))),
        }
    }

    /// Reads the text from a file, unless it was given directly.
    pub(super) fn or_file(&mut self, file: Option<&Path>) -> Result<(), Failure> {
        let Some(file) = file else { return Ok(()) };
        if self.0.is_some() {
            return Err(Failure::Usage(format!(
                "{} and the setting itself are both given; give one",
                file.display()
            )));
        }
        let unreadable =
            |error| Failure::Usage(format!("the secret in {} cannot be read: {error}", file.display()));
        let mode = fs::metadata(file).map_err(unreadable)?.permissions().mode();
        if mode & 0o007 != 0 {
            return Err(Failure::Usage(format!(
                "everybody may read the secret in {0}; run: chmod 600 {0}",
                file.display()
            )));
        }
        let text = fs::read_to_string(file).map_err(unreadable)?;
        self.0 = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "set" } else { "not set" })
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Only defaults are written, and no secret has one.
        serializer.serialize_none()
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::text(deserializer).map(|text| Self(text.filter(|text| !text.is_empty())))
    }
}
