//! The commands. Each verb has a file; what they share is in `args`, `open` and `print`.

mod admin;
mod args;
pub mod config;
mod doctor;
mod keys;
mod mail;
mod migrate;
mod open;
mod openapi;
mod port;
mod print;
mod seed;
pub mod serve;
mod set_up;
mod token;

use std::process::ExitCode;

use clap::Parser as _;

pub use args::{Args, Verb};

use crate::platform::config::{Loaded, Sources, load};

/// Why a command ended badly, in words that say what to do next.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The settings cannot be used; exit code 2.
    #[error("{0}")]
    Settings(String),
    /// Anything else; exit code 1.
    #[error("{0}")]
    Failed(String),
}

impl Failure {
    pub(crate) fn of(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Parses the command line and runs the verb.
#[must_use]
pub fn main() -> ExitCode {
    let args = Args::parse();
    // Leads and keys are nobody else's business: new files are for this user alone.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    match dispatch(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            print::error(&failure.to_string());
            ExitCode::from(if matches!(failure, Failure::Settings(_)) { 2 } else { 1 })
        }
    }
}

fn dispatch(args: Args) -> Result<(), Failure> {
    let loaded =
        load(&Sources::from_process()).map_err(|errors| Failure::Settings(errors.to_string()))?;
    let json = args.json;
    match args.verb.unwrap_or(Verb::Serve) {
        Verb::Serve => serve::run(&loaded),
        Verb::Migrate { step } => migrate::run(&loaded, step, json),
        Verb::Seed { content } => seed::run(&loaded, content.as_deref(), json),
        Verb::Config => {
            let loaded = open::with_dashboard(&loaded);
            warn_all(&loaded);
            print::text(&self::config::run(&loaded, json))
        }
        Verb::Doctor => doctor::run(&loaded, json),
        Verb::Openapi { markdown } => openapi::run(markdown),
        Verb::Mail { what } => mail::run(&loaded, what, json),
        Verb::Admin { step } => admin::run(&loaded, step, json),
        Verb::Token { step } => token::run(&loaded, step, json),
        Verb::Keys { step } => keys::run(&loaded, step, json),
    }
}

fn warn_all(loaded: &Loaded) {
    for warning in &loaded.warnings {
        print::error(&format!("warning: {warning}"));
    }
}
