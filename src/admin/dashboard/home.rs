//! `/admin`: what matters today.

use askama::Template;
use rocket::get;

use crate::admin::shell::answer::Paged;
use crate::admin::shell::{Answer, Dashboard, View};

#[derive(Template)]
#[template(path = "admin/dashboard/home.html")]
struct HomePage {
    view: View,
}

#[get("/admin")]
pub fn show(dashboard: Dashboard) -> Paged {
    Answer::page(&HomePage { view: dashboard.view("Home") })
}
