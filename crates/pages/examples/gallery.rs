//! Writes every page from its samples into a folder, in both themes, with the assets beside them.
//!
//! `cargo run -p pages --example gallery -- DIR`

use std::{error::Error, fs, path::Path};

use pages::{assets, gallery, layout::Theme};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder to write to")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder.join("assets"))?;
    for asset in assets::all() {
        fs::write(folder.join("assets").join(&asset.file), &asset.bytes)?;
    }
    for (theme, name) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
        for page in gallery::pages(theme)? {
            let html = page.html.replace("\"/assets/", "\"assets/");
            fs::write(folder.join(format!("{}.{name}.html", page.name)), html)?;
        }
    }
    Ok(())
}
