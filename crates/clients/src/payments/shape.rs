//! What the provider says, as far as we use it. Fields that moved between versions of its API are found in both places.

use serde_json::Value;

/// A subscription as the provider states it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subscription {
    pub id: String,
    pub customer: String,
    /// The provider's word, as given.
    pub status: String,
    /// The item that carries the plan.
    pub item: String,
    pub price: String,
    /// The name that the operator gave the price at the provider.
    pub lookup_key: String,
    /// Seconds since 1970.
    pub period_start: Option<i64>,
    pub period_end: Option<i64>,
    pub trial_end: Option<i64>,
    pub cancels_at_period_end: bool,
}

/// A price.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Price {
    pub id: String,
    pub lookup_key: String,
    /// In the smallest unit of the currency.
    pub amount: Option<i64>,
    pub currency: String,
    /// `month` or `year`.
    pub interval: String,
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Invoice {
    pub id: String,
    pub number: String,
    /// Seconds since 1970.
    pub created: i64,
    /// In the smallest unit of the currency.
    pub total: i64,
    pub currency: String,
    /// draft, open, paid, uncollectible or void.
    pub status: String,
    /// The provider's page of it.
    pub page: String,
}

/// What a change of plan would cost.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preview {
    pub lines: Vec<Line>,
    /// In the smallest unit of the currency.
    pub due: i64,
    pub currency: String,
    /// When it would be asked for; seconds since 1970.
    pub at: Option<i64>,
}

/// A line of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    pub words: String,
    pub amount: i64,
    pub proration: bool,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// An id, or the id of the object that stands in its place when the provider expands it.
fn id(value: &Value) -> String {
    match value {
        Value::Object(object) => object.get("id").map(text).unwrap_or_default(),
        other => text(other),
    }
}

impl Subscription {
    pub(super) fn read(object: &Value) -> Option<Self> {
        let item = &object["items"]["data"][0];
        let price = if item["price"].is_object() { &item["price"] } else { &object["plan"] };
        let whole = |name: &str| object[name].as_i64().or_else(|| item[name].as_i64());
        let read = Self {
            id: text(&object["id"]),
            customer: id(&object["customer"]),
            status: text(&object["status"]),
            item: text(&item["id"]),
            price: text(&price["id"]),
            lookup_key: text(&price["lookup_key"]),
            period_start: whole("current_period_start"),
            period_end: whole("current_period_end"),
            trial_end: object["trial_end"].as_i64(),
            cancels_at_period_end: object["cancel_at_period_end"].as_bool().unwrap_or(false)
                || object["cancel_at"].as_i64().is_some(),
        };
        (!read.id.is_empty() && !read.status.is_empty()).then_some(read)
    }
}

impl Price {
    pub(super) fn read(object: &Value) -> Self {
        Self {
            id: text(&object["id"]),
            lookup_key: text(&object["lookup_key"]),
            amount: object["unit_amount"].as_i64(),
            currency: text(&object["currency"]).to_uppercase(),
            interval: text(&object["recurring"]["interval"]),
        }
    }
}

impl Invoice {
    pub(super) fn read(object: &Value) -> Self {
        Self {
            id: text(&object["id"]),
            number: text(&object["number"]),
            created: object["created"].as_i64().unwrap_or_default(),
            total: object["total"].as_i64().or_else(|| object["amount_due"].as_i64()).unwrap_or_default(),
            currency: text(&object["currency"]).to_uppercase(),
            status: text(&object["status"]),
            // Only the provider's own pages over TLS become links.
            page: Some(text(&object["hosted_invoice_url"]))
                .filter(|url| url.starts_with("https://"))
                .unwrap_or_default(),
        }
    }
}

impl Preview {
    pub(super) fn read(object: &Value) -> Self {
        let lines = object["lines"]["data"].as_array().map(Vec::as_slice).unwrap_or_default();
        Self {
            lines: lines
                .iter()
                .map(|line| Line {
                    words: text(&line["description"]),
                    amount: line["amount"].as_i64().unwrap_or_default(),
                    proration: line["proration"].as_bool().unwrap_or(false)
                        || line["parent"]["subscription_item_details"]["proration"]
                            .as_bool()
                            .unwrap_or(false),
                })
                .collect(),
            due: object["amount_due"].as_i64().unwrap_or_default(),
            currency: text(&object["currency"]).to_uppercase(),
            at: object["next_payment_attempt"].as_i64().or_else(|| object["period_end"].as_i64()),
        }
    }
}
