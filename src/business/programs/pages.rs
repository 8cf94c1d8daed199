//! `/programs` and a page for each.

use askama::Template;
use rocket::get;
use serde_json::{Value, json};

use super::model::ProgramView;
use super::store;
use crate::business::leads::LeadFormView;
use crate::platform::http::{Cached, Page, Rendered, Shell, Visit};

#[derive(Template)]
#[template(path = "programs/list.html")]
struct ListPage {
    shell: Shell,
    programs: Vec<ProgramView>,
}

#[derive(Template)]
#[template(path = "programs/show.html")]
struct ShowPage {
    shell: Shell,
    program: ProgramView,
    /// The programs beside this one.
    others: Vec<ProgramView>,
    form: LeadFormView,
}

#[get("/programs")]
pub async fn list(visit: Visit<'_>) -> Page<Cached> {
    let shown = visit
        .page("/programs", |conn, frame| {
            let programs = store::published(conn, frame.lang)?.into_iter();
            let t = &frame.t.programs;
            Rendered::page(&ListPage {
                shell: frame.shell("/programs", &t.title, &t.description),
                programs: programs.map(|p| ProgramView::new(p, frame.lang)).collect(),
            })
        })
        .await?;
    Ok(shown)
}

#[get("/programs/<slug>")]
pub async fn show(slug: &str, visit: Visit<'_>) -> Page<Cached> {
    let path = format!("/programs/{slug}");
    let (slug, key) = (slug.to_owned(), path.clone());
    let shown = visit
        .page(&key, move |conn, frame| {
            let program = ProgramView::new(store::by_slug(conn, &slug, frame.lang)?, frame.lang);
            let languages = store::languages(conn, &slug)?;
            let all = store::published(conn, frame.lang)?;
            let options = all.iter().map(super::Program::option).collect();
            let form = LeadFormView::empty(&path, &program.slug, options, &frame.site);
            let others = all.into_iter().filter(|p| p.slug != slug);
            let others = others.map(|p| ProgramView::new(p, frame.lang)).collect();
            let mut shell = frame
                .shell(&path, &program.name, &program.tagline)
                .only_in(&languages, "/programs")
                .pictured(format!("/art/programs/{slug}.png"));
            // Without words of its own in this language it is the English page once more.
            shell.noindex = program.lang != frame.lang;
            let shell = described(shell, &program);
            Rendered::page(&ShowPage { shell, program, others, form })
        })
        .await?;
    Ok(shown)
}

/// What search engines read: the course with its offer, its questions, and the way here.
fn described(shell: Shell, program: &ProgramView) -> Shell {
    let url = shell.url(&shell.path);
    let mut offer = json!({
        "@type": "Offer", "category": "Paid", "price": program.decimal_price(),
        "priceCurrency": program.currency, "url": url,
    });
    if program.checkout_url.is_some() {
        offer["availability"] = json!("https://schema.org/InStock");
    }
    if let Some((_, last_day)) = program.offer.as_ref().and_then(|offer| offer.until.as_ref()) {
        offer["priceValidUntil"] = json!(last_day);
    }
    let course = json!({
        "@context": "https://schema.org", "@type": "Course", "name": program.name,
        "description": program.description, "url": url, "inLanguage": program.lang.code(),
        "image": shell.file(&shell.picture),
        "provider": { "@type": "Person", "name": shell.site.owner_name, "url": shell.file("/") },
        "offers": offer,
        "hasCourseInstance": {
            "@type": "CourseInstance", "courseMode": "Online",
            "courseWorkload": format!("P{}W", program.duration_weeks),
        },
    });
    let t = shell.t;
    let trail = shell.breadcrumb(&[
        (t.site.home.as_str(), "/"),
        (t.programs.title.as_str(), "/programs"),
        (program.name.as_str(), &shell.path),
    ]);
    let shell = shell.described_by(&course).described_by(&trail);
    if program.faq.is_empty() {
        return shell;
    }
    let question = |q: &super::model::Question| -> Value {
        json!({
            "@type": "Question", "name": q.question,
            "acceptedAnswer": { "@type": "Answer", "text": q.answer },
        })
    };
    let questions: Vec<Value> = program.faq.iter().map(question).collect();
    shell.described_by(&json!({
        "@context": "https://schema.org", "@type": "FAQPage", "mainEntity": questions,
    }))
}
