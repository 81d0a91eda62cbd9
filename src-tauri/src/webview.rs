//! What the Linux web view must find in its surroundings before it starts.

use std::env;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// With some graphics drivers the web view's own way of sharing buffers shows an empty window.
const SETTING: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// Starts this program over with the setting, unless somebody has made a choice already. The web view reads it from
/// the environment, and a running program cannot safely change its own.
pub fn settle() {
    if env::var_os(SETTING).is_some() {
        return;
    }
    let Ok(program) = env::current_exe() else { return };
    let error = Command::new(program).args(env::args_os().skip(1)).env(SETTING, "1").exec();
    eprintln!("MERA: going on with the web view's own settings: {error}");
}
