//! Where the data key comes from: `MANERO_DATA_KEY`, or `keys/data.key` in the data directory,
//! made at first start.
//!
//! Two processes may start at once on an empty directory (a host and its app): the file gets its
//! name by a hard link, which fails when the name is taken, so the first wins and both read it.
//! A key that cannot be read is never replaced: that would orphan every sealed secret.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::recovery::PAPER_CHARS;
use super::{DataKey, KEY_BYTES, RecoveryError, hex, random_token};
use crate::platform::secret::Secret;

const DIRECTORY: &str = "keys";
const FILE: &str = "data.key";
const SHAPE: &str =
    "it must be 32 bytes as 64 hex digits or 44 base64 characters, or the recovery key";

/// Where a loaded key came from; a created one has to be shown to the owner once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyOrigin {
    /// `MANERO_DATA_KEY`.
    Configured,
    /// The file, from an earlier start or from another process just now.
    File(PathBuf),
    /// The file, made by this call.
    Created(PathBuf),
}

/// Why there is no data key. Never quotes a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    #[error("MANERO_DATA_KEY is not a data key: {SHAPE}")]
    Variable,
    #[error("MANERO_DATA_KEY looks like a recovery key, but {0}")]
    Recovery(RecoveryError),
    #[error(
        "{} is not a data key: {SHAPE}. Bring it back from a copy, or set MANERO_DATA_KEY to the recovery key",
        .path.display()
    )]
    File { path: PathBuf },
    #[error("cannot {action} {}: {source}", .path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
}

impl DataKey {
    /// The configured key, else the one in `<data_directory>/keys/data.key`, which is made when missing.
    pub fn load(
        configured: Option<&Secret<String>>,
        data_directory: &Path,
    ) -> Result<(Self, KeyOrigin), KeyError> {
        if let Some(text) = configured {
            return Ok((Self::from_variable(text.expose())?, KeyOrigin::Configured));
        }
        let path = data_directory.join(DIRECTORY).join(FILE);
        if let Some(key) = Self::from_file(&path)? {
            return Ok((key, KeyOrigin::File(path)));
        }
        if create(&path)? {
            log::info!("made the data key {}", path.display());
            return read_back(&path).map(|key| (key, KeyOrigin::Created(path)));
        }
        read_back(&path).map(|key| (key, KeyOrigin::File(path)))
    }

    /// Reads the text of `MANERO_DATA_KEY`: hex, base64 (either alphabet) or a recovery key.
    pub fn from_variable(text: &str) -> Result<Self, KeyError> {
        if let Some(key) = from_text(text) {
            return Ok(key);
        }
        match Self::from_recovery_text(text) {
            Ok(key) => Ok(key),
            // Only a text of a recovery key's size is meant as one.
            Err(RecoveryError::Length { .. }) => Err(KeyError::Variable),
            Err(fault) => Err(KeyError::Recovery(fault)),
        }
    }

    fn from_file(path: &Path) -> Result<Option<Self>, KeyError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(KeyError::File { path: path.into() });
            }
            Err(error) => return Err(io_fault("read", path, error)),
        };
        let key = from_text(&text).ok_or_else(|| KeyError::File { path: path.into() })?;
        close_to_others(path);
        Ok(Some(key))
    }
}

fn from_text(text: &str) -> Option<DataKey> {
    let text = text.trim();
    let bytes = if text.len() == KEY_BYTES * 2 {
        from_hex(text)?
    } else {
        let unpadded = text.strip_suffix('=').unwrap_or(text);
        STANDARD_NO_PAD.decode(unpadded).or_else(|_| URL_SAFE_NO_PAD.decode(unpadded)).ok()?
    };
    bytes.try_into().ok().map(DataKey)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|value| value as u8);
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect()
}

/// Writes a new key under a temporary name and gives it the real one; `false` when another
/// process was first. A crash in between leaves a temporary file with a key that was never used.
pub(super) fn create(path: &Path) -> Result<bool, KeyError> {
    let directory = path.parent().unwrap_or(Path::new("."));
    if let Some(data) = directory.parent() {
        fs::create_dir_all(data).map_err(|error| io_fault("make the directory", data, error))?;
    }
    match DirBuilder::new().mode(0o700).create(directory) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(io_fault("make the directory", directory, error));
        }
        _ => {}
    }
    let temporary = directory.join(format!("{FILE}.{}.tmp", random_token(9)));
    let outcome = write_new(&temporary, &DataKey::generate()).and_then(|()| {
        match fs::hard_link(&temporary, path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    });
    let removed = fs::remove_file(&temporary);
    let is_first = outcome.map_err(|error| io_fault("write", path, error))?;
    removed.map_err(|error| io_fault("remove", &temporary, error))?;
    // Without this a power cut could forget the names after secrets were sealed with the key.
    for named_in in [Some(directory), directory.parent()].into_iter().flatten() {
        File::open(named_in)
            .and_then(|opened| opened.sync_all())
            .map_err(|error| io_fault("sync", named_in, error))?;
    }
    Ok(is_first)
}

fn write_new(path: &Path, key: &DataKey) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{}", hex::encode(&key.0))?;
    file.sync_all()
}

fn read_back(path: &Path) -> Result<DataKey, KeyError> {
    DataKey::from_file(path)?.ok_or_else(|| io_fault("read", path, io::ErrorKind::NotFound.into()))
}

/// A key copied here by hand often arrives readable for everybody. Failing to mend that (a
/// read-only mount) is no reason not to start.
fn close_to_others(path: &Path) {
    let Ok(metadata) = fs::metadata(path) else {
        return;
    };
    let group_and_others = metadata.permissions().mode() & 0o077;
    if group_and_others == 0 {
        return;
    }
    match fs::set_permissions(path, Permissions::from_mode(0o600)) {
        Ok(()) => log::warn!("{} was readable by other users; now it is not", path.display()),
        Err(error) => log::warn!("{} is readable by other users: {error}", path.display()),
    }
}

fn io_fault(action: &'static str, path: &Path, source: io::Error) -> KeyError {
    KeyError::Io { action, path: path.into(), source }
}

const _: () =
    assert!(PAPER_CHARS != KEY_BYTES * 2, "hex and recovery texts are told apart by length");
