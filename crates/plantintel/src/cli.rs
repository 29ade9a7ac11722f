//! The words of the command line. `docs/cli.md` is what scripts may rely on; names may grow, not change.

pub(crate) mod operate;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;

#[derive(Debug, Parser)]
#[command(
    name = "plantintel",
    version,
    about = "Reads an export of an ERP system and says where the plant loses money",
    after_help = "Start with:\n  plantintel\n  plantintel analyze orders.csv\n  plantintel generate demo --orders 2000 --seed 1 && plantintel analyze demo/*.csv --html report.html\n\n\
        Exit codes: 0 done, 1 the work failed, 2 wrong usage, 3 the input cannot be used, 4 a decision is needed, 5 not allowed or over a limit."
)]
pub(crate) struct Cli {
    /// The service's configuration; by default plantintel.toml where it is called
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the whole product on one port, with a database of its own where none is configured
    #[command(after_help = "Example:\n  plantintel serve --config /etc/plantintel.toml")]
    Serve,
    /// Run pages and API only, beside workers on other machines
    #[command(after_help = "Example:\n  DATABASE_URL=postgres://… plantintel server")]
    Server,
    /// Run jobs only
    #[command(after_help = "Example:\n  DATABASE_URL=postgres://… plantintel worker")]
    Worker,
    /// Bring the database to this program's version
    #[command(after_help = "Example:\n  DATABASE_URL=postgres://… plantintel migrate")]
    Migrate,
    /// Say what is configured, what is missing and what follows
    #[command(after_help = "Example:\n  plantintel doctor --json")]
    Doctor {
        /// Print one JSON document
        #[arg(long)]
        json: bool,
        /// Look at the configuration only, and ask neither database nor network
        #[arg(long)]
        offline: bool,
        /// Only ask the service of this machine whether it lives, for health checks of containers
        #[arg(long, conflicts_with_all = ["json", "offline", "bundle"])]
        alive: bool,
        /// Write what support needs into this file, as JSON; it holds counts and settings, nothing of customers and no secrets
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        bundle: Option<PathBuf>,
    },
    /// Write everything of the installation into a folder, beside the running service
    #[command(after_help = "Example:\n  plantintel backup /mnt/backups/$(date +%F)")]
    Backup {
        /// A new folder
        #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
        folder: PathBuf,
        /// Put the installation's secret and its audit key beside it; without them, keep them elsewhere
        #[arg(long)]
        with_secrets: bool,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Bring a backup into an empty installation, and verify rows, files and audit trail
    #[command(after_help = "Example:\n  plantintel restore /mnt/backups/2026-11-26")]
    Restore {
        /// What `plantintel backup` wrote
        #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
        folder: PathBuf,
        /// Go on without the secret of the backup: second factors and other sealed values are removed
        #[arg(long)]
        secret_is_lost: bool,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Give the installation a new secret and a new audit key; stop the service before
    #[command(
        name = "rotate-keys",
        after_help = "Example:\n  plantintel rotate-keys\n  plantintel rotate-keys --secret --new-secret-file /etc/plantintel/secret.new"
    )]
    RotateKeys(RotateArgs),
    /// Check the audit trail
    #[command(subcommand, after_help = "Example:\n  plantintel audit verify")]
    Audit(AuditCommand),
    /// Accounts and keys, from the command line of the installation
    #[command(subcommand, after_help = "Example:\n  plantintel admin sign-in-link marie@example.com")]
    Admin(AdminCommand),
    /// Read, map and analyze the exports of one plant
    #[command(
        after_help = "Example:\n  plantintel analyze orders.csv operations.xlsx --preset balanced --html report.html"
    )]
    Analyze(AnalyzeArgs),
    /// Ask a question about the exports of one plant, in English, German or Spanish
    #[command(
        after_help = "Example:\n  plantintel ask orders.csv operations.csv \"Which machines have the highest scrap rate?\""
    )]
    Ask(AskArgs),
    /// Offer the analyses as tools to other programs, over the Model Context Protocol on standard input and output
    #[command(
        after_help = "Example:\n  plantintel mcp --folder exports/\n\nWith PLANTINTEL_MCP_SERVER and PLANTINTEL_MCP_API_KEY it works in that installation."
    )]
    Mcp(McpArgs),
    /// Show how a file is read: dialect, encoding, header, columns with type and format
    #[command(after_help = "Example:\n  plantintel read JOBCOST.csv --json")]
    Read(ReadArgs),
    /// Propose what the columns of a file mean
    #[command(after_help = "Example:\n  plantintel map JOBCOST.csv --save jobcost.mapping.json")]
    Map(MapArgs),
    /// Measure mapping or findings against a known truth
    #[command(subcommand, after_help = "Example:\n  plantintel eval mapping cases/ --cases")]
    Eval(EvalCommand),
    /// Write a coherent synthetic plant with known problems, as exports of an ERP system
    #[command(after_help = "Example:\n  plantintel generate demo --orders 2000 --seed 1")]
    Generate(GenerateArgs),
    /// Time reading, mapping and analyzing stage by stage, beside pandas where it is installed
    #[command(after_help = "Example:\n  plantintel bench operations.csv")]
    Bench(BenchArgs),
    /// Print the completion script of a shell
    #[command(after_help = "Example:\n  plantintel completions bash > /etc/bash_completion.d/plantintel")]
    Completions { shell: Shell },
    /// Print the manual page
    #[command(after_help = "Example:\n  plantintel man | man -l -")]
    Man,
}

#[derive(Debug, Args)]
pub(crate) struct RotateArgs {
    /// Only the installation's secret
    #[arg(long)]
    pub(crate) secret: bool,
    /// Only the key that signs the ends of the audit trail
    #[arg(long)]
    pub(crate) audit: bool,
    /// The new secret, where `secret_key` is configured
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) new_secret_file: Option<PathBuf>,
    /// The secret that the database was made with is lost: go by the present one, and remove what only the lost one opens
    #[arg(long, conflicts_with = "audit")]
    pub(crate) secret_is_lost: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Walk the trail of every organization and hold it against the signed ends outside the database
    #[command(after_help = "Example:\n  plantintel audit verify --json")]
    Verify {
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Make an organization with its owner, and print the link that signs the owner in
    #[command(
        after_help = "Example:\n  plantintel admin create-owner --email marie@example.com --organization Brandt"
    )]
    CreateOwner {
        /// The owner's address
        #[arg(long)]
        email: String,
        /// The organization's name
        #[arg(long)]
        organization: String,
    },
    /// Print a link that signs somebody in once, within an hour
    #[command(after_help = "Example:\n  plantintel admin sign-in-link marie@example.com")]
    SignInLink {
        /// The address of the account
        email: String,
    },
    /// Let an organization in from every address again, after it has locked itself out
    #[command(after_help = "Example:\n  plantintel admin allow-everywhere marie@example.com")]
    AllowEverywhere {
        /// The address of a member's account
        email: String,
    },
    /// Make an API key in the name of a member and print it
    #[command(
        after_help = "Example:\n  plantintel admin create-key --email marie@example.com --name nightly --role analyst"
    )]
    CreateKey {
        /// The member whose organization and role the key has at most
        #[arg(long)]
        email: String,
        /// What people call the key
        #[arg(long)]
        name: String,
        /// viewer, analyst, reviewer, admin or owner
        #[arg(long, default_value = "analyst")]
        role: String,
        /// Narrow it, as in `datasets:read`; may be repeated
        #[arg(long)]
        scope: Vec<String>,
    },
    /// The console's work: customers, plans, reviews, jobs, use, announcements
    #[command(after_help = "Example:\n  plantintel admin operate customers --search brandt")]
    Operate(Box<operate::OperateArgs>),
}

#[derive(Debug, Args)]
pub(crate) struct AskArgs {
    /// Exports of one plant; several files are joined on their keys
    #[arg(required = true, num_args = 1.., value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    /// The question
    #[arg(required = true, value_name = "QUESTION")]
    pub(crate) question: String,
    /// Use the mapping that `plantintel map --save` wrote; may be given once per file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) mapping: Vec<PathBuf>,
    /// Language of the answer where the words leave it open: en, de or es
    #[arg(long, default_value = "en")]
    pub(crate) language: String,
    /// Print one JSON document, with what was looked up
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct McpArgs {
    /// The folder whose files may be read; nothing else is
    #[arg(long, default_value = ".", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct AnalyzeArgs {
    /// Exports of one plant; several files are joined on their keys
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    /// Use the mapping that `plantintel map --save` wrote; may be given once per file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) mapping: Vec<PathBuf>,
    /// Settings to start from: conservative, balanced or aggressive
    #[arg(long, value_name = "NAME", default_value = "balanced")]
    pub(crate) preset: String,
    /// Change one setting, e.g. `confidence_level=0.95`; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
    /// Print the result as one JSON document
    #[arg(long)]
    pub(crate) json: bool,
    /// Write one self-contained page
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) html: Option<PathBuf>,
    /// Write a workbook, one sheet per finding
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) xlsx: Option<PathBuf>,
    /// Write a document for print: the summary, then a page per finding
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) pdf: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) input: InputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ReadArgs {
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Print the result as one JSON document
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the table as read: RFC 4180, UTF-8, all cells as text
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) csv: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) input: InputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct MapArgs {
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Print the result as one JSON document
    #[arg(long)]
    pub(crate) json: bool,
    /// Write a mapping that `plantintel analyze --mapping` takes; it may be edited by hand
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) save: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) input: InputArgs,
}

/// What reading may be told.
#[derive(Debug, Args)]
pub(crate) struct InputArgs {
    /// The sheet of a workbook or the member of an archive to read
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,
    /// Stop with exit code 4 where a person has to decide; without it a terminal is asked, and anything else gets the
    /// likelier reading
    #[arg(long)]
    pub(crate) no_input: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EvalCommand {
    /// Mapping accuracy over folders with `data.csv` and `truth.csv`
    #[command(after_help = "Example:\n  plantintel eval mapping cases/ --cases --json")]
    Mapping {
        #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
        dir: PathBuf,
        /// Print a row per case
        #[arg(long)]
        cases: bool,
        /// Forget what is known of the case's own system, as if it had never been seen
        #[arg(long)]
        unseen: bool,
        /// Print the result as one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Findings against planted truth, over folders with exports and `truth.json`
    #[command(
        after_help = "Example:\n  plantintel generate plants/p1 --seed 1 && plantintel eval findings plants/ --cases"
    )]
    Findings {
        #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
        dir: PathBuf,
        /// Print a row per plant
        #[arg(long)]
        cases: bool,
        #[arg(long, value_name = "NAME", default_value = "balanced")]
        preset: String,
        /// Print the result as one JSON document
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// Folder to write into; made where it does not exist
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) dir: PathBuf,
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(50..=20_000_000))]
    pub(crate) orders: u64,
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// `all`, `none`, or a list of problems with commas
    #[arg(long, value_name = "LIST", default_value = "all")]
    pub(crate) problems: String,
    /// How the exports are written; an unknown name lists the known ones
    #[arg(long, value_name = "NAME")]
    pub(crate) style: Option<String>,
    /// Size of the planted effects: 1, 0.5, 0.25
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pub(crate) effect: f64,
}

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    /// Print the result as one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}
