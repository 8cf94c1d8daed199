//! Running it: health, the queue, counts of what went wrong, keys, and the doctor.

pub mod doctor;
pub mod jobs;
pub mod logs;
pub mod openapi;
pub mod rotation;
pub mod uptime;
