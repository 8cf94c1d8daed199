//! The sink as a whole: what reaches the console and the file, what never does.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::mpsc;

use log::Log as _;

use super::*;

/// Hands every write to the test.
struct Wire(mpsc::Sender<String>);

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        self.0.send(text).map_err(std::io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn setup(level: LogLevel) -> (Setup, mpsc::Receiver<String>) {
    let (sender, receiver) = mpsc::channel();
    let setup = Setup {
        level,
        json: true,
        colour: false,
        console: Box::new(Wire(sender)),
        files: None,
        max_file_bytes: 1 << 20,
        keep_files: 5,
    };
    (setup, receiver)
}

/// A log without its thread: what arrives was written by the one who logged it.
fn without_writer(setup: Setup) -> Log {
    Log { shared: Arc::new(Shared::new(setup)) }
}

fn say(log: &Log, level: Level, target: &str, message: &str) {
    let module = Some(module_path!());
    let args = format_args!("{message}");
    let mut record = Record::builder();
    log.log(&record.args(args).level(level).target(target).module_path(module).build());
}

const ACCESS: Access<'_> = Access {
    method: "GET",
    route: "/programs/<slug>",
    status: 200,
    micros: 5,
    bytes: 9,
    request_id: "r1",
    client: IpAddr::V4(Ipv4Addr::LOCALHOST),
};

#[test]
fn the_writer_wakes_for_a_line_and_sleeps_again() {
    let (setup, console) = setup(LogLevel::Info);
    let log = Log::start(setup);
    for _ in 0..3 {
        log.access(&ACCESS);
        assert!(console.recv().unwrap().contains("/programs/<slug>"));
    }
}

#[test]
fn an_error_is_written_before_the_call_returns() {
    let (setup, console) = setup(LogLevel::Info);
    let log = without_writer(setup);
    say(&log, Level::Error, "leads", "no disk");
    assert!(console.try_recv().unwrap().contains("no disk"));
}

#[test]
fn levels_below_the_chosen_one_are_hidden_access_lines_included() {
    let (setup, console) = setup(LogLevel::Warn);
    let log = Log::start(setup);
    log.access(&ACCESS);
    say(&log, Level::Info, "leads", "hidden");
    say(&log, Level::Warn, "leads", "shown");
    log.flush_now();
    let text: String = console.try_iter().collect();
    assert!(text.contains("shown") && text.lines().count() == 1, "{text}");
}

#[test]
fn at_level_fatal_only_fatal_lines_are_shown() {
    let (setup, console) = setup(LogLevel::Fatal);
    let log = Log::start(setup);
    say(&log, Level::Error, "leads", "hidden");
    say(&log, Level::Error, super::super::FATAL, "the end");
    log.flush_now();
    let text: String = console.try_iter().collect();
    assert!(text.contains("\"level\":\"fatal\"") && text.lines().count() == 1, "{text}");
}

#[test]
fn rockets_own_lines_are_never_shown_wherever_its_macros_stand() {
    let (setup, console) = setup(LogLevel::Debug);
    let log = Log::start(setup);
    say(&log, Level::Error, "rocket::server", "GET /?token=1");
    say(&log, Level::Warn, "manero::business::leads::api::_", "guard failed: \"ann@x.example\"");
    log.flush_now();
    assert_eq!(console.try_iter().collect::<String>(), "");
}

#[test]
fn registered_secrets_and_the_passwords_in_them_are_masked() {
    let (setup, console) = setup(LogLevel::Info);
    let log = without_writer(setup);
    log.register_secret(&Secret::new("smtp://u:hunter2hunter2@mail.example".into()));
    say(&log, Level::Error, "mail", "refused: hunter2hunter2");
    assert!(console.try_recv().unwrap().contains("refused: ***"));
}

#[test]
fn a_human_console_has_json_in_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let (mut setup, console) = setup(LogLevel::Info);
    (setup.json, setup.files) = (false, Some(dir.path().join("logs")));
    let log = Log::start(setup);
    log.access(&ACCESS);
    say(&log, Level::Warn, "leads", "careful");
    log.flush_now();
    assert!(console.try_iter().collect::<String>().contains("WARN  leads: careful"));
    let file = std::fs::read_to_string(dir.path().join("logs/manero.log")).unwrap();
    assert_eq!(file.lines().count(), 2);
    for line in file.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
}

#[test]
fn a_directory_that_cannot_be_written_costs_lines_and_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("logs"), "in the way").unwrap();
    let (mut setup, console) = setup(LogLevel::Info);
    setup.files = Some(dir.path().join("logs"));
    let log = without_writer(setup);
    say(&log, Level::Error, "leads", "still on the console");
    assert!(console.try_recv().unwrap().contains("still on the console"));
    assert_eq!(log.counts().file_failures, 1);
}

#[test]
fn beyond_the_bound_access_lines_are_dropped_and_the_log_says_how_many() {
    let (setup, console) = setup(LogLevel::Info);
    let log = Log::start(setup);
    let outputs = lock(&log.shared.outputs);
    for _ in 0..20_000 {
        log.access(&ACCESS);
    }
    say(&log, Level::Warn, "leads", "there is room for this one");
    drop(outputs);
    log.flush_now();
    let text: String = console.try_iter().collect();
    let dropped = log.counts().dropped_access_lines;
    assert!(dropped > 0 && text.len() < 1_100_000);
    assert!(text.contains(&format!("dropped {dropped} access lines")), "{dropped}");
    assert!(text.contains("there is room for this one"));
    assert_eq!(text.matches("\"access\"").count() as u64 + dropped, 20_000);
}
