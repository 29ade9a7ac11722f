//! Prints the lines of standard input as they are said in German and Spanish.
//!
//! `cargo run -p translation --example said < sentences.txt`

use std::io::Write;

use translation::Tongue;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lines() {
        let line = line?;
        for tongue in [Tongue::German, Tongue::Spanish] {
            writeln!(out, "{} | {}", tongue.tag(), translation::text(&line, tongue))?;
        }
    }
    Ok(())
}
