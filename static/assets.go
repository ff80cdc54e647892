package static

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
)

// Prefix is the URL path under which the assets are served. It is absolute: Waylight is served at the root of a host.
const Prefix = "/static/"

// spriteName is the asset that holds all icons, one <symbol> each, as static/build writes it.
const spriteName = "icons.svg"

// ErrNotBuilt is the error of New for a folder without a manifest: the assets were never built.
var ErrNotBuilt = errors.New("the browser assets were not built; `make generate` builds them")

// Assets is one built set of files. The zero value is a set without files: its URLs are well formed and answer 404.
type Assets struct {
	urls  map[string]string // logical name, "app.css", to the hashed name it is served under
	files map[string]file   // hashed name to content
}

// file is one asset in memory, ready to send.
type file struct {
	contentType string
	etag        string // without quotes; of the plain bytes
	plain       []byte
	gzip        []byte // nil where compression gained nothing
}

// manifest mirrors the manifest.json that static/build writes beside the files.
type manifest map[string]struct {
	File   string `json:"file"`   // hashed name, in the same folder
	SHA256 string `json:"sha256"` // hex, of the plain bytes
}

// New reads a built folder: a manifest.json and the files it names, each optionally with a gzip copy beside it. On an
// error it still returns usable, empty Assets, so that a page without its stylesheet is served rather than none at all.
func New(fsys fs.FS) (*Assets, error) {
	entries, err := readManifest(fsys)
	if err != nil {
		return new(Assets), err
	}
	assets := &Assets{urls: make(map[string]string, len(entries)), files: make(map[string]file, len(entries))}
	for name, entry := range entries {
		content, err := readFile(fsys, entry.File, entry.SHA256)
		if err != nil {
			return new(Assets), fmt.Errorf("asset %s: %w", name, err)
		}
		assets.urls[name] = entry.File
		assets.files[entry.File] = content
	}
	return assets, nil
}

func readManifest(fsys fs.FS) (manifest, error) {
	text, err := fs.ReadFile(fsys, "manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotBuilt
	}
	if err != nil {
		return nil, err
	}
	var entries manifest
	if err := json.Unmarshal(text, &entries); err != nil {
		return nil, fmt.Errorf("manifest.json of the assets: %w", err)
	}
	return entries, nil
}

func readFile(fsys fs.FS, name, etag string) (file, error) {
	contentType, ok := contentTypes[path.Ext(name)]
	if !ok {
		return file{}, fmt.Errorf("%s has no known content type", name)
	}
	plain, err := fs.ReadFile(fsys, name)
	if err != nil {
		return file{}, err
	}
	compressed, err := fs.ReadFile(fsys, name+".gz")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return file{}, err
	}
	return file{contentType: contentType, etag: etag, plain: plain, gzip: compressed}, nil
}

// URL is the address of the named asset, such as "/static/app-1f3a9c.css" for "app.css". A name that is not in the set gets
// the address "/static/app.css", which answers 404 and is found by name in the browser's console.
func (a *Assets) URL(name string) string {
	if hashed, ok := a.urls[name]; ok {
		name = hashed
	}
	return Prefix + name
}

// IconURL is the address of one icon inside the sprite, for <svg><use href="…"/></svg>. Names are those of icons.txt; an
// unknown one draws nothing.
func (a *Assets) IconURL(name string) string { return a.URL(spriteName) + "#" + name }
