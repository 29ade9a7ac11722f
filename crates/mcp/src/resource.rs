//! What can be read by its address: the report of an analysis, and each of its findings.

use crate::Line;

const ANALYSES: &str = "plantintel://analyses/";

/// Findings that are listed of an analysis; the others can be read all the same.
pub const LISTED: usize = 50;

/// The report of an analysis.
pub fn report(analysis: &str, name: String) -> Line {
    Line { uri: format!("{ANALYSES}{analysis}/report"), name, mime_type: "text/html".to_owned() }
}

/// A finding of an analysis.
pub fn finding(analysis: &str, id: &str, title: &str) -> Line {
    Line {
        uri: format!("{ANALYSES}{analysis}/findings/{id}"),
        name: title.to_owned(),
        mime_type: "application/json".to_owned(),
    }
}

/// The analysis that an address names, and what of it.
pub fn named(uri: &str) -> Option<(&str, &str)> {
    uri.strip_prefix(ANALYSES)?.split_once('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_listed_can_be_read() {
        assert_eq!(named(&report("a1", String::new()).uri), Some(("a1", "report")));
        assert_eq!(named(&finding("a1", "scrap_rate-6d", "").uri), Some(("a1", "findings/scrap_rate-6d")));
        assert_eq!(named("file:///etc/passwd"), None);
        assert_eq!(named("plantintel://analyses/a1"), None);
    }
}
