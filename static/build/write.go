package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	manifestName = "manifest.json"

	// hashDigits of a SHA-256, in a name: enough that two contents of one asset do not meet by chance, short enough to read.
	hashDigits = 12
)

// manifestEntry tells package static where an asset is and what its bytes hash to.
type manifestEntry struct {
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
}

// write fills the folder with the assets, their gzip copies and the manifest, and removes what the manifest before named and
// this one does not. The same assets give the same bytes.
func write(out string, assets []asset) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	before, err := readManifest(out)
	if err != nil {
		return err
	}
	manifest := make(map[string]manifestEntry, len(assets))
	for _, a := range assets {
		if _, twice := manifest[a.name]; twice {
			return fmt.Errorf("two assets are named %s", a.name)
		}
		manifest[a.name] = entryOf(a)
		if err := writeAsset(filepath.Join(out, manifest[a.name].File), a.content); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, manifestName), append(text, '\n'), 0o644); err != nil {
		return err
	}
	return removeStale(out, before, manifest)
}

func readManifest(out string) (map[string]manifestEntry, error) {
	text, err := os.ReadFile(filepath.Join(out, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var manifest map[string]manifestEntry
	if err := json.Unmarshal(text, &manifest); err != nil {
		return nil, fmt.Errorf("%s of the last build: %w", manifestName, err)
	}
	return manifest, nil
}

// entryOf puts the hash before the extension, which still tells the content type: app-0123456789ab.css.
func entryOf(a asset) manifestEntry {
	sum := sha256.Sum256(a.content)
	hash := hex.EncodeToString(sum[:])
	extension := filepath.Ext(a.name)
	return manifestEntry{
		File:   strings.TrimSuffix(a.name, extension) + "-" + hash[:hashDigits] + extension,
		SHA256: hash,
	}
}

// writeAsset writes a file and, where that saves something, its gzip copy, so that no request spends time on compressing.
func writeAsset(path string, content []byte) error {
	var compressed bytes.Buffer
	compressor, err := gzip.NewWriterLevel(&compressed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := compressor.Write(content); err != nil {
		return err
	}
	if err := compressor.Close(); err != nil {
		return err
	}
	if compressed.Len() < len(content) {
		if err := os.WriteFile(path+".gz", compressed.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(path, content, 0o644)
}

// removeStale touches only files that an earlier build wrote: whatever else is in the folder is somebody else's.
func removeStale(out string, before, now map[string]manifestEntry) error {
	keep := map[string]bool{}
	for _, entry := range now {
		keep[entry.File] = true
	}
	var problems []error
	for _, entry := range before {
		if keep[entry.File] {
			continue
		}
		path := filepath.Join(out, filepath.Base(entry.File))
		for _, stale := range []string{path, path + ".gz"} {
			if err := os.Remove(stale); err != nil && !errors.Is(err, fs.ErrNotExist) {
				problems = append(problems, err)
			}
		}
	}
	return errors.Join(problems...)
}
