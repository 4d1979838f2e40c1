//! File systems on which a watcher does not hear of all changes.

use std::path::Path;

/// Kinds of file systems that other machines change as well, by the number that the
/// system calls them by, with their names. It tells a watcher of changes that are
/// made on this machine only.
#[cfg(target_os = "linux")]
const DEAF: [(u32, &str); 12] = [
    (0x6969, "nfs"),
    (0x517b, "smb"),
    (0xff53_4d42, "smb"),
    (0xfe53_4d42, "smb"),
    (0x0102_1997, "9p"),
    (0x6573_5546, "fuse"),
    (0x786f_4256, "vboxsf"),
    (0xbacb_acbc, "vmhgfs"),
    (0x5346_414f, "afs"),
    (0x00c3_6400, "ceph"),
    (0x0bd0_0bd0, "lustre"),
    (0x4750_4653, "gpfs"),
];

/// The kind of the file system of `path`, if changes in it may go unheard.
#[cfg(target_os = "linux")]
pub fn deaf_file_system(path: &Path) -> Option<&'static str> {
    named(rustix::fs::statfs(path).ok()?.f_type.into())
}

/// The name of a kind among these. The field has another width on other machines, and on
/// some a sign; the kinds have 32 bits.
#[cfg(target_os = "linux")]
fn named(kind: i128) -> Option<&'static str> {
    let kind = u32::try_from(kind & 0xffff_ffff).ok()?;
    let mut known = DEAF.iter();
    known
        .find(|(number, _)| *number == kind)
        .map(|(_, name)| *name)
}

/// The kind of the file system of `path`, if changes in it may go unheard.
#[cfg(not(target_os = "linux"))]
pub fn deaf_file_system(_path: &Path) -> Option<&'static str> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn file_systems_of_networks_are_told_from_those_of_this_machine() {
        assert_eq!(named(0x6969), Some("nfs"));
        let signed = i128::from(0xff53_4d42_u32.cast_signed());
        assert_eq!(
            (named(signed), named(0xff53_4d42)),
            (Some("smb"), Some("smb"))
        );
        // ext4, tmpfs, overlay
        for kind in [0xef53, 0x0102_1994, 0x794c_7630] {
            assert_eq!(named(kind), None, "{kind:x}");
        }
        assert_eq!(deaf_file_system(Path::new("/proc")), None);
    }
}
