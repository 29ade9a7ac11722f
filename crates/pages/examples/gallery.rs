//! Writes every page from its samples into a folder, in both themes, with the assets beside them.
//!
//! `cargo run -p pages --example gallery -- DIR [en|de|es]`

use std::{error::Error, fs, path::Path};

use pages::{assets, gallery, layout::Theme};
use translation::Tongue;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder to write to")?;
    let folder = Path::new(&folder);
    let tongue = std::env::args().nth(2).and_then(|tag| Tongue::named(&tag)).unwrap_or_default();
    fs::create_dir_all(folder.join("assets"))?;
    for asset in assets::all() {
        fs::write(folder.join("assets").join(&asset.file), &asset.bytes)?;
    }
    for (theme, name) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
        for page in gallery::pages(theme)? {
            let html = translation::page(page.html, tongue).replace("\"/assets/", "\"assets/");
            fs::write(folder.join(format!("{}.{name}.html", page.name)), html)?;
        }
    }
    Ok(())
}
