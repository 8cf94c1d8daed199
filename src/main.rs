//! The program: everything is in the library.

/// One answer makes some sixty small allocations inside the framework; with glibc's allocator they
/// were a fifth of its instructions.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    manero::cli::main()
}
