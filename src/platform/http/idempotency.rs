//! `Idempotency-Key`: a post that is sent again is answered again, and done once.
//!
//! The key and the answer are written in the transaction that does the work, so both are there
//! after a crash or neither is. Answers can hold what is shown once (a new token), so they are kept
//! sealed. What was refused is not kept: mended, it may come again under the same key. Form and
//! meaning follow
//! <https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use rocket::http::{ContentType, Header, Method, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::response::Responder;
use rocket::{Request, Response, State};
use serde::Serialize;

use super::body::BodyHash;
use super::rendered;
use crate::platform::clock;
use crate::platform::crypto::DataKey;
use crate::platform::db::{self, Db, Tx};
use crate::platform::error::{Error, Fault};

/// How long an answer is kept, in milliseconds.
const KEPT_MS: i64 = 24 * 3_600_000;
const KEY_MAX: usize = 255;

crate::sql! {
    KNOWN = "SELECT body_hash, status, answer FROM idempotency_keys WHERE id = ?1 AND created_at > ?2";
    // A row whose time is over gives way; one that counts makes this change nothing.
    KEEP = "INSERT INTO idempotency_keys (id, body_hash, status, answer, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (id) DO UPDATE SET body_hash = excluded.body_hash, status = excluded.status,
                answer = excluded.answer, created_at = excluded.created_at
            WHERE idempotency_keys.created_at <= ?6";
    PRUNE = "DELETE FROM idempotency_keys WHERE created_at <= ?1";
}

/// The keys that this process is working on, and what seals answers.
#[derive(Clone)]
pub struct Retries {
    at_work: Arc<Mutex<HashSet<String>>>,
    data_key: DataKey,
}

impl Retries {
    #[must_use]
    pub fn new(data_key: DataKey) -> Self {
        Self { at_work: Arc::default(), data_key }
    }

    fn set(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a sealed answer belongs.
fn context(id: &str) -> String {
    format!("idempotency/{id}")
}

/// What a request says about being a repetition.
pub struct Once<'r> {
    retries: &'r Retries,
    /// Method and path.
    route: String,
    key: Result<Option<String>, Error>,
}

/// What to do with a request.
pub enum Begun {
    /// It has been done: this is the answer.
    Done(Kept),
    /// It is the first; nobody else begins the same until the ticket is dropped.
    Fresh(Ticket),
}

/// The right to do the work of one key, or of a request that has none.
pub struct Ticket {
    retries: Retries,
    record: Option<Record>,
}

/// What [`Record::keep`] writes beside the answer.
#[derive(Debug, Clone)]
pub struct Record {
    id: String,
    body_hash: String,
    data_key: DataKey,
}

/// An answer as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    status: u16,
    json: String,
    replayed: bool,
    /// What follows in the address where it can be read, such as `?lang=es`.
    query: &'static str,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Once<'r> {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let Some(retries) = request.guard::<&State<Retries>>().await.succeeded() else {
            return Outcome::Forward(Status::InternalServerError);
        };
        let route = format!("{} {}", request.method(), request.uri().path());
        let keys: Vec<&str> = request.headers().get("Idempotency-Key").collect();
        Outcome::Success(Self { retries: retries.inner(), route, key: key_of(&keys) })
    }
}

/// The one key among the header's values.
fn key_of(values: &[&str]) -> Result<Option<String>, Error> {
    let key = match values {
        [] => return Ok(None),
        [key] => *key,
        _ => return Err(wrong("repeated", "Idempotency-Key is given twice")),
    };
    let fits = (1..=KEY_MAX).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    if fits {
        Ok(Some(key.to_owned()))
    } else {
        Err(wrong("invalid", "Idempotency-Key must be 1 to 255 visible ASCII characters"))
    }
}

fn wrong(code: &'static str, message: &str) -> Error {
    Error::Invalid(vec![Fault::of("Idempotency-Key", code, message)])
}

impl Once<'_> {
    /// Looks whether this has been done. `who` is the caller's id, empty for anybody: callers do
    /// not meet each other's keys.
    ///
    /// # Errors
    /// 400 for a key that is none, 409 while the same is being done, 422 when the key came with
    /// another body before.
    pub async fn begin(&self, db: &Db, who: &str, body: &BodyHash) -> Result<Begun, Error> {
        let mut ticket = Ticket { retries: self.retries.clone(), record: None };
        let Some(key) = self.key.clone()? else { return Ok(Begun::Fresh(ticket)) };
        let id = BodyHash::of(format!("{}\0{who}\0{key}", self.route).as_bytes()).0;
        // First the turn, then the look: whoever had the turn before has written by now.
        if !self.retries.set().insert(id.clone()) {
            return Err(in_flight());
        }
        let data_key = self.retries.data_key.clone();
        let body_hash = body.0.clone();
        ticket.record = Some(Record { id: id.clone(), body_hash, data_key });
        let (since, place) = (clock::now_ms() - KEPT_MS, context(&id));
        let known: Option<(String, i64, String)> =
            db.read(move |conn| conn.opt(KNOWN, &[&id, &since])).await.map_err(Error::from)?;
        match known {
            None => Ok(Begun::Fresh(ticket)),
            Some((hash, status, sealed)) if hash == body.0 => {
                let opened = self.retries.data_key.open(&place, &sealed).ok();
                let json = opened.and_then(|plain| String::from_utf8(plain).ok());
                // It has been done, under another data key: better no answer than twice.
                let json = json.ok_or_else(|| {
                    let why = "this has been done, and its answer cannot be read any more";
                    Error::Conflict(why.into())
                })?;
                let status = u16::try_from(status).unwrap_or(200);
                Ok(Begun::Done(Kept { status, json, replayed: true, query: "" }))
            }
            Some(_) => {
                let why = "this Idempotency-Key came with another body before; use a new one";
                Err(Error::Unprocessable(why.into()))
            }
        }
    }

    /// Does `work` unless it has been done, and answers 201 with what it makes.
    ///
    /// # Errors
    /// Those of [`Once::begin`] and of `work`.
    pub async fn create<T, F>(
        &self,
        db: &Db,
        who: &str,
        body: &BodyHash,
        work: F,
    ) -> Result<Kept, Error>
    where
        T: Serialize,
        F: FnOnce(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.answer(Status::Created, db, who, body, work).await
    }

    /// The same with 202, for work that is only queued by then.
    ///
    /// # Errors
    /// Those of [`Once::create`].
    pub async fn accept<T, F>(
        &self,
        db: &Db,
        who: &str,
        body: &BodyHash,
        work: F,
    ) -> Result<Kept, Error>
    where
        T: Serialize,
        F: FnOnce(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.answer(Status::Accepted, db, who, body, work).await
    }

    async fn answer<T, F>(
        &self,
        status: Status,
        db: &Db,
        who: &str,
        body: &BodyHash,
        work: F,
    ) -> Result<Kept, Error>
    where
        T: Serialize,
        F: FnOnce(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        let ticket = match self.begin(db, who, body).await? {
            Begun::Done(answer) => return Ok(answer),
            Begun::Fresh(ticket) => ticket,
        };
        let record = ticket.record();
        db.write(move |tx| {
            let answer = Kept::json(status, &work(tx)?)?;
            if let Some(record) = record {
                record.keep(tx, &answer)?;
            }
            Ok(answer)
        })
        .await
    }
}

fn in_flight() -> Error {
    Error::Conflict("a request with this Idempotency-Key is being worked on; try again".into())
}

impl Ticket {
    /// What is to be written in the transaction that does the work; nothing without a key.
    #[must_use]
    pub fn record(&self) -> Option<Record> {
        self.record.clone()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(record) = &self.record {
            self.retries.set().remove(&record.id);
        }
    }
}

impl Record {
    /// Keeps the answer. To be called last in the transaction.
    ///
    /// # Errors
    /// 409 when another process did the same meanwhile: the transaction must not be committed.
    pub fn keep(&self, tx: &mut Tx<'_>, answer: &Kept) -> Result<(), Error> {
        let now = clock::now_ms();
        let status = i64::from(answer.status);
        let sealed = self.data_key.seal(&context(&self.id), answer.json.as_bytes());
        let kept =
            tx.exec(KEEP, &[&self.id, &self.body_hash, &status, &sealed, &now, &(now - KEPT_MS)])?;
        if kept == 0 { Err(in_flight()) } else { Ok(()) }
    }
}

impl Kept {
    /// An answer to be sent now, and kept when there is a key.
    pub fn json(status: Status, body: &impl Serialize) -> Result<Self, Error> {
        let json = serde_json::to_string(body).map_err(|e| Error::Internal(e.to_string()))?;
        Ok(Self { status: status.code, json, replayed: false, query: "" })
    }

    /// What was made is read with `query`.
    #[must_use]
    pub fn read_with(self, query: &'static str) -> Self {
        Self { query, ..self }
    }
}

/// Where what was made can be read: below the address that it was sent to, under the member that stands there in the
/// path; `None` when it cannot be read there.
fn place_of(request: &Request<'_>, json: &str) -> Option<String> {
    let below = format!("{}/<", request.route()?.uri.path());
    let names = request.rocket().routes().filter(|route| route.method == Method::Get);
    let name = names.filter_map(|route| route.uri.path().strip_prefix(&below)?.strip_suffix('>'));
    let name = name.filter(|name| !name.contains('/')).min()?;
    let made: serde_json::Value = serde_json::from_str(json).ok()?;
    let of = made.get(name).or_else(|| made.get("id"))?.as_str()?;
    let is_plain = of.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_plain.then(|| format!("{}/{of}", request.uri().path()))
}

impl<'r> Responder<'r, 'static> for Kept {
    fn respond_to(self, request: &'r Request<'_>) -> rocket::response::Result<'static> {
        let made = Some(self.status).filter(|status| *status == Status::Created.code);
        let place = made.and_then(|_| place_of(request, &self.json));
        let mut response: Response<'static> = rendered::plain(self.json.into_bytes());
        response.set_status(Status::new(self.status));
        response.set_header(ContentType::JSON);
        response.set_header(Header::new("Cache-Control", "no-store"));
        if let Some(place) = place {
            response.set_header(Header::new("Location", place + self.query));
        }
        if self.replayed {
            response.set_header(Header::new("Idempotent-Replayed", "true"));
        }
        Ok(response)
    }
}

/// Forgets the answers whose time is over at `now_ms`; returns how many.
pub fn prune(tx: &mut Tx<'_>, now_ms: i64) -> db::Result<u64> {
    tx.exec(PRUNE, &[&(now_ms - KEPT_MS)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_visible_word_of_at_most_255_characters() {
        assert_eq!(key_of(&[]).unwrap(), None);
        let longest = "k".repeat(255);
        for key in ["a", "0199f1c2-7d1f-7000", "~!\"", &longest] {
            assert_eq!(key_of(&[key]).unwrap().as_deref(), Some(key));
        }
        for bad in ["", "a b", "é", "a\u{7f}", &"k".repeat(256)] {
            assert!(key_of(&[bad]).is_err(), "{bad}");
        }
        assert!(key_of(&["a", "a"]).is_err());
    }
}
