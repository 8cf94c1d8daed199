//! The floor that every slice stands on. Nothing here knows a slice.

pub mod clock;
pub mod config;
pub mod crypto;
pub mod csv;
pub mod db;
pub mod error;
pub mod hex;
pub mod http;
pub mod id;
pub mod lang;
pub mod log;
pub mod outbox;
pub mod secret;
pub mod text;
pub mod vendors;
pub mod word;
