//! What an operator sees, in the text format of Prometheus and OpenMetrics. It names no company, no device and no address.

use super::House;
use crate::kept::Kept;
use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Metric, Registry, Unit};
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// The content type of the text.
pub const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Refusals that an alert waits for. They are told from the start, as none: an alert sees a figure grow, and not that it is there
/// for the first time.
const AWAITED: [&str; 7] = [
    "sync.store",
    "relay.full",
    "relay.doorway_full",
    "relay.company_full",
    "sync.fork",
    "sync.bad_signature",
    "sync.broken_chain",
];

/// Why something was refused, as one of a fixed number of codes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Code {
    code: String,
}

/// Counters since the start, and what is looked up when somebody asks.
pub struct Figures {
    registry: Mutex<Registry>,
    guests: Counter,
    refused: Family<Code, Counter>,
    silent: Counter,
    held_back: Counter,
    held_back_for: Counter<f64, AtomicU64>,
    frames_in: Counter,
    bytes_in: Counter,
    frames_out: Counter,
    bytes_out: Counter,
    pushes: Histogram,
    now: Now,
}

/// What is true at the moment of asking.
#[derive(Default)]
struct Now {
    guests: Gauge,
    companies: Gauge,
    stored_companies: Gauge,
    stored_entries: Gauge,
    stored_bytes: Gauge,
    disk_bytes: Gauge,
    /// Only where the relay has one itself.
    certificate_expires: Option<Gauge>,
    /// Only where the log is shared: messages to come, and whether the log is up.
    log: Option<(Gauge, Gauge)>,
}

impl Figures {
    /// All at nothing; what is kept has figures of its own, and `has_certificate` says whether there is one that can expire.
    pub fn new(kept: &Kept, has_certificate: bool) -> Self {
        let mut registry = Registry::with_prefix("mera_relay");
        let mut at = |name: &str, help: &str| Shelf { registry: &mut registry }.counter(name, help);
        let guests = at("connections_opened", "Connections since the start");
        let silent = at("silent", "Connections let go because the other side gave no sign of life or did not read");
        let frames_in = at("received_frames", "Frames received");
        let bytes_in = at("received_bytes", "Bytes in frames received");
        let frames_out = at("sent_frames", "Frames sent");
        let bytes_out = at("sent_bytes", "Bytes in frames sent");
        let held_back = at("held_back_frames", "Frames held back because more was sent than the rates allow");
        let mut shelf = Shelf { registry: &mut registry };
        let refused: Family<Code, Counter> = shelf.put("refused", "What was refused, by code", Family::default());
        AWAITED.iter().for_each(|code| drop(refused.get_or_create(&Code { code: (*code).to_owned() })));
        // From a millisecond on a local network to eight seconds on a relay that is in trouble.
        let pushes = Histogram::new(exponential_buckets(0.001, 2.0, 14));
        shelf.seconds("push", "From the arrival of a push to the moment its receipts are sent", pushes.clone());
        shelf.seconds("flush", "Commits of the disk", kept.disk().flushes());
        let held_back_for = Counter::default();
        let help = "How long frames were held back, together";
        shelf.registry.register_with_unit("held_back", help, Unit::Seconds, held_back_for.clone());
        let now = Now::on(&mut shelf, kept, has_certificate);
        let registry = Mutex::new(registry);
        Self {
            registry,
            guests,
            refused,
            silent,
            held_back,
            held_back_for,
            frames_in,
            bytes_in,
            frames_out,
            bytes_out,
            pushes,
            now,
        }
    }

    pub fn came(&self) {
        self.guests.inc();
    }

    pub fn refused(&self, code: &str) {
        self.refused.get_or_create(&Code { code: code.to_owned() }).inc();
    }

    pub fn fell_silent(&self) {
        self.silent.inc();
    }

    pub fn held_back(&self, wait: Duration) {
        self.held_back.inc();
        self.held_back_for.inc_by(wait.as_secs_f64());
    }

    pub fn received(&self, bytes: usize) {
        self.frames_in.inc();
        self.bytes_in.inc_by(bytes as u64);
    }

    pub fn sent(&self, bytes: usize) {
        self.frames_out.inc();
        self.bytes_out.inc_by(bytes as u64);
    }

    pub fn pushed(&self, took: Duration) {
        self.pushes.observe(took.as_secs_f64());
    }

    /// All of them as text. Walks the files of the disk.
    pub fn exposition(&self, house: &House) -> String {
        let (companies, stored) = house.kept.disk().usage();
        self.now.guests.set(gauge(house.limits.connections - house.places.available_permits()));
        self.now.companies.set(gauge(house.rooms.companies()));
        self.now.stored_companies.set(gauge(companies));
        self.now.stored_entries.set(gauge(stored.entries));
        self.now.stored_bytes.set(gauge(stored.bytes));
        if let (Some(expires), Some(certificate)) = (&self.now.certificate_expires, &house.certificate) {
            expires.set(certificate.expires());
        }
        if let (Some((behind, up)), Some((_, messages, is_up))) = (&self.now.log, house.kept.log()) {
            behind.set(gauge(messages));
            up.set(i64::from(is_up));
        }
        // A disk that cannot be walked is told by readiness; its last size stands.
        if let Ok(bytes) = house.kept.disk().size() {
            self.now.disk_bytes.set(gauge(bytes));
        }
        let mut text = String::new();
        let registry = self.registry.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        encode(&mut text, &registry).expect("writing in a string cannot fail");
        text
    }
}

impl Now {
    fn on(shelf: &mut Shelf<'_>, kept: &Kept, has_certificate: bool) -> Self {
        let log = kept.log().map(|(figures, _, _)| {
            shelf.put("log_written", "Messages that this relay wrote in the shared log", figures.written.clone());
            shelf.put("log_outrun", "Messages that another relay was quicker with", figures.outrun.clone());
            shelf.put("log_followed", "Messages of the shared log that were followed", figures.followed.clone());
            (
                shelf.put("log_behind", "Messages of the shared log that are known to come", Gauge::default()),
                shelf.put("log_up", "Whether the shared log can be reached", Gauge::default()),
            )
        });
        let certificate_expires = has_certificate.then(Gauge::default);
        if let Some(expires) = &certificate_expires {
            let help = "When the first certificate of the chain in use expires, since 1970";
            shelf.registry.register_with_unit("certificate_expires_timestamp", help, Unit::Seconds, expires.clone());
        }
        Self {
            certificate_expires,
            log,
            guests: shelf.put("connections", "Connections now", Gauge::default()),
            companies: shelf.put("companies_active", "Companies with a connection now", Gauge::default()),
            stored_companies: shelf.put("companies_stored", "Companies known on the disk", Gauge::default()),
            stored_entries: shelf.put("stored_entries", "Entries on the disk", Gauge::default()),
            stored_bytes: shelf.put("stored_bytes", "Bytes of the entries on the disk", Gauge::default()),
            disk_bytes: shelf.put("disk_bytes", "Bytes of the disk's files", Gauge::default()),
        }
    }
}

/// Where figures are hung up so that they are told.
struct Shelf<'a> {
    registry: &'a mut Registry,
}

impl Shelf<'_> {
    fn put<M: Metric + Clone>(&mut self, name: &str, help: &str, metric: M) -> M {
        self.registry.register(name, help, metric.clone());
        metric
    }

    fn counter(&mut self, name: &str, help: &str) -> Counter {
        self.put(name, help, Counter::default())
    }

    fn seconds(&mut self, name: &str, help: &str, metric: Histogram) {
        self.registry.register_with_unit(name, help, Unit::Seconds, metric);
    }
}

fn gauge(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}
