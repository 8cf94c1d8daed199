//! `/admin/tokens`: what programs are let in with.

use std::sync::Arc;

use askama::Template;
use rocket::{State, get, post};
use serde_json::{Map, Value, json};

use crate::admin::accounts::Accounts;
use crate::admin::accounts::caller::ManageTokens;
use crate::admin::accounts::model::Capability;
use crate::admin::accounts::tokens::{self, DAYS_DEFAULT, Listed, Standing, View as Made, Wanted};
use crate::admin::shell::answer::Paged;
use crate::admin::shell::table::{Cell, Column, Empty, Filter, Row, Table, Tone};
use crate::admin::shell::{Answer, Asked, Dashboard, Faults, Fields, Flash, Posted, View};
use crate::platform::db::{self, Tx};
use crate::platform::error::Error;
use crate::platform::http::paging::{self, TimeOrder};
use crate::platform::id;
use crate::platform::word::Word;

const PATH: &str = "/admin/tokens";

#[derive(Template)]
#[template(path = "admin/people/tokens.html")]
struct TokensPage {
    view: View,
    table: Table,
}

/// A box of the form: scope, what it means, whether it is ticked.
type Choice = (&'static str, &'static str, bool);

#[derive(Template)]
#[template(path = "admin/people/token_new.html")]
struct NewPage {
    view: View,
    name: String,
    days: String,
    scopes: Vec<Choice>,
    faults: Faults,
}

#[derive(Template)]
#[template(path = "admin/people/token_made.html")]
struct MadePage {
    view: View,
    made: Made,
    token: String,
}

#[get("/admin/tokens")]
pub async fn list(
    _caller: ManageTokens,
    dashboard: Dashboard,
    accounts: &State<Arc<Accounts>>,
    asked: Asked,
) -> Paged {
    let order = asked.word("sort").unwrap_or(TimeOrder::Newest);
    let (limit, now) = (asked.limit(), accounts.clock.now_ms());
    let after = asked.parsed("cursor", paging::decode).unwrap_or_else(|| order.start());
    let wanted = Wanted { standing: asked.word("standing"), order, after, now_ms: now };
    let found: db::Result<Vec<Listed>> =
        accounts.db.read(move |conn| tokens::list(conn, &wanted, limit + 1)).await;
    let mut found = found?;
    let view = dashboard.view("Tokens");
    let columns = vec![
        Column::new("Token"),
        Column::new("May").minor(),
        Column::new("Counts until"),
        Column::new("Last used").minor(),
        Column::new("Made").sorted_down("created_at").minor(),
        Column::new("Revoke"),
    ];
    let mut table = Table::new(&view, &asked, "tokens", columns);
    table.order = "-created_at";
    let standings = Standing::ALL.iter().map(|s| (s.word().into(), s.word().into())).collect();
    table.filters =
        vec![Filter::Choice { name: "standing", label: "Standing", choices: standings }];
    table.next = paging::cut(&mut found, limit).map(|token| paging::encode(&token.id));
    table.rows = found.iter().map(|token| row(token, now)).collect();
    table.empty = Empty {
        title: "No tokens",
        text: "With a token a program of yours, such as a newsletter tool, may ask the API for what you choose.",
        action: Some(("Make a token", "/admin/tokens/new".into())),
    };
    Answer::page(&TokensPage { view, table })
}

fn row(token: &Listed, now: i64) -> Row {
    let counts = token.revoked_at.is_none() && token.expires_at > now;
    let standing = match token.revoked_at {
        Some(_) => Cell::Badge("revoked".into(), Tone::Warn),
        None if !counts => Cell::Badge("expired".into(), Tone::Warn),
        None => Cell::Time(token.expires_at),
    };
    let revoke = Cell::Button {
        action: format!("{PATH}/{}/revoke", token.id),
        label: "Revoke",
        fields: Vec::new(),
    };
    Row {
        id: token.id.clone(),
        label: token.name.clone(),
        cells: vec![
            Cell::Titled {
                text: token.name.clone(),
                sub: format!("ends in {}, of {}", token.last_four, token.owner),
            },
            Cell::Tags(token.scopes.iter().map(|scope| scope.scope().to_owned()).collect()),
            standing,
            Cell::TimeOr(token.last_used_at, "never"),
            Cell::Time(token.created_at),
            if counts { revoke } else { Cell::Nothing },
        ],
    }
}

/// What a scope allows, for whoever chooses.
fn about(capability: Capability) -> &'static str {
    use Capability as C;
    match capability {
        C::ReadContent => "read articles, programs and pages, drafts too",
        C::EditContent => "write what the site shows",
        C::ReadLeads => "read names and addresses of leads",
        C::EditLeads => "change and remove leads",
        C::ReadInsights => "read figures, without persons",
        C::ReadSettings => "read settings",
        C::EditSettings => "change settings",
        C::ReadJobs => "see queued work and tasks",
        C::RunJobs => "try work again and run tasks",
        C::ManageUsers => "add, change and remove people",
        C::ManageTokens => "make and revoke tokens",
        C::ManageWebhooks => "say who is told what happens here",
        C::ReadAudit => "read the record",
        C::ManageKeys => "replace keys",
    }
}

fn page(dashboard: &Dashboard, fields: &Fields, faults: Faults) -> NewPage {
    let ticked = fields.all("scopes");
    let own = dashboard.who.capabilities().into_iter();
    let days = fields.text("days").unwrap_or_else(|| DAYS_DEFAULT.to_string());
    NewPage {
        view: dashboard.view("Make a token").below("Tokens", PATH),
        name: fields.get("name").to_owned(),
        days,
        scopes: own.map(|c| (c.scope(), about(c), ticked.contains(&c.scope()))).collect(),
        faults,
    }
}

#[get("/admin/tokens/new")]
pub fn new(_caller: ManageTokens, dashboard: Dashboard) -> Paged {
    Answer::page(&page(&dashboard, &Fields::default(), Faults::default()))
}

#[post("/admin/tokens", data = "<posted>")]
pub async fn create(accounts: &State<Arc<Accounts>>, posted: Posted<ManageTokens>) -> Paged {
    posted.confirmed()?;
    match made(accounts, &posted).await {
        Ok((made, token)) => {
            let view = posted.dashboard.view("Your token").below("Tokens", PATH);
            Ok(Answer::page(&MadePage { view, made, token })?.once(PATH))
        }
        Err(error) => {
            let faults = Faults::of(error)?;
            Answer::refused(&page(&posted.dashboard, &posted.fields, faults))
        }
    }
}

async fn made(accounts: &Accounts, posted: &Posted<ManageTokens>) -> Result<(Made, String), Error> {
    let fields = &posted.fields;
    let mut sent = Map::new();
    sent.insert("name".into(), json!(fields.get("name")));
    sent.insert("scopes".into(), json!(fields.all("scopes")));
    if let Some(days) = fields.text("days") {
        let number = days.parse::<i64>().map_or(Value::String(days), Value::from);
        sent.insert("days".into(), number);
    }
    let caller = posted.who.clone();
    let new = tokens::api::input(&sent, &caller.user.id)?;
    tokens::within_reach(&caller, &new)?;
    let now = accounts.clock.now_ms();
    let work = move |tx: &mut Tx<'_>| -> Result<(Made, String), Error> {
        Ok(tokens::create(tx, &caller.actor(), &new, now)?)
    };
    accounts.db.write(work).await
}

#[post("/admin/tokens/<id>/revoke", data = "<posted>")]
pub async fn revoke(
    accounts: &State<Arc<Accounts>>,
    id: &str,
    posted: Posted<ManageTokens>,
) -> Paged {
    let id = id::parse(id).ok_or(Error::NotFound)?;
    let (caller, now) = (posted.who, accounts.clock.now_ms());
    accounts.db.write(move |tx| tokens::take_back(tx, &caller, &id, now)).await?;
    Ok(Answer::to(PATH, Flash::good("Revoked. It counts for nothing from now on.")))
}
