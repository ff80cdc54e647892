package podlog

import (
	"errors"
	"io"
	"net/url"
	"strings"
	"syscall"
)

// reasonOf says in a bounded sentence why a log could not be read.
func reasonOf(err error) string {
	if request, ok := errors.AsType[*url.Error](err); ok {
		err = request.Err // the address says nothing that a reader does not know
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "The API server does not listen."
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return "The connection was cut."
	}
	text, _ := plainText([]byte(strings.Join(strings.Fields(err.Error()), " ")))
	if len(text) > maxNotice {
		text = strings.ToValidUTF8(text[:maxNotice], "") + "…"
	}
	return "It could not be read: " + strings.TrimSuffix(text, ".") + "."
}
