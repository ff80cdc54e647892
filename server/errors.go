package server

import (
	"errors"
	"fmt"
	"net/http"
)

// statusError is an error a client may see: a status and a sentence. Any other
// error becomes 500 and its text stays in the log.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string { return e.text }

// notFound says that something does not exist. What is hidden from a user
// answers with the same words as what does not exist.
func notFound(format string, args ...any) error {
	return &statusError{status: http.StatusNotFound, text: fmt.Sprintf(format, args...)}
}

// badRequest says what is wrong with a request.
func badRequest(format string, args ...any) error {
	return &statusError{status: http.StatusBadRequest, text: fmt.Sprintf(format, args...)}
}

// internalText is all a client is told of an error that is not its own.
const internalText = "Waylight failed to make this page. The reason is in its log."

// statusOf maps an error to what the client is told.
func statusOf(err error) (status int, text string) {
	if e, ok := errors.AsType[*statusError](err); ok {
		return e.status, e.text
	}
	return http.StatusInternalServerError, internalText
}
