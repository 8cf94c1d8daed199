//! Changes of the look. Only what can be read is worn; what was worn before can be put on again.

use serde_json::{Value, json};

use super::colour::Colour;
use super::model::{Choices, Scheme, Written};
use super::store::{self, Theme};
use super::tokens::{Check, Choice, checks, mended, style_sheet};
use crate::admin::accounts::audit::{self, Actor, Change};
use crate::business::media;
use crate::platform::crypto::sha256_hex;
use crate::platform::db::{Conn, Tx};
use crate::platform::error::{Error, Fault};
use crate::platform::id;

/// Drafts that are kept, and themes of before.
const KEPT: i64 = 30;
/// Hexadecimal digits of a hash that stand in an address.
const HASH_DIGITS: usize = 16;

/// Whether everything can be read.
///
/// # Errors
/// One fault for each colour that cannot stay, with the nearest that could.
pub fn check(choices: &Choices) -> Result<(), Error> {
    let better = mended(choices);
    let mut faults: Vec<Fault> = Vec::new();
    for check in checks(choices).into_iter().filter(|check| !check.passes()) {
        let field = check.choice.field();
        if !faults.iter().any(|fault| fault.field() == field) {
            faults.push(Fault::of(
                field,
                "contrast",
                words(&check, of_choice(&better, check.choice)),
            ));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

fn words(check: &Check, nearest: Colour) -> String {
    let scheme = match check.scheme {
        Scheme::Light => "light",
        Scheme::Dark => "dark",
    };
    let (what, contrast, needed) = (check.what, check.shown(), check.needed);
    format!(
        "On {scheme}, {what} would have a contrast of {contrast}; {needed} is needed. The nearest that works is {nearest}"
    )
}

/// The colour of one choice.
#[must_use]
pub fn of_choice(choices: &Choices, choice: Choice) -> Colour {
    match choice {
        Choice::Accent(scheme) => choices.accent.of(scheme),
        Choice::Paper(scheme) => choices.paper.of(scheme),
    }
}

/// Keeps choices to be looked at. Nobody sees them but whoever has the draft's address and may edit.
///
/// # Errors
/// 400 when the logo is no picture of the library.
pub fn draft(
    tx: &mut Tx<'_>,
    actor: &Actor,
    choices: Choices,
    now_ms: i64,
) -> Result<Theme, Error> {
    logo_is_there(tx, &choices)?;
    let made = made("draft", choices, actor, now_ms);
    store::add(tx, &made)?;
    store::prune(tx, "draft", KEPT)?;
    Ok(made)
}

/// The site wears these choices from now on, in every process.
///
/// # Errors
/// 400 when something could not be read, or the logo is no picture of the library.
pub fn wear(
    tx: &mut Tx<'_>,
    actor: &Actor,
    choices: Choices,
    now_ms: i64,
) -> Result<Option<Theme>, Error> {
    logo_is_there(tx, &choices)?;
    check(&choices)?;
    let before = store::live(tx)?;
    if before.as_ref().map_or_else(Choices::default, |theme| theme.choices.clone()) == choices {
        return Ok(before);
    }
    if choices == Choices::default() {
        take_off(tx, actor, now_ms)?;
        return Ok(None);
    }
    store::take_off(tx)?;
    let made = made("live", choices, actor, now_ms);
    store::add(tx, &made)?;
    store::prune(tx, "past", KEPT)?;
    let change = Change::of("theme.update", "theme", &made.id);
    let change = change.before(facts(before.as_ref())).after(facts(Some(&made)));
    audit::record(tx, actor, &change, now_ms)?;
    tx.touch_content()?;
    Ok(Some(made))
}

/// The site wears the built-in look again. Does nothing when it does already.
pub fn take_off(tx: &mut Tx<'_>, actor: &Actor, now_ms: i64) -> Result<(), Error> {
    let Some(before) = store::live(tx)? else { return Ok(()) };
    store::take_off(tx)?;
    let change = Change::of("theme.reset", "theme", &before.id).before(facts(Some(&before)));
    audit::record(tx, actor, &change, now_ms)?;
    Ok(tx.touch_content()?)
}

fn made(state: &str, choices: Choices, actor: &Actor, now_ms: i64) -> Theme {
    let hash = sha256_hex(style_sheet(&choices))[..HASH_DIGITS].to_owned();
    Theme {
        id: id::new_id(),
        state: state.to_owned(),
        choices,
        hash,
        created_at: now_ms,
        created_by: actor.label().to_owned(),
    }
}

fn logo_is_there(conn: &mut Conn<'_>, choices: &Choices) -> Result<(), Error> {
    let Some(name) = &choices.logo else { return Ok(()) };
    if media::by_name(conn, name)?.is_some() {
        return Ok(());
    }
    let message = "There is no picture of this name in the library";
    Err(Error::Invalid(vec![Fault::of("logo", "unknown", message)]))
}

fn facts(theme: Option<&Theme>) -> Value {
    json!(Written::from(&theme.map_or_else(Choices::default, |theme| theme.choices.clone())))
}
