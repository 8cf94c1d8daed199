//! Privacy: what people may ask about their data, and how long it is kept.
//!
//! `archive` gathers everything that is kept about one person, `erase` removes it and keeps a certificate, `requests`
//! is the list of who has asked for what until when, `retention` says how long each kind of thing is kept.

pub mod admin;
pub mod archive;
pub mod erase;
pub mod model;
pub mod requests;
pub mod retention;
pub mod store;

pub use erase::{Certificate, erase};
