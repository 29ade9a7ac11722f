//! The migrations are embedded when the crate is compiled; a new file among them must make that happen.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
