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
