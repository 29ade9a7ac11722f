//! Plans and payment, against a provider on this machine that speaks Stripe's wire format.

use std::sync::Arc;

use app::billing::{Payments, Secrets};
use axum::{
    body::Body,
    http::{Method, Request},
};
use clients::payments::{Stripe, event::sign};
use domain::Role;
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_string_contains, header, method, path, query_param},
};

use crate::house::{Answer, House};

const SECRET: &str = "whsec_of_tests_and_of_nothing_else";

impl House {
    /// The same house with this payment provider.
    fn paid_at(&mut self, address: &str) {
        self.state.desk.payments = Some(Payments {
            stripe: Stripe::new(Some(address), "sk_test_of_nobody").unwrap(),
            secrets: Arc::new(Secrets(vec![SECRET.to_owned()])),
            prices: [("price_by_hand".to_owned(), "enterprise".to_owned())].into(),
            trial_days: Some(14),
            plan_without: "trial".to_owned(),
        });
        self.router = server::router::router(&self.state);
    }

    async fn hear(&self, event: &Value) -> Answer {
        let raw = event.to_string();
        let now = self.state.backing().clock.now().as_second();
        self.hear_raw(&raw, Some(&sign(raw.as_bytes(), SECRET, now))).await
    }

    async fn hear_raw(&self, raw: &str, signature: Option<&str>) -> Answer {
        let mut request = Request::post("/api/v1/webhooks/stripe").header("content-type", "application/json");
        if let Some(signature) = signature {
            request = request.header("stripe-signature", signature);
        }
        self.send(request.body(Body::from(raw.to_owned())).unwrap()).await
    }

    /// Status, plan of the subscription and plan whose limits hold.
    async fn standing(&self) -> (String, String, String) {
        let key = self.key(&self.org.owner, Role::Owner, &[]).await;
        let found = self.get("/api/v1/billing", &key).await.body;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&found["subscription"]["status"]), text(&found["subscription"]["plan"]), text(&found["plan"]))
    }

    async fn for_events() -> Option<Self> {
        let mut house = Self::open().await?;
        house.paid_at("http://127.0.0.1:1");
        house.customer("cus_1").await;
        Some(house)
    }

    async fn told_of_unpaid(&self) -> usize {
        let mut tx = self.database.store.begin(&self.org.owner).await.unwrap();
        let told = store::notices::list(&mut tx, 500).await.unwrap();
        told.iter().filter(|notice| notice.type_ == "billing.payment_failed").count()
    }

    /// The subscription that counts, whole.
    async fn subscription(&self) -> store::usage::Subscription {
        let mut tx = self.database.store.begin(&self.org.owner).await.unwrap();
        store::usage::subscription(&mut tx).await.unwrap().unwrap()
    }

    async fn customer(&self, name: &str) {
        let mut gate = self.database.store.gate().await.unwrap();
        gate.enter(self.org.id).await.unwrap();
        store::gate::webhooks::put_customer(&mut gate, "stripe", false, name, "trial").await.unwrap();
        gate.commit().await.unwrap();
    }
}

fn event(id: &str, created: i64, subscription: &str, status: &str, plan: &str) -> Value {
    json!({
        "id": id, "object": "event", "type": "customer.subscription.updated", "created": created, "livemode": false,
        "data": {"object": {
            "id": subscription, "object": "subscription", "customer": "cus_1", "status": status,
            "cancel_at_period_end": false, "metadata": {"organization": "somebody else's"},
            "items": {"data": [{"id": "si_1", "current_period_start": created, "current_period_end": created + 2_592_000,
                "price": {"id": format!("price_{plan}"), "lookup_key": plan}}]}
        }}
    })
}

#[tokio::test]
async fn without_a_provider_the_page_says_who_sets_plans() {
    let Some(house) = House::open().await else { return };
    let owner = house.key(&house.org.owner, Role::Owner, &[]).await;
    let found = house.get("/api/v1/billing", &owner).await;
    assert_eq!((found.status.as_u16(), &found.body["connected"]), (200, &json!(false)), "{}", found.body);
    let asked = json!({"plan": "starter"});
    let refused =
        house.ask(Method::POST, "/api/v1/billing/checkout-sessions", Some(&owner), Some(&asked)).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body["detail"].as_str().unwrap().contains("takes no payments"));
    assert_eq!(house.hear(&event("e", 1, "s", "active", "starter")).await.status, 404);
}

#[tokio::test]
async fn a_checkout_ends_in_a_plan_and_a_cancellation_in_none() {
    let Some(mut house) = House::open().await else { return };
    let stripe = MockServer::start().await;
    house.paid_at(&stripe.uri());
    let answer = |body: Value| ResponseTemplate::new(200).set_body_json(body);
    Mock::given(method("GET"))
        .and(path("/v1/prices"))
        .and(header("authorization", "Bearer sk_test_of_nobody"))
        .respond_with(answer(json!({"data": [
            {"id": "price_starter", "lookup_key": "starter", "unit_amount": 49_000, "currency": "usd", "recurring": {"interval": "month"}},
            {"id": "price_professional", "lookup_key": "professional", "unit_amount": 149_000, "currency": "usd", "recurring": {"interval": "month"}}]})))
        .mount(&stripe)
        .await;
    Mock::given(method("POST"))
        .and(path("/v1/customers"))
        .and(header("idempotency-key", format!("customer-{}", house.org.id).as_str()))
        .respond_with(answer(json!({"id": "cus_1"})))
        .expect(1)
        .mount(&stripe)
        .await;
    Mock::given(method("POST"))
        .and(path("/v1/checkout/sessions"))
        .and(body_string_contains("mode=subscription"))
        .and(body_string_contains("customer=cus_1"))
        .and(body_string_contains("line_items%5B0%5D%5Bprice%5D=price_starter"))
        .and(body_string_contains("trial_period_days%5D=14"))
        .respond_with(answer(json!({"id": "cs_1", "url": "https://checkout.example/cs_1"})))
        .mount(&stripe)
        .await;
    Mock::given(method("GET"))
        .and(path("/v1/invoices"))
        .and(query_param("customer", "cus_1"))
        .respond_with(answer(
            json!({"data": [{"id": "in_1", "number": "A-1", "created": 5, "total": 49_000, "currency": "usd",
            "status": "paid", "hosted_invoice_url": "javascript:alert(1)"}]}),
        ))
        .mount(&stripe)
        .await;
    Mock::given(method("GET"))
        .and(path("/v1/subscriptions/sub_1"))
        .respond_with(answer(json!({"id": "sub_1", "status": "active", "customer": "cus_1",
            "items": {"data": [{"id": "si_1", "price": {"id": "price_starter", "lookup_key": "starter"}}]}})))
        .mount(&stripe)
        .await;
    Mock::given(method("POST"))
        .and(path("/v1/invoices/create_preview"))
        .respond_with(answer(json!({"amount_due": 74_500, "currency": "usd", "lines": {"data": [
            {"description": "Unused time", "amount": -24_500, "parent": {"subscription_item_details": {"proration": true}}}]}})))
        .mount(&stripe)
        .await;
    Mock::given(method("POST"))
        .and(path("/v1/subscriptions/sub_1"))
        .and(body_string_contains("cancel_at_period_end=true"))
        .respond_with(answer(json!({"id": "sub_1", "status": "active", "cancel_at_period_end": true})))
        .mount(&stripe)
        .await;
    let owner = house.key(&house.org.owner, Role::Owner, &[]).await;
    let admin = house.key(&house.org.owner, Role::Admin, &[]).await;
    let checkout = "/api/v1/billing/checkout-sessions";
    let starter = json!({"plan": "starter"});
    assert_eq!(house.ask(Method::POST, checkout, Some(&admin), Some(&starter)).await.status, 403);
    let unknown = json!({"plan": "unlimited"});
    assert_eq!(house.ask(Method::POST, checkout, Some(&owner), Some(&unknown)).await.status, 422);
    for _ in 0..2 {
        let begun = house.ask(Method::POST, checkout, Some(&owner), Some(&starter)).await;
        assert_eq!(
            (begun.status.as_u16(), &begun.body["url"]),
            (201, &json!("https://checkout.example/cs_1"))
        );
    }
    assert_eq!(house.standing().await.2, "unlimited");
    // The events of a life: each state is kept as the provider names it.
    for (at, (status, plan)) in [
        ("incomplete", "trial"),
        ("trialing", "starter"),
        ("active", "starter"),
        ("past_due", "starter"),
        ("active", "starter"),
    ]
    .into_iter()
    .enumerate()
    {
        let heard =
            house.hear(&event(&format!("evt_{at}"), 100 + at as i64, "sub_1", status, "starter")).await;
        assert_eq!(
            (heard.status.as_u16(), &heard.body["outcome"]),
            (200, &json!("applied")),
            "{}",
            heard.body
        );
        assert_eq!(house.standing().await, (status.to_owned(), "starter".to_owned(), plan.to_owned()));
    }
    let preview = json!({"plan": "professional"});
    let seen =
        house.ask(Method::POST, "/api/v1/billing/subscription/preview", Some(&owner), Some(&preview)).await;
    assert_eq!(
        (&seen.body["due"], &seen.body["lines"][0]["proration"]),
        (&json!(74_500), &json!(true)),
        "{}",
        seen.body
    );
    let invoices = house.get("/api/v1/billing/invoices", &owner).await;
    // What is no page over TLS does not become a link.
    assert_eq!(
        (&invoices.body["items"][0]["number"], &invoices.body["items"][0]["page"]),
        (&json!("A-1"), &json!(""))
    );
    assert_eq!(
        house.ask(Method::DELETE, "/api/v1/billing/subscription", Some(&owner), None).await.status,
        202
    );
    let gone = house.hear(&event("evt_9", 200, "sub_1", "canceled", "starter")).await;
    assert_eq!(gone.body["outcome"], "applied");
    assert_eq!(house.standing().await, ("canceled".to_owned(), "starter".to_owned(), "trial".to_owned()));
    let changes = house.get("/api/v1/audit?action=billing.event", &owner).await;
    assert_eq!(changes.body["items"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn events_that_prove_nothing_or_are_not_ours_change_nothing() {
    let Some(mut house) = House::open().await else { return };
    house.paid_at("http://127.0.0.1:1");
    house.customer("cus_1").await;
    let now = house.state.backing().clock.now().as_second();
    let good = event("evt_1", 10, "sub_1", "active", "starter");
    let raw = good.to_string();
    for signature in [
        None,
        Some(String::new()),
        Some(sign(raw.as_bytes(), "another", now)),
        Some(sign(b"other bytes", SECRET, now)),
        Some(sign(raw.as_bytes(), SECRET, now - 301)),
        Some(sign(raw.as_bytes(), SECRET, now + 301)),
    ] {
        let answer = house.hear_raw(&raw, signature.as_deref()).await;
        assert_eq!(answer.status, 400, "{signature:?} {}", answer.body);
    }
    assert_eq!(house.standing().await.0, "none");
    // Of the other mode, of nobody we know, of no kind that matters: received, and nothing follows.
    let mut other = good.clone();
    other["livemode"] = json!(true);
    let mut stranger = event("evt_2", 10, "sub_2", "active", "starter");
    stranger["data"]["object"]["customer"] = json!("cus_of_nobody");
    stranger["data"]["object"]["metadata"]["organization"] = json!(house.org.id.to_string());
    let kind = json!({"id": "evt_3", "type": "charge.succeeded", "created": 1, "livemode": false,
        "data": {"object": {"object": "charge", "customer": "cus_1"}}});
    for ignored in [other, stranger, kind] {
        let answer = house.hear(&ignored).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body["outcome"]),
            (200, &json!("ignored")),
            "{}",
            answer.body
        );
    }
    assert_eq!(house.standing().await, ("none".to_owned(), "trial".to_owned(), "unlimited".to_owned()));
    // A price that nobody knows gives no right; one that the operator named gives its plan.
    let unknown = house.hear(&event("evt_4", 20, "sub_1", "active", "gold")).await;
    assert_eq!((unknown.status.as_u16(), house.standing().await.2.as_str()), (200, "trial"));
    let mut named = event("evt_5", 30, "sub_1", "active", "gold");
    named["data"]["object"]["items"]["data"][0]["price"]["id"] = json!("price_by_hand");
    house.hear(&named).await;
    assert_eq!(house.standing().await.2, "enterprise");
    // The end of an old subscription does not end the newer one.
    house.hear(&event("evt_6", 40, "sub_9", "active", "professional")).await;
    house.hear(&event("evt_7", 50, "sub_1", "canceled", "starter")).await;
    assert_eq!(
        house.standing().await,
        ("active".to_owned(), "professional".to_owned(), "professional".to_owned())
    );
}

/// What a provider tells in the life of a customer: two subscriptions, one of which ends and is followed by a third, their
/// invoices, and what is none of ours. Several events carry the same second, as they do when a checkout makes and pays at once.
fn a_life(random: &mut impl FnMut(usize) -> usize) -> Vec<Value> {
    let states = ["trialing", "active", "past_due", "unpaid", "paused"];
    let plans = ["starter", "professional", "enterprise", "a price of nobody"];
    let kinds = ["updated", "paused", "resumed", "trial_will_end", "pending_update_applied"];
    let mut events = Vec::new();
    let mut begun: Vec<String> = Vec::new();
    let mut second = 1_000;
    while events.len() < 1_000 {
        // Up to four events share a second; ids of one second rise as the provider made them.
        second += i64::from(random(4) == 0);
        let id = format!("evt_{:04}", events.len());
        let plan = plans[random(plans.len())];
        let of = |subscription: &str, status: &str, kind: &str| {
            let mut event = event(&id, second, subscription, status, plan);
            event["type"] = json!(format!("customer.subscription.{kind}"));
            event
        };
        let invoice = |kind: &str| {
            json!({"id": id, "object": "event", "type": format!("invoice.{kind}"), "created": second, "livemode": false,
                "data": {"object": {"object": "invoice", "id": format!("in_{id}"), "number": null, "customer": "cus_1",
                    "amount_due": 49_000, "currency": "usd"}}})
        };
        events.push(match random(20) {
            0 => invoice("payment_failed"),
            1 => invoice("paid"),
            2 => json!({"id": id, "object": "event", "type": "customer.updated", "created": second, "livemode": false,
                "data": {"object": {"object": "customer", "id": "cus_1"}}}),
            3 if begun.len() < 3 => {
                begun.push(format!("sub_{}", begun.len()));
                of(begun.last().unwrap(), "incomplete", "created")
            }
            4 if begun.len() > 2 && second > 1_200 => {
                let ended = begun.remove(random(begun.len()));
                of(&ended, "canceled", "deleted")
            }
            _ if begun.is_empty() => invoice("created"),
            _ => {
                let subscription = &begun[random(begun.len())];
                of(subscription, states[random(states.len())], kinds[random(kinds.len())])
            }
        });
    }
    events
}

/// 1,000 events, each delivered three times, in any order and side by side: the end is that of the ordered replay.
#[tokio::test]
async fn a_thousand_events_in_any_order_end_as_if_in_order() {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    let events = a_life(&mut random);
    let Some(in_order) = House::for_events().await else { return };
    for event in &events {
        assert_eq!(in_order.hear(event).await.status, 200);
    }
    let house = House::for_events().await.unwrap();
    let mut deliveries: Vec<&Value> = events.iter().chain(&events).chain(&events).collect();
    for at in (1..deliveries.len()).rev() {
        deliveries.swap(at, random(at + 1));
    }
    let taken = std::sync::atomic::AtomicUsize::new(0);
    futures::StreamExt::for_each_concurrent(futures::stream::iter(deliveries), 8, |event| {
        let (house, taken) = (&house, &taken);
        async move {
            let answer = house.hear(event).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            if answer.body["outcome"] != "repeated" {
                taken.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
        }
    })
    .await;
    // Each event took effect, was found older or was of no matter, exactly once; each unpaid invoice was told of once.
    assert_eq!(taken.into_inner(), events.len());
    let unpaid = events.iter().filter(|event| event["type"] == "invoice.payment_failed").count();
    assert!(unpaid > 10);
    assert_eq!((house.told_of_unpaid().await, in_order.told_of_unpaid().await), (unpaid, unpaid));
    assert_eq!(house.standing().await, in_order.standing().await);
    assert_eq!(house.subscription().await, in_order.subscription().await);
}
