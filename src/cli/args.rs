//! The shape of the command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// The whole online business of a personal brand in one file.
#[derive(Debug, Parser)]
#[command(
    name = "manero",
    version,
    about,
    after_help = "Without a verb it serves the site.\n\n\
    Examples:\n  manero                      serve the site on http://127.0.0.1:8000\n  \
    API_PORT=3001 manero        serve it on another port\n  \
    manero config               show every setting and where its value came from\n  \
    manero doctor --json        check this installation, for programs to read"
)]
pub struct Args {
    /// Print JSON for programs instead of text for people.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Serve the site (what happens without a verb).
    #[command(after_help = "Example:\n  MANERO_DATA=/srv/manero manero serve")]
    Serve,
    /// Show or change the version of the database's schema.
    #[command(after_help = "Examples:\n  manero migrate status\n  manero migrate up\n  \
        manero migrate down --yes     undo the newest migration (stop the site first)")]
    Migrate {
        #[command(subcommand)]
        step: Option<Step>,
    },
    /// Bring in programs and articles; what the owner has edited stays as it is.
    #[command(after_help = "Examples:\n  manero seed\n  manero seed --content ./my-content")]
    Seed {
        /// A folder with programs.toml and articles/*.md instead of the built-in content.
        #[arg(long, value_name = "DIR")]
        content: Option<PathBuf>,
    },
    /// Show every setting, its value and where that came from. Secrets are masked.
    #[command(after_help = "Example:\n  NODE_ENV=production manero config --json")]
    Config,
    /// Check this installation: one line for each thing, with what to do about it.
    #[command(after_help = "Example:\n  manero doctor")]
    Doctor,
    /// Print the description of the API as an `OpenAPI` 3.1 document.
    #[command(after_help = "Example:\n  manero openapi > openapi.json")]
    Openapi {
        /// The part of docs/API.md that is made of it instead.
        #[arg(long, hide = true)]
        markdown: bool,
    },
    /// Read the built-in mailbox.
    #[command(after_help = "Examples:\n  manero mail list\n  manero mail show 0199f1c2-…")]
    Mail {
        #[command(subcommand)]
        what: MailStep,
    },
    /// People who may log in: add one, or give one another password.
    #[command(
        after_help = "Examples:\n  manero admin create --email ana@example.com --name 'Ana Souza'\n  \
        manero admin reset --email ana@example.com --totp"
    )]
    Admin {
        #[command(subcommand)]
        step: AdminStep,
    },
    /// Tokens with which programs use the API.
    #[command(
        after_help = "Examples:\n  manero token create --name import --scope leads:read --days 30\n  \
        manero token list\n  manero token revoke 0199f1c2-…"
    )]
    Token {
        #[command(subcommand)]
        step: TokenStep,
    },
    /// The keys that sign and open, their age, and when each should be replaced.
    #[command(after_help = "Examples:\n  manero keys list\n  \
        manero keys rotate jwt     the old one verifies for 24 hours more")]
    Keys {
        #[command(subcommand)]
        step: KeysStep,
    },
}

#[derive(Debug, Subcommand)]
pub enum AdminStep {
    /// Add somebody; without --password-stdin a password is made up and shown once. Without --email: a link
    /// with which somebody becomes owner in the browser.
    Create {
        #[arg(long, requires = "name")]
        email: Option<String>,
        #[arg(long, requires = "email")]
        name: Option<String>,
        /// What they may do.
        #[arg(long, default_value = "owner", value_parser = ["owner", "admin", "editor", "analyst"])]
        role: String,
        /// Read the password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give somebody another password; every session of theirs ends.
    Reset {
        #[arg(long)]
        email: String,
        /// Also remove the second factor.
        #[arg(long)]
        totp: bool,
        /// Also lift a suspension.
        #[arg(long)]
        lift: bool,
        /// Read the password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum TokenStep {
    /// Make a token; it is shown once.
    Create {
        /// What it is for.
        #[arg(long)]
        name: String,
        /// What it may do, such as leads:read; may be given more than once.
        #[arg(long = "scope", required = true)]
        scopes: Vec<String>,
        /// How many days it counts.
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(i64).range(1..=366))]
        days: i64,
        /// Whose it is; the first owner's when left out.
        #[arg(long, value_name = "EMAIL")]
        user: Option<String>,
    },
    /// Every token, without what opens the door.
    List,
    /// From now on the token does not count.
    Revoke {
        /// The id that `manero token list` shows.
        id: String,
    },
}

/// Vendors' keys are replaced at the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum KeyPurpose {
    /// Signs the API's access tokens.
    Jwt,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub enum KeysStep {
    /// Every key, its age and when it should be replaced.
    List,
    /// Replace a key of ours.
    Rotate {
        #[arg(value_enum)]
        purpose: KeyPurpose,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum Step {
    /// List every migration and whether it has been applied (the default).
    Status,
    /// Apply what is missing.
    Up,
    /// Undo the newest applied migration with the script stored beside it.
    Down {
        /// Yes, what only the newer schema can hold is to be deleted.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum MailStep {
    /// The newest mails.
    List {
        /// How many, 1 to 1000.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=1000))]
        limit: i64,
    },
    /// One mail, whole.
    Show {
        /// The id that `manero mail list` shows.
        id: String,
    },
}
