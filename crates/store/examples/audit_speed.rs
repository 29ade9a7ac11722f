//! How long writing and verifying a long audit trail takes: `cargo run -p store --example audit_speed -- 1000000`.

use std::time::Instant;
use store::audit::verify::{self, Evidence};
use store::audit::{Event, Outcome};
use testkit::Database;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let n: i64 = std::env::args().nth(1).map_or(Ok(100_000), |text| text.parse())?;
    let Some(database) = Database::fresh().await else { return Ok(()) };
    let org = testkit::org(&database, "A", "unlimited").await;
    let event = Event::new("file.create", Outcome::Done)
        .on("file", org.id)
        .traced("4bf92f3577b34da6a3ce929d0e0e4736")
        .detail("bytes", 1_234_567)
        .about(org.viewer.user(), "Vera")
        .from_address("192.0.2.1", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
    let begun = Instant::now();
    let mut written = 0;
    while written < n {
        let mut tx = database.store.begin(&org.admin).await?;
        let some = vec![event.clone(); 1000.min(n - written) as usize];
        store::audit::record_all(&mut tx, &some).await?;
        written += some.len() as i64;
        tx.commit().await?;
    }
    report("written", n, begun);
    let begun = Instant::now();
    let mut tx = database.store.begin(&org.viewer).await?;
    let found = verify::chain(&mut tx, org.id, Evidence::default()).await?;
    report("verified", found.rows, begun);
    anyhow::ensure!(found.is_intact() && found.rows == n, "{found:?}");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a measurement for people")]
fn report(what: &str, n: i64, begun: Instant) {
    let seconds = begun.elapsed().as_secs_f64();
    println!("{n} rows {what} in {seconds:.1} s, {:.0} a second", n as f64 / seconds);
}
