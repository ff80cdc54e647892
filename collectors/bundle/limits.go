package bundle

import (
	"fmt"
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a bundle. They leave room for several times the largest mesh
// Waylight is made for (20,000 pods, 200 nodes) and keep a hostile archive from
// filling memory or disk.
const (
	// maxFiles: dumps and scrapes of 200 ztunnels and 1,000 Envoys, and a log
	// file or two of each of 20,000 pods.
	maxFiles = 100_000
	// maxFileSize: the list of 20,000 pods as kubectl prints it is 0.3 GB.
	maxFileSize = 1 << 30
	// maxTotalSize: 200 ztunnel dumps of 22 MB are 4.4 GB.
	maxTotalSize = 8 << 30
	// maxRatio is how many bytes one compressed byte may become. Real bundles
	// stay below 50; gzip can reach 1,000.
	maxRatio = 200
	// ratioGrace is what an archive may hold before its ratio is looked at:
	// small ones full of repetition are harmless.
	ratioGrace = 16 << 20
	// maxPath: logs/<namespace>/<pod>/<container>.log with the longest names
	// Kubernetes allows is below 600.
	maxPath = 640
	// maxManifest: a manifest names some 20,000 sources at most.
	maxManifest = 16 << 20
	// maxEntries counts directories and headers of an archive as well, which
	// are no files but take time to read.
	maxEntries = 4 * maxFiles
	// maxTrailer is what may follow the end of a tar archive: writers fill up
	// to whole records, 10 KiB by default.
	maxTrailer = 1 << 20
	// maxText bounds a detail or version in a manifest.
	maxText = 4 << 10
)

// checkPath refuses names that could mean something else to a file system, a
// terminal or a page. The path is relative and slash-separated.
func checkPath(path string) error {
	switch {
	case !utf8.ValidString(path) || strings.ContainsFunc(path, unicode.IsControl):
		return fmt.Errorf("the name %q in it holds characters no file name needs", shown(path))
	case strings.HasPrefix(path, "/") || strings.Contains(path, `\`) || strings.Contains(path, ":"):
		return fmt.Errorf("the name %q in it is no path inside a folder", shown(path))
	case !fs.ValidPath(path):
		return fmt.Errorf("the name %q in it leads outside", shown(path))
	case len(path) > maxPath:
		return fmt.Errorf("the name %q in it is too long", shown(path))
	}
	return nil
}

// shown cuts a hostile name to what fits into a sentence.
func shown(name string) string {
	const limit = 80
	if len(name) > limit {
		return strings.ToValidUTF8(name[:limit], "") + "…"
	}
	return name
}

// census counts what a bundle holds while it is looked at.
type census struct {
	files int
	total int64
}

// add counts a file that says it has this size.
func (c *census) add(path string, size int64) error {
	c.files++
	c.total += size
	switch {
	case c.files > maxFiles:
		return fmt.Errorf("it holds more than %d files", maxFiles)
	case size < 0 || size > maxFileSize:
		return fmt.Errorf("%s is larger than %d MiB", shown(path), maxFileSize>>20)
	case c.total > maxTotalSize:
		return fmt.Errorf("it holds more than %d GiB", maxTotalSize>>30)
	}
	return nil
}
