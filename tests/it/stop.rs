//! Starting and ending the real program: gracefully, abruptly, and not at all.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use crate::app::{LiveApp, manero_in};

const WITHOUT_LIMITS: [(&str, &str); 1] = [("MANERO_RATE_LIMITS", "off")];

/// Posts leads from several threads until the program no longer answers, and calls `ends` when
/// the first fifty have been acknowledged. Returns the addresses whose 201 has arrived.
fn post_until_it_ends(app: &LiveApp, ends: impl FnOnce() + Send) -> BTreeSet<String> {
    let acknowledged = Mutex::new(BTreeSet::new());
    let next = AtomicUsize::new(0);
    let (warm, warmed) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            let warm = warm.clone();
            let (acknowledged, next) = (&acknowledged, &next);
            scope.spawn(move || {
                loop {
                    let email = format!("lead{}@example.com", next.fetch_add(1, Ordering::Relaxed));
                    match app.post_lead("Ana Souza", &email) {
                        Ok(answer) if answer.status == 201 => {
                            let mut acknowledged = acknowledged.lock().unwrap();
                            acknowledged.insert(email);
                            if acknowledged.len() == 50 {
                                warm.send(()).unwrap();
                            }
                        }
                        // While it stops, a refusal is an answer too.
                        Ok(answer) => assert_eq!(answer.status, 503, "{}", answer.text()),
                        Err(_) => return,
                    }
                }
            });
        }
        warmed.recv_timeout(Duration::from_mins(1)).expect("fifty leads are taken in");
        ends();
    });
    acknowledged.into_inner().unwrap()
}

fn addresses(app: &LiveApp) -> Vec<String> {
    app.leads().into_iter().map(|(email, _)| email).collect()
}

#[test]
fn a_stop_amid_requests_loses_nothing_and_leaves_everything_in_order() {
    let home = tempfile::tempdir().unwrap();
    let mut app = LiveApp::start_in(home.path(), &WITHOUT_LIMITS);
    let acknowledged = post_until_it_ends(&app, || app.terminate());
    let (status, log) = app.wait();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.lines().any(|line| line.contains("stopped")), "{log}");
    for word in ["ERROR", "FATAL", "panicked"] {
        assert!(!log.contains(word), "{word} in the log:\n{log}");
    }
    let wal = app.database().with_file_name("manero.db-wal");
    assert_eq!(std::fs::metadata(wal).map_or(0, |m| m.len()), 0, "the WAL is in the database");
    let stored = addresses(&app);
    let distinct: BTreeSet<String> = stored.iter().cloned().collect();
    assert_eq!(distinct.len(), stored.len(), "no lead twice");
    let lost: Vec<_> = acknowledged.difference(&distinct).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
}

#[test]
fn a_kill_loses_no_acknowledged_lead() {
    let home = tempfile::tempdir().unwrap();
    let mut all = BTreeSet::new();
    for round in 0..3 {
        let app = LiveApp::start_in(home.path(), &WITHOUT_LIMITS);
        let pid = rustix::process::Pid::from_raw(app.pid().cast_signed()).unwrap();
        let kill = || rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        let mut acknowledged = post_until_it_ends(&app, kill);
        all.append(&mut acknowledged);
        drop(app);
        let again = LiveApp::start_in(home.path(), &WITHOUT_LIMITS);
        let stored = addresses(&again);
        let distinct: BTreeSet<String> = stored.iter().cloned().collect();
        assert_eq!(distinct.len(), stored.len(), "no lead twice");
        let lost: Vec<_> = all.difference(&distinct).collect();
        assert!(lost.is_empty(), "round {round}, acknowledged and lost: {lost:?}");
    }
}

#[test]
fn an_interrupt_at_the_terminal_stops_it_too() {
    let mut app = LiveApp::start();
    app.interrupt();
    let (status, log) = app.wait();
    assert_eq!(status.code(), Some(0), "{log}");
}

#[test]
fn a_second_start_keeps_the_data_and_seeds_nothing_anew() {
    let home = tempfile::tempdir().unwrap();
    // Its own address stands in every page, and the port is another one each time.
    let site = [("FRONTEND_URL", "https://shop.example")];
    let mut app = LiveApp::start_in(home.path(), &site);
    assert_eq!(app.post_lead("Ana Souza", "ana@example.com").unwrap().status, 201);
    let etag = app.get("/").header("ETag").map(str::to_owned);
    app.terminate();
    app.wait();
    let app = LiveApp::start_in(home.path(), &site);
    assert_eq!(app.leads(), [("ana@example.com".to_owned(), "Ana Souza".to_owned())]);
    assert_eq!(app.get("/").header("ETag").map(str::to_owned), etag);
}

#[test]
fn nobody_else_can_read_what_it_writes() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut app = LiveApp::start();
    app.terminate();
    app.wait();
    for file in ["manero.db", "keys/data.key", "logs/manero.log"] {
        let path = app.database().with_file_name(file);
        let mode =
            std::fs::metadata(&path).unwrap_or_else(|e| panic!("{file}: {e}")).permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file} is {mode:o}");
    }
}

#[test]
fn a_port_in_use_names_its_holder_and_the_way_out() {
    let app = LiveApp::start();
    let home = tempfile::tempdir().unwrap();
    let output = manero_in(home.path(), &["serve"])
        .env("API_PORT", app.port().to_string())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    let holder = format!("port {} is in use by manero (pid {})", app.port(), app.pid());
    for part in [holder.as_str(), "API_PORT"] {
        assert!(said.contains(part), "{part} is missing in:\n{said}");
    }
    assert_eq!(app.get("/health/live").status, 200, "the holder goes on");
}

#[test]
fn a_wrong_setting_exits_with_2_and_names_file_line_key_and_what_is_allowed() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join(".env"), "# mine\nLOG_LEVEL=loud\nAPI_PROT=1\n").unwrap();
    std::fs::create_dir(home.path().join("config")).unwrap();
    std::fs::write(home.path().join("config/development.toml"), "[http]\nport = 99999\n").unwrap();
    for verb in ["serve", "config", "doctor", "seed"] {
        let output = manero_in(home.path(), &[verb]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{verb}");
        let said = String::from_utf8(output.stderr).unwrap();
        for part in [
            ".env:2: LOG_LEVEL = \"loud\"",
            "debug, info, warn, error, fatal",
            ".env:3: API_PROT",
            "API_PORT",
            "config/development.toml:2",
            "65535",
        ] {
            assert!(said.contains(part), "{verb}: {part} is missing in:\n{said}");
        }
    }
    assert!(!home.path().join("data").exists(), "nothing was begun");
}

#[test]
fn without_a_usable_data_folder_pages_are_served_and_leads_answered_with_503() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("file"), "in the way").unwrap();
    let mut app = LiveApp::start_in(home.path(), &[("MANERO_DATA", "file/data")]);
    for page in ["/", "/programs/prime", "/api/v1/programs", "/health/ready", "/health/live"] {
        assert_eq!(app.get(page).status, 200, "{page}");
    }
    let answer = app.post_lead("Ana Souza", "ana@example.com").unwrap();
    answer.problem(503);
    assert!(answer.header("Retry-After").is_some());
    assert_eq!(app.get("/health").status, 503);
    app.terminate();
    let (status, log) = app.wait();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("MANERO_DATA"), "the log says what to mend:\n{log}");
    assert_eq!(std::fs::read_to_string(home.path().join("file")).unwrap(), "in the way");
}

#[test]
fn a_broken_database_is_refused_with_the_way_back() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("data")).unwrap();
    std::fs::write(home.path().join("data/manero.db"), "not a database ".repeat(1000)).unwrap();
    let output = manero_in(home.path(), &["serve"]).env("API_PORT", "1").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("is not a usable database") && said.contains("restore a backup"),
        "{said}"
    );
}

#[test]
fn an_unfinished_request_does_not_hold_up_the_stop() {
    let mut app = LiveApp::start();
    let mut silent = std::net::TcpStream::connect(("127.0.0.1", app.port())).unwrap();
    assert_eq!(app.get("/health/live").status, 200);
    app.terminate();
    let (status, log) = app.wait();
    assert_eq!(status.code(), Some(0), "{log}");
    let mut rest = Vec::new();
    silent.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    // Closed by the other side, one way or the other.
    drop(silent.read_to_end(&mut rest));
    assert!(rest.is_empty());
}

#[test]
fn the_log_has_no_query_body_or_address() {
    let home = tempfile::tempdir().unwrap();
    let mut app = LiveApp::start_in(home.path(), &[]);
    app.get("/programs?token=quite-secret");
    app.get("/nothing-here?token=quite-secret");
    assert_eq!(app.post_lead("Ana Souza", "ana-secret@example.com").unwrap().status, 201);
    app.terminate();
    let (_, log) = app.wait();
    let file = std::fs::read_to_string(home.path().join("data/logs/manero.log")).unwrap();
    for (what, text) in [("console", &log), ("file", &file)] {
        assert!(text.contains("/api/leads"), "{what} has the access log:\n{text}");
        for secret in ["quite-secret", "ana-secret", "Souza"] {
            assert!(!text.contains(secret), "{what} tells {secret}:\n{text}");
        }
    }
    for line in file.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "not JSON: {line}");
    }
}
