//! The name under which one request is found again in answer, log and audit trail.

use std::fmt;

/// Sixteen bytes, written as 32 lower-case hexadecimal digits, as in W3C Trace Context. Never all zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TraceId([u8; 16]);

impl TraceId {
    /// A trace of these bytes. All zero means "no trace" in the standard, so that one bit is set instead.
    pub fn new(bytes: [u8; 16]) -> Self {
        if bytes == [0; 16] { Self(1_u128.to_be_bytes()) } else { Self(bytes) }
    }

    /// The trace that 32 lower-case hexadecimal digits name.
    pub fn parse(text: &str) -> Option<Self> {
        let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() != 32 || !text.bytes().all(lower_hex) {
            return None;
        }
        match u128::from_str_radix(text, 16) {
            Ok(0) | Err(_) => None,
            Ok(number) => Some(Self(number.to_be_bytes())),
        }
    }

    /// The bytes, for storing.
    pub fn bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_read_as_it_is_written_and_never_zero() {
        let trace = TraceId::parse("4bf92f3577b34da6a3ce929d0e0e4736").unwrap();
        assert_eq!(trace.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        for wrong in [
            "",
            "00000000000000000000000000000000",
            "4BF92F3577B34DA6A3CE929D0E0E4736",
            "+bf92f3577b34da6a3ce929d0e0e4736",
        ] {
            assert_eq!(TraceId::parse(wrong), None, "{wrong}");
        }
        assert_ne!(TraceId::new([0; 16]).to_string(), "0".repeat(32));
    }
}
