//! What an operator sees, in Prometheus' text format. It names no company and no device.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counters since the start.
#[derive(Default)]
pub struct Figures {
    guests: AtomicU64,
    turned_away: AtomicU64,
    frames_in: AtomicU64,
    bytes_in: AtomicU64,
    frames_out: AtomicU64,
    bytes_out: AtomicU64,
}

impl Figures {
    pub fn came(&self) {
        self.guests.fetch_add(1, Relaxed);
    }

    pub fn turned_away(&self) {
        self.turned_away.fetch_add(1, Relaxed);
    }

    pub fn received(&self, bytes: usize) {
        self.frames_in.fetch_add(1, Relaxed);
        self.bytes_in.fetch_add(bytes as u64, Relaxed);
    }

    pub fn sent(&self, bytes: usize) {
        self.frames_out.fetch_add(1, Relaxed);
        self.bytes_out.fetch_add(bytes as u64, Relaxed);
    }

    /// All of them, and how many connections there are now.
    pub fn exposition(&self, here: usize) -> String {
        let rows = [
            ("connections", "gauge", "Connections now.", here as u64),
            ("connections_total", "counter", "Connections since the start.", self.guests.load(Relaxed)),
            (
                "turned_away_total",
                "counter",
                "Connections refused because the relay was full.",
                self.turned_away.load(Relaxed),
            ),
            ("received_frames_total", "counter", "Frames received.", self.frames_in.load(Relaxed)),
            ("received_bytes_total", "counter", "Bytes in frames received.", self.bytes_in.load(Relaxed)),
            ("sent_frames_total", "counter", "Frames sent.", self.frames_out.load(Relaxed)),
            ("sent_bytes_total", "counter", "Bytes in frames sent.", self.bytes_out.load(Relaxed)),
        ];
        rows.iter().fold(String::new(), |mut text, (name, kind, help, value)| {
            let name = format!("mera_relay_{name}");
            writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}")
                .expect("writing in a string cannot fail");
            text
        })
    }
}
