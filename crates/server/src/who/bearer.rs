//! The `Authorization` header: exactly one, of scheme Bearer, of bounded length. Nothing else carries a credential.

use axum::http::{HeaderMap, header};

/// The longest credential that is looked at.
const LONGEST: usize = 16 * 1024;

/// What the header of a request holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearer<'a> {
    /// There is no such header.
    Absent,
    /// One credential; whether it proves anything is not known yet.
    Credential(&'a str),
    /// A header that is no single Bearer credential.
    Unusable,
}

/// Reads the header. A second header, another scheme, spaces or control characters make it unusable.
pub fn read(headers: &HeaderMap) -> Bearer<'_> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = all.next() else { return Bearer::Absent };
    if all.next().is_some() || value.len() > LONGEST {
        return Bearer::Unusable;
    }
    let Ok(text) = value.to_str() else { return Bearer::Unusable };
    let Some((scheme, credential)) = text.split_once(' ') else { return Bearer::Unusable };
    let token68 = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if !scheme.eq_ignore_ascii_case("bearer") || credential.is_empty() || !credential.bytes().all(token68) {
        return Bearer::Unusable;
    }
    Bearer::Credential(credential)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_one_bearer_header_of_bounded_length_is_read() {
        let huge = format!("Bearer {}", "a".repeat(LONGEST));
        let cases: &[(&[&str], bool)] = &[
            (&["Bearer abc"], true),
            (&["bearer abc"], true),
            (&["BEARER a.b-c_d~e+f/g="], true),
            (&["Bearer  abc"], false),
            (&["Bearer abc "], false),
            (&["Bearer a b"], false),
            (&["Bearer\tabc"], false),
            (&["Bearer "], false),
            (&["Bearer"], false),
            (&["abc"], false),
            (&[""], false),
            (&["Basic abc"], false),
            (&["Token abc"], false),
            (&["Bearer abc,Bearer def"], false),
            (&["Bearer abc", "Bearer abc"], false),
            (&["Bearer abc", "Basic abc"], false),
            (&["Bearer \u{e4}bc"], false),
            (&[&huge], false),
        ];
        for (lines, usable) in cases {
            let mut headers = HeaderMap::new();
            for line in *lines {
                headers.append(header::AUTHORIZATION, HeaderValue::from_bytes(line.as_bytes()).unwrap());
            }
            assert_eq!(matches!(read(&headers), Bearer::Credential(_)), *usable, "{lines:.60?}");
            assert_ne!(read(&headers), Bearer::Absent);
        }
        assert_eq!(read(&HeaderMap::new()), Bearer::Absent);
    }
}
