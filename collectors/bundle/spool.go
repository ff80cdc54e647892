package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// spoolMemory is how much of an archive is kept in memory; a larger one goes to
// a temporary file. The recordings of small meshes are a few megabytes.
const spoolMemory = 32 << 20

// spool holds the contents of an archive's files one after the other. Names
// out of the archive never reach the file system.
type spool struct {
	memory bytes.Buffer
	file   *os.File // nil while everything fits into memory
	named  bool     // the file still has its name
	size   int64
	closed bool
}

// take appends the content of one file.
func (s *spool) take(path string, size int64, content io.Reader) (File, error) {
	start := s.size
	n, err := io.Copy(s, io.LimitReader(content, size))
	if err != nil {
		return File{}, err
	}
	if n != size {
		return File{}, io.ErrUnexpectedEOF
	}
	return File{Path: path, Size: size, open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.NewSectionReader(s, start, size)), nil
	}}, nil
}

// Write appends to the end.
func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && s.memory.Len()+len(p) > spoolMemory {
		if err := s.moveToFile(); err != nil {
			return 0, err
		}
	}
	into := io.Writer(&s.memory)
	if s.file != nil {
		into = s.file
	}
	n, err := into.Write(p)
	s.size += int64(n)
	return n, err
}

func (s *spool) moveToFile() error {
	f, err := os.CreateTemp("", "waylight-bundle-*")
	if err != nil {
		return fmt.Errorf("there is no room to unpack it: %w", err)
	}
	s.file = f
	// Where the system allows it the file loses its name at once, so that it
	// goes away with the process, however that ends.
	s.named = os.Remove(f.Name()) != nil
	_, err = s.memory.WriteTo(f)
	s.memory = bytes.Buffer{}
	return err
}

// ReadAt implements io.ReaderAt. It must not run beside Write or Close.
func (s *spool) ReadAt(p []byte, off int64) (int, error) {
	switch {
	case s.closed:
		return 0, os.ErrClosed
	case s.file != nil:
		return s.file.ReadAt(p, off)
	}
	return bytes.NewReader(s.memory.Bytes()).ReadAt(p, off)
}

// Close gives the memory or file back.
func (s *spool) Close() error {
	s.memory, s.closed = bytes.Buffer{}, true
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if s.named {
		err = errors.Join(err, os.Remove(s.file.Name()))
	}
	return err
}
