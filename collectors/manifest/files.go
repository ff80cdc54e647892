package manifest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Stdin is the path that stands for standard input.
const Stdin = "-"

// maxFile bounds one file. A chart that renders to more is no chart.
const maxFile = 64 << 20

// extensions are those by which manifests in a folder are known. A file that is
// named itself may have any.
var extensions = []string{".yaml", ".yml", ".json"}

// expand replaces folders by the manifests in them and below.
func expand(paths []string) ([]string, error) {
	var out []string
	for _, path := range paths {
		if path == Stdin {
			out = append(out, path)
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, reasonOf(err))
		}
		if !info.IsDir() {
			out = append(out, path)
			continue
		}
		found, err := inFolder(path)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("%s: there is no .yaml, .yml or .json in it", path)
		}
		out = append(out, found...)
	}
	return out, nil
}

func inFolder(folder string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", path, reasonOf(err))
		}
		if !entry.IsDir() && slices.Contains(extensions, filepath.Ext(path)) {
			out = append(out, path)
		}
		return nil
	})
	return out, err
}

func readFile(path string, stdin io.Reader) ([]byte, error) {
	from := stdin
	if path != Stdin {
		f, err := os.Open(path) //nolint:gosec // the path is what the user asks for
		if err != nil {
			return nil, reasonOf(err)
		}
		defer f.Close()
		from = f
	}
	raw, err := io.ReadAll(io.LimitReader(from, maxFile+1))
	switch {
	case err != nil:
		return nil, reasonOf(err)
	case len(raw) > maxFile:
		return nil, fmt.Errorf("it is longer than %d MiB", maxFile>>20)
	}
	return raw, nil
}

// reasonOf leaves out the path, which the sentence has already.
func reasonOf(err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return at.Err
	}
	return err
}
