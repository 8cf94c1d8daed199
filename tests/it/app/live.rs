//! The real program on a free port, and the little of HTTP/1.1 that talking to it takes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::ask::Answer;

/// `manero` with these arguments in `dir`, whose data are in `dir/data`. The environment is empty.
pub(crate) fn manero_in(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_manero"));
    command.args(args).env_clear().current_dir(dir).stdin(Stdio::null());
    command
}

/// Runs `manero` with these arguments to its end.
pub(crate) fn manero(dir: &Path, args: &[&str]) -> Output {
    manero_in(dir, args).output().expect("manero runs")
}

/// `manero serve` in a folder of its own; killed on drop.
pub(crate) struct LiveApp {
    child: Child,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
    address: SocketAddr,
    /// Such as `http://127.0.0.1:40123`.
    pub(crate) base_url: String,
    home: PathBuf,
    owned: Option<TempDir>,
}

impl LiveApp {
    pub(crate) fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut app = Self::start_in(home.path(), &[]);
        app.owned = Some(home);
        app
    }

    /// Starts in `home`, with the data in `home/data` unless `env` says otherwise.
    pub(crate) fn start_in(home: &Path, env: &[(&str, &str)]) -> Self {
        // Between looking for a free port and taking it somebody else may have been faster.
        for _ in 0..5 {
            match Self::try_start(home, env) {
                Ok(app) => return app,
                Err(log) if log.contains("is in use by") => {}
                Err(log) => panic!("manero did not start:\n{log}"),
            }
        }
        panic!("five free ports were taken by others");
    }

    /// `Err` with the log when the program ended instead of serving.
    fn try_start(home: &Path, env: &[(&str, &str)]) -> Result<Self, String> {
        let address = free_port();
        let mut child = manero_in(home, &["serve"])
            .env("API_PORT", address.port().to_string())
            .envs(env.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("manero starts");
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut log = String::new();
        while !log.contains("serves http") {
            if lines.read_line(&mut log).unwrap() == 0 {
                child.wait().unwrap();
                return Err(log);
            }
        }
        let log = Arc::new(Mutex::new(log));
        let shared = Arc::clone(&log);
        let reader = std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                let mut log = shared.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        Ok(Self {
            child,
            log,
            reader: Some(reader),
            address,
            base_url: format!("http://{address}"),
            home: home.to_owned(),
            owned: None,
        })
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The database file.
    pub(crate) fn database(&self) -> PathBuf {
        self.home.join("data/manero.db")
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.sent(&format!("GET {path}"), "", "").expect("an answer")
    }

    pub(crate) fn post_lead(&self, name: &str, email: &str) -> std::io::Result<Answer> {
        let body = serde_json::json!({ "name": name, "email": email, "gdprConsent": true });
        self.sent("POST /api/leads", "Content-Type: application/json\r\n", &body.to_string())
    }

    pub(crate) fn post_as(&self, token: &str, path: &str, body: &serde_json::Value) -> Answer {
        let headers =
            format!("Content-Type: application/json\r\nAuthorization: Bearer {token}\r\n");
        self.sent(&format!("POST {path}"), &headers, &body.to_string()).expect("an answer")
    }

    /// Sends JSON, or nothing, with a token, or none.
    pub(crate) fn ask(&self, line: &str, token: &str, body: &str) -> Answer {
        let headers =
            format!("Content-Type: application/json\r\nAuthorization: Bearer {token}\r\n");
        let headers =
            if token.is_empty() { "Content-Type: application/json\r\n" } else { &headers };
        self.sent(line, headers, body).expect("an answer")
    }

    fn sent(&self, line: &str, headers: &str, body: &str) -> std::io::Result<Answer> {
        let (address, length) = (self.address, body.len());
        let mut stream = TcpStream::connect(address)?;
        write!(
            stream,
            "{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
        )?;
        let mut raw = Vec::new();
        stream.read_to_end(&mut raw)?;
        parsed(&raw).ok_or_else(|| std::io::Error::other("the answer was cut off"))
    }

    /// Asks the program to stop, as the system does.
    pub(crate) fn terminate(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
    }

    /// Asks the program to stop, as Ctrl-C does.
    pub(crate) fn interrupt(&self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
    }

    /// Waits for the end; returns how it ended and the whole log.
    pub(crate) fn wait(&mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        (status, self.log.lock().unwrap().clone())
    }

    /// Address and name of every lead, by address; read beside the running program.
    pub(crate) fn leads(&self) -> Vec<(String, String)> {
        leads_in(&self.database())
    }
}

impl Drop for LiveApp {
    fn drop(&mut self) {
        // It may have ended before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads with the `SQLite` that is built in: an older one must never touch a live file.
#[allow(
    clippy::disallowed_methods,
    reason = "looks at another process's file without migrating it"
)]
fn leads_in(database: &Path) -> Vec<(String, String)> {
    let conn =
        rusqlite::Connection::open_with_flags(database, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)
            .unwrap();
    let mut statement = conn.prepare("SELECT email, name FROM leads ORDER BY email").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap()
}

/// `None` when the answer is not whole.
fn parsed(raw: &[u8]) -> Option<Answer> {
    let end = raw.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&raw[..end]).ok()?;
    let body = raw[end + 4..].to_vec();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let header = |line: &str| {
        line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
    };
    let answer = Answer { status, headers: lines.filter_map(header).collect(), body };
    let length: usize = answer.header("Content-Length").map_or(Some(0), |l| l.parse().ok())?;
    (answer.body.len() >= length).then_some(answer)
}
