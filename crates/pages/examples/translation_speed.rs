//! How long the largest page of the gallery takes to be said in German: the best of many, with nothing beside it.

#![expect(clippy::print_stdout, reason = "it tells what it measured")]

use std::time::Instant;

use pages::{gallery, layout::Theme};
use translation::Tongue;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pages = gallery::pages(Theme::Light)?;
    let page = pages.into_iter().filter(|page| page.name != "gallery").max_by_key(|page| page.html.len());
    let html = page.ok_or("the gallery is empty")?.html;
    // The catalogue is read once.
    translation::page(html.clone(), Tongue::German);
    let best = (0..200)
        .map(|_| {
            let html = html.clone();
            let began = Instant::now();
            translation::page(html, Tongue::German);
            began.elapsed()
        })
        .min()
        .unwrap_or_default();
    println!("{} bytes in {best:?}", html.len());
    Ok(())
}
