package static

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// contentTypes is fixed here and not asked of package mime, whose answers depend on the machine's own tables.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
	".txt": "text/plain; charset=utf-8",
}

// immutable lets browsers keep a file for a year, the most they honour, without asking again.
const immutable = "public, max-age=31536000, immutable"

// ServeHTTP serves the full paths that URL gives: GET and HEAD of hashed names, with gzip where it is accepted. Anything else
// is 404, and is not to be cached: after an upgrade the next build may know the name.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, underPrefix := strings.CutPrefix(r.URL.Path, Prefix)
	content, known := a.files[name]
	if !underPrefix || !known {
		w.Header().Set("Cache-Control", "no-store")
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	content.serve(w, r, name)
}

// serve leaves ranges, conditions and HEAD to net/http. The two encodings have different ETags, because a range or a
// condition on one says nothing about the other.
func (f file) serve(w http.ResponseWriter, r *http.Request, name string) {
	header := w.Header()
	header.Set("Content-Type", f.contentType)
	header.Set("Cache-Control", immutable)
	body, etag := f.plain, f.etag
	if f.gzip != nil {
		header.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			header.Set("Content-Encoding", "gzip")
			body, etag = f.gzip, f.etag+"-gzip"
		}
	}
	header.Set("ETag", `"`+etag+`"`)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
}

// acceptsGzip reads an Accept-Encoding header: gzip must be named and must not be refused by a weight of zero.
func acceptsGzip(header string) bool {
	for offer := range strings.SplitSeq(header, ",") {
		coding, parameters, _ := strings.Cut(offer, ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		weight, weighted := strings.CutPrefix(strings.ToLower(strings.TrimSpace(parameters)), "q=")
		q, err := strconv.ParseFloat(weight, 64)
		return !weighted || (err == nil && q > 0)
	}
	return false
}
