//! Return of freed memory to the system.

/// Blocks of this size and more go back to the kernel as soon as they are free:
/// source images, as a rule, and hardly anything else.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE: std::ffi::c_int = 1 << 20;

/// Let large blocks go back to the kernel as soon as they are free. For a program
/// to call once, when it begins.
///
/// The C library of GNU learns from blocks that come and go, and soon keeps those
/// of the size of a photograph for itself, in a heap for each thread: memory grows
/// with every photograph, to twice of what is needed. Elsewhere this does nothing.
pub fn return_large_blocks() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: takes and returns numbers, and locks what it changes. A number
        // that is refused changes nothing.
        let _taken = unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE) };
    }
}
