//! The program from outside: one binary, a file for each subject.
//!
//! Runs on `SQLite`; with the feature `postgres` and `MANERO_TEST_DATABASE_URL` on PostgreSQL.

#![allow(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]
#![allow(
    clippy::format_push_string,
    clippy::format_collect,
    clippy::similar_names,
    reason = "made-up lists and neighbouring names read best as they are"
)]

mod accounts;
mod admin_jobs;
mod admin_operate;
mod admin_people;
mod admin_policy;
mod admin_settings;
mod admin_team;
mod admin_webhooks;
mod api;
mod app;
mod articles;
mod audience_bulk;
mod audience_import;
mod audience_merge;
mod audience_pages;
mod auth;
mod browser;
mod caching;
mod cli;
mod contact;
mod content_editor;
mod content_offers;
mod content_pages;
mod content_places;
mod content_versions;
mod database;
mod discovery;
mod editing;
mod editing_site;
mod factor;
mod getting_in;
mod home;
mod http;
mod idempotency;
mod invariants;
mod jobs_api;
mod keys;
mod lanes;
mod languages;
mod lead_desk;
mod lead_details;
mod lead_notes;
mod lead_removal;
mod lead_tags;
mod lead_work;
mod leads;
mod limits;
mod lists;
mod mail;
mod media;
mod media_desk;
mod media_library;
mod media_uploads;
mod mended;
mod openapi;
mod outbox;
mod pages;
mod policy;
mod privacy_erase;
mod privacy_pages;
mod privacy_rules;
mod redirects;
mod search;
mod settings;
mod settings_live;
mod source;
mod statements;
mod stop;
mod theme;
mod tokens;
mod webhook_events;
mod webhook_targets;
mod webhook_tries;
mod webhooks;
