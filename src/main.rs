//! The program: everything is in the library.

/// A page answer makes some sixty small allocations inside the framework; glibc's allocator was a
/// tenth of its whole cost, and keeps more memory after a load.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    manero::cli::main()
}
