package static_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/waylight/waylight/static"
)

func get(t *testing.T, handler http.Handler, path string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	return request(t, handler, http.MethodGet, path, header)
}

func request(t *testing.T, handler http.Handler, method, path string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	r.Header = header
	if header == nil {
		r.Header = http.Header{}
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func newAssets(t *testing.T) *static.Assets {
	t.Helper()
	assets, err := static.New(built())
	if err != nil {
		t.Fatal(err)
	}
	return assets
}

func TestHandlerSendsFilesToKeepForEver(t *testing.T) {
	w := get(t, newAssets(t), "/static/icons-bbbb.svg", nil)
	if w.Code != http.StatusOK || w.Body.String() != "<svg/>" {
		t.Fatalf("status %d, body %q", w.Code, w.Body)
	}
	for name, want := range map[string]string{
		"Content-Type":     "image/svg+xml",
		"Cache-Control":    "public, max-age=31536000, immutable",
		"ETag":             `"bbbb2222"`,
		"Content-Length":   "6",
		"Content-Encoding": "",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestHandlerCompresses(t *testing.T) {
	for _, test := range []struct {
		what, path, accept, encoding, body string
	}{
		{"a browser takes gzip", "/static/app-aaaa.css", "gzip, deflate, br", "gzip", "compressed"},
		{"among others, with weights, in any case", "/static/app-aaaa.css", "br;q=1.0, GZIP;q=0.8", "gzip", "compressed"},
		{"a client refuses gzip", "/static/app-aaaa.css", "gzip;q=0", "", "body{margin:0}"},
		{"a weight that is no number refuses", "/static/app-aaaa.css", "gzip;q=high", "", "body{margin:0}"},
		{"a client asks for nothing", "/static/app-aaaa.css", "", "", "body{margin:0}"},
		{"gzip only inside another word", "/static/app-aaaa.css", "x-gzip-y", "", "body{margin:0}"},
		{"a file that compression does not help", "/static/icons-bbbb.svg", "gzip", "", "<svg/>"},
	} {
		t.Run(test.what, func(t *testing.T) {
			w := get(t, newAssets(t), test.path, http.Header{"Accept-Encoding": {test.accept}})
			if got := w.Header().Get("Content-Encoding"); got != test.encoding || w.Body.String() != test.body {
				t.Errorf("encoding %q, body %q", got, w.Body)
			}
		})
	}
}

func TestEncodingsAreCachedApart(t *testing.T) {
	plain := get(t, newAssets(t), "/static/app-aaaa.css", nil).Header()
	compressed := get(t, newAssets(t), "/static/app-aaaa.css", http.Header{"Accept-Encoding": {"gzip"}}).Header()
	if plain.Get("ETag") == compressed.Get("ETag") {
		t.Errorf("both encodings have the ETag %s", plain.Get("ETag"))
	}
	if plain.Get("Vary") != "Accept-Encoding" || compressed.Get("Vary") != "Accept-Encoding" {
		t.Error("a shared cache is not told that the answers differ")
	}
}

func TestHandlerAnswersConditions(t *testing.T) {
	w := get(t, newAssets(t), "/static/app-aaaa.css", http.Header{"If-None-Match": {`"aaaa1111"`}})
	if w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("status %d, %d bytes", w.Code, w.Body.Len())
	}
}

func TestHandlerRefuses(t *testing.T) {
	for _, test := range []struct {
		what, method, path string
		status             int
	}{
		{"a listing", http.MethodGet, "/static/", http.StatusNotFound},
		{"a plain name, which would be cached for ever", http.MethodGet, "/static/app.css", http.StatusNotFound},
		{"the manifest", http.MethodGet, "/static/manifest.json", http.StatusNotFound},
		{"a compressed copy by its own name", http.MethodGet, "/static/app-aaaa.css.gz", http.StatusNotFound},
		{"a way out of the folder", http.MethodGet, "/static/../embed.go", http.StatusNotFound},
		{"a path outside its prefix", http.MethodGet, "/app-aaaa.css", http.StatusNotFound},
		{"a write", http.MethodPost, "/static/app-aaaa.css", http.StatusMethodNotAllowed},
	} {
		t.Run(test.what, func(t *testing.T) {
			w := request(t, newAssets(t), test.method, test.path, nil)
			if w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
			if w.Code == http.StatusNotFound && w.Header().Get("Cache-Control") != "no-store" {
				t.Error("a 404 may be cached and outlive the upgrade that mends it")
			}
		})
	}
}

func TestHandlerAnswersHead(t *testing.T) {
	w := request(t, newAssets(t), http.MethodHead, "/static/app-aaaa.css", nil)
	if w.Code != http.StatusOK || w.Body.Len() != 0 || w.Header().Get("Content-Length") != "14" {
		t.Errorf("status %d, %d bytes, length %s", w.Code, w.Body.Len(), w.Header().Get("Content-Length"))
	}
}
