//! Why the relay itself turns somebody away, in words the person at the device reads.

/// Why somebody is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// As many are connected as the relay has places for.
    #[error("all places are taken; this device calls again by itself")]
    Full,
    /// As many are connected from one address as may be.
    #[error("too many devices call from one network; this device calls again by itself, or ask whoever runs the relay")]
    NetworkCrowded,
    /// As many devices of the company are connected as may be.
    #[error(
        "as many devices of this company are connected as it has places; switch off devices that are not in use, or \
         ask whoever runs the relay for more"
    )]
    CompanyCrowded,
    /// The device has connected again.
    #[error(
        "this device has connected a second time, and the newer connection counts; if you did not move it, look \
         whether its folder is in use on another machine"
    )]
    Replaced,
    /// More is sent than the company's or the device's rate allows, and would have to wait too long.
    #[error("more is sent than this company's share of the relay allows; what you save waits here and is sent later")]
    TooFast,
    /// The device did not say who it is.
    #[error("this device did not say in time who it is; it calls again by itself")]
    TooLate,
    /// The company is no longer served.
    #[error("this relay no longer serves this company; ask whoever runs the relay")]
    Dismissed,
}

impl Refusal {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Full => "relay.full",
            Self::NetworkCrowded => "relay.network_crowded",
            Self::CompanyCrowded => "relay.company_crowded",
            Self::Replaced => "relay.replaced",
            Self::TooFast => "relay.too_fast",
            Self::TooLate => "relay.too_late",
            Self::Dismissed => "relay.not_admitted",
        }
    }
}
