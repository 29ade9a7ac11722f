//! Words as they are compared: without case and without blanks around.

/// The same for all ways of writing one word that differ in case and in blanks around only.
pub(crate) fn key(text: &str) -> String {
    text.trim().to_lowercase()
}
