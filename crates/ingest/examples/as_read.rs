//! Writes tables as read: `as_read FILE` to standard output, `as_read --dir IN OUT` a whole folder.
use std::io::Write as _;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let options = ingest::ReadOptions { csv_crlf: false, ..ingest::ReadOptions::default() };
    if let [flag, from, to] = &args[..]
        && flag == "--dir"
    {
        std::fs::create_dir_all(to)?;
        for entry in std::fs::read_dir(from)? {
            let path = entry?.path();
            let name = ingest::error::display_name(&path);
            let mut out = Vec::new();
            match ingest::read::write_csv(&path, &options, &mut out) {
                Ok(()) | Err(ingest::ReadError::EmptyFile { .. } | ingest::ReadError::NoDataRows { .. }) => {}
                Err(error) => out = format!("Application Error\n{error}\n").into_bytes(),
            }
            std::fs::write(Path::new(to).join(format!("{name}_converted.csv")), out)?;
        }
        return Ok(());
    }
    let Some(file) = args.first() else { return Err("as_read FILE, or as_read --dir IN OUT".into()) };
    let mut stdout = std::io::stdout().lock();
    ingest::read::write_csv(Path::new(file), &options, &mut stdout)?;
    stdout.flush()?;
    Ok(())
}
