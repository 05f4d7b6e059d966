"""Say which system libraries are missing, what is lost without them, and how to get them."""

import ctypes
import sys

# Debian's package for each library that makes PDFs, and the names the linker may know it by.
PDF_LIBRARIES = {
    "libpango-1.0-0": ("libpango-1.0.so.0", "libpango-1.0.dylib"),
    "libpangoft2-1.0-0": ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"),
    "libharfbuzz-subset0": ("libharfbuzz-subset.so.0", "libharfbuzz-subset.dylib"),
}


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def missing_for_pdf() -> list[str]:
    """Return the Debian packages of the libraries that PDFs need and that are not here."""
    return [package for package, names in PDF_LIBRARIES.items() if not any(map(_loads, names))]


def advice() -> str:
    """Return what to tell the person who runs this, or an empty text when all is here."""
    missing = missing_for_pdf()
    if not missing:
        return ""
    how = (
        "  On a Mac: brew install pango"
        if sys.platform == "darwin"
        else f"  On Debian or Ubuntu: sudo apt-get install {' '.join(missing)}"
    )
    return (
        f"Some system libraries are missing: {', '.join(missing)}.\n"
        f"Everything works without them, except that reports cannot be saved as PDF.\n{how}"
    )


if __name__ == "__main__":
    print(advice() or "Every system library is here.")
    sys.exit(1 if missing_for_pdf() else 0)
