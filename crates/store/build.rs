//! The migrations are embedded when the crate is compiled: a list of their numbers, names and texts, oldest first.

#![expect(clippy::disallowed_methods, reason = "Cargo tells a build script its folders by the environment")]

use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=migrations");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("migrations");
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(&folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    let mut list = String::from("&[\n");
    for name in &names {
        let Some((number, words)) = name.strip_suffix(".sql").and_then(|name| name.split_once('_')) else {
            return Err(io::Error::other(format!("{name} is named like no migration: 0001_words.sql")));
        };
        let number: i64 =
            number.parse().map_err(|_| io::Error::other(format!("{name} begins with no number")))?;
        list.push_str(&format!(
            "({number}, {words:?}, include_str!({:?})),\n",
            folder.join(name).display().to_string()
        ));
    }
    list.push(']');
    fs::write(Path::new(&env::var("OUT_DIR").map_err(io::Error::other)?).join("migrations.rs"), list)
}
