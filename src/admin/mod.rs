//! The owner's side: who may do what, and the dashboard.

pub mod accounts;
pub mod dashboard;
pub mod entry;
pub mod people;
pub mod settings;
pub mod shell;
