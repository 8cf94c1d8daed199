//! The articles table, and what each article is about.

use super::model::{Article, Summary, Topic, topic_slug};
use crate::business::media;
use crate::business::search::{self, Doc, Kind, plain_text};
use crate::platform::clock;
use crate::platform::db::{self, Conn, Db, FromRow, Result, Row, Tx};
use crate::platform::lang::Lang;

crate::sql! {
    // Keyset paging, newest first: after (?1, ?2), which for the first page is beyond everything.
    PAGE = "SELECT id, slug, lang, title, excerpt, author, tags, reading_minutes, published_at, updated_at, edited_at
            FROM articles WHERE published_at <= ?1 AND (published_at, id) < (?2, ?3)
            ORDER BY published_at DESC, id DESC LIMIT ?4";
    PAGE_OLDEST = "SELECT id, slug, lang, title, excerpt, author, tags, reading_minutes, published_at, updated_at, edited_at
            FROM articles WHERE published_at <= ?1 AND (published_at, id) > (?2, ?3)
            ORDER BY published_at, id LIMIT ?4";
    PAGE_OF_LANG = "SELECT id, slug, lang, title, excerpt, author, tags, reading_minutes, published_at, updated_at, edited_at
            FROM articles WHERE published_at <= ?1 AND (published_at, id) < (?2, ?3) AND lang = ?5
            ORDER BY published_at DESC, id DESC LIMIT ?4";
    PAGE_OF_LANG_OLDEST = "SELECT id, slug, lang, title, excerpt, author, tags, reading_minutes, published_at, updated_at, edited_at
            FROM articles WHERE published_at <= ?1 AND (published_at, id) > (?2, ?3) AND lang = ?5
            ORDER BY published_at, id LIMIT ?4";
    // A topic is named in its language: of any language, each is walked by itself.
    PAGE_OF_TOPIC = "SELECT id, slug, lang, title, excerpt, author, tags, reading_minutes, published_at, updated_at, edited_at
            FROM articles WHERE id IN (SELECT article_id FROM article_topics WHERE published_at <= ?1 AND (published_at, article_id) < (?2, ?3)
                AND lang = ?5 AND topic = ?6 ORDER BY published_at DESC, article_id DESC LIMIT ?4)
            ORDER BY published_at DESC, id DESC";
    PAGE_OF_TOPIC_OLDEST = "SELECT id, slug, lang, title, excerpt, author, tags, reading_minutes, published_at, updated_at, edited_at
            FROM articles WHERE id IN (SELECT article_id FROM article_topics WHERE published_at <= ?1 AND (published_at, article_id) > (?2, ?3)
                AND lang = ?5 AND topic = ?6 ORDER BY published_at, article_id LIMIT ?4)
            ORDER BY published_at, id";
    // Numbered pages: only the index is walked to the place, the rows are read from there.
    OF_LANG = "SELECT id, slug, lang, title, excerpt, author, tags, reading_minutes, published_at, updated_at, edited_at
               FROM articles WHERE id IN (SELECT id FROM articles WHERE lang = ?1 AND published_at <= ?2
                   ORDER BY published_at DESC, id DESC LIMIT ?3 OFFSET ?4)
               ORDER BY published_at DESC, id DESC";
    OF_TOPIC = "SELECT id, slug, lang, title, excerpt, author, tags, reading_minutes, published_at, updated_at, edited_at
                FROM articles WHERE id IN (SELECT article_id FROM article_topics WHERE lang = ?1 AND topic = ?2 AND published_at <= ?3
                    ORDER BY published_at DESC, article_id DESC LIMIT ?4 OFFSET ?5)
                ORDER BY published_at DESC, id DESC";
    COUNT_OF_LANG = "SELECT CAST(count(*) AS BIGINT) FROM articles WHERE lang = ?1 AND published_at <= ?2";
    COUNT_OF_TOPIC = "SELECT CAST(count(*) AS BIGINT) FROM article_topics WHERE lang = ?1 AND topic = ?2 AND published_at <= ?3";
    // Spelled as in the newest article.
    LABEL = "SELECT label FROM article_topics WHERE lang = ?1 AND topic = ?2 AND published_at <= ?3
             ORDER BY published_at DESC, article_id DESC LIMIT 1";
    // Counting walks the index alone; only the labels of what is shown are looked up.
    TOPICS = "SELECT t.topic, (SELECT l.label FROM article_topics l WHERE l.lang = ?1 AND l.topic = t.topic AND l.published_at <= ?2
                  ORDER BY l.published_at DESC, l.article_id DESC LIMIT 1), CAST(t.articles AS BIGINT)
              FROM (SELECT topic, count(*) AS articles FROM article_topics WHERE lang = ?1 AND published_at <= ?2
                  GROUP BY topic ORDER BY count(*) DESC, topic LIMIT ?3) t
              ORDER BY t.articles DESC, t.topic";
    TOPICS_OF = "SELECT topic, label, CAST(0 AS BIGINT) FROM article_topics WHERE article_id = ?1 ORDER BY topic LIMIT 20";
    // The most topics in common among the newest of each topic; at equal numbers the newest.
    RELATED = "SELECT a.id, a.slug, a.lang, a.title, a.excerpt, a.author, a.tags, a.reading_minutes, a.published_at, a.updated_at, a.edited_at
               FROM articles a JOIN (
                   SELECT o.article_id AS id, count(*) AS in_common FROM article_topics t
                   JOIN article_topics o ON o.lang = t.lang AND o.topic = t.topic AND o.article_id <> t.article_id
                       AND o.published_at <= ?2 AND o.published_at >= ?3
                   WHERE t.article_id = ?1 GROUP BY o.article_id ORDER BY count(*) DESC, max(o.published_at) DESC LIMIT ?4
               ) r ON r.id = a.id ORDER BY r.in_common DESC, a.published_at DESC, a.id DESC";
    // Where the newest hundred on the same topics begin: older ones are not compared.
    RELATED_SINCE = "SELECT min(published_at) FROM (SELECT o.published_at FROM article_topics t
                     JOIN article_topics o ON o.lang = t.lang AND o.topic = t.topic
                     WHERE t.article_id = ?1 AND o.published_at <= ?2 ORDER BY o.published_at DESC LIMIT 200) newest";
    BY_SLUG = "SELECT id, slug, lang, title, excerpt, author, tags, reading_minutes, published_at, updated_at, edited_at, body_html
               FROM articles WHERE slug = ?1 AND published_at <= ?2";
    // The map of the site, in its own order: after the slug ?2.
    MAPPED = "SELECT slug, lang, updated_at FROM articles WHERE published_at <= ?1 AND slug > ?2 ORDER BY slug LIMIT ?3";
    PICTURED = "SELECT a.slug, m.name FROM articles a JOIN article_media m ON m.article_id = a.id
                WHERE a.slug > ?1 AND a.slug <= ?2 ORDER BY a.slug, m.name LIMIT 10000";
    SLUGS = "SELECT slug FROM articles WHERE published_at <= ?1 ORDER BY slug LIMIT 1 OFFSET ?2";
    COUNT_DATED = "SELECT CAST(count(*) AS BIGINT) FROM articles WHERE published_at IS NOT NULL";
    COUNT_ALL = "SELECT CAST(count(*) AS BIGINT) FROM articles WHERE published_at <= ?1";
    DUE_BETWEEN = "SELECT CAST(count(*) AS BIGINT) FROM articles WHERE published_at > ?1 AND published_at <= ?2";
    FORGET_MEDIA = "DELETE FROM article_media WHERE article_id = ?1";
    ADD_MEDIA = "INSERT INTO article_media (article_id, name) VALUES (?1, ?2) ON CONFLICT (article_id, name) DO NOTHING";
    FORGET_TOPICS = "DELETE FROM article_topics WHERE article_id = ?1";
    ADD_TOPIC = "INSERT INTO article_topics (article_id, topic, label, lang, published_at) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (article_id, topic) DO NOTHING";
    TO_INDEX = "SELECT id, slug, lang, title, excerpt, author, tags, reading_minutes, published_at, updated_at, edited_at, body_html
                FROM articles WHERE slug > ?1 ORDER BY slug LIMIT ?2";
}

/// Where a page of a list begins: after this time, by which it is sorted, and id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    pub key: i64,
    pub id: String,
}

impl After {
    /// Before the first.
    #[must_use]
    pub fn start(newest_first: bool) -> Self {
        Self { key: if newest_first { i64::MAX } else { i64::MIN }, id: String::new() }
    }
}

/// Which articles a page of the list is made of.
#[derive(Debug, Clone)]
pub struct Selection {
    /// Any language when none is named.
    pub lang: Option<Lang>,
    /// As in the address.
    pub topic: Option<String>,
    pub newest_first: bool,
    pub after: After,
}

/// An article in the map of the site.
#[derive(Debug, Clone)]
pub struct Mapped {
    pub slug: String,
    pub lang: String,
    /// Epoch milliseconds.
    pub updated_at: i64,
    /// Names of the pictures it shows.
    pub pictures: Vec<String>,
}

impl FromRow for Summary {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let tags: String = row.get(6)?;
        Ok(Self {
            id: row.get(0)?,
            slug: row.get(1)?,
            lang: row.get(2)?,
            title: row.get(3)?,
            excerpt: row.get(4)?,
            author: row.get(5)?,
            tags: serde_json::from_str(&tags)
                .map_err(|error| db::Error::Corrupt(format!("tags of an article: {error}")))?,
            reading_minutes: row.get(7)?,
            published_at: row.get(8)?,
            updated_at: row.get(9)?,
            edited_at: row.get(10)?,
        })
    }
}

impl FromRow for Article {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { summary: Summary::from_row(row)?, body_html: row.get(11)? })
    }
}

impl FromRow for Topic {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { slug: row.get(0)?, label: row.get(1)?, count: row.get(2)? })
    }
}

impl FromRow for Mapped {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let (slug, lang, updated_at) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Self { slug, lang, updated_at, pictures: Vec::new() })
    }
}

/// Up to `limit` published articles of `selection`.
pub fn select(conn: &mut Conn<'_>, selection: &Selection, limit: i64) -> Result<Vec<Summary>> {
    let Selection { lang, topic, newest_first, after } = selection;
    let (now, at, id, newest) = (clock::now_ms(), after.key, &after.id, *newest_first);
    let Some(topic) = topic else {
        return match lang {
            None => conn.all(if newest { PAGE } else { PAGE_OLDEST }, &[&now, &at, id, &limit]),
            Some(lang) => {
                let sql = if newest { PAGE_OF_LANG } else { PAGE_OF_LANG_OLDEST };
                conn.all(sql, &[&now, &at, id, &limit, &lang.code()])
            }
        };
    };
    let sql = if newest { PAGE_OF_TOPIC } else { PAGE_OF_TOPIC_OLDEST };
    let langs = lang.map_or(Lang::ALL.to_vec(), |lang| vec![lang]);
    let mut found: Vec<Summary> = Vec::new();
    for lang in langs {
        found.extend(conn.all(sql, &[&now, &at, id, &limit, &lang.code(), topic])?);
    }
    found.sort_by(|a, b| (a.published_at, &a.id).cmp(&(b.published_at, &b.id)));
    if newest {
        found.reverse();
    }
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found)
}

/// The newest articles in `lang`.
pub fn newest(conn: &mut Conn<'_>, lang: Lang, limit: i64) -> Result<Vec<Summary>> {
    of_lang(conn, lang, limit, 0)
}

/// Articles in `lang`, newest first.
pub fn of_lang(conn: &mut Conn<'_>, lang: Lang, limit: i64, offset: i64) -> Result<Vec<Summary>> {
    conn.all(OF_LANG, &[&lang.code(), &clock::now_ms(), &limit, &offset])
}

/// Articles in `lang` on `topic`, newest first.
pub fn of_topic(
    conn: &mut Conn<'_>,
    lang: Lang,
    topic: &str,
    limit: i64,
    offset: i64,
) -> Result<Vec<Summary>> {
    conn.all(OF_TOPIC, &[&lang.code(), &topic, &clock::now_ms(), &limit, &offset])
}

/// How many articles there are in `lang`.
pub fn count(conn: &mut Conn<'_>, lang: Lang) -> Result<i64> {
    Ok(conn.one::<(i64,)>(COUNT_OF_LANG, &[&lang.code(), &clock::now_ms()])?.0)
}

/// A topic with the number of its articles; not found when there are none.
pub fn topic(conn: &mut Conn<'_>, lang: Lang, slug: &str) -> Result<Topic> {
    let now = clock::now_ms();
    let (label,): (String,) = conn.one(LABEL, &[&lang.code(), &slug, &now])?;
    let (count,): (i64,) = conn.one(COUNT_OF_TOPIC, &[&lang.code(), &slug, &now])?;
    Ok(Topic { slug: slug.to_owned(), label, count })
}

/// The topics of `lang`, those with the most articles first.
pub fn topics(conn: &mut Conn<'_>, lang: Lang, limit: i64) -> Result<Vec<Topic>> {
    conn.all(TOPICS, &[&lang.code(), &clock::now_ms(), &limit])
}

/// The topics of one article.
pub fn topics_of(conn: &mut Conn<'_>, article_id: &str) -> Result<Vec<Topic>> {
    conn.all(TOPICS_OF, &[&article_id])
}

/// Articles in the same language with the most topics in common.
pub fn related(conn: &mut Conn<'_>, article_id: &str, limit: i64) -> Result<Vec<Summary>> {
    let now = clock::now_ms();
    let since: Option<(Option<i64>,)> = conn.opt(RELATED_SINCE, &[&article_id, &now])?;
    let Some((Some(since),)) = since else { return Ok(Vec::new()) };
    conn.all(RELATED, &[&article_id, &now, &since, &limit])
}

/// A published article.
pub fn by_slug(conn: &mut Conn<'_>, slug: &str) -> Result<Article> {
    conn.one(BY_SLUG, &[&slug, &clock::now_ms()])
}

/// How many articles can be read, in all languages.
pub fn count_all(conn: &mut Conn<'_>) -> Result<i64> {
    Ok(conn.one::<(i64,)>(COUNT_ALL, &[&clock::now_ms()])?.0)
}

/// How many articles have a date, past or future.
pub fn count_dated(conn: &mut Conn<'_>) -> Result<i64> {
    Ok(conn.one::<(i64,)>(COUNT_DATED, &[])?.0)
}

/// Part `part` (from 0) of the articles in the order of their slugs, `size` in each.
pub fn mapped(conn: &mut Conn<'_>, part: i64, size: i64) -> Result<Vec<Mapped>> {
    let now = clock::now_ms();
    let after = if part == 0 {
        String::new()
    } else {
        let last: Option<(String,)> = conn.opt(SLUGS, &[&now, &(part * size - 1)])?;
        let Some((slug,)) = last else { return Ok(Vec::new()) };
        slug
    };
    let mut found: Vec<Mapped> = conn.all(MAPPED, &[&now, &after, &size])?;
    let Some(last) = found.last().map(|article| article.slug.clone()) else { return Ok(found) };
    let pictured: Vec<(String, String)> = conn.all(PICTURED, &[&after, &last])?;
    // Both lists are in the database's order, whatever its collation.
    let mut articles = found.iter_mut();
    let mut article = articles.next();
    for (slug, name) in pictured {
        while article.as_ref().is_some_and(|a| a.slug != slug) {
            article = articles.next();
        }
        if let Some(article) = &mut article {
            article.pictures.push(name);
        }
    }
    Ok(found)
}

/// An article dated ahead changes the lists when its time comes, though nobody edits anything:
/// marks the content as changed when one became due after `since` and by `now` (epoch ms).
pub fn publish_due(db: &Db, since: i64, now: i64) -> Result<()> {
    let (due,): (i64,) = db.read_blocking(|conn| conn.one(DUE_BETWEEN, &[&since, &now]))?;
    if due == 0 { Ok(()) } else { db.write_blocking(|tx: &mut Tx<'_>| tx.touch_content()) }
}

/// Makes an article findable as it now stands: by its topics and by its words.
pub fn index(tx: &mut Tx<'_>, article: &Article) -> Result<()> {
    let Article { summary, body_html } = article;
    let published_at = summary.published_at;
    tx.exec(FORGET_MEDIA, &[&summary.id])?;
    for name in media::names_in(body_html) {
        tx.exec(ADD_MEDIA, &[&summary.id, &name])?;
    }
    tx.exec(FORGET_TOPICS, &[&summary.id])?;
    for label in &summary.tags {
        let topic = topic_slug(label);
        if !topic.is_empty() {
            tx.exec(ADD_TOPIC, &[&summary.id, &topic, label, &summary.lang, &published_at])?;
        }
    }
    let Some(published_at) = published_at else {
        return search::remove(tx, Kind::Article, &summary.slug);
    };
    let doc = Doc {
        kind: Kind::Article,
        slug: summary.slug.clone(),
        lang: Lang::from_code(&summary.lang).unwrap_or(Lang::En),
        title: summary.title.clone(),
        summary: summary.excerpt.clone(),
        body: format!("{} {}", plain_text(body_html), summary.tags.join(" ")),
        published_at,
    };
    search::put(tx, &doc)
}

/// Makes up to `limit` articles findable, in the order of their slugs, after `after`; returns the
/// last slug, or none when there are no more.
pub fn index_some(tx: &mut Tx<'_>, after: &str, limit: i64) -> Result<Option<String>> {
    let articles: Vec<Article> = tx.all(TO_INDEX, &[&after, &limit])?;
    for article in &articles {
        index(tx, article)?;
    }
    Ok(articles.last().map(|a| a.summary.slug.clone()))
}
