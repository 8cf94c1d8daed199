//! A schema of its own for each test, dropped with it.

use url::Url;

pub(super) struct Schema {
    server: String,
    name: String,
}

impl Schema {
    pub(super) fn new(server: String) -> Self {
        Self { server, name: format!("t_{}", uuid::Uuid::now_v7().simple()) }
    }

    /// The address as the program takes it.
    pub(super) fn url(&self) -> String {
        let mut url = Url::parse(&self.server).unwrap();
        url.query_pairs_mut()
            .append_pair("schema", &self.name)
            .append_pair("connection_limit", "8");
        url.into()
    }
}

impl Drop for Schema {
    #[allow(clippy::print_stderr, reason = "a drop has nobody else to tell")]
    fn drop(&mut self) {
        let dropped =
            postgres::Client::connect(&self.server, postgres::NoTls).and_then(|mut client| {
                client.batch_execute(&format!("DROP SCHEMA IF EXISTS {} CASCADE", self.name))
            });
        if let Err(error) = dropped {
            eprintln!("schema {} stays behind: {error}", self.name);
        }
    }
}
