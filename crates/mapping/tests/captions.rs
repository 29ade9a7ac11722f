//! Everyday captions of nine languages, written from knowledge of the languages apart from the word lists, are read as
//! the field they mean: by their names alone, without a value, among other captions of the same kind of list.

use mapping::{Knowledge, Remembered, propose, training::names_only};

const LANGUAGES: [(&str, &str); 9] = [
    ("de", include_str!("captions/de.csv")),
    ("en", include_str!("captions/en.csv")),
    ("es", include_str!("captions/es.csv")),
    ("fr", include_str!("captions/fr.csv")),
    ("it", include_str!("captions/it.csv")),
    ("nl", include_str!("captions/nl.csv")),
    ("pl", include_str!("captions/pl.csv")),
    ("pt", include_str!("captions/pt.csv")),
    ("zh", include_str!("captions/zh.csv")),
];

/// Captions that stand together in one list.
const TOGETHER: usize = 14;

/// Every caption of every list with its field and what it was read as; a list never asks for one field twice.
fn read(text: &str) -> Vec<(String, String, String, String)> {
    let mut lists: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for record in csv::Reader::from_reader(text.as_bytes()).records().filter_map(Result::ok) {
        let (Some(caption), Some(grain), Some(field)) = (record.get(0), record.get(1), record.get(2)) else {
            continue;
        };
        let room = lists.iter_mut().find(|(of, list)| {
            of == grain && list.len() < TOGETHER && list.iter().all(|(_, known)| known != field)
        });
        let entry = (caption.to_owned(), field.to_owned());
        match room {
            Some((_, list)) => list.push(entry),
            None => lists.push((grain.to_owned(), vec![entry])),
        }
    }
    let mut all = Vec::new();
    for (grain, list) in lists {
        let headers: Vec<&str> = list.iter().map(|(caption, _)| caption.as_str()).collect();
        let mapping = propose(&names_only(&grain, &headers), Knowledge::shipped(), &Remembered::nothing());
        for ((caption, field), column) in list.into_iter().zip(&mapping.columns) {
            let found = column.field.map_or("-", ontology::FieldId::as_str).to_owned();
            all.push((grain.clone(), caption, field, found));
        }
    }
    all
}

#[test]
fn nine_of_ten_everyday_captions_are_read_in_every_language() {
    let mut poor = Vec::new();
    for (language, text) in LANGUAGES {
        let all = read(text);
        let right = |(_, _, field, found): &(String, String, String, String)| {
            field.split('|').any(|field| field == found) || (field.is_empty() && found == "-")
        };
        let wrong: Vec<_> = all.iter().filter(|caption| !right(caption)).collect();
        println!("{language}: {} of {} read", all.len() - wrong.len(), all.len());
        for (grain, caption, field, found) in &wrong {
            println!("   {language} {grain} {caption}: {found}, not {field}");
        }
        if wrong.len() * 10 > all.len() {
            poor.push(format!("{language}: {} of {} not read", wrong.len(), all.len()));
        }
    }
    assert!(poor.is_empty(), "{poor:?}");
}
