//! The program from outside: one binary, a file for each subject.
//!
//! Runs on SQLite; with the feature `postgres` and `MANERO_TEST_DATABASE_URL` on PostgreSQL.

mod app;
mod http;
mod leads;
