//! What every page of the dashboard is made with. Slices bring their own `admin.rs` and build on this.
//!
//! A page: take the guard of the capability (`ReadLeads` …, or `Person` for everybody who is logged in) and
//! [`Dashboard`]; make a template that extends `admin/base.html` and has a field `view: View` from
//! [`Dashboard::view`]; answer with [`Answer::page`]. Whoever is not logged in is led to the log-in and back; whoever may
//! not gets a page that says so. Both happen before the handler.
//!
//! A form: `method="post"`, and inside it `{{ view.form()|safe }}`, which carries the token of the session and
//! one that makes a second click do nothing. The handler takes [`Posted`]`<EditLeads>` as data (no guard of the
//! capability and no [`Dashboard`] beside it, or what was typed is lost when the session has ended): who, the fields, and
//! the frame of the page that answers. With a file: `enctype="multipart/form-data"` and [`Uploaded`]. Answer with
//! [`Answer::to`] and a [`Flash`] when it is done; with [`Answer::refused`] and the same page, the
//! values as they were typed and the faults beside their fields when it is not. A script that sends something puts the
//! token (`<meta name="csrf">`) into `X-CSRF-Token`.
//!
//! What asks for the password again (export, erase, keys, restore): [`Posted::confirmed`] in the handler's first line,
//! or the guard [`Confirmed`] on a GET. What was sent is kept in the page that asks.
//!
//! A list: [`table::Table`], its state read from the address by [`Asked`].
//!
//! Not here: any page of a slice, and who may do what (`admin::accounts`).

pub mod answer;
pub mod asked;
pub mod confirmed;
pub mod dashboard;
pub mod field;
pub mod flash;
pub mod navigation;
pub mod once;
pub mod posted;
pub mod refused;
pub mod table;
pub mod times;
pub mod tone;
pub mod upload;

pub use answer::Answer;
pub use asked::Asked;
pub use confirmed::Confirmed;
pub use dashboard::{Dashboard, View};
pub use field::Faults;
pub use flash::Flash;
pub use navigation::{Badges, Section};
pub use posted::{Fields, Posted};
pub use upload::Uploaded;
