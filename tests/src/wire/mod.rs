//! Networks that are not there: machines with a TCP of their own each, and between them a wire that loses, delays,
//! reorders and swallows what it is told to. What the kernel's own emulation does (`tc netem`) many kernels come without;
//! this needs a tunnel device and network namespaces, which every Linux has, and an administrator's rights.

mod machine;
mod road;

pub use machine::Machine;
pub use road::{Road, Wire};
