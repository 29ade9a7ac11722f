//! An upload as a form, and its rows with problems: fixed at once, undone, taken along and given back corrected.

use app::worker::{self, Options};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use tokio_util::sync::CancellationToken;

use super::Reader;
use crate::house::House;

#[tokio::test]
async fn an_upload_comes_in_as_a_form_and_hostile_names_stay_text() {
    let Some(house) = House::open().await else { return };
    let reader = Reader::owner(&house).await;
    let body = b"--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"<b>jobs.csv\"\r\ncontent-type: text/csv\r\n\r\nJob,Qty\r\nJ1,5\r\nJ2,7\r\n\r\n--x--\r\n";
    let path = format!("/data?csrf={}", reader.csrf);
    let answer = reader.post_raw(&path, "multipart/form-data; boundary=x", body.to_vec()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{:?}", answer.body);
    let list = reader.page("/data").await;
    assert!(list.contains("jobs.csv") && !list.contains("<b>jobs.csv"));
    let none = reader.post_raw(&path, "multipart/form-data; boundary=x", b"--x--\r\n".to_vec()).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.body.as_str().unwrap().contains("No file was chosen"));
}

#[tokio::test]
async fn all_rows_of_a_cause_are_fixed_at_once_and_the_fix_is_undone() {
    let Some(house) = House::open().await else { return };
    let reader = Reader::owner(&house).await;
    let stop = CancellationToken::new();
    let work =
        tokio::spawn(worker::run(house.state.backing().clone(), Options::named("fixes"), stop.clone()));
    let mut table = "Job,Machine,Qty\r\n".to_owned();
    for row in 0..60 {
        let machine = if row % 10 == 3 { "SAW" } else { ["Saw", "Mill"][row % 2] };
        table.push_str(&format!("J{row},{machine},{}\r\n", 5 + row % 7));
    }
    let body = format!(
        "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"jobs.csv\"\r\ncontent-type: text/csv\r\n\r\n{table}\r\n--x--\r\n"
    );
    let path = format!("/data?csrf={}", reader.csrf);
    let answer = reader.post_raw(&path, "multipart/form-data; boundary=x", body.into_bytes()).await;
    let import = answer.headers["location"].to_str().unwrap().rsplit_once('/').unwrap().0.to_owned();
    reader.until(&format!("{import}/match"), "data-row").await;
    let rows = format!("{import}/rows");
    let offered = reader.page(&rows).await;
    assert!(offered.contains("Use one spelling") && !offered.contains("What was done"), "{offered}");
    let hidden = |html: &str, name: &str| {
        html.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let fix =
        [("table", "0"), ("version", &hidden(&offered, "version")), ("take", &hidden(&offered, "take"))];
    assert_eq!(reader.follow(&format!("{rows}/fixes"), &fix).await, rows);
    let done = reader.page(&rows).await;
    assert!(done.contains("What was done") && done.contains("6 of 60 cells"), "{done}");
    assert!(!done.contains("Use one spelling"));
    // Somebody who saw an older state changes nothing.
    let change = hidden(&done, "change");
    let stale = [("table", "0"), ("version", "1"), ("undo", "Machine"), ("change", change.as_str())];
    assert_eq!(reader.post(&format!("{rows}/fixes"), &stale).await.status, StatusCode::PRECONDITION_FAILED);
    let undo = |html: &str| {
        let version = hidden(html, "version");
        [
            ("table", "0".to_owned()),
            ("version", version),
            ("undo", hidden(html, "undo")),
            ("change", hidden(html, "change")),
        ]
    };
    let sent = undo(&done);
    let sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
    reader.follow(&format!("{rows}/fixes"), &sent).await;
    let undone = reader.page(&rows).await;
    assert!(undone.contains("Use one spelling") && !undone.contains("What was done"), "{undone}");

    // A value that a person names: looked at first, then done, and the rows of another are set aside.
    for (how, value, with, said) in [
        ("replace", "Mill", "Mill 1", "“Mill” becomes “Mill 1”"),
        ("set_aside", "SAW", "", "Rows with “SAW” are set aside"),
    ] {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("at", "0:Machine"), ("how", how), ("value", value), ("with", with)])
            .finish();
        let tried = reader.page(&format!("{rows}?{query}")).await;
        assert!(tried.contains("nothing is changed yet") && tried.contains("Do it to the whole file"));
        assert!(!tried.contains(said), "it is only tried");
        let wish = [
            ("at", "0:Machine"),
            ("how", how),
            ("value", value),
            ("with", with),
            ("version", &hidden(&tried, "version")),
        ];
        reader.follow(&format!("{rows}/fixes"), &wish).await;
        assert!(reader.page(&rows).await.contains(said), "{said}");
    }
    let refused = reader.page(&format!("{rows}?at=0:Machine&how=fill&with=")).await;
    assert!(
        refused.contains("takes the place of the empty cells")
            && !refused.contains("Do it to the whole file")
    );
    // What was mended after the mapping was confirmed is confirmed with the analysis.
    assert!(reader.page(&rows).await.contains("Confirm and analyze"));
    let analysis = reader.follow(&format!("{import}/analysis"), &[("confirm", "on")]).await;
    assert!(analysis.ends_with("/analysis"), "{analysis}");
    stop.cancel();
    work.await.unwrap();
}

#[tokio::test]
async fn rows_with_problems_are_taken_along_and_given_back_corrected() {
    let Some(house) = House::open().await else { return };
    let reader = Reader::owner(&house).await;
    let stop = CancellationToken::new();
    let work =
        tokio::spawn(worker::run(house.state.backing().clone(), Options::named("given"), stop.clone()));
    let mut table = "Job,Machine,Qty\r\n".to_owned();
    for row in 0..60 {
        let quantity = if row == 7 || row == 30 { "see log".to_owned() } else { (5 + row % 7).to_string() };
        table.push_str(&format!("J{row},Mill,{quantity}\r\n"));
    }
    let form = |name: &str, version: &str, bytes: &[u8]| -> Vec<u8> {
        let mut body = format!(
            "--x\r\ncontent-disposition: form-data; name=\"version\"\r\n\r\n{version}\r\n--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--x--\r\n");
        body
    };
    let content_type = "multipart/form-data; boundary=x";
    let path = format!("/data?csrf={}", reader.csrf);
    let answer = reader.post_raw(&path, content_type, form("jobs.csv", "", table.as_bytes())).await;
    let import = answer.headers["location"].to_str().unwrap().rsplit_once('/').unwrap().0.to_owned();
    reader.until(&format!("{import}/match"), "data-row").await;
    let rows = format!("{import}/rows");
    let offered = reader.page(&rows).await;
    assert!(offered.contains("Give it back corrected"), "{offered}");
    let version = |html: &str| {
        html.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };

    // The API gives the same workbook, and takes it back; the page's own address is the browser's.
    let id = import.rsplit_once('/').unwrap().1.to_owned();
    let request = Request::get(format!("/api/v1/datasets/{id}/problems"))
        .header(header::COOKIE, &reader.cookie)
        .body(Body::empty())
        .unwrap();
    let response = crate::house::deliver(&house.router, request).await;
    assert_eq!(response.status(), StatusCode::OK);
    let downloaded = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let good = testkit::workbook::edited(&downloaded, &[(1, "E2", testkit::workbook::Typed::Number(12.0))]);
    let wrong = testkit::workbook::edited(&downloaded, &[(1, "E2", testkit::workbook::Typed::Text("<b>"))]);
    let give = format!("{rows}/problems?csrf={}", reader.csrf);
    for (name, bytes, said) in [
        ("jobs.xlsx", wrong.as_slice(), "row 9, “Qty”: “&#60;b&#62;” is no number."),
        ("jobs.csv", b"Row,Reason\n9,x\n".as_slice(), "This is no Excel workbook"),
        ("jobs.xlsx", b"".as_slice(), "No file was chosen"),
    ] {
        let answer = reader.post_raw(&give, content_type, form(name, &version(&offered), bytes)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}: {:?}", answer.body);
        let html = answer.body.as_str().unwrap();
        assert!(html.contains(said) && html.contains("The workbook was not taken"), "{html}");
    }
    let stale = reader.post_raw(&give, content_type, form("jobs.xlsx", "1", &good)).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    let answer = reader.post_raw(&give, content_type, form("jobs.xlsx", &version(&offered), &good)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{:?}", answer.body);
    let said = answer.headers["set-cookie"].to_str().unwrap();
    assert!(said.contains("1+cell+in+1+row+corrected."), "{said}");
    let done = reader.page(&rows).await;
    assert!(done.contains("1 cell corrected by hand") && done.contains("1 of 60 cells"), "{done}");
    assert!(offered.contains(">9, 32<") && done.contains("1 answered") && done.contains(">32<"), "{done}");

    // The same through the API: nothing is news, and another cell is.
    let send = async |bytes: Vec<u8>| {
        let request = Request::post(format!("/api/v1/datasets/{id}/problems"))
            .header(header::COOKIE, &reader.cookie)
            .header("x-csrf-token", &reader.csrf)
            .body(Body::from(bytes))
            .unwrap();
        house.send(request).await
    };
    let same = send(good).await;
    assert_eq!(
        (same.status, &same.body["cells"]),
        (StatusCode::OK, &serde_json::json!(0)),
        "{:?}",
        same.body
    );
    let other = testkit::workbook::edited(&downloaded, &[(1, "E3", testkit::workbook::Typed::Number(9.0))]);
    let other = send(other).await;
    assert_eq!((&other.body["cells"], &other.body["rows"]), (&1.into(), &1.into()), "{:?}", other.body);
    assert!(other.headers.contains_key("etag"));
    let refused = send(wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body["errors"][0]["field"], "workbook");
    let all = reader.page(&rows).await;
    assert!(all.contains("2 cells corrected by hand") && all.contains("2 answered"), "{all}");
    assert!(all.contains("Everything that was worth a look is answered"), "{all}");
    stop.cancel();
    work.await.unwrap();
}
