//! Versions of what is written: each saved change of an article, a page, a program or the site's words is kept with who
//! saved it and when, can be compared with any other, and can be brought back.
//!
//! The slice that owns the thing says what a version of it is (a JSON object) and what bringing one back means.

pub mod admin;
pub mod compare;
pub mod model;
pub mod store;

pub use compare::{Difference, difference};
pub use model::{Kind, Listed, Revision, changed_members};
pub use store::{before, forget, list, note, one};
