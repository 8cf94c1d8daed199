//! The words that visitors agree to. Each consent keeps the words and their version; other words are another version.

use askama::Template;
use rocket::{State, get, post};

use super::languages;
use crate::admin::accounts::caller::EditContent;
use crate::admin::shell::answer::{Answer, Paged};
use crate::admin::shell::{Asked, Dashboard, Faults, Flash, Posted, View};
use crate::business::pages::model::SiteTexts;
use crate::business::pages::store;
use crate::business::pages::words::{Place, rewrite};
use crate::business::revisions::{self, Kind};
use crate::platform::clock;
use crate::platform::db::{Conn, Db};
use crate::platform::error::{Error, Fault};
use crate::platform::lang::Lang;
use crate::platform::text::Rule;
use crate::platform::word::Word;

/// Versions of the site's words that are looked through for earlier ones of the consent.
const LOOKED_AT: i64 = 100;

/// Words that visitors agreed to once.
struct Earlier {
    version: String,
    text: String,
}

#[derive(Template)]
#[template(path = "admin/pages/consent.html")]
struct ConsentPage {
    view: View,
    lang: Lang,
    text: String,
    /// The words that count, to notice that somebody else has changed them.
    based_on: String,
    version: String,
    earlier: Vec<Earlier>,
    faults: Faults,
    is_stale: bool,
}

impl ConsentPage {
    fn of(conn: &mut Conn<'_>, here: &Dashboard, lang: Lang) -> Result<Self, Error> {
        let texts = store::site_texts(conn, lang)?;
        let place = Place { name: "site", lang: lang.code() };
        let id = place.id();
        let mut earlier: Vec<Earlier> = Vec::new();
        for listed in revisions::list(conn, (Kind::Texts, &id), "", LOOKED_AT)? {
            let version = revisions::one(conn, (Kind::Texts, &id), &listed.id)?;
            let name = version.text("consent_version").to_owned();
            let is_known =
                name == texts.consent_version || earlier.iter().any(|e| e.version == name);
            if !is_known {
                let text = version.text("consent_text").to_owned();
                earlier.push(Earlier { version: name, text });
            }
        }
        Ok(Self {
            view: here.view("Words of consent").below("Pages", "/admin/pages"),
            lang,
            text: texts.consent_text,
            based_on: texts.consent_version.clone(),
            version: texts.consent_version,
            earlier,
            faults: Faults::default(),
            is_stale: false,
        })
    }

    fn languages(&self) -> Vec<(&'static str, &'static str, String, bool)> {
        languages("/admin/consent", self.lang)
    }
}

#[get("/admin/consent")]
pub async fn show(_who: EditContent, here: Dashboard, db: &State<Db>, asked: Asked) -> Paged {
    let lang = asked.word("lang").unwrap_or(Lang::En);
    let page = db.read(move |conn| ConsentPage::of(conn, &here, lang)).await?;
    Answer::page(&page)
}

#[post("/admin/consent", data = "<sent>")]
pub async fn save(db: &State<Db>, sent: Posted<EditContent>) -> Paged {
    let here = sent.dashboard.clone();
    let lang = Lang::of_word(sent.fields.get("lang")).unwrap_or(Lang::En);
    let (based_on, typed) =
        (sent.fields.get("based_on").to_owned(), sent.fields.get("text").to_owned());
    let (actor, now) = (sent.who.actor(), clock::now_ms());
    let one_line = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let checked = Rule::line(500)
        .check("The text", &one_line)
        .map_err(|(code, message)| Error::Invalid(vec![Fault::of("text", code, message)]));
    let saved = match checked {
        Err(error) => Err(error),
        Ok(words) => {
            db.write(move |tx| -> Result<SiteTexts, Error> {
                let before = store::site_texts(tx, lang)?;
                if before.consent_version != based_on && before.consent_text != words {
                    return Err(Error::Stale("somebody else has changed these words".into()));
                }
                let place = Place { name: "site", lang: lang.code() };
                let today = clock::iso_date(now);
                rewrite(tx, &actor, place, before, |site| site.agree_to(words, &today), now)
            })
            .await
        }
    };
    let error = match saved {
        Ok(texts) => {
            let text = format!(
                "Saved. Who agrees from now on agrees to version {}.",
                texts.consent_version
            );
            let back = format!("/admin/consent?lang={}", lang.code());
            return Ok(Answer::to(back, Flash::good(text)));
        }
        Err(error) => error,
    };
    let (is_stale, faults) = match error {
        Error::Stale(_) => (true, Faults::default()),
        other => (false, Faults::of(other)?),
    };
    let page = db
        .read(move |conn| -> Result<ConsentPage, Error> {
            let page = ConsentPage::of(conn, &here, lang)?;
            Ok(ConsentPage { text: typed, faults, is_stale, ..page })
        })
        .await?;
    Answer::refused(&page)
}
