//! Prints the lines of standard input that the catalogue does not know in German: what is left to translate.
//!
//! `cargo run -p translation --example unknown < sentences.txt`

use std::{collections::BTreeSet, io::Write};

use translation::Tongue;

fn main() -> std::io::Result<()> {
    let lines: BTreeSet<String> = std::io::stdin().lines().collect::<Result<_, _>>()?;
    let mut out = std::io::stdout().lock();
    for line in lines.iter().filter(|line| !translation::knows(line, Tongue::German)) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
