//! How many requests of each class a client may make. Counting them is `platform::http`.

use std::time::Duration;

use crate::platform::config::reader::{Missing, Reader};

/// At most `max` requests in each `window`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub max: u32,
    pub window: Duration,
}

#[derive(Debug, Clone)]
pub struct Limits {
    pub api: Limit,
    /// Lead forms that were refused, a client.
    pub lead_failed: Limit,
    /// Lead forms that were accepted, a client.
    pub lead_ok: Limit,
    /// Lead forms that were accepted, an e-mail address.
    pub lead_address: Limit,
    pub search: Limit,
    pub log_in: Limit,
    pub token: Limit,
    pub webhook: Limit,
    pub telemetry: Limit,
}

impl Limits {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Missing> {
        let mut class = |name: &str| {
            Ok(Limit {
                // The kind has checked the bounds.
                max: reader.required::<u64>(&format!("limits.{name}.max"))? as u32,
                window: reader.required(&format!("limits.{name}.window"))?,
            })
        };
        Ok(Self {
            api: class("api")?,
            lead_failed: class("lead_failed")?,
            lead_ok: class("lead_ok")?,
            lead_address: class("lead_address")?,
            search: class("search")?,
            log_in: class("log_in")?,
            token: class("token")?,
            webhook: class("webhook")?,
            telemetry: class("telemetry")?,
        })
    }
}
