//! What the owner's business consists of: one folder for each part of it.

pub mod articles;
pub mod content;
pub mod leads;
pub mod mail;
pub mod pages;
pub mod programs;
