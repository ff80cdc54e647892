// Package static embeds what the browser loads besides the pages: one stylesheet, one script, the icons, the favicon and
// the licences of what was bundled.
//
// The files are built by static/build into dist, under names that carry a hash of their content. A name therefore never
// changes its bytes, so a browser may keep a file for ever, and a page and its assets can never be of two versions. On a
// fresh clone dist holds nothing but a placeholder, so that the module compiles before Node.js has run; Built tells.
package static

import (
	"embed"
	"io/fs"
	"net/http"
	"sync"
)

//go:embed all:dist
var dist embed.FS

// embedded holds the assets of this binary. It is read at first use and not at start, so that commands without a browser
// do not pay for it.
var embedded = sync.OnceValues(func() (*Assets, error) {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		return new(Assets), err
	}
	return New(sub)
})

// Err says why this binary has no usable assets: nil when it has them, ErrNotBuilt when it was compiled on a fresh clone.
func Err() error {
	_, err := embedded()
	return err
}

// Built tells whether this binary carries its assets. Without them pages are plain HTML and Handler answers 404.
func Built() bool { return Err() == nil }

// URL is the address of an asset of this binary; see Assets.URL.
func URL(name string) string {
	assets, _ := embedded()
	return assets.URL(name)
}

// IconURL is the address of an icon of this binary; see Assets.IconURL.
func IconURL(name string) string {
	assets, _ := embedded()
	return assets.IconURL(name)
}

// Handler serves the assets of this binary; see Assets.ServeHTTP.
func Handler() http.Handler {
	assets, _ := embedded()
	return assets
}
