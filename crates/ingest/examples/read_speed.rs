//! How long reading and typing a file to Parquet takes: `read_speed FILE OUT_DIR [threads]`.
//!
//! Where Python has DuckDB, its sniffed `read_csv` to Parquet runs before and after on as many threads, and the ratio of
//! our time to the mean of its times is printed.
#![expect(clippy::print_stdout, reason = "a program that prints what it measured")]

use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [file, out, rest @ ..] = &args[..] else { return Err("read_speed FILE OUT_DIR [threads]".into()) };
    let threads = rest.first().map_or(Ok(2), |n| n.parse())?;
    let options = ingest::ReadOptions { threads, ..ingest::ReadOptions::default() };
    let before = duckdb(file, out, threads);
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
    if let (Some(before), Some(after)) = (before, duckdb(file, out, threads)) {
        let ratio = seconds / (before + after) * 2.0;
        println!("DuckDB {before:.2} s and {after:.2} s; ratio {ratio:.2}");
    }
    Ok(())
}

/// Seconds that DuckDB takes for the same, if it is there.
fn duckdb(file: &str, out: &str, threads: usize) -> Option<f64> {
    let script = "import duckdb, sys, time\n\
        c = duckdb.connect(); c.execute('SET threads=' + sys.argv[3])\n\
        t = time.time()\n\
        c.execute(\"COPY (SELECT * FROM read_csv('\" + sys.argv[1] + \"')) TO '\" + sys.argv[2] + \"/duckdb.parquet' (FORMAT parquet)\")\n\
        print(time.time() - t)";
    let output = std::process::Command::new("python3")
        .args(["-c", script, file, out, &threads.to_string()])
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
