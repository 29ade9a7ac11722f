//! The words of `plantintel admin operate`.

use std::str::FromStr;

use clap::{Args, Subcommand};

/// What an operator sees and does. Every look at an organization needs a reason, which the organization reads in its trail.
#[derive(Debug, Args)]
pub(crate) struct OperateArgs {
    /// The operator's account, where the configuration names several
    #[arg(long = "as", value_name = "EMAIL", global = true)]
    pub(crate) operator: Option<String>,
    /// Print one JSON document
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: OperateCommand,
}

/// What is noted of a customer.
#[derive(Debug, Args)]
pub(crate) struct CustomerChange {
    pub(crate) organization: String,
    #[arg(long)]
    pub(crate) name: Option<String>,
    #[arg(long)]
    pub(crate) contact_name: Option<String>,
    #[arg(long)]
    pub(crate) contact_email: Option<String>,
    #[arg(long)]
    pub(crate) contact_phone: Option<String>,
    #[arg(long)]
    pub(crate) address: Option<String>,
    #[arg(long)]
    pub(crate) notes: Option<String>,
    /// pilot or subscription
    #[arg(long)]
    pub(crate) pays: Option<String>,
    /// trial, active or inactive
    #[arg(long)]
    pub(crate) status: Option<String>,
    /// The plan whose limits hold
    #[arg(long)]
    pub(crate) plan: Option<String>,
    /// Files that a pilot may upload
    #[arg(long)]
    pub(crate) csv_upload_limit: Option<i64>,
    /// What a pilot promises, in the customer's currency
    #[arg(long)]
    pub(crate) savings_target: Option<String>,
    /// As in 2026-12-31
    #[arg(long)]
    pub(crate) pilot_ends_on: Option<String>,
    /// Whether a reviewer looks at results before the customer does: true or false
    #[arg(long)]
    pub(crate) reviewed: Option<bool>,
    /// As the organization reads it
    #[arg(long)]
    pub(crate) reason: String,
}

/// So many in a month, or `none` for as many as they like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit(pub(crate) Option<i64>);

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self(None));
        }
        text.parse().map(|limit| Self(Some(limit))).map_err(|_| "give a number or none".to_owned())
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum OperateCommand {
    /// The installation's customers, with verified savings and days left of the pilot
    #[command(after_help = "Example:\n  plantintel admin operate customers --status trial")]
    Customers {
        /// Words of the name, the contact or the notes
        #[arg(long, default_value = "")]
        search: String,
        /// trial, active or inactive
        #[arg(long)]
        status: Option<String>,
    },
    /// Open, suspend or close an organization
    #[command(
        after_help = "Example:\n  plantintel admin operate set-state ID suspended --reason \"invoice of March\""
    )]
    SetState {
        organization: String,
        /// active, suspended (can be read, not written) or closed
        state: String,
        /// As the organization reads it
        #[arg(long)]
        reason: String,
    },
    /// Plans and their limits in a calendar month
    #[command(after_help = "Example:\n  plantintel admin operate plans")]
    Plans,
    /// Results that wait for a reviewer, the oldest first
    #[command(after_help = "Example:\n  plantintel admin operate reviews")]
    Reviews,
    /// Jobs of all organizations, newest first
    #[command(after_help = "Example:\n  plantintel admin operate jobs --state failed")]
    Jobs {
        /// queued, running, completed, failed (the dead letters) or cancelled
        #[arg(long)]
        state: Option<String>,
    },
    /// Put a job back into the queue, or ask it to stop
    #[command(
        after_help = "Example:\n  plantintel admin operate move-job ORG JOB retry --reason \"disk was full\""
    )]
    MoveJob {
        organization: String,
        job: String,
        /// retry or cancel
        how: String,
        /// As the organization reads it
        #[arg(long)]
        reason: String,
    },
    /// What every organization used this month
    #[command(after_help = "Example:\n  plantintel admin operate usage --json")]
    Usage,
    /// Say something on every page
    #[command(
        after_help = "Example:\n  plantintel admin operate announce \"Maintenance on Sunday\" --days 3"
    )]
    Announce {
        title: String,
        #[arg(long, default_value = "")]
        body: String,
        /// For how many days
        #[arg(long, default_value_t = 7)]
        days: i64,
    },
    /// One customer: what is noted, what it has, its plants and its newest analyses
    #[command(after_help = "Example:\n  plantintel admin operate customer ID --reason \"monthly call\"")]
    Customer {
        organization: String,
        /// As the organization reads it
        #[arg(long)]
        reason: String,
    },
    /// Make an organization with its owner, and print the link that signs the owner in
    #[command(
        after_help = "Example:\n  plantintel admin operate create-customer \"Brandt GmbH\" --email marie@example.com --plan starter"
    )]
    CreateCustomer {
        name: String,
        /// Of the owner
        #[arg(long)]
        email: String,
        /// One of `plans`
        #[arg(long, default_value = "trial")]
        plan: String,
    },
    /// Change what is noted of a customer; what is left out stays
    #[command(
        after_help = "Example:\n  plantintel admin operate edit-customer ID --status active --plan professional --reason \"contract signed\""
    )]
    EditCustomer(Box<CustomerChange>),
    /// What a customer's analyses use: the presets and all 39 settings
    #[command(
        after_help = "Example:\n  plantintel admin operate settings ID --reason \"question about scrap\""
    )]
    Settings {
        organization: String,
        /// As the organization reads it
        #[arg(long)]
        reason: String,
    },
    /// Every earlier state of a customer's settings, newest first
    #[command(
        after_help = "Example:\n  plantintel admin operate settings-history ID --reason \"who changed the threshold\""
    )]
    SettingsHistory {
        organization: String,
        /// As the organization reads it
        #[arg(long)]
        reason: String,
    },
    /// Reviews that wait, pilots, verified savings and promises kept
    #[command(after_help = "Example:\n  plantintel admin operate counters")]
    Counters,
    /// Set what a customer's next analyses use; what is left out stays
    #[command(
        after_help = "Example:\n  plantintel admin operate set-settings ID --preset balanced --set scrap_threshold=0.05 --reason \"agreed on Monday\""
    )]
    SetSettings {
        organization: String,
        /// conservative, balanced or aggressive
        #[arg(long)]
        preset: Option<String>,
        /// A setting by its name; may be repeated
        #[arg(long = "set", value_name = "NAME=VALUE")]
        set: Vec<String>,
        /// As the organization reads it
        #[arg(long)]
        reason: String,
    },
    /// One review: its checklist, its notes and the findings that it is about
    #[command(after_help = "Example:\n  plantintel admin operate review ORG ANALYSIS")]
    Review { organization: String, analysis: String },
    /// Tick points of a review's checklist and note something; with --approve, find the result good
    #[command(
        after_help = "Example:\n  plantintel admin operate write-review ORG ANALYSIS --tick columns --tick totals --notes \"scrap looked at\""
    )]
    WriteReview {
        organization: String,
        analysis: String,
        /// A point of the checklist; may be repeated. What was ticked before stays ticked
        #[arg(long)]
        tick: Vec<String>,
        /// Take the tick off a point; may be repeated
        #[arg(long)]
        untick: Vec<String>,
        /// For other reviewers, never for the customer
        #[arg(long)]
        notes: Option<String>,
        /// All points must be ticked
        #[arg(long)]
        approve: bool,
    },
    /// Change how a finding is shown; what was computed stays
    #[command(
        after_help = "Example:\n  plantintel admin operate edit-finding ORG ANALYSIS KEY --title \"Scrap on M07\" --note \"the mould was changed in May\""
    )]
    EditFinding {
        organization: String,
        analysis: String,
        /// Of the finding, as `review` shows it
        key: String,
        /// Left out: as computed
        #[arg(long, default_value = "")]
        title: String,
        #[arg(long, default_value = "")]
        note: String,
        /// The customer does not see it
        #[arg(long)]
        hide: bool,
    },
    /// Let the customer see an approved result, and tell it so
    #[command(after_help = "Example:\n  plantintel admin operate publish ORG ANALYSIS")]
    Publish { organization: String, analysis: String },
    /// Set limits of a plan in a calendar month, each a number or none; what is left out stays, and has none in a new plan
    #[command(
        after_help = "Example:\n  plantintel admin operate put-plan pilot --uploads 20 --analyses 20 --rows 2000000"
    )]
    PutPlan {
        plan: String,
        #[arg(long)]
        uploads: Option<Limit>,
        #[arg(long)]
        rows: Option<Limit>,
        #[arg(long)]
        analyses: Option<Limit>,
        #[arg(long)]
        chat_messages: Option<Limit>,
        #[arg(long)]
        ai_tokens: Option<Limit>,
        #[arg(long)]
        mapping_profiles: Option<Limit>,
        /// Whether people may choose it themselves: true or false
        #[arg(long)]
        offered: Option<bool>,
    },
    /// What is said on every page
    #[command(after_help = "Example:\n  plantintel admin operate announcements")]
    Announcements,
    /// Take an announcement back
    #[command(after_help = "Example:\n  plantintel admin operate withdraw ID")]
    Withdraw { announcement: String },
    /// The newest rows of an organization's audit trail, or of the installation's own
    #[command(
        after_help = "Example:\n  plantintel admin operate audit --organization ID --reason \"who deleted the file\""
    )]
    Audit {
        /// Left out: the installation's own
        #[arg(long)]
        organization: Option<String>,
        /// As the organization reads it
        #[arg(long)]
        reason: String,
        /// This action, or with a trailing dot every action of a resource (`dataset.`)
        #[arg(long)]
        action: Option<String>,
        /// Rows at most
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Whether the parts of the installation do their work, and what waits
    #[command(after_help = "Example:\n  plantintel admin operate health")]
    Health,
}
