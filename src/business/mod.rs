//! What the owner's business consists of: one folder for each part of it.

pub mod art;
pub mod articles;
pub mod contact;
pub mod content;
pub mod discovery;
pub mod leads;
pub mod mail;
pub mod media;
pub mod pages;
pub mod privacy;
pub mod programs;
pub mod redirects;
pub mod revisions;
pub mod search;
pub mod theme;
pub mod webhooks;
