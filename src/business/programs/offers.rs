//! Offers: another price and another way to the checkout, for a time. The first whose time is now counts; when none
//! does, the program's own price counts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::PRICE_MAX;
use super::model::Program;
use crate::platform::clock;
use crate::platform::db::{self, Conn, Db, Tx};
use crate::platform::error::Error;
use crate::platform::http::Input;
use crate::platform::text::Rule;

/// Offers of one program at most.
pub const MOST: usize = 12;

crate::sql! {
    ALL = "SELECT offers FROM programs WHERE offers <> '[]' LIMIT 100";
}

/// An offer as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// What buyers read: `Early bird`.
    pub name: String,
    /// Minor units of the program's currency.
    pub price_minor: i64,
    /// Where the buyer goes; the program's own checkout when there is none.
    pub checkout_url: Option<String>,
    /// Epoch milliseconds; open when there is none.
    pub starts_at: Option<i64>,
    /// The first moment that does not belong to it.
    pub ends_at: Option<i64>,
}

/// The offer that counts now, as a program is shown with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    pub name: String,
    /// What the program costs without it, in minor units.
    pub regular_minor: i64,
    pub ends_at: Option<i64>,
}

impl Offer {
    /// Whether it counts at `now_ms`.
    #[must_use]
    pub fn counts(&self, now_ms: i64) -> bool {
        self.starts_at.is_none_or(|at| at <= now_ms) && self.ends_at.is_none_or(|at| now_ms < at)
    }
}

/// The offers in the column of a program.
pub(super) fn read_column(json: &str) -> db::Result<Vec<Offer>> {
    serde_json::from_str(json)
        .map_err(|error| db::Error::Corrupt(format!("offers of a program: {error}")))
}

impl Program {
    /// The program as it is sold at `now_ms`.
    #[must_use]
    pub(super) fn sold(mut self, offers: &[Offer], now_ms: i64) -> Self {
        let Some(offer) = offers.iter().find(|offer| offer.counts(now_ms)) else { return self };
        self.offer = Some(Running {
            name: offer.name.clone(),
            regular_minor: self.price_minor,
            ends_at: offer.ends_at,
        });
        self.price_minor = offer.price_minor;
        self.checkout_url = offer.checkout_url.clone().or(self.checkout_url);
        self
    }
}

/// An offer that begins or ends changes what pages say, though nobody edits anything: marks the content as changed when
/// one did after `since` and by `now` (epoch ms).
pub fn turn(db: &Db, since: i64, now: i64) -> db::Result<()> {
    let read = |conn: &mut Conn<'_>| -> db::Result<bool> {
        let columns: Vec<(String,)> = conn.all(ALL, &[])?;
        let turned = |at: Option<i64>| at.is_some_and(|at| at > since && at <= now);
        for (json,) in columns {
            let offers = read_column(&json)?;
            if offers.iter().any(|offer| turned(offer.starts_at) || turned(offer.ends_at)) {
                return Ok(true);
            }
        }
        Ok(false)
    };
    if db.read_blocking(read)? {
        db.write_blocking(|tx: &mut Tx<'_>| tx.touch_content())?;
    }
    Ok(())
}

/// What the API takes and shows of an offer.
#[derive(Serialize, ToSchema)]
#[schema(as = Offer)]
pub struct OfferItem {
    /// What buyers read.
    #[schema(example = "Early bird", format = "line", min_length = 1, max_length = 80)]
    name: String,
    /// Minor units of the program's currency.
    #[schema(example = 39900, minimum = 0, maximum = 1_000_000_000_000_i64)]
    amount: i64,
    /// Where the buyer goes; null: the program's own checkout.
    #[schema(
        example = "https://pay.hotmart.com/A1?off=early",
        format = "https",
        max_length = 2000
    )]
    checkout_url: Option<String>,
    /// When it begins; null: at once.
    #[schema(example = "2026-12-01T08:00:00Z", format = "date-time")]
    starts_at: Option<String>,
    /// When it is over; null: never.
    #[schema(example = "2026-12-08T08:00:00Z", format = "date-time")]
    ends_at: Option<String>,
}

impl From<&Offer> for OfferItem {
    fn from(offer: &Offer) -> Self {
        Self {
            name: offer.name.clone(),
            amount: offer.price_minor,
            checkout_url: offer.checkout_url.clone(),
            starts_at: offer.starts_at.map(clock::rfc3339),
            ends_at: offer.ends_at.map(clock::rfc3339),
        }
    }
}

/// Reads `offers` of a body.
pub(super) fn read(input: &mut Input<'_>) -> Option<Vec<Offer>> {
    input.objects("offers", MOST, |offer| {
        offer.require(&["name", "amount"]);
        Offer {
            name: offer.text("name", Rule::line(80)).unwrap_or_default(),
            price_minor: offer.number("amount", (0, PRICE_MAX)).unwrap_or_default(),
            checkout_url: offer.https("checkout_url"),
            starts_at: offer.time("starts_at").map(|at| at.max(0)),
            ends_at: offer.time("ends_at").map(|at| at.max(0)),
        }
    })
}

/// # Errors
/// 409 when an offer is over before it begins.
pub(super) fn check(offers: &[Offer]) -> Result<(), Error> {
    let backwards = |offer: &&Offer| match (offer.starts_at, offer.ends_at) {
        (Some(start), Some(end)) => end <= start,
        _ => false,
    };
    match offers.iter().find(backwards) {
        Some(offer) => {
            Err(Error::Conflict(format!("the offer {:?} ends before it begins", offer.name)))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_counts_from_its_beginning_until_its_end() {
        let offer = |starts_at, ends_at| Offer {
            name: "Early bird".into(),
            price_minor: 1,
            checkout_url: None,
            starts_at,
            ends_at,
        };
        for (start, end, counts) in [
            (None, None, true),
            (Some(5), None, true),
            (Some(6), None, false),
            (None, Some(6), true),
            (None, Some(5), false),
            (Some(5), Some(6), true),
        ] {
            assert_eq!(offer(start, end).counts(5), counts, "{start:?} {end:?}");
        }
        assert!(check(&[offer(Some(1), Some(2)), offer(None, Some(1))]).is_ok());
        assert!(check(&[offer(Some(2), Some(2))]).is_err());
    }
}
