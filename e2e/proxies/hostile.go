package proxies

import (
	"bytes"
	"net/http"
	"strconv"
	"time"
)

// Status answers with a status, a content type and a text, whatever is asked.
func Status(code int, kind, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body)) // the client may leave
	})
}

// slices of a slow answer a second.
const slicesPerSecond = 20

// Slow answers with a body at so many bytes a second.
func Slow(body []byte, bytesPerSecond int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		size := max(1, bytesPerSecond/slicesPerSecond)
		tick := time.NewTicker(time.Second / slicesPerSecond)
		defer tick.Stop()
		for rest := body; len(rest) > 0; rest = rest[min(size, len(rest)):] {
			if !send(w, rest[:min(size, len(rest))]) {
				return
			}
			select {
			case <-tick.C:
			case <-r.Context().Done():
				return
			}
		}
	})
}

// CutAfter promises the whole body and closes the connection after some bytes of it, as a proxy does that is killed.
func CutAfter(body []byte, bytes int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		send(w, body[:bytes])
		panic(http.ErrAbortHandler)
	})
}

// Repeat answers with a beginning and then the same text over and over, until there are so many bytes; 0 is without end.
func Repeat(beginning, text string, total int64) http.Handler {
	block := bytes.Repeat([]byte(text), 1+1<<16/len(text))
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		sent := int64(len(beginning))
		for ok := send(w, []byte(beginning)); ok && (total == 0 || sent < total); sent += int64(len(block)) {
			ok = send(w, block)
		}
	})
}

// send writes and flushes; false says that the client has left.
func send(w http.ResponseWriter, body []byte) bool {
	if _, err := w.Write(body); err != nil {
		return false
	}
	return http.NewResponseController(w).Flush() == nil
}
