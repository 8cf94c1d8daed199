//! The site's own words, from `config/content/site.toml`.

use serde::Deserialize;

use crate::business::content::{Content, SeedError};
use crate::platform::clock;
use crate::platform::config::Settings;
use crate::platform::http::SiteView;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteTexts {
    pub tagline: String,
    pub owner_name: String,
    pub owner_address: String,
    pub contact_email: String,
    /// What a visitor agrees to, word for word.
    pub consent_text: String,
    /// Changes whenever the words change; stored with each consent.
    pub consent_version: String,
    pub home: HomeTexts,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HomeTexts {
    pub hero_title: String,
    pub hero_lead: String,
    pub hero_action: String,
    pub hero_note: String,
    pub fit_title: String,
    pub for_title: String,
    pub for_whom: Vec<String>,
    pub not_for_title: String,
    pub not_for_whom: Vec<String>,
    pub programs_title: String,
    pub programs_lead: String,
    pub steps_title: String,
    pub steps: Vec<StepText>,
    pub articles_title: String,
    pub join_title: String,
    pub join_lead: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepText {
    pub title: String,
    pub text: String,
}

impl SiteTexts {
    pub fn read(content: &Content) -> Result<Self, SeedError> {
        content.file("site.toml")?.toml()
    }

    /// What templates see; the name and the address come from the settings.
    #[must_use]
    pub fn view(&self, settings: &Settings) -> SiteView {
        let configured =
            settings.http.frontend_url.as_ref().map(|url| url.origin().ascii_serialization());
        let domain = settings.http.domain.as_ref().map(|domain| format!("https://{domain}"));
        SiteView {
            name: settings.site.app_name.clone(),
            tagline: self.tagline.clone(),
            owner_name: self.owner_name.clone(),
            owner_address: self.owner_address.clone(),
            contact_email: self.contact_email.clone(),
            base_url: configured.or(domain).unwrap_or_default(),
            year: clock::year(clock::now_ms()),
        }
    }
}
