//! The compiled-in files as rows of cells.

/// Name below `knowledge/` and text of every data file, sorted by name.
static FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/knowledge_files.rs"));

/// Rows of one file, without its header; none where the file is absent. A row that is no CSV is skipped here and
/// refused by the test over all files.
pub(crate) fn of(name: &str) -> Vec<Vec<&'static str>> {
    FILES.iter().find(|(file, _)| *file == name).map_or_else(Vec::new, |(_, text)| parse(text))
}

/// Names and rows of the files of one folder.
pub(crate) fn under(folder: &str) -> impl Iterator<Item = (&'static str, Vec<Vec<&'static str>>)> + '_ {
    FILES.iter().filter_map(move |(name, text)| {
        let stem = name.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(".csv")?;
        Some((stem, parse(text)))
    })
}

/// Cells of every row behind the header. Quoted cells with doubled quotes are copied; all others are borrowed, which
/// keeps the reading of thousands of rows within milliseconds.
fn parse(text: &'static str) -> Vec<Vec<&'static str>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (cell, after, ended) = cell(rest);
        row.push(cell);
        rest = after;
        if ended || rest.is_empty() {
            if row.iter().any(|cell| !cell.is_empty()) {
                rows.push(std::mem::take(&mut row));
            }
            row.clear();
        }
    }
    if !rows.is_empty() {
        rows.remove(0);
    }
    rows
}

/// One cell, what follows it, and whether it ended its row.
fn cell(text: &'static str) -> (&'static str, &'static str, bool) {
    if let Some(quoted) = text.strip_prefix('"') {
        let mut from = 0;
        let mut doubled = false;
        while let Some(quote) = quoted[from..].find('"').map(|quote| quote + from) {
            if quoted[quote + 1..].starts_with('"') {
                doubled = true;
                from = quote + 2;
                continue;
            }
            let inside = &quoted[..quote];
            let cell = if doubled { inside.replace("\"\"", "\"").leak() } else { inside };
            let after = &quoted[quote + 1..];
            let end = after.find([',', '\n']).unwrap_or(after.len());
            let ended = after[end..].starts_with('\n');
            return (cell, after.get(end + 1..).unwrap_or(""), ended);
        }
        return (quoted, "", true);
    }
    let end = text.find([',', '\n']).unwrap_or(text.len());
    let ended = text[end..].starts_with('\n');
    (text[..end].trim_end_matches('\r'), text.get(end + 1..).unwrap_or(""), ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_reads_as_the_csv_crate_reads_it() {
        for (name, text) in FILES {
            let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
            let expected: Vec<Vec<String>> = reader
                .records()
                .map(|record| record.unwrap_or_else(|error| panic!("{name}: {error}")))
                .map(|record| record.iter().map(str::to_owned).collect::<Vec<_>>())
                .filter(|row| row.iter().any(|cell| !cell.is_empty()))
                .collect();
            assert_eq!(parse(text), expected, "{name}");
        }
    }

    #[test]
    fn quotes_and_blank_lines_are_read() {
        let rows = parse("a,b,c\r\n1,\"x, \"\"y\"\"\",3\n\n,,\n4,,\"\"\n");
        assert_eq!(rows, [vec!["1", "x, \"y\"", "3"], vec!["4", "", ""]]);
    }
}
