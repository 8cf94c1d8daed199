//! The layers together: which value counts, where it came from, and what every mistake is told.

use std::fmt::Write as _;
use std::path::Path;

use tempfile::TempDir;

use super::*;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("config")).unwrap();
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

fn loaded(files: &[(&str, &str)], env: &[(&str, &str)]) -> Loaded {
    load(&Sources::new(folder(files).path(), env.iter().copied())).unwrap()
}

fn faults(files: &[(&str, &str)], env: &[(&str, &str)]) -> Vec<String> {
    let errors = load(&Sources::new(folder(files).path(), env.iter().copied())).unwrap_err();
    errors.0.iter().map(ToString::to_string).collect()
}

fn fault(files: &[(&str, &str)], env: &[(&str, &str)]) -> String {
    let mut all = faults(files, env);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

fn origin(loaded: &Loaded, key: &str) -> String {
    loaded.entries.iter().find(|entry| entry.key == key).unwrap().origin.to_string()
}

fn shown<'l>(loaded: &'l Loaded, key: &str) -> &'l str {
    &loaded.entries.iter().find(|entry| entry.key == key).unwrap().value
}

const LONG: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn nothing_configured_is_loopback_port_8000_and_sqlite_in_data() {
    let loaded = load(&Sources::new("", [])).unwrap();
    let settings = &loaded.settings;
    assert_eq!(settings.http.socket_address().to_string(), "127.0.0.1:8000");
    assert_eq!(settings.data.dir, Path::new("./data"));
    assert!(
        matches!(&settings.database, Database::Sqlite { path } if path == Path::new("./data/manero.db"))
    );
    assert_eq!(shown(&loaded, "database.url"), "sqlite://./data/manero.db");
    assert_eq!(settings.profile, Profile::Development);
    assert_eq!(settings.mail.from_address, "hello@localhost");
    assert_eq!(settings.limits.lead_failed.max, 10);
    assert_eq!(settings.limits.api.window.as_secs(), 900);
    assert!(settings.http.allowed_origins.is_empty());
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
}

#[test]
fn each_layer_beats_the_one_before_and_keeps_its_origin() {
    let files = [
        ("config/production.toml", "# why\n[http]\nport = 1\n[log]\nlevel = \"warn\"\n"),
        (".env", "NODE_ENV=production\nAPI_PORT=2\nMANERO_DOMAIN=a.example\nJWT_EXPIRY=1d\n"),
        (".env.production", "MANERO_DOMAIN=b.example\nJWT_EXPIRY=2d\n"),
    ];
    let loaded = loaded(&files, &[("JWT_EXPIRY", "3d")]);
    assert_eq!(loaded.settings.http.port, 2);
    assert_eq!(origin(&loaded, "http.port"), ".env:2");
    assert_eq!(loaded.settings.log.level, LogLevel::Warn);
    assert_eq!(origin(&loaded, "log.level"), "config/production.toml:5");
    assert_eq!(origin(&loaded, "http.domain"), ".env.production:1");
    assert_eq!(loaded.settings.jwt.expiry.as_secs(), 3 * 86_400);
    assert_eq!(origin(&loaded, "jwt.expiry"), "environment JWT_EXPIRY");
    assert_eq!(origin(&loaded, "mail.keep_days"), "default");
}

#[test]
fn production_files_are_read_in_production_only() {
    let files = [("config/production.toml", "nonsense"), (".env.production", "API_PORT=x\n")];
    assert_eq!(loaded(&files, &[("NODE_ENV", "test")]).settings.profile, Profile::Test);
    assert_eq!(faults(&files, &[("NODE_ENV", "production")]).len(), 2);
}

#[test]
fn api_port_beats_rocket_port_wherever_each_is_set() {
    let loaded = loaded(&[(".env", "API_PORT=3001\n")], &[("ROCKET_PORT", "9000")]);
    assert_eq!(loaded.settings.http.port, 3001);
    assert_eq!(loaded.warnings, ["API_PORT and ROCKET_PORT are both set; API_PORT wins"]);
}

#[test]
fn rocket_port_and_address_count_when_alone() {
    let loaded = loaded(&[], &[("ROCKET_PORT", "9000"), ("ROCKET_ADDRESS", "::")]);
    assert_eq!(loaded.settings.http.socket_address().to_string(), "[::]:9000");
}

#[test]
fn an_empty_value_counts_as_not_given() {
    let loaded = loaded(&[(".env", "OPENAI_API_KEY=\nAPI_PORT=\n")], &[("JWT_SECRET", "")]);
    assert!(loaded.settings.integrations.openai.key.is_none());
    assert!(loaded.settings.jwt.secret.is_none());
    assert_eq!(loaded.settings.http.port, 8000);
}

#[test]
fn every_fault_is_reported_at_once_with_its_place_and_what_is_allowed() {
    let files = [
        ("config/development.toml", "[http]\nport = \"80a\"\n[htpp]\nport = 1\n"),
        (".env", "LOG_LEVEL=verbose\nMANERO_DOMIAN=x.example\nnonsense\nMANERO_COLOUR=1\n"),
    ];
    let all = faults(&files, &[("MANERO_DATAA", "/x"), ("JWT_EXPIRY", "7")]);
    let expected = [
        "environment: MANERO_DATAA: is not a known variable; did you mean MANERO_DATA?",
        ".env:3: is not of the form NAME=value",
        ".env:2: MANERO_DOMIAN: is not a known variable; did you mean MANERO_DOMAIN?",
        ".env:4: MANERO_COLOUR: is not a known variable; did you mean MANERO_DOMAIN?",
        "config/development.toml:4: htpp.port: is not a known setting; did you mean http.port?",
        "config/development.toml:2: http.port = \"80a\": must be a port number, 1 to 65535",
        ".env:1: LOG_LEVEL = \"verbose\": must be one of debug, info, warn, error, fatal",
        "environment: JWT_EXPIRY = \"7\": must be a duration above zero, such as 500ms, 30s, 15m, 12h or 7d",
    ];
    assert_eq!(all, expected);
}

#[test]
fn variables_of_other_programs_are_left_alone() {
    let env =
        [("MANERO_BIN", "x"), ("MANERO_TEST_DATABASE_URL", "x"), ("API_PROT", "x"), ("PATH", "x")];
    loaded(&[(".env", "VERCEL_TOKEN=x\nROCKET_WORKERS=4\n")], &env);
    assert!(fault(&[(".env", "API_PROT=1\n")], &[]).contains("did you mean API_PORT?"));
}

#[test]
fn a_file_twin_holds_the_secret_and_is_its_origin() {
    let files = [("jwt", "0123456789abcdef0123456789abcdef\n")];
    let loaded = loaded(&files, &[("JWT_SECRET_FILE", "jwt")]);
    assert_eq!(loaded.settings.jwt.secret.as_ref().unwrap().expose(), LONG);
    assert_eq!(origin(&loaded, "jwt.secret"), "file jwt (JWT_SECRET_FILE)");
    assert_eq!(shown(&loaded, "jwt.secret"), "***");
    assert_eq!(loaded.secrets.len(), 1);
}

#[test]
fn only_what_holds_a_secret_is_handed_to_the_log_for_masking() {
    let env = [
        ("SMTP_URL", "smtp://localhost:25"),
        ("DATABASE_URL", "sqlite://x.db"),
        ("SLACK_WEBHOOK_URL", "http://h/s"),
    ];
    let values: Vec<_> = loaded(&[], &env).secrets.iter().map(|s| s.expose().clone()).collect();
    assert_eq!(values, ["http://h/s"]);
}

#[test]
fn a_secret_given_twice_or_from_no_file_is_a_fault() {
    let env = [("JWT_SECRET_FILE", "jwt"), ("JWT_SECRET", LONG)];
    let twice = fault(&[("jwt", LONG)], &env);
    assert_eq!(
        twice,
        "environment: JWT_SECRET_FILE: JWT_SECRET is set too (environment); keep one of the two"
    );
    let missing = fault(&[], &[("JWT_SECRET_FILE", "no/such")]);
    assert_eq!(missing, "environment: JWT_SECRET_FILE = \"no/such\": there is no such file");
}

#[test]
fn a_faulty_secret_is_named_but_never_shown() {
    let env = [("SMTP_URL", "http://u:hunter2@h"), ("DATABASE_URL", "mysql://u:hunter2@h/d")];
    let all = faults(&[], &env).join("\n");
    assert!(all.contains("SMTP_URL") && all.contains("DATABASE_URL"), "{all}");
    assert!(!all.contains("hunter2"), "{all}");
}

#[test]
fn debug_output_of_the_whole_configuration_holds_no_secret() {
    let env = [
        ("SMTP_URL", "smtp://u:hunter2@h"),
        ("JWT_SECRET", "hunter2"),
        ("REDIS_URL", "redis://:hunter2@h"),
    ];
    let text = format!("{:?}", loaded(&[], &env));
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_short_signing_key_warns_and_is_refused_in_production() {
    let short = ("JWT_SECRET", "short");
    assert!(loaded(&[], &[short]).warnings[0].contains("at least 32"));
    let refused = fault(&[], &[short, ("NODE_ENV", "production")]);
    assert_eq!(refused, "environment: JWT_SECRET: has 5 bytes; a signing key needs at least 32");
}

#[test]
fn rate_limits_may_be_off_outside_production_only() {
    let off = ("MANERO_RATE_LIMITS", "off");
    let free = loaded(&[], &[off]);
    assert!(!free.settings.http.rate_limits_on && free.warnings.len() == 1);
    assert!(fault(&[], &[off, ("NODE_ENV", "production")]).contains("cannot be off"));
}

#[test]
fn the_guides_own_template_is_understood() {
    let env = "NEXT_PUBLIC_API_URL=https://api.railway.app\nNEXT_PUBLIC_ANALYTICS_ID=G-XXXXXXXXXX\nNODE_ENV=production\nAPI_PORT=3001\nAPI_URL=https://api.railway.app\nFRONTEND_URL=https://manuel-manero.com\nJWT_SECRET=production-secret-key-32-chars-min\nJWT_EXPIRY=7d\nLOG_LEVEL=info\nREDIS_URL=redis://...\nSENTRY_DSN=https://key@host/1\n";
    let loaded = loaded(&[(".env", env)], &[]);
    let http = &loaded.settings.http;
    assert_eq!(
        http.allowed_origins,
        ["https://manuel-manero.com", "https://www.manuel-manero.com"]
    );
    assert!(http.allowed_hosts.iter().any(|host| host == "api.railway.app"));
    assert!(loaded.warnings.iter().any(|w| w.contains("REDIS_URL is not needed")));
}

#[test]
fn a_relative_sqlite_file_is_looked_up_in_the_working_directory() {
    let loaded = load(&Sources::new("/srv", [("DATABASE_URL", "sqlite://db/x.db")])).unwrap();
    assert!(
        matches!(&loaded.settings.database, Database::Sqlite { path } if path == Path::new("/srv/db/x.db"))
    );
}

#[cfg(not(feature = "postgres"))]
#[test]
fn postgresql_names_the_build_it_needs() {
    let fault = fault(&[], &[("DATABASE_URL", "postgresql://u:hunter2@h/d?schema=public")]);
    assert!(fault.contains("cargo build --release --features postgres"), "{fault}");
}

#[cfg(feature = "postgres")]
#[test]
fn migrations_go_to_the_schema_that_the_program_reads() {
    let env = [
        ("DATABASE_URL", "postgresql://u:p@pool:6432/d?schema=shop&pgbouncer=true"),
        ("DIRECT_URL", "postgresql://u:p@h:5432/d"),
    ];
    let direct = loaded(&[], &env).settings.direct_url;
    assert!(matches!(direct, Some(Database::Postgres { schema: Some(s), .. }) if s == "shop"));
}

#[cfg(unix)]
#[test]
fn a_value_that_is_no_text_names_its_variable() {
    use std::os::unix::ffi::OsStringExt;
    let mut sources = Sources::new("", []);
    sources.env.push(("FOREIGN".into(), std::ffi::OsString::from_vec(vec![0xff])));
    sources.env.push(("API_PORT".into(), std::ffi::OsString::from_vec(vec![0xff])));
    let errors = load(&sources).unwrap_err();
    assert_eq!(errors.0.len(), 1);
    assert_eq!(errors.0[0].to_string(), "environment: API_PORT: is not UTF-8 text");
}

#[test]
fn the_profile_is_not_chosen_by_a_file_that_it_chooses() {
    let files = [("config/development.toml", "profile = \"production\"\n")];
    assert!(fault(&files, &[]).contains("set NODE_ENV"));
    assert!(fault(&[], &[("NODE_ENV", "staging")]).contains("development, test, production"));
}

#[test]
fn the_example_file_lists_every_variable_with_its_meaning() {
    let mut expected = String::new();
    for group in GROUPS.iter().filter(|g| g.keys.iter().any(|key| !key.env.is_empty())) {
        let _ = writeln!(expected, "\n# ============= {} =============", group.title);
        for key in group.keys {
            for name in key.env {
                let _ = writeln!(expected, "# {}\n#{name}={}", key.help, key.example);
            }
        }
    }
    let file = include_str!("../../../config/env.example");
    let body = file.find("\n# ====").map_or("", |at| &file[at..]);
    assert_eq!(
        body, expected,
        "config/env.example differs from the table; it should end with:\n{expected}"
    );
}

#[test]
fn every_example_value_has_the_shape_it_explains() {
    for key in keys::all().filter(|key| !key.env.is_empty()) {
        assert!(key.kind.parse(key.example).is_some(), "{}: {}", key.path, key.example);
    }
}

fn dashboard(values: &[(&str, &str)]) -> Vec<DashboardValue> {
    let value = |(key, text): &(&str, &str)| DashboardValue {
        key: (*key).to_owned(),
        text: (*text).to_owned().into(),
    };
    values.iter().map(value).collect()
}

#[test]
fn the_dashboard_beats_files_and_gives_way_to_every_variable() {
    let files = [
        ("config/development.toml", "[site]\napp_name = \"File\"\n[mail]\nkeep_days = 3\n"),
        (".env", "MANERO_DOMAIN=env.example\n"),
    ];
    let below = loaded(&files, &[("JWT_EXPIRY", "3d")]);
    let set = [
        ("site.app_name", "Dashboard"),
        ("http.domain", "dashboard.example"),
        ("jwt.expiry", "1d"),
    ];
    let Layered { loaded, refused } = below.with(&dashboard(&set));
    assert_eq!(refused, []);
    let settings = &loaded.settings;
    assert_eq!((settings.site.app_name.as_str(), settings.mail.keep_days), ("Dashboard", 3));
    assert_eq!(settings.mail.from_name, "Dashboard", "what follows from it follows");
    assert_eq!(settings.http.domain.as_deref(), Some("env.example"));
    assert_eq!(settings.jwt.expiry.as_secs(), 3 * 86_400);
    let origins = ["site.app_name", "http.domain", "jwt.expiry", "mail.keep_days"];
    assert_eq!(
        origins.map(|key| origin(&loaded, key)),
        ["dashboard", ".env:1", "environment JWT_EXPIRY", "config/development.toml:4"]
    );
    let fixed = |key: &str| {
        let entry = loaded.entries.iter().find(|entry| entry.key == key).unwrap();
        entry.fixed_by.clone()
    };
    assert_eq!(fixed("http.domain").as_deref(), Some("MANERO_DOMAIN"));
    assert_eq!(fixed("site.app_name"), None);
    assert_eq!(origin(&loaded.with(&[]).loaded, "site.app_name"), "config/development.toml:2");
}

#[test]
fn what_the_dashboard_cannot_set_is_left_out_and_told() {
    let below = loaded(&[], &[]);
    let set = [
        ("log.level", "verbose"),
        ("data.dir", "/elsewhere"),
        ("from.the.future", "1"),
        ("site.app_name", " "),
        ("mail.smtp_url", "smtp://ana@mail.example"),
        ("mail.keep_days", "7"),
    ];
    let Layered { loaded, refused } = below.with(&dashboard(&set));
    let told: Vec<_> = refused.iter().map(|r| format!("{} {}", r.key, r.problem)).collect();
    assert_eq!(
        told,
        [
            "log.level must be one of debug, info, warn, error, fatal",
            "data.dir cannot be changed in the dashboard: it is needed before the database can be read",
            "from.the.future is not a setting of this program",
            "site.app_name must not be empty",
            "mail.smtp_url cannot be used: it has a user name but no password",
        ]
    );
    assert_eq!(loaded.settings.mail.keep_days, 7, "the rest counts");
    assert!(loaded.settings.mail.smtp_url.is_none());
}

#[test]
fn every_setting_that_the_dashboard_cannot_change_says_why() {
    let mut open = 0;
    for key in keys::all() {
        match key.change {
            keys::Change::Never(why) => assert!(why.len() > 10, "{}", key.path),
            _ => open += 1,
        }
    }
    assert!(open > 40, "{open}");
    for machine in ["data.dir", "data.key", "database.url", "http.port", "http.trusted_proxies"] {
        let key = keys::by_path(machine).unwrap();
        assert!(matches!(key.change, keys::Change::Never(_)), "{machine}");
    }
}
