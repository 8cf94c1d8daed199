//! The owner's side: who may do what. The dashboard comes here too.

pub mod accounts;
pub mod settings;
