//! The first load of any page: HTML, style, scripts and the font that is asked for at once, as they travel.

use std::io::{Cursor, Write};

use pages::{assets, gallery, layout::Theme};
use zip::{ZipWriter, write::SimpleFileOptions};

/// Bytes on the wire; fonts are compressed already.
fn deflated(bytes: &[u8]) -> usize {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer
        .start_file("x", SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated))
        .unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap().into_inner().len()
}

#[test]
fn the_first_load_of_any_page_stays_below_120_kilobytes() {
    let shared: usize = assets::all()
        .iter()
        .map(
            |asset| {
                if asset.content_type == "font/woff2" { asset.bytes.len() } else { deflated(&asset.bytes) }
            },
        )
        .sum();
    let mut heaviest = (0, String::new());
    for page in gallery::pages(Theme::Light).unwrap() {
        // The gallery is for us, not for customers.
        if page.name != "gallery" {
            heaviest = heaviest.max((shared + deflated(page.html.as_bytes()), page.name));
        }
    }
    println!("shared {shared} bytes, heaviest {heaviest:?}");
    assert!(heaviest.0 <= 120 * 1024, "{heaviest:?}");
}
