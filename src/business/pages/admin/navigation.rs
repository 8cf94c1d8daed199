//! The links at the head and at the foot of each page, in each language.

use askama::Template;
use rocket::{State, get, post};

use super::languages;
use crate::admin::accounts::caller::{EditContent, ReadContent};
use crate::admin::shell::answer::{Answer, Paged};
use crate::admin::shell::{Asked, Dashboard, Faults, Fields, Flash, Posted, View};
use crate::business::pages::sections::Footer;
use crate::business::pages::store;
use crate::business::pages::words::{Place, rewrite};
use crate::business::redirects::nearest::{addresses, nearest};
use crate::platform::clock;
use crate::platform::crypto::sha256_hex;
use crate::platform::db::{Conn, Db};
use crate::platform::error::{Error, Fault};
use crate::platform::http::Link;
use crate::platform::lang::Lang;
use crate::platform::text::{Rule, is_https, is_path};
use crate::platform::word::Word;

/// Links in either place at most.
const MOST: usize = 12;
const SPARE: usize = 2;
const PLACE: &str = "/admin/navigation";

#[derive(Template)]
#[template(path = "admin/pages/navigation.html")]
struct NavigationPage {
    view: View,
    lang: Lang,
    head: Vec<Link>,
    foot: Vec<Link>,
    /// The foot has the links of the head.
    follows: bool,
    /// Of what is stored, to notice that somebody else has changed it.
    based_on: String,
    faults: Faults,
    is_stale: bool,
}

/// What is stored for a language.
struct Known {
    head: Vec<Link>,
    foot: Footer,
}

impl Known {
    fn of(conn: &mut Conn<'_>, lang: Lang) -> Result<Self, Error> {
        Ok(Self { head: store::site_texts(conn, lang)?.nav, foot: store::footer(conn, lang)? })
    }

    fn mark(&self) -> String {
        let all = serde_json::json!({ "head": self.head, "foot": self.foot }).to_string();
        sha256_hex(all.as_bytes())[..16].to_owned()
    }
}

impl NavigationPage {
    fn of(conn: &mut Conn<'_>, here: &Dashboard, lang: Lang) -> Result<Self, Error> {
        let known = Known::of(conn, lang)?;
        Ok(Self {
            view: here.view("Navigation"),
            lang,
            based_on: known.mark(),
            follows: known.foot.links.is_none(),
            foot: with_spare(known.foot.links.unwrap_or_else(|| known.head.clone())),
            head: with_spare(known.head),
            faults: Faults::default(),
            is_stale: false,
        })
    }

    /// What is wrong with one of the places.
    fn told(&self, place: &str) -> Vec<String> {
        let other = if place == "head" { "foot" } else { "head" };
        if self.faults.about(place).is_none() { Vec::new() } else { self.faults.others(&[other]) }
    }

    fn languages(&self) -> Vec<(&'static str, &'static str, String, bool)> {
        languages(PLACE, self.lang)
    }
}

fn with_spare(mut links: Vec<Link>) -> Vec<Link> {
    let room = MOST.saturating_sub(links.len()).min(SPARE);
    links.extend(std::iter::repeat_n(Link::default(), room));
    links
}

#[get("/admin/navigation")]
pub async fn show(_who: ReadContent, here: Dashboard, db: &State<Db>, asked: Asked) -> Paged {
    let lang = asked.word("lang").unwrap_or(Lang::En);
    let page = db.read(move |conn| NavigationPage::of(conn, &here, lang)).await?;
    Answer::page(&page)
}

#[post("/admin/navigation", data = "<sent>")]
pub async fn save(db: &State<Db>, sent: Posted<EditContent>) -> Paged {
    let here = sent.dashboard.clone();
    let lang = Lang::of_word(sent.fields.get("lang")).unwrap_or(Lang::En);
    let (head, foot) = (typed(&sent.fields, "head"), typed(&sent.fields, "foot"));
    let (follows, based_on) =
        (sent.fields.is_on("follows"), sent.fields.get("based_on").to_owned());
    let (actor, now) = (sent.who.actor(), clock::now_ms());
    let asked = (head.clone(), foot.clone());
    let saved = db
        .write(move |tx| -> Result<(), Error> {
            let (head, foot) = asked;
            let known = Known::of(tx, lang)?;
            let wanted = Footer { links: (!follows).then_some(foot) };
            if known.mark() != based_on && (known.head != head || known.foot != wanted) {
                return Err(Error::Stale("somebody else has changed the navigation".into()));
            }
            let public = addresses(tx)?;
            let mut faults = faults_of("head", &head, lang, &public);
            if let Some(links) = &wanted.links {
                faults.extend(faults_of("foot", links, lang, &public));
            }
            if !faults.is_empty() {
                return Err(Error::Invalid(faults));
            }
            let site = Place { name: "site", lang: lang.code() };
            let before = store::site_texts(tx, lang)?;
            rewrite(tx, &actor, site, before, |site| site.nav = head, now)?;
            let footer = Place { name: "footer", lang: lang.code() };
            rewrite(tx, &actor, footer, known.foot, |foot| *foot = wanted, now)?;
            Ok(())
        })
        .await;
    let error = match saved {
        Ok(()) => {
            let back = format!("{PLACE}?lang={}", lang.code());
            return Ok(Answer::to(back, Flash::good("Saved. Every page shows it now.")));
        }
        Err(error) => error,
    };
    let (is_stale, faults) = match error {
        Error::Stale(_) => (true, Faults::default()),
        other => (false, Faults::of(other)?),
    };
    let page = db
        .read(move |conn| -> Result<NavigationPage, Error> {
            let page = NavigationPage::of(conn, &here, lang)?;
            let (head, foot) = (with_spare(head), with_spare(foot));
            Ok(NavigationPage { head, foot, follows, faults, is_stale, ..page })
        })
        .await?;
    Answer::refused(&page)
}

/// The links of one of the places in the order that was asked for; rows in which nothing stands are no links.
fn typed(fields: &Fields, place: &str) -> Vec<Link> {
    let all = |part: &str| fields.all(&format!("{place}_{part}"));
    let orders = all("order");
    let rows = all("label").into_iter().zip(all("path")).enumerate();
    let mut links: Vec<(i64, Link)> = rows
        .map(|(index, (label, path))| {
            let order = orders.get(index).and_then(|text| text.trim().parse().ok());
            let link = Link { label: label.trim().to_owned(), path: path.trim().to_owned() };
            (order.unwrap_or(index as i64 + 1), link)
        })
        .filter(|(_, link)| *link != Link::default())
        .collect();
    links.sort_by_key(|(order, _)| *order);
    links.truncate(MOST);
    links.into_iter().map(|(_, link)| link).collect()
}

/// What is wrong with the links of a place.
fn faults_of(place: &str, links: &[Link], lang: Lang, public: &[String]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |message: String| faults.push(Fault::of(place, "invalid", message));
    for link in links {
        let name = if link.label.is_empty() { &link.path } else { &link.label };
        if let Err((_, message)) =
            Rule::line(40).check(&format!("The label of “{name}”"), &link.label)
        {
            fault(message);
        }
        if is_https(&link.path) && place == "foot" {
            continue;
        }
        if !is_path(&link.path) {
            let elsewhere =
                if place == "foot" { ", or an address such as https://example.com/" } else { "" };
            fault(format!("“{name}”: write a path of this site such as /programs{elsewhere}"));
        } else if !leads_somewhere(&lang.path(&link.path), public) {
            let hint = nearest(&lang.path(&link.path), public)
                .map(|near| format!(" Did you mean {near}?"))
                .unwrap_or_default();
            fault(format!(
                "“{name}”: nothing public stands at {} yet.{hint}",
                lang.path(&link.path)
            ));
        }
    }
    faults
}

/// Whether visitors find something at `path`.
fn leads_somewhere(path: &str, public: &[String]) -> bool {
    let plain = path.split(['?', '#']).next().unwrap_or(path);
    let plain = if plain.len() > 1 { plain.trim_end_matches('/') } else { plain };
    let own = ["/articles/topics/", "/feed.xml", "/sitemap.xml", "/media/"];
    public.iter().any(|known| known == plain) || own.iter().any(|part| plain.contains(part))
}
