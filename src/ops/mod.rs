//! Running it: health, counts of what went wrong, keys, and the doctor.

pub mod doctor;
pub mod logs;
pub mod openapi;
pub mod rotation;
pub mod uptime;
