//! `/admin/settings/<key>`: one setting and its form.

use std::sync::Arc;

use askama::Template;
use rocket::{State, get, post};
use serde_json::{Map, Value, json};

use super::{Known, Topic, origin, read, shown, shown_value, tells_use};
use crate::admin::accounts::caller::{EditSettings, ReadSettings};
use crate::admin::settings::Desk;
use crate::admin::settings::api::{Host, known, read as parse};
use crate::admin::settings::edit::{self, Changed, Ground};
use crate::admin::settings::view::{Item, OriginKind, TakesEffect};
use crate::admin::shell::answer::Paged;
use crate::admin::shell::field::sentence;
use crate::admin::shell::{Answer, Dashboard, Faults, Flash, Posted, View};
use crate::platform::clock;
use crate::platform::config::keys::Key;
use crate::platform::config::{Kind, Plain};
use crate::platform::db::Tx;
use crate::platform::error::{Error, Fault};
use crate::platform::http::IfMatch;
use crate::platform::word::Word;

/// How a value is put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Input {
    Switch,
    Choice,
    Number,
    Lines,
    /// Written and never shown.
    Secret,
    Line,
}

impl Input {
    fn of(key: &Key) -> Self {
        match key.kind {
            _ if key.is_secret() => Self::Secret,
            Kind::Bool => Self::Switch,
            Kind::Choice(_) => Self::Choice,
            Kind::Count { .. } | Kind::Port => Self::Number,
            Kind::Origins | Kind::Ranges => Self::Lines,
            _ => Self::Line,
        }
    }

    /// `value` as the form holds it.
    fn text(self, value: Option<&Plain>) -> String {
        match (self, value) {
            (Self::Secret, _) | (_, None) => String::new(),
            (Self::Lines, Some(Plain::List(list))) => list.join("\n"),
            (_, Some(Plain::Truth(truth))) => truth.to_string(),
            (_, Some(value)) => shown(value),
        }
    }

    /// What was typed, as the API would be sent it.
    fn value(self, typed: &str) -> Value {
        match self {
            Self::Lines => {
                typed.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Value>()
            }
            _ => json!(typed.trim()),
        }
    }
}

#[derive(Template)]
#[template(path = "admin/settings/one.html")]
struct OnePage {
    view: View,
    item: Item,
    input: Input,
    /// In the form: what counts, or what was typed.
    typed: String,
    now: String,
    default: String,
    origin: String,
    counts: &'static str,
    set_at: Option<i64>,
    /// HTML; empty where that is not written down.
    last_used: String,
    is_set_here: bool,
    may_change: bool,
    tag: String,
    faults: Vec<String>,
    /// Somebody has saved in between.
    is_stale: bool,
}

/// What a form was refused with.
#[derive(Default)]
struct Refused {
    typed: Option<String>,
    faults: Vec<String>,
    is_stale: bool,
}

fn page(
    dashboard: &Dashboard,
    key: &Key,
    Known { item, set_at, last_used }: Known,
    refused: Refused,
) -> Result<OnePage, Error> {
    let topic = Topic::of(key.path);
    let title = sentence(key.help);
    let view = dashboard
        .view(title.trim_end_matches('.'))
        .below("Settings", "/admin/settings")
        .below(topic.label(), format!("/admin/settings?group={}", topic.word()));
    let input = Input::of(key);
    Ok(OnePage {
        input,
        typed: refused.typed.unwrap_or_else(|| input.text(item.value.as_ref())),
        now: shown_value(&item),
        default: item.default.as_ref().map(shown).unwrap_or_default(),
        origin: origin(&item),
        counts: match item.takes_effect {
            Some(TakesEffect::AtOnce) => "from the next request on",
            Some(TakesEffect::AtNextStart) => "when the program starts next",
            None => "never from here",
        },
        set_at,
        last_used: if tells_use(key) { view.time_or(&last_used, "not yet") } else { String::new() },
        is_set_here: set_at.is_some(),
        may_change: item.editable && view.may("settings:write"),
        tag: IfMatch::tag(&item)?,
        faults: refused.faults,
        is_stale: refused.is_stale,
        item,
        view,
    })
}

#[get("/admin/settings/<key>")]
pub async fn show(
    _caller: ReadSettings,
    dashboard: Dashboard,
    desk: &State<Arc<Desk>>,
    key: &str,
) -> Paged {
    let key = known(key)?;
    let at = Arc::clone(desk);
    let known = desk.db.read(move |conn| read(conn, &at, key)).await?;
    Answer::page(&page(&dashboard, key, known, Refused::default())?)
}

#[post("/admin/settings/<key>", data = "<posted>")]
pub async fn update(
    desk: &State<Arc<Desk>>,
    key: &str,
    host: Host,
    posted: Posted<EditSettings>,
) -> Paged {
    let key = known(key)?;
    let typed = posted.fields.get("value").to_owned();
    match value(key, &typed) {
        Ok(value) => settle(desk, key, host, &posted, Some(value)).await,
        Err(error) => refuse(desk, key, &posted, error).await,
    }
}

#[post("/admin/settings/<key>/reset", data = "<posted>")]
pub async fn remove(
    desk: &State<Arc<Desk>>,
    key: &str,
    host: Host,
    posted: Posted<EditSettings>,
) -> Paged {
    settle(desk, known(key)?, host, &posted, None).await
}

fn value(key: &Key, typed: &str) -> Result<Plain, Error> {
    let input = Input::of(key);
    if typed.trim().is_empty() {
        let message = "Type a value, or go back to what counts without one";
        return Err(Error::Invalid(vec![Fault::of("value", "required", message)]));
    }
    let object: Map<String, Value> =
        [("value".to_owned(), input.value(typed))].into_iter().collect();
    parse(&object)
}

/// Sets `value`, or takes back what was set.
async fn settle(
    desk: &Arc<Desk>,
    key: &'static Key,
    Host(host): Host,
    posted: &Posted<EditSettings>,
    value: Option<Plain>,
) -> Paged {
    let ground = Ground { if_match: IfMatch::of_form(posted.fields.get("tag")), host };
    let (at, actor, now) = (Arc::clone(desk), posted.who.actor(), clock::now_ms());
    let work = move |tx: &mut Tx<'_>| -> Result<(Item, Changed), Error> {
        let before = read(tx, &at, key)?.item;
        let changed = match &value {
            Some(value) => edit::set(tx, &at, &actor, (key, value), &ground, now)?,
            None => edit::remove(tx, &at, &actor, key, &ground, now)?,
        };
        Ok((before, changed))
    };
    let settled: Result<(Item, Changed), Error> = desk.db.write(work).await;
    match settled {
        Ok((before, changed)) => {
            if let Some((version, loaded)) = &changed.settings {
                desk.live.take(*version, loaded);
            }
            Ok(Answer::to(format!("/admin/settings/{}", key.path), said(key, &before, &changed)))
        }
        Err(error) => refuse(desk, key, posted, error).await,
    }
}

/// What was done, and how it is taken back.
fn said(key: &Key, before: &Item, changed: &Changed) -> Flash {
    if changed.settings.is_none() {
        return Flash::good("That is what counts already. Nothing was changed.");
    }
    let counts = match changed.item.takes_effect {
        Some(TakesEffect::AtNextStart) => "Saved. It counts when the program starts next.",
        _ => "Saved. It counts from now on.",
    };
    let flash = Flash::good(counts);
    let path = format!("/admin/settings/{}", key.path);
    match (before.origin.kind, &before.value) {
        (OriginKind::Dashboard, Some(value)) if !key.is_secret() => {
            flash.undo(path, &[("value", &Input::of(key).text(Some(value)))])
        }
        // A secret that was replaced cannot be shown, and so not be put back.
        (OriginKind::Dashboard, _) => flash,
        _ => flash.undo(format!("{path}/reset"), &[]),
    }
}

/// The page with what was typed and what is wrong with it.
async fn refuse(
    desk: &Arc<Desk>,
    key: &'static Key,
    posted: &Posted<EditSettings>,
    error: Error,
) -> Paged {
    let is_stale = matches!(error, Error::Stale(_));
    let faults = if is_stale { Vec::new() } else { Faults::of(error)?.all() };
    let at = Arc::clone(desk);
    let known = desk.db.read(move |conn| read(conn, &at, key)).await?;
    let keeps = !key.is_secret() && !posted.fields.get("value").is_empty();
    let typed = keeps.then(|| posted.fields.get("value").to_owned());
    let refused = Refused { typed, faults, is_stale };
    Answer::refused(&page(&posted.dashboard, key, known, refused)?)
}
