//! Fixed lists of words in the description of the API: what a field may hold is said from the list that checks it.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

macro_rules! word_lists {
    ($($(#[$doc:meta])* $list:ident = $words:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $list {}

        impl PartialSchema for $list {
            fn schema() -> RefOr<Schema> {
                let words: Vec<&'static str> = $words.into_iter().collect();
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
            }
        }

        impl ToSchema for $list {
            fn name() -> Cow<'static, str> {
                stringify!($list).into()
            }
        }
    )*};
}

word_lists! {
    /// Of a member, a key, an invitation.
    RoleName = domain::Role::ALL.map(domain::Role::name);
    /// Of a finding.
    FindingStatusName = store::findings::status::Status::ALL.iter().map(|status| status.name());
    /// How far a claim can be trusted.
    EvidenceGradeName = ["strong", "likely", "hint"];
    /// What stands first in a list of findings.
    FindingOrderName = domain::review::FindingOrder::ALL.map(domain::review::FindingOrder::name);
    /// Of what goes into a report, at least.
    SurenessName = ["strong", "likely"];
    /// Of a job.
    JobStateName = store::jobs::JobState::ALL.iter().map(|state| state.name());
    /// Of a run.
    AnalysisStateName = store::analyses::AnalysisState::ALL.iter().map(|state| state.name());
    /// What may be asked of a plant.
    LeverName = app::analyses::what_if::LEVERS;
    /// How often a report is made.
    PeriodName = store::reports::Every::ALL.iter().map(|every| every.name());
    /// What a report is.
    ReportFormatName = store::reports::Format::ALL.iter().map(|format| format.name());
    /// What a report is about.
    ReportPackName = store::reports::Pack::ALL.iter().map(|pack| pack.name());
    /// Of letters, reports and answers.
    LanguageName = report::Tongue::ALL.map(report::Tongue::tag);
    /// How an organization stands with the installation.
    OrganizationStateName = store::orgs::OrgState::ALL.iter().map(|state| state.name());
    /// How a customer stands.
    CustomerStatusName = store::operator::customers::CustomerStatus::ALL.iter().map(|status| status.name());
    /// How a customer pays.
    CustomerPlanName = store::operator::customers::CustomerPlan::ALL.iter().map(|plan| plan.name());
    /// What a row of a table is.
    GranularityName = domain::Granularity::ALL.map(domain::Granularity::as_str);
    /// What becomes of rows below the order.
    DetailName = [domain::mapping::Detail::Keep, domain::mapping::Detail::Aggregate].map(domain::mapping::Detail::as_str);
    /// What an entry of the trail came to.
    OutcomeName = store::audit::Outcome::ALL.iter().map(|outcome| outcome.name());
    /// Where files come from.
    SourceKindName = store::sources::SourceKind::ALL.iter().map(|kind| kind.name());
    /// A set of the 39 settings.
    PresetName = domain::settings::Preset::ALL.map(domain::settings::Preset::as_str);
}
