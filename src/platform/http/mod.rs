//! HTTP for all slices: the door, limits, bodies, answers, cached pages, static files.
//!
//! A handler returns `Api<T>` or `Page<T>`; both take any [`crate::platform::error::Error`] by `?`.
//! Not here: any address of the product. Those are listed in `crate::app`.

pub mod assets;
pub mod body;
pub mod cache;
pub mod catch;
mod cors;
pub mod door;
mod download;
mod headers;
pub mod idempotency;
pub mod in_flight;
pub mod input;
pub mod json;
pub mod limit;
pub mod meta;
mod packed;
pub mod page;
pub mod paging;
pub mod private;
pub mod problem;
pub mod query;
pub mod rendered;
pub mod shell;
pub mod site;
pub mod visit;

pub use body::{BodyHash, FormFields, JsonObject, LargeJson};
pub use cache::PageCache;
pub use door::limited;
pub use download::Download;
pub use idempotency::{Begun, Kept, Once, Retries};
pub use input::Input;
pub use limit::{Class, Limiter};
pub use meta::Meta;
pub use page::{Html, Oops, Page};
pub use private::{IfMatch, Private, Shown};
pub use problem::{Api, Done, Json, Problem};
pub use query::{Query, RawQuery};
pub use rendered::{Cached, Rendered};
pub use shell::Shell;
pub use site::{Link, SiteView, SiteViews, Sites};
pub use visit::{Frame, Visit};
