//! Who holds a port: for the one error that every newcomer meets.

use std::fs;
use std::net::SocketAddr;

/// `manero (pid 4711)`, when the kernel tells.
pub(super) fn holder(address: SocketAddr) -> Option<String> {
    let inode = listening_inode(address.port())?;
    let wanted = format!("socket:[{inode}]");
    for process in fs::read_dir("/proc").ok()?.flatten() {
        let pid = process.file_name().to_string_lossy().into_owned();
        if !pid.bytes().all(|b| b.is_ascii_digit()) {
            continue;
        }
        let Ok(descriptors) = fs::read_dir(process.path().join("fd")) else { continue };
        let holds = |fd: fs::DirEntry| {
            fs::read_link(fd.path()).is_ok_and(|target| target.to_string_lossy() == wanted)
        };
        if descriptors.flatten().any(holds) {
            let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some(format!("{} (pid {pid})", name.trim()));
        }
    }
    None
}

/// The socket that listens on `port`, from the kernel's table of TCP sockets.
fn listening_inode(port: u16) -> Option<String> {
    const LISTEN: &str = "0A";
    let suffix = format!(":{port:04X}");
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let text = fs::read_to_string(table).unwrap_or_default();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            if let [_, local, _, state, _, _, _, _, _, inode, ..] = fields[..]
                && state == LISTEN
                && local.ends_with(&suffix)
            {
                return Some(inode.to_owned());
            }
        }
    }
    None
}
