package bundle

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// Bundle is an opened bundle. It implements collectors.Source.
type Bundle struct {
	Manifest Manifest
	// Origin is what snapshots of it are called: OriginRecorded unless it is
	// set otherwise before Load.
	Origin mesh.Origin

	files []File // sorted by path
	close func() error
}

// File is one file of a bundle.
type File struct {
	// Path is its name inside the bundle, e.g. ztunnel/node-a/config_dump.json.
	Path string
	// Source is the name of the source it is evidence of, e.g. ztunnel/node-a;
	// empty for the manifest and for what the format does not know.
	Source string
	Size   int64

	open func() (io.ReadCloser, error)
}

// Open reads the file. It may be called many times and at the same time.
func (f File) Open() (io.ReadCloser, error) { return f.open() }

// Open opens a folder or a .tar.gz archive. The error is one sentence.
func Open(path string) (*Bundle, error) {
	b, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read as a bundle: %w", path, err)
	}
	return b, nil
}

func open(path string) (*Bundle, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, reasonOf(err)
	}
	if info.IsDir() {
		return openFolder(path)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is neither a folder nor a file")
	}
	f, err := os.Open(path) //nolint:gosec // the path is what the user asks for
	if err != nil {
		return nil, reasonOf(err)
	}
	defer f.Close()
	return OpenArchive(f)
}

// reasonOf leaves out the path, which the sentence has already.
func reasonOf(err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return at.Err
	}
	return err
}

// openFolder goes through an os.Root: whatever is done to the folder while it
// is read, nothing outside is.
func openFolder(path string) (*Bundle, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, reasonOf(err)
	}
	b, err := OpenFS(root.FS())
	if err != nil {
		_ = root.Close() // it was only read
		return nil, err
	}
	b.close = root.Close
	return b, nil
}

// OpenFS opens a bundle that is a file system, for instance an embedded one.
func OpenFS(fsys fs.FS) (*Bundle, error) {
	files, err := listFiles(fsys)
	if err != nil {
		return nil, err
	}
	return newBundle(files, func() error { return nil })
}

func listFiles(fsys fs.FS) ([]File, error) {
	var files []File
	var count census
	err := fs.WalkDir(fsys, ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", shown(path), reasonOf(err))
		case path == "." || entry.IsDir():
			return nil
		case entry.Type()&fs.ModeSymlink != 0:
			return fmt.Errorf("%s in it is a link, and a bundle holds none", shown(path))
		case !entry.Type().IsRegular():
			return fmt.Errorf("%s in it is no plain file", shown(path))
		}
		info, err := entry.Info()
		if err != nil {
			return fmt.Errorf("%s: %w", shown(path), reasonOf(err))
		}
		if err := checkPath(path); err != nil {
			return err
		}
		if err := count.add(path, info.Size()); err != nil {
			return err
		}
		files = append(files, fileOf(fsys, path, info.Size()))
		return nil
	})
	return files, err
}

func fileOf(fsys fs.FS, path string, size int64) File {
	return File{Path: path, Size: size, open: func() (io.ReadCloser, error) {
		f, err := fsys.Open(path)
		if err != nil {
			return nil, reasonOf(err)
		}
		// A file that grew since is read as far as it was looked at.
		return &limited{Reader: io.LimitReader(f, size), Closer: f}, nil
	}}
}

// limited reads a part of something that is to be closed.
type limited struct {
	io.Reader
	io.Closer
}

func newBundle(files []File, closeFiles func() error) (*Bundle, error) {
	b := &Bundle{Origin: mesh.OriginRecorded, files: files, close: closeFiles}
	slices.SortFunc(b.files, func(x, y File) int { return strings.Compare(x.Path, y.Path) })
	for i := range b.files {
		b.files[i].Source = sourceOf(b.files[i].Path)
	}
	manifest, err := b.readManifest()
	if err != nil {
		_ = closeFiles() // they were only read
		return nil, err
	}
	b.Manifest = manifest
	return b, nil
}

// Files lists everything in the bundle, sorted by path.
func (b *Bundle) Files() []File { return slices.Clone(b.files) }

// File finds one file by its path.
func (b *Bundle) File(path string) (File, bool) {
	i, ok := slices.BinarySearchFunc(b.files, path, func(f File, path string) int { return strings.Compare(f.Path, path) })
	if !ok {
		return File{}, false
	}
	return b.files[i], true
}

// RecordedAt is the moment the bundle speaks of: "now" for every check and age.
func (b *Bundle) RecordedAt() time.Time { return b.Manifest.RecordedAt }

// Close gives up what the files are read from. Files cannot be opened after
// it.
func (b *Bundle) Close() error { return b.close() }
