//! Two organisations cannot see each other: through no address, id, name, count or text.

use axum::http::Method;
use domain::Role;
use serde_json::{Value, json};

use crate::{
    data::{Client, MISSING, id, name, plant, work},
    house::{Answer, House},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_is_answered_as_if_nothing_were_there() {
    let Some(house) = House::open().await else { return };
    let stop = work(&house);
    let client = Client::of(&house, Role::Admin).await;
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for path in plant(folder.path(), 400) {
        files.push(client.send_file(&name(&path), std::fs::read(&path).unwrap()).await);
    }
    let dataset = client.dataset(&files).await;
    let confirmed =
        client.make(&format!("/datasets/{}/mapping/confirmation", id(&dataset)), &json!({})).await;
    let run = client.make("/analyses", &json!({"datasets": [id(&dataset)]})).await;
    let run = client.wait(&format!("/analyses/{}", id(&run)), &["queued", "running"]).await;
    assert_eq!(run["state"], "completed", "{run}");
    let finding = client.get("/findings?limit=1").await["items"][0]["id"].as_str().unwrap().to_owned();
    let plant = client.make("/facilities", &json!({"name": "Toledo"})).await;
    let kept = client.make("/configurations", &json!({})).await;
    let upload = client.make("/uploads", &json!({"name": "a.csv"})).await;
    let member = house.org.viewer.user().unwrap().to_string();
    let key = client.get("/api-keys?limit=1").await["items"][0]["id"].as_str().unwrap().to_owned();
    let owner = app::Caller::new(house.org.owner.clone(), domain::TraceId::new([3; 16]), None);
    let invited =
        app::invitations::create(&house.state.desk, &owner, "guest@example.com", Role::Viewer).await.unwrap();
    let invitation = invited.invitation.id.to_string();
    let export = app::your_data::export(house.state.backing(), &owner).await.unwrap().to_string();
    let endpoint = client.make("/webhooks/endpoints", &json!({"url": "https://example.com/hook"})).await;
    let source = client.make("/sources", &json!({"name": "Nightly", "kind": "push"})).await;
    let share = client.make("/shares", &json!({"analysis": id(&run)})).await;
    let daily = json!({"name": "Morning review", "every": "day", "format": "csv"});
    let (schedule, report) = crate::shares::made_report(&house, &client, &daily).await;
    let recipe = json!({"column": "Code", "steps": [{"step": "trim"}]});
    let template = json!({"name": "Trimmed", "category": "other", "prepared": recipe});
    let template = client.make("/preparation-templates", &template).await;
    let admin = app::Caller::new(house.org.admin.clone(), domain::TraceId::new([4; 16]), None);
    let view = app::findings::views::keep(house.state.backing(), &admin, "Ours", "group=part", true);
    let view = view.await.unwrap().id.to_string();
    let before = everything(&client, &things_lists()).await;
    let organisation = house.org.id.to_string();
    let things = [
        ("datasets", id(&dataset)),
        ("analyses", id(&run)),
        ("findings", finding.as_str()),
        ("files", files[0].as_str()),
        ("uploads", id(&upload)),
        ("mapping-profiles", confirmed["tables"][0]["profile_id"].as_str().unwrap()),
        ("facilities", id(&plant)),
        ("configurations", id(&kept)),
        ("members", member.as_str()),
        ("api-keys", key.as_str()),
        ("invitations", invitation.as_str()),
        ("preparation-templates", id(&template)),
        ("finding-views", view.as_str()),
        ("exports", export.as_str()),
        ("webhooks/endpoints", id(&endpoint)),
        ("sources", id(&source)),
        ("shares", id(&share)),
        ("report-schedules", schedule.as_str()),
        ("reports", report.as_str()),
        ("organisations", organisation.as_str()),
    ];

    let other = testkit::org(&house.database, "Other", "unlimited").await;
    let stranger = Client { house: &house, key: house.key(&other.owner, Role::Owner, &[]).await };
    let document = serde_json::to_value(server::router::description()).unwrap();
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/api/v1").unwrap_or(path);
        let Some((kind, thing)) = things.iter().find(|(kind, _)| path.starts_with(&format!("/{kind}/{{")))
        else {
            // Sessions and conversations are the caller's own (`app/tests/service/conversations.rs` asks for others'), and
            // the operator's part is closed to strangers altogether.
            let apart = ["/me/sessions/{id}", "/conversations/{id}", "/operator/"];
            assert!(
                !path.contains('{') || apart.iter().any(|known| path.starts_with(known)),
                "{path} has an id, and this test knows no thing of another organization for it"
            );
            continue;
        };
        for method in methods.as_object().unwrap().keys().filter(|method| *method != "parameters") {
            let with = |thing: &str| {
                let path = path.replace("{id}", thing).replace("{number}", "1").replace("{table}", "0");
                let path = path.replace("{delivery}", thing).replace("{answer}", thing);
                let query = match path.rsplit('/').next().unwrap() {
                    "comparison" if *kind == "analyses" => format!("?with={thing}"),
                    "comparison" => "?before=1&after=1".to_owned(),
                    "what-if" => "?lever=setup&value=0.1".to_owned(),
                    "template" => "?template=shift_premium&source=x".to_owned(),
                    _ => String::new(),
                };
                format!("{path}{query}")
            };
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let body = match (path, &method) {
                ("/datasets/{id}/mapping", &Method::PATCH) => json!({"tables": []}),
                ("/members/{id}", &Method::PATCH) => json!({"role": "viewer"}),
                ("/webhooks/endpoints/{id}" | "/sources/{id}", &Method::PATCH) => json!({"active": true}),
                ("/mapping-profiles/{id}/versions", &Method::POST) => json!({"restore": 1}),
                ("/analyses/{id}/answers", _) => json!({"question": "scrap rate"}),
                ("/analyses/{id}/report-answers", _) => json!({"conversation_id": MISSING, "number": 1}),
                (path, _) if path.ends_with("/dismissals") => json!({"suggestions": []}),
                (path, _) if path.contains("/preparation") => json!({"preparation": []}),
                _ => json!({}),
            };
            let body = (method != Method::GET && method != Method::DELETE).then(|| body.to_string());
            let headers = [("content-type", "application/json"), ("upload-offset", "0")];
            let ask = async |path: String| {
                stranger.bytes(method.clone(), &path, &headers, body.clone().unwrap_or_default()).await
            };
            let (foreign, missing) = (ask(with(thing)).await, ask(with(MISSING)).await);
            assert_eq!(foreign.status, 404, "{method} {path}: {}", foreign.body);
            assert_eq!(bare(foreign), bare(missing), "{method} {path}");
            asked += 1;
        }
    }
    assert!(asked >= 45, "only {asked} operations were asked");
    let named = names_of_others(&document, &things, &stranger).await;
    assert!(named >= 40, "only {named} names of things of others were sent");
    let looked = pages_of_others(&house, &things).await;
    crate::timing::a_stranger_learns_nothing_from_the_clock(&stranger, &things).await;
    assert!(looked >= 40, "only {looked} pages were asked for");
    for list in
        ["datasets", "analyses", "findings", "files", "mapping-profiles", "facilities", "configurations"]
    {
        let listed = stranger.get(&format!("/{list}")).await;
        assert!(listed["items"].as_array().unwrap().is_empty(), "{list}: {listed}");
    }
    // Nothing of theirs has changed.
    assert_eq!(everything(&client, &things_lists()).await, before);
    stop.cancel();
}

fn things_lists() -> Vec<&'static str> {
    vec![
        "datasets",
        "analyses",
        "findings",
        "files",
        "mapping-profiles",
        "facilities",
        "configurations",
        "members",
        "api-keys",
        "invitations",
        "shares",
        "report-schedules",
        "reports",
    ]
}

/// All that an organisation sees of its things, without when its keys were last used.
async fn everything(client: &Client<'_>, lists: &[&str]) -> Vec<Value> {
    let mut all = Vec::new();
    for list in lists {
        for mut item in client.get(&format!("/{list}?limit=200")).await["items"].as_array().unwrap().clone() {
            item.as_object_mut().unwrap().remove("last_used_at");
            all.push(item);
        }
    }
    all
}

/// An answer without what is of its own request: its trace, and how often somebody may still ask.
fn bare(answer: Answer) -> (u16, Vec<(String, String)>, Value) {
    let own = ["traceparent", "trace-id", "x-trace-id", "ratelimit", "date", "server-timing"];
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| !own.contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    let mut body = answer.body;
    for field in ["trace_id", "instance"] {
        body.as_object_mut().map(|fields| fields.remove(field));
    }
    (answer.status.as_u16(), headers, body)
}

/// Names the others' things wherever a request may name one, in bodies and in queries, and expects the answer to a name that
/// nothing has. Gives back how many were sent.
async fn names_of_others(document: &Value, things: &[(&str, &str)], stranger: &Client<'_>) -> usize {
    let resolve = |schema: &Value| match schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
        Some(name) => document["components"]["schemas"][name].clone(),
        None => schema.clone(),
    };
    let is_id = |schema: &Value| schema["format"] == "uuid" || schema["items"]["format"] == "uuid";
    let mut sent = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/api/v1").unwrap_or(path);
        if path.contains('{') {
            continue;
        }
        for (method, operation) in methods.as_object().unwrap() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let shape = resolve(&operation["requestBody"]["content"]["application/json"]["schema"]);
            for (field, schema) in shape["properties"].as_object().into_iter().flatten() {
                if !is_id(schema) {
                    continue;
                }
                let with = |thing: &str| {
                    let mut body = crate::access::sample(document, &shape);
                    let many = schema["items"]["format"] == "uuid";
                    body[field] = if many { json!([thing]) } else { json!(thing) };
                    body
                };
                for (_, thing) in things {
                    let foreign = stranger.ask(method.clone(), path, Some(&with(thing))).await;
                    let missing = stranger.ask(method.clone(), path, Some(&with(MISSING))).await;
                    assert_eq!(bare(foreign), bare(missing), "{method} {path}: {field}");
                    sent += 1;
                }
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                if parameter["in"] != "query" || !is_id(&parameter["schema"]) {
                    continue;
                }
                let field = parameter["name"].as_str().unwrap();
                for (_, thing) in things {
                    let foreign =
                        stranger.ask(method.clone(), &format!("{path}?{field}={thing}"), None).await;
                    let missing =
                        stranger.ask(method.clone(), &format!("{path}?{field}={MISSING}"), None).await;
                    assert_eq!(bare(foreign), bare(missing), "{method} {path}?{field}=");
                    sent += 1;
                }
            }
        }
    }
    sent
}

/// Every page and form that has a thing's id in its address, with things of another organisation: the same page as for an id that
/// nothing has. Gives back how many were asked for.
async fn pages_of_others(house: &House, things: &[(&str, &str)]) -> usize {
    let reader = crate::pages::Reader::owner(house).await;
    let looks = [
        ("/changes?before={id}", "analyses"),
        ("/ask?about={id}", "analyses"),
        ("/ask?about={id}&finding={id}", "findings"),
        ("/ask/{id}", "analyses"),
        ("/orders/{id}", "datasets"),
        ("/settings/your-data/export/{id}", "exports"),
        ("/shared/{id}", "shares"),
        ("/data/{id}/preparation", "datasets"),
        ("/data/{id}/match", "datasets"),
        ("/data/{id}/rows", "datasets"),
        ("/data/{id}/rows/problems.xlsx", "datasets"),
        ("/data/{id}/rows/problems.csv", "datasets"),
        ("/data/{id}/analysis", "datasets"),
        ("/data/mappings/{id}", "mapping-profiles"),
        ("/reports/{id}.xlsx", "analyses"),
        ("/reports/{id}.pdf", "analyses"),
        ("/reports/{id}.html", "analyses"),
        ("/reports/{id}.csv", "analyses"),
        ("/reports/packs/{id}/weekly_losses.pdf", "analyses"),
        ("/reports/packs/{id}/supplier_claims.xlsx", "analyses"),
        ("/reports/packs/{id}/lateness.pdf", "analyses"),
        ("/reports/made/{id}", "reports"),
        ("/data/mappings/{id}/mapping.json", "mapping-profiles"),
        ("/settings/webhooks/{id}", "webhooks/endpoints"),
        ("/settings/sources/{id}", "sources"),
        ("/findings/{id}", "findings"),
        ("/findings/{id}/page.pdf", "findings"),
    ];
    let forms = [
        ("/data/{id}/preparation", "datasets"),
        ("/data/{id}/preparation/preview", "datasets"),
        ("/data/{id}/preparation/dismissal", "datasets"),
        ("/data/{id}/preparation/template", "datasets"),
        ("/data/templates/{id}/remove", "preparation-templates"),
        ("/data/{id}/rows/fixes", "datasets"),
        ("/data/{id}/rows/problems", "datasets"),
        ("/data/{id}/columns/0", "datasets"),
        ("/data/{id}/grain", "datasets"),
        ("/data/{id}/confirmation", "datasets"),
        ("/data/{id}/known", "datasets"),
        ("/data/{id}/afresh", "datasets"),
        ("/data/{id}/analysis", "datasets"),
        ("/data/{id}/delete", "datasets"),
        ("/data/mappings/{id}/restore", "mapping-profiles"),
        ("/data/mappings/{id}/copy", "mapping-profiles"),
        ("/data/mappings/{id}/delete", "mapping-profiles"),
        ("/data/mappings/{id}/about", "mapping-profiles"),
        ("/data/mappings/{id}/variables", "mapping-profiles"),
        ("/analyses/{id}/stop", "analyses"),
        ("/plant/{id}", "facilities"),
        ("/settings/members/{id}/remove", "members"),
        ("/settings/invitations/{id}/withdraw", "invitations"),
        ("/settings/api-keys/{id}/revoke", "api-keys"),
        ("/reports/shares/{id}/revoke", "shares"),
        ("/reports/answers/{id}/{id}/remove", "analyses"),
        ("/reports/schedules/{id}/end", "report-schedules"),
        ("/findings/{id}/status", "findings"),
        ("/findings/views/{id}", "finding-views"),
        ("/findings/views/{id}/delete", "finding-views"),
        ("/settings/webhooks/{id}/replay", "webhooks/endpoints"),
        ("/settings/webhooks/{id}/rest", "webhooks/endpoints"),
        ("/settings/webhooks/{id}/remove", "webhooks/endpoints"),
        ("/settings/sources/{id}/rest", "sources"),
        ("/settings/sources/{id}/remove", "sources"),
        ("/organisation/{id}", "organisations"),
        ("/ask/{id}/rename", "analyses"),
        ("/ask/{id}/delete", "analyses"),
        ("/ask/{id}/report", "analyses"),
        ("/ask/{id}/report/remove", "analyses"),
        ("/shared/{id}", "shares"),
    ];
    no_page_is_forgotten(looks.iter().chain(&forms).map(|(page, _)| *page));
    let same = |answer: Answer, id: &str| {
        let trace = answer.headers["trace-id"].to_str().unwrap().to_owned();
        let place = answer.headers.get("location").map(|place| place.to_str().unwrap().replace(id, "ID"));
        let text = answer.body.as_str().unwrap_or_default().replace(&trace, "TRACE").replace(id, "ID");
        (answer.status.as_u16(), place, text)
    };
    let mut asked = 0;
    for (n, (page, kind)) in looks.iter().chain(&forms).enumerate() {
        let thing = things.iter().find(|(known, _)| known == kind).unwrap().1;
        let mut both = Vec::new();
        for id in [thing, MISSING] {
            let path = page.replace("{id}", id);
            let fields = [
                ("table", "0"),
                ("field", "quantity"),
                ("grain", "header"),
                ("version", "1"),
                ("status", "accepted"),
            ];
            let answer =
                if n < looks.len() { reader.get(&path).await } else { reader.post(&path, &fields).await };
            both.push(same(answer, id));
        }
        assert_eq!(both[0], both[1], "{page}");
        // What a query names is left out where it is not there; an address of something that is not there is not.
        assert!(both[0].0 != 200 || page.contains('?'), "{page} shows something: {}", both[0].2);
        asked += 1;
    }
    asked
}

/// Every route of the pages with something in its address stands in the list above, is closed to everybody but operators, or is
/// the door itself or a file of ours.
fn no_page_is_forgotten<'a>(known: impl Iterator<Item = &'a str>) {
    let shape = |path: &str| -> String {
        let path = path.split('?').next().unwrap();
        let parts = path.split('/').map(|part| if part.contains('{') { "*" } else { part });
        parts.collect::<Vec<_>>().join("/")
    };
    // The last part of these is a word of ours in the list, and a name in the route.
    let known: Vec<String> = known.map(shape).collect();
    let mut sources = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/web"))];
    let mut routes = Vec::new();
    while let Some(path) = sources.pop() {
        if path.is_dir() {
            sources.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let found = text.split(".route(").skip(1).filter_map(|rest| rest.split('"').nth(1));
        routes.extend(found.filter(|route| route.contains('{')).map(str::to_owned));
    }
    assert!(routes.len() > 30, "{routes:?}");
    for route in routes {
        if ["/console/", "/sign-in/", "/assets/"].iter().any(|apart| route.starts_with(apart)) {
            continue;
        }
        let wanted = shape(&route);
        let fits = |known: &String| {
            let (one, other): (Vec<_>, Vec<_>) = (known.split('/').collect(), wanted.split('/').collect());
            one.len() == other.len() && one.iter().zip(&other).all(|(a, b)| a == b || *b == "*")
        };
        assert!(
            known.iter().any(fits),
            "{route} has something in its address, and no stranger asks for it here"
        );
    }
}
