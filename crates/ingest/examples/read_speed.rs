//! How long reading and typing a file to Parquet takes: `read_speed FILE OUT_DIR [threads]`.
#![expect(clippy::print_stdout, reason = "a program that prints what it measured")]

use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [file, out, rest @ ..] = &args[..] else { return Err("read_speed FILE OUT_DIR [threads]".into()) };
    let threads = rest.first().map_or(Ok(2), |n| n.parse())?;
    let options = ingest::ReadOptions { threads, ..ingest::ReadOptions::default() };
    let start = Instant::now();
    let tables = ingest::read(Path::new(file), Path::new(out), &options, &mut |_| {})?;
    let seconds = start.elapsed().as_secs_f64();
    for table in &tables {
        println!("{:?}", table.source.header_rows);
        println!(
            "{} rows, {} columns, {} skipped",
            table.profile.rows,
            table.profile.columns.len(),
            table.source.skipped_rows
        );
        for c in &table.profile.columns {
            println!(
                "{:3} {:24} {:9} {:24} filled {} empty {} bad {} distinct {} min {:?} max {:?}",
                c.index,
                c.header,
                c.kind.as_str(),
                c.format.clone().unwrap_or_default(),
                c.filled,
                c.empty,
                c.unreadable,
                c.distinct,
                c.min,
                c.max
            );
        }
        for issue in table.profile.issues.iter().take(20) {
            println!("{:?} {} {:?}: {}", issue.severity, issue.kind, issue.row, issue.message);
        }
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default().to_owned();
    println!("{seconds:.2} s, {peak}");
    Ok(())
}
