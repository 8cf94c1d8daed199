//! What the API shows of webhooks and deliveries, and what it takes. Columns that are added do not leak.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Delivery, Event, State, Webhook};
use crate::platform::clock;
use crate::platform::http::query::Chosen;
use crate::platform::secret::Secret;
use crate::platform::word::Word;

#[derive(Serialize, ToSchema)]
#[schema(as = WebhookList)]
pub struct List {
    #[schema(value_type = Vec<View>)]
    pub(super) items: Vec<Chosen<View>>,
    /// Give this as `cursor` to read on; null on the last page.
    #[schema(required = true, example = json!(null))]
    pub(super) next: Option<String>,
}

/// A program that is told what happens here.
#[derive(Serialize, ToSchema)]
#[schema(as = Webhook)]
pub struct View {
    #[schema(example = "01a203bc-484e-7687-92b1-2747feac7f2e", format = "uuid")]
    id: String,
    /// Where it is told.
    #[schema(example = "https://hooks.example.com/manero")]
    url: String,
    #[schema(example = "newsletter tool")]
    description: String,
    /// Of what; null: of everything, also of what comes later.
    #[schema(required = true, example = json!(["lead.created"]))]
    events: Option<Vec<Event>>,
    /// Whether it is told at all. A 410 of its own switches it off.
    #[schema(example = true)]
    active: bool,
    /// When it last took something; null before the first time.
    #[schema(required = true, example = "2026-11-22T14:49:30.721Z", format = "date-time")]
    last_success_at: Option<String>,
    /// When something last did not go through; null before the first time.
    #[schema(required = true, example = json!(null), format = "date-time")]
    last_failure_at: Option<String>,
    #[schema(example = "2026-11-22T14:49:30.721Z", format = "date-time")]
    created_at: String,
    /// When the owner changed it last, or it was switched off.
    #[schema(example = "2026-11-22T14:49:30.721Z", format = "date-time")]
    updated_at: String,
}

/// The members of [`View`], as `fields` names them.
pub const FIELDS: &[&str] = &[
    "id",
    "url",
    "description",
    "events",
    "active",
    "last_success_at",
    "last_failure_at",
    "created_at",
    "updated_at",
];

impl From<Webhook> for View {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id,
            url: webhook.url,
            description: webhook.description,
            events: webhook.events,
            active: webhook.active,
            last_success_at: webhook.last_success_at.map(clock::rfc3339),
            last_failure_at: webhook.last_failure_at.map(clock::rfc3339),
            created_at: clock::rfc3339(webhook.created_at),
            updated_at: clock::rfc3339(webhook.updated_at),
        }
    }
}

/// A new webhook; `secret` is shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedWebhook)]
pub struct Created {
    #[serde(flatten)]
    view: View,
    /// What its messages are signed with.
    #[schema(example = "whsec_…")]
    secret: String,
}

impl Created {
    #[must_use]
    pub fn new(webhook: Webhook, secret: &Secret<String>) -> Self {
        Self { view: webhook.into(), secret: secret.expose().clone() }
    }
}

/// Another secret; it is shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookSecret)]
pub struct NewSecret {
    /// The webhook's.
    #[schema(example = "01a203bc-484e-7687-92b1-2747feac7f2e", format = "uuid")]
    id: String,
    #[schema(example = "whsec_…")]
    secret: String,
    /// Until then the one before signs too; null when it cannot be opened any more.
    #[schema(required = true, example = "2026-11-23T14:49:30.721Z", format = "date-time")]
    old_secret_until: Option<String>,
}

impl NewSecret {
    #[must_use]
    pub fn new(id: String, secret: &Secret<String>, old_until: Option<i64>) -> Self {
        Self {
            id,
            secret: secret.expose().clone(),
            old_secret_until: old_until.map(clock::rfc3339),
        }
    }
}

/// Whom to tell, and of what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewWebhook)]
#[allow(dead_code, reason = "the shape that is documented; `api::read` reads it")]
pub struct New {
    /// An address on the internet that begins with `https://`; with the setting `webhooks.private_targets` any
    /// http or https address.
    #[schema(example = "https://hooks.example.com/manero", format = "https", max_length = 2000)]
    url: String,
    /// What it is for.
    #[schema(example = "newsletter tool", format = "line", max_length = 200)]
    description: Option<String>,
    /// Of what to tell it; of everything when absent or null.
    #[schema(example = json!(["lead.created"]), min_items = 1, max_items = 50)]
    events: Option<Vec<Event>>,
    /// True when absent.
    #[schema(example = true)]
    active: Option<bool>,
}

/// What is to become of a webhook; what is absent or null stays, but for `events`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WebhookChanges)]
#[allow(dead_code, reason = "the shape that is documented; `api::read` reads it")]
pub struct Changes {
    #[schema(example = "https://hooks.example.com/manero", format = "https", max_length = 2000)]
    url: Option<String>,
    #[schema(example = "newsletter tool", format = "line", max_length = 200)]
    description: Option<String>,
    /// Null: everything.
    #[schema(example = json!(["lead.created"]), min_items = 1, max_items = 50)]
    events: Option<Vec<Event>>,
    #[schema(example = false)]
    active: Option<bool>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = DeliveryList)]
pub struct DeliveryList {
    #[schema(value_type = Vec<DeliveryView>)]
    pub(super) items: Vec<Chosen<DeliveryView>>,
    /// Give this as `cursor` to read on; null on the last page.
    #[schema(required = true, example = json!(null))]
    pub(super) next: Option<String>,
}

/// One event for one webhook. What was sent is not kept.
#[derive(Serialize, ToSchema)]
#[schema(as = Delivery)]
pub struct DeliveryView {
    #[schema(example = "01a203bc-484e-7687-92b1-2747feac7f2e", format = "uuid")]
    id: String,
    #[schema(value_type = Event)]
    event: String,
    /// The same in `webhook-id` and in the message, however often it is sent.
    #[schema(example = "01a203bc-484e-7687-92b1-2747feac7f2d", format = "uuid")]
    event_id: String,
    /// The id of what it is about.
    #[schema(example = "01a203bc-484e-7687-92b1-2747feac7f2c", format = "uuid")]
    subject: String,
    #[schema(value_type = State)]
    state: &'static str,
    /// How often it was sent.
    #[schema(example = 1, minimum = 0)]
    attempts: i64,
    /// What the last answer was; null without one.
    #[schema(required = true, example = 200, minimum = 100, maximum = 999)]
    last_status: Option<i64>,
    /// Why the last try failed; null when it did not.
    #[schema(required = true, example = json!(null))]
    last_error: Option<String>,
    /// Null when there is no next try.
    #[schema(required = true, example = json!(null), format = "date-time")]
    next_try_at: Option<String>,
    /// When the event happened.
    #[schema(example = "2026-11-22T14:49:30.721Z", format = "date-time")]
    created_at: String,
    #[schema(required = true, example = "2026-11-22T14:49:31.004Z", format = "date-time")]
    delivered_at: Option<String>,
}

/// The members of [`DeliveryView`], as `fields` names them.
pub const DELIVERY_FIELDS: &[&str] = &[
    "id",
    "event",
    "event_id",
    "subject",
    "state",
    "attempts",
    "last_status",
    "last_error",
    "next_try_at",
    "created_at",
    "delivered_at",
];

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id,
            event: delivery.event,
            event_id: delivery.event_id,
            subject: delivery.subject,
            state: delivery.state.word(),
            attempts: delivery.attempts,
            last_status: delivery.last_status,
            last_error: delivery.last_error,
            next_try_at: delivery.next_try_at.map(clock::rfc3339),
            created_at: clock::rfc3339(delivery.created_at),
            delivered_at: delivery.delivered_at.map(clock::rfc3339),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(value: &impl Serialize) -> Vec<String> {
        let value = serde_json::to_value(value).unwrap();
        let mut members: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        members.sort();
        members
    }

    fn sorted(fields: &[&str]) -> Vec<String> {
        let mut fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
        fields.sort();
        fields
    }

    #[test]
    fn the_fields_that_can_be_chosen_are_the_members_of_an_item() {
        let webhook = Webhook {
            id: String::new(),
            url: String::new(),
            description: String::new(),
            events: Some(vec![Event::LeadCreated]),
            active: true,
            secret: "sealed".into(),
            old_secret: Some(("sealed".into(), 1)),
            last_success_at: None,
            last_failure_at: Some(0),
            created_at: 0,
            updated_at: 0,
        };
        let view = View::from(webhook);
        assert_eq!(members(&view), sorted(FIELDS));
        assert_eq!(serde_json::to_value(&view).unwrap()["events"][0], "lead.created");
        assert!(!serde_json::to_string(&view).unwrap().contains("sealed"));
        let delivery = Delivery {
            id: String::new(),
            webhook_id: String::new(),
            event: "lead.created".into(),
            event_id: String::new(),
            subject: String::new(),
            job_id: String::new(),
            state: State::Failed,
            attempts: 1,
            last_status: None,
            last_error: None,
            next_try_at: Some(0),
            created_at: 0,
            delivered_at: None,
        };
        assert_eq!(members(&DeliveryView::from(delivery)), sorted(DELIVERY_FIELDS));
    }
}
