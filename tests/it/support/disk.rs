//! A small disk, to be filled.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A small disk of its own, until this goes.
pub(crate) struct Disk<'f>(&'f Path);

impl<'f> Disk<'f> {
    /// Of so many MiB; none where nobody may mount one.
    pub(crate) fn small(folder: &'f Path, size: u32) -> Option<Self> {
        let size = format!("size={size}m");
        let mount = ["-t", "tmpfs", "-o", &size, "tmpfs"];
        let mounted = Command::new("mount").args(mount).arg(folder).stderr(Stdio::null()).status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(folder))
    }

    pub(crate) fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }

    /// Leaves no room.
    pub(crate) fn fill(&self) {
        let mut filler = std::fs::File::create(self.filler()).unwrap();
        std::io::copy(&mut std::io::repeat(0), &mut filler).unwrap_err();
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}
