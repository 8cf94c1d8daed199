//! `manero serve`: starts everything in order, and stops it in the opposite one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};
use std::time::Duration;

use rocket::error::ErrorKind;
use rocket::fairing::AdHoc;

use super::seed::Seed;
use super::{Failure, open, port, set_up};
use crate::admin::accounts::{self, Accounts};
use crate::admin::settings::{Desk, Follow};
use crate::business::content::Content;
use crate::business::mail::Mailer;
use crate::business::media::Shelf;
use crate::business::pages;
use crate::business::webhooks::Courier;
use crate::jobs;
use crate::ops::logs::{self, MissingPages};
use crate::ops::rotation::{self, KeyFit};
use crate::platform::clock;
use crate::platform::config::{Database, Loaded, Settings};
use crate::platform::crypto::{DataKey, random_token};
use crate::platform::db::telemetry::{Place, Telemetry};
use crate::platform::db::{Db, Migrate, OpenError, has_content};
use crate::platform::http::Sites;
use crate::platform::http::in_flight::InFlight;
use crate::platform::lang::Lang;
use crate::platform::outbox::{Periodic, Timetable, Workers};
use crate::platform::{db, log as sink};
use crate::{app, app::Parts};

/// How long finished answers get to reach their sockets.
const LINGER: Duration = Duration::from_millis(250);

/// Serves until a signal ends it.
pub fn run(loaded: &Loaded) -> Result<(), Failure> {
    let settings = &loaded.settings;
    sink::init(&settings.log, settings.profile, &settings.data.dir, &loaded.secrets);
    for warning in &loaded.warnings {
        log::warn!("{warning}");
    }
    ignore_file_size_signal();
    app::check_rocket_toml(settings).map_err(Failure::Settings)?;
    // Before the database is touched; Rocket binds for good a moment later.
    if let Err(why) = std::net::TcpListener::bind(settings.http.socket_address()) {
        return Err(cannot_bind(settings.http.socket_address(), &why));
    }
    let Assembled { rocket, context, desk, timetable, in_flight, stand_in } = assemble(loaded)?;
    let set_up = set_up::for_the_first(&context.db, &desk.live.now());
    let running = Running::start(context, &desk, &timetable)?;
    let served = listen(&desk.live.now().clone(), rocket, &in_flight, set_up);
    running.stop();
    if let Some(dir) = stand_in
        && let Err(error) = std::fs::remove_dir_all(&dir)
    {
        log::warn!("{} was left behind: {error}", dir.display());
    }
    if served.is_ok() {
        log::info!("stopped");
    }
    sink::flush();
    served
}

/// The whole program put together, neither listening nor working yet.
pub struct Assembled {
    pub rocket: rocket::Rocket<rocket::Build>,
    pub context: Arc<jobs::Context>,
    pub desk: Arc<Desk>,
    pub timetable: Arc<Timetable>,
    pub in_flight: Arc<InFlight>,
    /// The folder of a database that only stands in for the real one; deleted at the stop.
    pub stand_in: Option<PathBuf>,
}

/// Opens and fills what the site needs, and builds it. `serve` and the tests both begin here.
///
/// # Errors
/// Says in words for the owner what is wrong and which way leads back.
pub fn assemble(loaded: &Loaded) -> Result<Assembled, Failure> {
    let settings = &loaded.settings;
    let seed = Seed::read(&Content::default()).map_err(Failure::of)?;
    let (db, stand_in) = opened(loaded, seed)?;
    let data_key = data_key(loaded);
    let desk = at_desk(loaded, &db, data_key.clone());
    let live = desk.live.clone();
    let shelf = Shelf::new(stand_in.as_deref().unwrap_or(&settings.data.dir));
    let accounts = Arc::new(Accounts::new(&db, &live, data_key));
    let courier = Courier::new(settings, accounts.data_key.clone(), &accounts.clock);
    let courier = Arc::new(courier.map_err(Failure::of)?);
    let context = Arc::new(jobs::Context {
        mailer: Arc::new(Mailer::new(&db, &live)),
        sites: Arc::new(Sites::new(&db, &live, pages::loader(&live))),
        shelf: Arc::new(shelf),
        missing: Arc::new(MissingPages::default()),
        telemetry: Telemetry::start(telemetry_place(loaded, stand_in.as_deref()))
            .map_err(Failure::of)?,
        published_until: AtomicI64::new(clock::now_ms()),
        accounts: Arc::clone(&accounts),
        courier: Arc::clone(&courier),
        live,
        db: db.clone(),
    });
    // Error pages show what was read last, and must not wait for the first good page.
    context.sites.current_blocking(Lang::En).map_err(Failure::of)?;
    let in_flight = Arc::<InFlight>::default();
    let timetable = Timetable::new(jobs::tasks(&context));
    let rocket = app::build(Parts {
        settings: settings.clone(),
        db,
        desk: Arc::clone(&desk),
        mailer: Arc::clone(&context.mailer),
        timetable: Arc::clone(&timetable),
        sites: Arc::clone(&context.sites),
        shelf: Arc::clone(&context.shelf),
        missing: Arc::clone(&context.missing),
        telemetry: context.telemetry.clone(),
        in_flight: Arc::clone(&in_flight),
        accounts,
        courier,
    });
    Ok(Assembled { rocket, context, desk, timetable, in_flight, stand_in })
}

/// The settings with the dashboard's among them, from here on followed by all that is made of them.
fn at_desk(loaded: &Loaded, db: &Db, data_key: DataKey) -> Arc<Desk> {
    let desk = Arc::new(Desk::new(db, loaded, data_key.clone()));
    desk.live.follow(|loaded| {
        sink::set_level(loaded.settings.log.level);
        loaded.secrets.iter().for_each(sink::register_secret);
    });
    if let Err(error) = desk.look() {
        log::error!("what was set in the dashboard could not be read: {error}");
    }
    if db.refuses_writes().is_none() {
        settle_keys(db, data_key, Settings::clone(&desk.live.now()));
    }
    desk
}

/// The database of the settings with its content. When its folder cannot be used and holds none
/// yet, a temporary one shows the seed content, and every write is refused with the reason.
fn opened(loaded: &Loaded, seed: Seed) -> Result<(Db, Option<PathBuf>), Failure> {
    let mut options = open::options(loaded, Migrate::Apply);
    match (Db::open(&options), &loaded.settings.database) {
        (Ok(db), _) => {
            match db.refuses_writes() {
                None => settle_in(loaded, &db, seed)?,
                Some(why) => log::error!("nothing can be stored: {why}. Pages are served"),
            }
            Ok((db, None))
        }
        (Err(OpenError::Unavailable { place, why }), Database::Sqlite { path })
            if !has_content(path) =>
        {
            // A name that nobody can have prepared for us.
            let name = format!("manero-{}", random_token(12));
            let stand_in = std::env::temp_dir().join(name);
            let reason = format!("{place}: {why}. Mend MANERO_DATA or its rights and start again");
            log::error!("nothing can be stored: {reason}. Pages are served");
            options.database = Database::Sqlite { path: stand_in.join("manero.db") };
            let db = Db::open(&options).map_err(Failure::of)?;
            fill(&db, &Shelf::new(&stand_in), seed);
            db.refuse_writes(reason);
            Ok((db, Some(stand_in)))
        }
        (Err(error), _) => Err(Failure::of(error)),
    }
}

/// What a writable database needs before it is shown: the data key's sentinel and the content.
fn settle_in(loaded: &Loaded, db: &Db, seed: Seed) -> Result<(), Failure> {
    let (key, _) = DataKey::load(loaded.settings.data.data_key.as_ref(), &loaded.settings.data.dir)
        .map_err(Failure::of)?;
    match db.read_blocking(|conn| rotation::fit(conn, &key)).map_err(Failure::of)? {
        KeyFit::Fits => {}
        KeyFit::Unused => leave_sentinel(db, key),
        KeyFit::Foreign => {
            log::warn!(
                "the data key does not fit this database; its secrets must be entered again"
            );
            leave_sentinel(db, key);
        }
    }
    fill(db, &Shelf::new(&loaded.settings.data.dir), seed);
    Ok(())
}

/// The key that seals secrets. Where none can be read or made nothing can be stored either, and
/// one that lasts for this run does.
fn data_key(loaded: &Loaded) -> DataKey {
    let data = &loaded.settings.data;
    match DataKey::load(data.data_key.as_ref(), &data.dir) {
        Ok((key, _)) => key,
        Err(error) => {
            log::error!("no stored secret can be read: {error}");
            DataKey::generate()
        }
    }
}

/// A key to sign with, and since when each vendor's key is the one it is. Both can wait.
fn settle_keys(db: &Db, key: DataKey, settings: Settings) {
    let settled: db::Result<()> = db.write_blocking(move |tx| {
        let now = clock::now_ms();
        accounts::settle_keys(tx, &key, settings.jwt.secret.as_ref(), now)?;
        for name in rotation::note_integrations(tx, &settings, now)? {
            accounts::record_vendor_key(tx, name, now)?;
        }
        Ok(())
    });
    if let Err(error) = settled {
        log::warn!("the signing keys could not be settled: {error}");
    }
}

/// A full disk must not keep the pages that are already there from being served.
fn fill(db: &Db, shelf: &Shelf, seed: Seed) {
    if let Err(error) = seed.bring_in(db, shelf) {
        log::error!("the content could not be brought up to date: {error}");
    }
}

fn leave_sentinel(db: &Db, key: DataKey) {
    let stored: db::Result<()> = db.write_blocking(move |tx| rotation::leave_sentinel(tx, &key));
    if let Err(error) = stored {
        log::warn!("the data key's sentinel could not be stored: {error}");
    }
}

/// With a limit on file sizes a write must fail, not kill the process.
fn ignore_file_size_signal() {
    const SIGXFSZ: i32 = 25;
    let flag = Arc::new(AtomicBool::new(false));
    if let Err(error) = signal_hook::flag::register(SIGXFSZ, flag) {
        log::warn!("SIGXFSZ cannot be caught: {error}");
    }
}

/// The threads beside the web server.
struct Running {
    context: Arc<jobs::Context>,
    workers: Workers,
    periodic: Periodic,
    follow: Follow,
}

impl Running {
    fn start(
        context: Arc<jobs::Context>,
        desk: &Arc<Desk>,
        timetable: &Arc<Timetable>,
    ) -> Result<Self, Failure> {
        let lanes = jobs::lanes(context.live.now().mail.rate_per_second);
        let (runner, clock) = (jobs::runner(&context), &context.accounts.clock);
        let workers = Workers::start(&context.db, &runner, lanes, clock).map_err(Failure::of)?;
        let periodic = Periodic::start(&context.db, timetable).map_err(Failure::of)?;
        let follow = Follow::start(desk).map_err(Failure::of)?;
        Ok(Self { context, workers, periodic, follow })
    }

    /// The stop, in one place. The server has stopped accepting and finished its requests before;
    /// now the workers end, then the writer is drained, and the WAL is moved into the database.
    fn stop(self) {
        self.workers.close();
        self.periodic.close();
        self.follow.close();
        logs::flush(&self.context.db, &self.context.missing, &self.context.telemetry);
        self.context.telemetry.close();
        self.context.db.close();
    }
}

/// Beside the business database, also when that one only stands in for another.
fn telemetry_place(loaded: &Loaded, stand_in: Option<&Path>) -> Place {
    match (&loaded.settings.database, stand_in) {
        (Database::Sqlite { .. }, Some(dir)) => Place::File(dir.join("telemetry.db")),
        (Database::Sqlite { path }, None) => Place::File(path.with_file_name("telemetry.db")),
        (database @ Database::Postgres { .. }, _) => Place::With(database.clone()),
    }
}

/// Listens until a signal, then finishes the requests under way.
fn listen(
    settings: &Settings,
    rocket: rocket::Rocket<rocket::Build>,
    in_flight: &InFlight,
    set_up: Option<String>,
) -> Result<(), Failure> {
    let address = settings.http.socket_address();
    let data: PathBuf = settings.data.dir.clone();
    let mail = settings.mail.smtp_url.is_none();
    let banner = AdHoc::on_liftoff("banner", move |_| {
        Box::pin(async move {
            log::info!("Manero serves http://{address}");
            log::info!(
                "data: {}  (settings: `manero config`, checks: `manero doctor`)",
                data.display()
            );
            if mail {
                log::info!(
                    "mail stays in the built-in mailbox: `manero mail list`; set SMTP_URL to send it"
                );
            }
            if let Some(link) = set_up {
                set_up::tell(&link);
            }
        })
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .thread_name("http")
        .max_blocking_threads(64)
        // A thread that has compressed a page keeps the memory it took until it ends.
        .thread_keep_alive(Duration::from_secs(2))
        .enable_all()
        .build()
        .map_err(Failure::of)?;
    let launched = runtime.block_on(async {
        let rocket = rocket.attach(banner).ignite().await?;
        let mut drained = std::pin::pin!(drained(rocket.shutdown(), in_flight));
        tokio::select! {
            ended = rocket.launch() => match ended {
                // Rocket gives up at once when its listener ends before it has noticed the stop
                // itself; the requests under way are waited for all the same.
                Err(error) if matches!(error.kind(), ErrorKind::Shutdown(_, None)) => {
                    drained.await;
                    Ok(())
                }
                ended => ended.map(drop),
            },
            () = &mut drained => Ok(()),
        }
    });
    runtime.shutdown_timeout(LINGER);
    match launched {
        Ok(()) => Ok(()),
        Err(error) => match error.kind() {
            ErrorKind::Bind(why) => Err(cannot_bind(address, why)),
            other => Err(Failure::Failed(format!("the web server failed: {other}"))),
        },
    }
}

/// Resolves when a stop was asked for and the requests under way have been answered; a request
/// that takes longer than Rocket's grace period is cut by Rocket itself.
async fn drained(shutdown: rocket::Shutdown, in_flight: &InFlight) {
    shutdown.await;
    in_flight.idle().await;
    // The last answers are on their way from the connections' buffers to the sockets.
    tokio::time::sleep(LINGER).await;
}

fn cannot_bind(address: std::net::SocketAddr, why: &std::io::Error) -> Failure {
    let change = "set API_PORT to another port, or ROCKET_ADDRESS to another address";
    if why.kind() != std::io::ErrorKind::AddrInUse {
        return Failure::Failed(format!("cannot listen on {address}: {why}; {change}"));
    }
    let holder = port::holder(address).unwrap_or_else(|| "another program".into());
    Failure::Failed(format!("port {} is in use by {holder}; stop it, or {change}", address.port()))
}
