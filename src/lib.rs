//! Manero: the whole online business of a personal brand in one binary.
//!
//! A tour in reading order:
//!
//! 1. [`cli`]: one file for each verb; `serve` shows how everything is put together and in which
//!    order it stops.
//! 2. [`app`], door 1: every address of the site. [`jobs`], door 2: all that happens without a
//!    request. Whatever the program does begins at one of the two.
//! 3. [`business`], [`admin`] and [`ops`]: the slices. A slice's files have fixed names: `model` (types and
//!    rules, no IO), `store` (SQL), `api` (JSON), `pages` (HTML), `sync` (outbox work).
//! 4. [`platform`]: the floor: configuration, database, HTTP, outbox, vendors, log.
//!
//! Imports point one way: `cli, app, jobs → business, admin, ops → platform`. A test enforces it.

pub mod admin;
pub mod app;
pub mod business;
pub mod cli;
pub mod jobs;
pub mod ops;
pub mod platform;
