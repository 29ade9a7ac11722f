//! Every page in every language: no sentence stays English that is not the customer's own.

use std::{collections::BTreeMap, time::Instant};

use pages::{gallery, layout::Theme};
use translation::Tongue;

/// What the gallery makes up in the place of customers, who write in whatever language they like.
const MADE_UP: &str = include_str!("made_up.txt");

#[test]
fn every_sentence_of_every_page_is_there_in_every_language() {
    let made_up: Vec<&str> = MADE_UP.lines().filter(|line| !line.is_empty()).collect();
    let mut missed: BTreeMap<String, String> = BTreeMap::new();
    // The gallery itself is for those who build.
    for page in gallery::pages(Theme::Light).unwrap().into_iter().filter(|page| page.name != "gallery") {
        for text in translation::misses(&page.html, Tongue::German) {
            if !made_up.contains(&text.as_str()) {
                missed.entry(text).or_insert_with(|| page.name.clone());
            }
        }
    }
    let list: Vec<String> = missed.iter().map(|(text, page)| format!("{page}: {text}")).collect();
    assert!(list.is_empty(), "{} sentences stay English:\n{}", list.len(), list.join("\n"));
}

#[test]
fn a_page_says_its_language_and_keeps_its_markup() {
    for page in gallery::pages(Theme::Light).unwrap() {
        let english = translation::page(page.html.clone(), Tongue::English);
        assert_eq!(english, page.html);
        for tongue in [Tongue::German, Tongue::Spanish] {
            let said = translation::page(page.html.clone(), tongue);
            assert!(said.contains(&format!("<html lang=\"{}\"", tongue.tag())), "{}", page.name);
            let tags = |html: &str| html.matches('<').count();
            assert_eq!(tags(&said), tags(&page.html), "{}", page.name);
        }
    }
}

#[test]
fn a_page_is_translated_in_milliseconds() {
    let page = gallery::pages(Theme::Light).unwrap().into_iter().find(|page| page.name == "match-2").unwrap();
    translation::page(page.html.clone(), Tongue::German);
    let best = (0..30)
        .map(|_| {
            let html = page.html.clone();
            let began = Instant::now();
            translation::page(html, Tongue::German);
            began.elapsed()
        })
        .min()
        .unwrap_or_default();
    let per_100_kb = best.as_secs_f64() * 100_000.0 / page.html.len() as f64;
    println!("{} bytes in {best:?}", page.html.len());
    // The budget is 2 ms for a release build that has the machine for itself; here are neither.
    assert!(per_100_kb < 0.02, "{per_100_kb} s for 100 kB");
}
