//! Reading never panics, and every line of a readable file is a row or is told.

use proptest::prelude::*;

fn read(bytes: &[u8]) -> Option<ingest::ReadTable> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.csv");
    std::fs::write(&path, bytes).unwrap();
    crate::read(&path).ok().map(|mut tables| tables.remove(0))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }

    #[test]
    fn text_with_many_marks(text in "[a-c0-9,;|\t \"'\\\\\r\n.:/+=é-]{0,300}") {
        let _ = read(text.as_bytes());
    }

    #[test]
    fn no_line_is_lost(lines in proptest::collection::vec("[a-z]{1,6}(,[0-9]{1,3}){0,4}", 1..40)) {
        let text = lines.join("\n");
        if let Some(table) = read(text.as_bytes()) {
            let told = table.profile.rows + table.source.skipped_rows + table.source.header_rows.len() as u64;
            prop_assert_eq!(told, lines.len() as u64, "{:?}", table.source);
        }
    }
}
