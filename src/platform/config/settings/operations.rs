//! Where the data is replicated to.

use std::time::Duration;

use url::Url;

use crate::platform::config::reader::{Missing, Reader};
use crate::platform::secret::Secret;

#[derive(Debug, Clone)]
pub struct BackupSettings {
    /// `s3://bucket/path`; `None`: nothing is replicated.
    pub url: Option<Url>,
    /// The longest time that a commit waits to be shipped.
    pub interval: Duration,
}

#[derive(Debug, Clone)]
pub struct AwsSettings {
    pub access_key_id: Option<Secret<String>>,
    pub secret_access_key: Option<Secret<String>>,
    pub region: String,
    /// `None`: AWS itself.
    pub endpoint_url: Option<Url>,
}

impl BackupSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Missing> {
        Ok(Self {
            url: reader.optional("backup.url"),
            interval: reader.required("backup.interval")?,
        })
    }
}

impl AwsSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Missing> {
        Ok(Self {
            access_key_id: reader.secret("aws.access_key_id"),
            secret_access_key: reader.secret("aws.secret_access_key"),
            region: reader.required("aws.region")?,
            endpoint_url: reader.optional("aws.endpoint_url"),
        })
    }
}
