//! What was used, and what it costs.

use app::{Error, billing, usage};
use axum::{
    Form, Router,
    extract::State,
    http::{HeaderValue, header},
    response::Response,
};
use domain::{Role, number};
use pages::{
    page::settings::usage::{self as sheets, Allowance, Billing, Change, Invoice, Plan, Usage},
    words,
};
use serde::Deserialize;
use store::usage::UsageType;

use crate::{
    ServerState,
    boxed::{get, post},
    web::{
        answer, overview,
        reader::{self, Reader},
    },
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/settings/usage", get(show_usage))
        .route("/settings/billing", get(show_billing))
        .route("/settings/billing/checkout", post(check_out))
        .route("/settings/billing/portal", post(open_portal))
        .route("/settings/billing/change", post(change))
        .route("/settings/billing/cancel", post(cancel))
        .route("/settings/billing/resume", post(resume))
}

fn count(number: i64) -> String {
    number::count(u64::try_from(number).unwrap_or_default())
}

async fn show_usage(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        let found = usage::get(state.backing(), &reader.caller).await?;
        let allowances = found
            .allowances
            .iter()
            .map(|one| Allowance {
                what: words::sentence_case(usage::words(one.meter)),
                used: count(one.used),
                limit: one.limit.map(count).unwrap_or_default(),
                standing: one.standing().name().to_owned(),
            })
            .collect();
        let totals = found
            .totals
            .iter()
            .map(|one| (recorded(one.type_).to_owned(), count(one.events), count(one.quantity)))
            .collect();
        let shown = Usage {
            plan: words::sentence_case(&found.plan),
            month: found.period_start.strftime("%B %Y").to_string(),
            anew: overview::day(found.resets_at),
            allowances,
            totals,
        };
        Ok(answer::ok(&sheets::page(&reader.shell, &shown)))
    };
    let result = result.await;
    reader.answer(result)
}

fn recorded(type_: UsageType) -> &'static str {
    match type_ {
        UsageType::CsvUpload => "Files uploaded",
        UsageType::CsvRowProcessed => "Rows read",
        UsageType::AnalysisRun => "Analyses started",
        UsageType::AnalyzerExecution => "Analyzers run",
        UsageType::ChatMessage => "Questions asked",
        UsageType::AiTokensInput => "Tokens that a language model read",
        UsageType::AiTokensOutput => "Tokens that a language model wrote",
        UsageType::MappingProfileCreated => "Mappings saved",
        UsageType::MappingProfileUsed => "Mappings used again",
        UsageType::ExportPdf => "PDF taken along",
        UsageType::ExportCsv => "CSV taken along",
        UsageType::ExportXlsx => "Workbooks taken along",
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// Back from the payment provider.
    paid: String,
}

async fn show_billing(
    State(state): State<ServerState>,
    crate::extract::Query(asked): crate::extract::Query<Asked>,
    mut reader: Reader,
) -> Response {
    let result = billing_page(&state, &mut reader, !asked.paid.is_empty()).await;
    reader.answer(result)
}

async fn billing_page(state: &ServerState, reader: &mut Reader, paid: bool) -> Result<Response, Error> {
    let found = billing::get(&state.desk, &reader.caller).await?;
    let held = found.subscription.as_ref().filter(|held| held.subscription_ref.is_some());
    let invoices = if reader.may(Role::Admin) {
        billing::invoices(&state.desk, &reader.caller).await.unwrap_or_default()
    } else {
        Vec::new()
    };
    if paid && held.is_none() {
        reader.shell.notices.push(pages::component::notice::Notice::new(
            pages::component::Tone::Accent,
            "Thank you.",
            "The payment provider tells us in a moment; then the new plan holds.",
        ));
    }
    let warning = match (held.map(|held| held.status.as_str()), &found.silent) {
        (Some("past_due"), _) => {
            "The last payment did not go through. Look at the card on the payment pages; your plan holds while it is tried again."
        }
        (Some("unpaid" | "paused"), _) => {
            "The subscription is stopped because nothing was paid. Look at the card on the payment pages."
        }
        (_, Some(_)) => {
            "The payment provider does not answer right now, so prices and invoices may be missing."
        }
        _ => "",
    };
    let shown = Billing {
        connected: found.connected,
        plan: words::sentence_case(&found.plan),
        state: held.map(|held| state_words(&held.status).to_owned()).unwrap_or_default(),
        until: held
            .and_then(|held| held.trial_end.max(held.period_end))
            .map(overview::day)
            .unwrap_or_default(),
        then: held
            .map(|held| if held.cancels_at_period_end { "then it ends" } else { "then it renews" }.to_owned())
            .unwrap_or_default(),
        warning: warning.to_owned(),
        plans: found
            .offers
            .iter()
            .map(|offer| Plan {
                id: offer.plan.plan.clone(),
                name: words::sentence_case(&offer.plan.plan),
                price: offer.price.as_ref().map(price).unwrap_or_default(),
                allows: allows(&offer.plan),
                current: offer.plan.plan == found.plan,
                offered: offer.plan.offered,
            })
            .collect(),
        invoices: invoices
            .into_iter()
            .map(|one| Invoice {
                number: if one.number.is_empty() { one.id } else { one.number },
                day: jiff::Timestamp::from_second(one.created).map(overview::day).unwrap_or_default(),
                amount: minor(one.total, &one.currency),
                state: words::sentence_case(&one.status),
                link: one.page,
            })
            .collect(),
        customer: found.connected && found.subscription.is_some(),
        may_change: reader.may(Role::Owner),
        ends: held.is_some_and(|held| held.cancels_at_period_end),
        subscribed: held.is_some_and(|held| billing::right_of(&held.status) == billing::Right::Plan),
        test: found.connected && !found.live,
    };
    Ok(answer::ok(&sheets::billing_page(&reader.shell, &shown)))
}

/// The provider's states in words of ours; one that we do not know is shown as it is.
fn state_words(status: &str) -> &str {
    match status {
        "incomplete" => "waits for the first payment",
        "incomplete_expired" => "the first payment never came",
        "trialing" => "trial",
        "past_due" => "payment is late",
        "canceled" => "ended",
        "unpaid" => "not paid",
        other => other,
    }
}

fn price(price: &clients::payments::Price) -> String {
    match price.amount {
        Some(amount) if !price.interval.is_empty() => {
            format!("{} a {}", minor(amount, &price.currency), price.interval)
        }
        Some(amount) => minor(amount, &price.currency),
        None => String::new(),
    }
}

/// An amount in the smallest unit of its currency. Those without cents have none in their smallest unit either.
fn minor(amount: i64, currency: &str) -> String {
    const WHOLE: [&str; 16] = [
        "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF",
        "XOF", "XPF",
    ];
    let sign = if amount < 0 { "-" } else { "" };
    let size = amount.unsigned_abs();
    if WHOLE.contains(&currency) {
        format!("{sign}{} {currency}", number::count(size))
    } else {
        format!("{sign}{}.{:02} {currency}", number::count(size / 100), size % 100)
    }
}

fn allows(plan: &store::operator::plans::Plan) -> String {
    let parts: Vec<String> = [
        (plan.uploads, "uploads"),
        (plan.rows, "rows"),
        (plan.analyses, "analyses"),
        (plan.chat_messages, "questions"),
        (plan.mapping_profiles, "saved mappings"),
    ]
    .into_iter()
    .filter_map(|(limit, what)| limit.map(|limit| format!("{} {what}", count(limit))))
    .collect();
    if parts.is_empty() { "no limits".to_owned() } else { parts.join(", ") }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    plan: String,
    sure: String,
}

/// To the page where the plan is paid; who has a subscription sees first what the change costs.
async fn check_out(State(state): State<ServerState>, reader: Reader, Form(choice): Form<Choice>) -> Response {
    let result = async {
        let held = billing::get(&state.desk, &reader.caller).await?.subscription;
        let subscribed = held.is_some_and(|held| {
            held.subscription_ref.is_some() && billing::right_of(&held.status) == billing::Right::Plan
        });
        if !subscribed {
            let page = billing::check_out(&state.desk, &reader.caller, &choice.plan).await?;
            return Ok(away(&reader, &page));
        }
        let found = billing::preview(&state.desk, &reader.caller, &choice.plan).await?;
        let shown = Change {
            plan: words::sentence_case(&choice.plan),
            plan_id: choice.plan.clone(),
            lines: found
                .lines
                .iter()
                .map(|line| (line.words.clone(), minor(line.amount, &found.currency)))
                .collect(),
            due: minor(found.due, &found.currency),
            at: found
                .at
                .and_then(|at| jiff::Timestamp::from_second(at).ok())
                .map_or_else(|| "the next date".to_owned(), overview::day),
        };
        Ok(answer::ok(&sheets::change_page(&reader.shell, &shown)))
    };
    let result = result.await;
    reader.answer(result)
}

async fn open_portal(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        let page = billing::portal(&state.desk, &reader.caller).await?;
        Ok(away(&reader, &page))
    };
    let result = result.await;
    reader.answer(result)
}

async fn change(State(state): State<ServerState>, reader: Reader, Form(choice): Form<Choice>) -> Response {
    let result = async {
        billing::change(&state.desk, &reader.caller, &choice.plan).await?;
        let words = "Plan changed; its limits hold once the payment provider has confirmed.";
        Ok(reader::see_and_say(&state, "/settings/billing", words))
    };
    let result = result.await;
    reader.answer(result)
}

async fn cancel(State(state): State<ServerState>, reader: Reader, Form(choice): Form<Choice>) -> Response {
    let result = async {
        if choice.sure != "yes" {
            return Ok(answer::see("/settings/billing"));
        }
        billing::cancel(&state.desk, &reader.caller, true).await?;
        Ok(reader::see_and_say(
            &state,
            "/settings/billing",
            "The subscription ends with the period that is paid.",
        ))
    };
    let result = result.await;
    reader.answer(result)
}

async fn resume(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        billing::cancel(&state.desk, &reader.caller, false).await?;
        Ok(reader::see_and_say(&state, "/settings/billing", "The subscription goes on."))
    };
    let result = result.await;
    reader.answer(result)
}

/// Sends the browser to a page of the provider's. A redirect of a form to another site would break our own policy, so the
/// browser is asked to go there by itself, and whoever's does not has the link.
fn away(reader: &Reader, page: &str) -> Response {
    let mut response = answer::ok(&sheets::away_page(&reader.shell, page));
    if let Ok(value) = HeaderValue::from_str(&format!("0; url={page}")) {
        response.headers_mut().insert(header::REFRESH, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::minor;

    #[test]
    fn amounts_are_read_in_the_unit_of_their_currency() {
        for (amount, currency, said) in [
            (49_000, "USD", "490.00 USD"),
            (-5, "EUR", "-0.05 EUR"),
            (1_234_567, "JPY", "1,234,567 JPY"),
            (i64::MIN, "JPY", "-9,223,372,036,854,775,808 JPY"),
        ] {
            assert_eq!(minor(amount, currency), said);
        }
    }
}
