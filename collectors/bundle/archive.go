package bundle

import (
	"archive/tar"
	"bufio"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
)

// OpenArchive opens a bundle that is a .tar.gz archive. All of it is read
// before it returns.
func OpenArchive(r io.Reader) (*Bundle, error) {
	var content spool
	files, err := unpack(r, &content)
	if err != nil {
		_ = content.Close() // nothing in it is used
		return nil, inWords(err)
	}
	return newBundle(withoutTopFolder(files), content.Close)
}

// unpack reads the whole archive into content.
func unpack(r io.Reader, content *spool) ([]File, error) {
	packed := &counter{r: r}
	start := bufio.NewReader(packed)
	if magic, err := start.Peek(2); err == nil && string(magic) != "\x1f\x8b" {
		return nil, gzip.ErrHeader // also where it is too short for gzip to say so
	}
	plain, err := gzip.NewReader(start)
	if err != nil {
		return nil, err
	}
	guarded := &ratioGuard{r: plain, packed: packed}
	files, err := unpackFiles(tar.NewReader(guarded), content)
	if err != nil {
		return nil, err
	}
	// Only the end of the gzip stream tells whether all of it arrived whole.
	n, err := io.Copy(io.Discard, io.LimitReader(guarded, maxTrailer+1))
	if err == nil && n > maxTrailer {
		err = errors.New("something follows its end")
	}
	return files, err
}

func unpackFiles(archive *tar.Reader, content *spool) ([]File, error) {
	var files []File
	var count census
	seen := make(map[string]bool)
	for range maxEntries {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		name, plain, err := entryOf(header)
		if err != nil {
			return nil, err
		}
		if !plain {
			continue
		}
		if seen[name] {
			return nil, fmt.Errorf("%s is in it twice", shown(name))
		}
		seen[name] = true
		if err := count.add(name, header.Size); err != nil {
			return nil, err
		}
		file, err := content.take(name, header.Size, archive)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return nil, fmt.Errorf("it has more than %d entries", maxEntries)
}

// entryOf tells an entry's path and whether it is a plain file. Folders and
// archive-wide headers are passed over; everything else is refused.
func entryOf(header *tar.Header) (name string, plain bool, err error) {
	name = strings.TrimPrefix(header.Name, "./")
	switch header.Typeflag {
	case tar.TypeXGlobalHeader:
		return "", false, nil
	case tar.TypeDir:
		name = strings.TrimSuffix(name, "/")
		if name == "" || name == "." {
			return "", false, nil
		}
		return name, false, checkPath(name)
	case tar.TypeReg:
		if isSparse(header) {
			return "", false, fmt.Errorf("%s in it is a sparse file", shown(name))
		}
		return name, true, checkPath(name)
	case tar.TypeSymlink, tar.TypeLink:
		return "", false, fmt.Errorf("%s in it is a link, and a bundle holds none", shown(name))
	}
	return "", false, fmt.Errorf("%s in it is no plain file", shown(name))
}

// isSparse finds files with holes, which are long without being in the archive
// at all.
func isSparse(header *tar.Header) bool {
	for key := range header.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// withoutTopFolder takes the folder away that archives made from outside the
// bundle's folder have around everything.
func withoutTopFolder(files []File) []File {
	top := ""
	for _, f := range files {
		folder, _, nested := strings.Cut(f.Path, "/")
		if !nested || top != "" && folder != top {
			return files
		}
		top = folder
	}
	for i := range files {
		files[i].Path = strings.TrimPrefix(files[i].Path, top+"/")
	}
	return files
}

// counter counts what is read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// ratioGuard ends the reading of an archive that grows out of nothing.
type ratioGuard struct {
	r      io.Reader
	packed *counter
	plain  int64
}

func (g *ratioGuard) Read(p []byte) (int, error) {
	if g.plain > ratioGrace && g.plain > maxRatio*g.packed.n {
		return 0, fmt.Errorf("it unpacks to more than %d times its size", maxRatio)
	}
	n, err := g.r.Read(p)
	g.plain += int64(n)
	return n, err
}

// inWords says what the error of a decoder means for the archive.
func inWords(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, gzip.ErrHeader):
		return errors.New("it is no .tar.gz archive, and no folder")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("it is cut off")
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, tar.ErrHeader), errors.As(err, &corrupt):
		return errors.New("it is damaged")
	}
	return err
}
