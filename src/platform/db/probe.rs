//! Whether a write would succeed, without writing anything while all is well.

use super::{Db, Error, Result};

crate::sql! {
    PROBE = "INSERT INTO facts (name, value, updated_at) VALUES ('write-probe', 'ok', ?1)
             ON CONFLICT (name) DO UPDATE SET updated_at = excluded.updated_at";
}

impl Db {
    /// `Ok` when the last write succeeded. After a failed one it tries a real write, so that the
    /// answer turns good as soon as the disk does; an idle healthy site writes nothing.
    pub async fn check_writable(&self) -> Result<()> {
        if let Some(why) = self.refuses_writes() {
            return Err(Error::Unavailable(why.to_owned()));
        }
        if !self.last_write_failed() {
            return Ok(());
        }
        let now = crate::platform::clock::now_ms();
        self.write(move |tx| tx.exec(PROBE, &[&now]).map(drop)).await
    }
}
