//! Lists the reviewed data files of `knowledge/`, so that a new file needs no line of Rust, and lays out the lists of
//! words so that reading them at the start of the program takes milliseconds.

#[path = "build/words.rs"]
mod words;

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    let root =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("no manifest directory")?).join("knowledge");
    for changed in ["knowledge", "build", "src/names/fold.rs", "src/knowledge/spelling.rs"] {
        println!("cargo::rerun-if-changed={changed}");
    }
    let mut files = Vec::new();
    collect(&root, &root, &mut files)?;
    files.sort();
    let mut code = String::from("&[\n");
    for (name, path) in files {
        writeln!(code, "    ({name:?}, include_str!({path:?})),")?;
    }
    code.push(']');
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("no output directory")?).join("knowledge_files.rs");
    fs::write(&out, code)?;
    words::lay_out(&root.join("words"), out.parent().ok_or("no output directory")?)?;
    Ok(())
}

/// All `.csv` files under `folder`, by their path below `root` with forward slashes.
fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) -> Result<(), Box<dyn Error>> {
    if !folder.exists() {
        return Ok(());
    }
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "csv") {
            println!("cargo::rerun-if-changed={}", path.display());
            let name = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            files.push((name, path.display().to_string()));
        }
    }
    Ok(())
}
