//! `/admin/account/second-factor`: begun, confirmed with a code, and removed.

use std::sync::Arc;

use askama::Template;
use qrcode::QrCode;
use qrcode::render::svg;
use rocket::{State, get, post};

use crate::admin::accounts::Accounts;
use crate::admin::accounts::auth::factor;
use crate::admin::shell::answer::Paged;
use crate::admin::shell::posted::Anybody;
use crate::admin::shell::{Answer, Dashboard, Faults, Flash, Posted, View};
use crate::platform::db;
use crate::platform::error::{Error, Fault};

#[derive(Template)]
#[template(path = "admin/entry/factor.html")]
struct FactorPage {
    view: View,
    /// An SVG.
    code: String,
    secret: String,
    faults: Faults,
}

#[derive(Template)]
#[template(path = "admin/entry/recovery_codes.html")]
struct CodesPage {
    view: View,
    codes: Vec<String>,
}

fn page(dashboard: &Dashboard, accounts: &Accounts, faults: Faults) -> Result<FactorPage, Error> {
    let begun = factor::unconfirmed(accounts, &dashboard.who.user)?;
    let code = QrCode::new(begun.url.as_bytes())
        .map_err(|error| Error::Internal(format!("QR code: {error}")))?;
    let picture = code
        .render::<svg::Color<'_>>()
        .min_dimensions(200, 200)
        .dark_color(svg::Color("#000"))
        .light_color(svg::Color("#fff"))
        .build();
    // Only the element: a page has no place for the head of an XML file.
    let from = picture.find("<svg").unwrap_or(0);
    let groups: Vec<String> = begun
        .secret
        .as_bytes()
        .chunks(4)
        .map(|c| String::from_utf8_lossy(c).into_owned())
        .collect();
    Ok(FactorPage {
        view: dashboard.view("Second factor").below("Your account", "/admin/account"),
        code: picture[from..].to_owned(),
        secret: groups.join(" "),
        faults,
    })
}

#[post("/admin/account/second-factor", data = "<posted>")]
pub async fn create(accounts: &State<Arc<Accounts>>, posted: Posted<Anybody>) -> Paged {
    posted.confirmed()?;
    factor::begun(accounts, &posted.who.user).await?;
    Ok(Answer::quietly_to("/admin/account/second-factor"))
}

#[get("/admin/account/second-factor")]
pub fn show(dashboard: Dashboard, accounts: &State<Arc<Accounts>>) -> Paged {
    Answer::page(&page(&dashboard, accounts, Faults::default())?)
}

#[post("/admin/account/second-factor/confirm", data = "<posted>")]
pub async fn confirm(accounts: &State<Arc<Accounts>>, posted: Posted<Anybody>) -> Paged {
    let dashboard = posted.dashboard;
    let code = posted.fields.get("code").replace(' ', "");
    match factor::confirmed(accounts, posted.who, &code).await {
        Ok(codes) => {
            let view = dashboard.view("Recovery codes").below("Your account", "/admin/account");
            Answer::page(&CodesPage { view, codes })
        }
        Err(Error::Forbidden(_)) => {
            let message =
                "This is not the code that the app shows now; is the clock of the phone right?";
            let fault = Fault::of("code", "invalid", message);
            let faults = Faults::of(Error::Invalid(vec![fault]))?;
            Answer::refused(&page(&dashboard, accounts, faults)?)
        }
        Err(other) => Err(other.into()),
    }
}

#[post("/admin/account/second-factor/remove", data = "<posted>")]
pub async fn remove(accounts: &State<Arc<Accounts>>, posted: Posted<Anybody>) -> Paged {
    posted.confirmed()?;
    let (who, now) = (posted.who, accounts.clock.now_ms());
    let removed: db::Result<()> =
        accounts.db.write(move |tx| factor::drop_factor(tx, &who.actor(), &who.user.id, now)).await;
    removed?;
    Ok(Answer::to("/admin/account", Flash::good("From now on your password alone lets you in.")))
}
