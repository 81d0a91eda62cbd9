//! Foreign files become records. This room reads bytes that it is given; it opens no file and writes no record. Of it the
//! reading of sheets stands; the mapping of their columns follows.

pub mod sheet;
